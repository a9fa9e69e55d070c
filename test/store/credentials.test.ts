import { readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { InputError } from '../../src/contract/index.ts';
import { type Keyring, keyringOf } from '../../src/kit/keyring.ts';
import { encrypted } from '../../src/store/credentials.ts';
import { openStore, type StorePlace } from '../../src/store/open.ts';
import { rowsAt } from '../postgres.ts';
import { DATABASES, places } from './places.ts';

const KEY = Buffer.alloc(32, 3).toString('base64');

/** All that the database keeps of them: the files, or the rows where the files are a server's. */
async function onDisk(place: StorePlace): Promise<string> {
  if ('url' in place) return JSON.stringify(await rowsAt(place.url, 'select * from connector_state'));
  const dir = dirname(place.path);
  return readdirSync(dir)
    .filter((name) => name.startsWith(basename(place.path)))
    .map((name) => readFileSync(join(dir, name), 'latin1'))
    .join('');
}
const ring = (keys = KEY): Keyring => keyringOf(keys, 'KEY');

describe.each(DATABASES)('%s: stored credentials', (database) => {
  const empty = places(database);

  async function opened() {
    const place = await empty();
    const store = await openStore(place);
    onTestFinished(() => store.close());
    const workspace = await store.workspace('main');
    return { state: workspace.state('crm'), disk: () => onDisk(place) };
  }

  it('compare and set by what they say, and reach the disk sealed only', async () => {
    const { state, disk } = await opened();
    const credentials = encrypted(state, 'main/crm', () => ring());
    expect(await credentials.get('tokens')).toBeNull();
    expect(await credentials.set('tokens', 'something', 'first-Secret')).toBe(false);
    expect(await credentials.set('tokens', null, 'first-Secret')).toBe(true);
    expect(await credentials.set('tokens', null, 'other')).toBe(false);
    expect(await credentials.set('tokens', 'first-Secret', 'second-Secret')).toBe(true);
    expect(await credentials.get('tokens')).toBe('second-Secret');
    expect(await disk()).toContain('credential:tokens');
    expect(await disk()).not.toMatch(/first-Secret|second-Secret/);
    expect(await credentials.set('tokens', 'second-Secret', null)).toBe(true);
    expect(await credentials.get('tokens')).toBeNull();
  });

  it('let one of many writers win', async () => {
    const { state } = await opened();
    const credentials = encrypted(state, 'main/crm', () => ring());
    const won = await Promise.all([1, 2, 3, 4, 5].map((n) => credentials.set('tokens', null, `token ${n}`)));
    expect(won.filter(Boolean)).toHaveLength(1);
    expect(await credentials.get('tokens')).toBe(`token ${won.indexOf(true) + 1}`);
  });

  it('open only where they belong, and never with another key', async () => {
    const { state } = await opened();
    await encrypted(state, 'main/crm', () => ring()).set('tokens', null, 'a');
    await expect(encrypted(state, 'main/billing', () => ring()).get('tokens')).rejects.toThrow(
      /belongs to something else/,
    );
    const stranger = encrypted(state, 'main/crm', () => ring(Buffer.alloc(32, 4).toString('base64')));
    await expect(stranger.get('tokens')).rejects.toThrow(InputError);
    await expect(stranger.set('tokens', 'a', 'b')).rejects.toThrow(/another key/);
  });

  it('are beside the plain values of the source, not among them', async () => {
    const { state } = await opened();
    const credentials = encrypted(state, 'main/crm', () => ring());
    await state.set('tokens', null, 'plain');
    await credentials.set('tokens', null, 'sealed');
    expect([await state.get('tokens'), await credentials.get('tokens')]).toEqual(['plain', 'sealed']);
  });

  it('need no key where nothing is read or written', async () => {
    const { state } = await opened();
    const credentials = encrypted(state, 'main/crm', () => {
      throw new InputError('no key');
    });
    expect(await credentials.get('tokens')).toBeNull();
    await expect(credentials.set('tokens', null, 'a')).rejects.toThrow('no key');
    expect(await state.get('credential:tokens')).toBeNull();
  });
});
