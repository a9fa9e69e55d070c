import { describe, expect, it } from 'vitest';
import { freshStore, type Open, T } from './helpers.ts';

/** What scored: models and the settings of scorings. */
export function modelSuite(open: Open): void {
  const fresh = freshStore(open);

  describe('models', () => {
    const model = { name: 'm', version: 2, dimensions: [{ key: 'usage', weight: 1 }] };

    it('are kept once by their hash, each workspace its own', async () => {
      await fresh.ws.keepModel('h1', model, T);
      await fresh.ws.keepModel('h1', { ...model, name: 'not what it was' }, T + 1);
      expect(await fresh.ws.keptModel('h1')).toEqual(model);
      expect(await fresh.ws.keptModel('h2')).toBeNull();
      expect(await (await fresh.store.workspace('other')).keptModel('h1')).toBeNull();
    });

    it('keep with each scoring what it knew, the last of one instant', async () => {
      await fresh.ws.keepSetting('h1', T, { stale: [] });
      await fresh.ws.keepSetting('h1', T, { stale: [{ source: 'desk', since: 1 }] });
      await fresh.ws.keepSetting('h1', T + 1, { stale: [] });
      expect(await fresh.ws.keptSetting('h1', T)).toEqual({ stale: [{ source: 'desk', since: 1 }] });
      expect(await fresh.ws.keptSetting('h1', T + 1)).toEqual({ stale: [] });
      expect(await fresh.ws.keptSetting('h2', T)).toBeNull();
    });
  });
}
