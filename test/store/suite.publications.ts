import { describe, expect, it } from 'vitest';
import type { NewPublication, ShadowScore, WorkspaceStore } from '../../src/store/types.ts';
import { freshStore, type Open, T } from './helpers.ts';

/** Which model is live, and which one is scored beside it. */
export function publicationSuite(open: Open): void {
  const fresh = freshStore(open);
  const models = new Map([
    ['ha', { name: 'a', version: 1 }],
    ['hb', { name: 'b', version: 2 }],
  ]);
  const publication = (more: Partial<NewPublication> = {}): NewPublication => ({
    hash: 'hb',
    replacedHash: 'ha',
    kind: 'published',
    configured: 'five-dimension',
    configuredHash: 'ha',
    at: T,
    by: 'mia',
    reason: null,
    figures: { auc: 0.7 },
    ...more,
  });

  describe('publications', () => {
    it('are numbered, kept with both models, and read newest first', async () => {
      const first = await fresh.ws.publish(publication(), models, 0);
      expect(first).toEqual({
        ...publication(),
        number: 1,
        name: 'b',
        version: 2,
        replaced: { name: 'a', version: 1 },
      });
      await fresh.ws.publish(
        publication({ hash: 'ha', replacedHash: 'hb', kind: 'rollback', reason: 'too many reds', figures: null }),
        models,
        1,
      );
      const all = await fresh.ws.publications(10);
      expect(all.map((p) => [p.number, p.name, p.replaced.name, p.kind, p.reason])).toEqual([
        [2, 'a', 'b', 'rollback', 'too many reds'],
        [1, 'b', 'a', 'published', null],
      ]);
      expect(await fresh.ws.publications(1)).toEqual(all.slice(0, 1));
      expect(await fresh.ws.keptModel('hb')).toEqual({ name: 'b', version: 2 });
      expect(await fresh.ws.modelSince('hb')).toBe(T);
      expect(await fresh.ws.modelSince('hc')).toBeNull();
      expect(await (await fresh.store.workspace('other')).publications(10)).toEqual([]);
    });

    it('are refused where another came in between, and nothing of them stays', async () => {
      await fresh.ws.publish(publication(), models, 0);
      const late = new Map([...models, ['hc', { name: 'c', version: 1 }]]);
      expect(await fresh.ws.publish(publication({ hash: 'hc' }), late, 0)).toBeNull();
      expect(await fresh.ws.publish(publication({ hash: 'hc' }), late, 2)).toBeNull();
      expect(await fresh.ws.keptModel('hc')).toBeNull();
      expect(await fresh.ws.publications(10)).toHaveLength(1);
    });

    it('let one of several that come at once through', async () => {
      const one = (by: string): Promise<unknown> => fresh.ws.publish(publication({ by }), models, 0);
      const done = await Promise.all(['mia', 'noa', 'ove', 'pia'].map(one));
      expect(done.filter((p) => p !== null)).toHaveLength(1);
      expect(await fresh.ws.publications(10)).toHaveLength(1);
    });

    it('that break off half-way leave nothing behind', async () => {
      await fresh.ws.publish(publication(), models, 0);
      const late = new Map([...models, ['hc', { name: 'c', version: 1 }]]);
      // Its models are stored by then, its own row is not.
      const broken = publication({ hash: 'hc', figures: { unwritable: 1n } });
      await expect(fresh.ws.publish(broken, late, 1)).rejects.toThrow(/BigInt/);
      expect(await fresh.ws.keptModel('hc')).toBeNull();
      expect(await fresh.ws.publications(10)).toMatchObject([{ number: 1, name: 'b' }]);
      expect(await fresh.ws.publish(publication({ hash: 'hc' }), late, 1)).toMatchObject({ number: 2, name: 'c' });
    });

    it('tell when a model was last judged, whatever came since', async () => {
      expect(await fresh.ws.lastProof('hb')).toBeNull();
      await fresh.ws.publish(publication(), models, 0);
      await fresh.ws.publish(publication({ hash: 'ha', replacedHash: 'hb', kind: 'forced', at: T + 1 }), models, 1);
      await fresh.ws.publish(publication({ kind: 'rollback', figures: null, at: T + 2 }), models, 2);
      expect(await fresh.ws.lastProof('hb')).toMatchObject({ number: 1, at: T, figures: { auc: 0.7 } });
      expect(await fresh.ws.lastProof('ha')).toMatchObject({ number: 2 });
    });

    it('are not written by a process that lost the lease', async () => {
      await fresh.ws.lease('run', 'me', T, 1000);
      const held = fresh.ws.fenced('run', 'me', () => {
        throw new Error('lost');
      });
      await fresh.ws.lease('run', 'another', T + 2000, 1000);
      await expect(held.publish(publication(), models, 0)).rejects.toThrow('lost');
      expect(await fresh.ws.publications(1)).toEqual([]);
    });
  });

  describe('a shadow', () => {
    const start = (ws: WorkspaceStore, hash: string): Promise<void> =>
      ws.startShadow({ hash, since: T, by: 'mia' }, { name: hash, version: 1 });
    const row = (account: string, json: string): ShadowScore => ({ account, asOf: T, json });
    const scores = async (ws: WorkspaceStore): Promise<ShadowScore[]> => {
      const found: ShadowScore[] = [];
      for await (const chunk of ws.shadowScores()) found.push(...chunk);
      return found;
    };

    it('is one, with the latest that it said of each account', async () => {
      expect(await fresh.ws.shadow()).toBeNull();
      await start(fresh.ws, 'ha');
      expect(await fresh.ws.shadow()).toEqual({ hash: 'ha', since: T, by: 'mia' });
      expect(await fresh.ws.keptModel('ha')).toEqual({ name: 'ha', version: 1 });
      await fresh.ws.keepShadowScores('ha', [row('2', 'x'), row('1', 'y')]);
      await fresh.ws.keepShadowScores('ha', [{ account: '2', asOf: T + 1, json: 'z' }]);
      expect(await scores(fresh.ws)).toEqual([row('1', 'y'), { account: '2', asOf: T + 1, json: 'z' }]);
      expect(await (await fresh.store.workspace('other')).shadow()).toBeNull();
      await start(fresh.ws, 'ha');
      expect(await scores(fresh.ws)).toHaveLength(2);
    });

    it('gives way to another with all that it said, and takes nothing that was scored for one before it', async () => {
      await start(fresh.ws, 'ha');
      await fresh.ws.keepShadowScores('ha', [row('1', 'y')]);
      await start(fresh.ws, 'hb');
      expect(await scores(fresh.ws)).toEqual([]);
      await fresh.ws.keepShadowScores('ha', [row('1', 'late')]);
      expect(await scores(fresh.ws)).toEqual([]);
      expect(await fresh.ws.stopShadow()).toBe(true);
      expect(await fresh.ws.stopShadow()).toBe(false);
      expect(await fresh.ws.shadow()).toBeNull();
    });

    it('reads any number of accounts', async () => {
      await start(fresh.ws, 'ha');
      const many = Array.from({ length: 250 }, (_, i) => row(String(1000 + i), `${i}`));
      await fresh.ws.keepShadowScores('ha', many);
      expect(await scores(fresh.ws)).toEqual(many);
    });

    it('ends with the publication of its model, and outlives that of another', async () => {
      await start(fresh.ws, 'hb');
      await fresh.ws.keepShadowScores('hb', [row('1', 'y')]);
      await fresh.ws.publish(publication({ hash: 'ha' }), models, 0);
      expect(await fresh.ws.shadow()).not.toBeNull();
      await fresh.ws.publish(publication(), models, 1);
      expect(await fresh.ws.shadow()).toBeNull();
      expect(await scores(fresh.ws)).toEqual([]);
    });
  });
}
