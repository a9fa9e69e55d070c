import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { ConnectorError, type Cursor, InputError, type Page, type StreamSpec } from '../../src/contract/index.ts';
import { pullSource } from '../../src/pipeline/pull.ts';
import { reconcileSource } from '../../src/pipeline/reconcile.ts';
import { openStore } from '../../src/store/open.ts';
import { account, freshStore, page, told } from '../store/helpers.ts';
import { deps, NOW, sourceOf } from './support.ts';

const fresh = freshStore(() => openStore({ path: ':memory:' }));

const spec: StreamSpec = {
  title: 'Accounts',
  kinds: ['account'],
  cursor: z.strictObject({ n: z.int() }),
  mode: 'incremental',
  overlapMs: 0,
  schedule: '0 2 * * *',
  deletions: 'ids',
};
const name = (n: number): string => `a${String(n).padStart(2, '0')}`;
const one = (n: number): Page => page([account(name(n), NOW - 1_000)], { cursor: { n } });

/** A source of accounts; `pull` says what a stream delivers from a cursor. */
const source = (pull: (stream: string, from: Cursor | null) => AsyncIterable<Page>, streams = ['accounts']) =>
  sourceOf({
    streams: () => Object.fromEntries(streams.map((s) => [s, spec])),
    pull: (_, stream, from) => pull(stream, from),
  });
const run = (from: ReturnType<typeof sourceOf>, only?: string[]) =>
  pullSource({ ...deps(), store: fresh.ws }, from, only);
const cursors = async () => Object.fromEntries((await fresh.ws.streams()).map((s) => [s.stream, s.cursor]));
const ends = async () => Object.fromEntries((await fresh.ws.streams()).map((s) => [s.stream, s.completedAt]));

describe('a pull', () => {
  it('begins at the start, then where the last page ended', async () => {
    const asked: (Cursor | null)[] = [];
    const two = source(async function* (_, from) {
      asked.push(from);
      for (const n of from ? [] : [1, 2]) yield one(n);
    });
    const first = await run(two);
    expect(first).toMatchObject({ failure: null, streams: [{ pages: 2, rows: 2, stored: 2, rejected: 0 }] });
    await run(two);
    expect(asked).toEqual([null, { n: 2 }]);
    expect(await ends()).toEqual({ accounts: NOW });
  });

  it('stores each page with its cursor before it asks for the next', async () => {
    const seen: unknown[] = [];
    await run(
      source(async function* () {
        for (const n of [1, 2]) {
          seen.push([await cursors(), Object.keys(await told(fresh.ws))]);
          yield one(n);
        }
      }),
    );
    expect(seen).toEqual([
      [{}, []],
      [{ accounts: { n: 1 } }, ['a01']],
    ]);
  });

  it('keeps what a failed stream had delivered, tells why, and reads the others to their end', async () => {
    const failing = source(
      async function* (stream) {
        yield one(stream === 'bad' ? 1 : 2);
        if (stream === 'bad') throw new ConnectorError('query: INVALID_FIELD', { action: 'fail', hint: 'Run check.' });
      },
      ['bad', 'good'],
    );
    const { failure, streams } = await run(failing);
    expect(failure).toMatchObject({ message: 'query: INVALID_FIELD' });
    expect(streams).toMatchObject([
      { stream: 'bad', rows: 1, error: 'query: INVALID_FIELD', hint: 'Run check.' },
      { stream: 'good', rows: 1 },
    ]);
    expect(streams[1]).not.toHaveProperty('error');
    expect(await cursors()).toEqual({ bad: { n: 1 }, good: { n: 2 } });
    // Only a pull that saw the end makes a stream fresh.
    expect(await ends()).toEqual({ bad: null, good: NOW });
  });

  it('counts and keeps rows that were refused', async () => {
    const rejects = [{ where: 'Account 7', reason: 'no stamp' }];
    const { streams } = await run(
      source(async function* () {
        yield { ...one(1), rejects };
      }),
    );
    expect(streams).toMatchObject([{ rows: 2, stored: 1, rejected: 1 }]);
    expect(await fresh.ws.rejects()).toMatchObject(rejects);
  });

  it('reads only the streams that were asked for', async () => {
    const read: string[] = [];
    const both = source(
      async function* (stream) {
        read.push(stream);
        yield one(1);
      },
      ['a', 'b'],
    );
    await run(both, ['b']);
    expect(read).toEqual(['b']);
  });

  it('never takes a cursor that it cannot read for none', async () => {
    await fresh.ws.commitPage('crm', 'accounts', { ...one(1), cursor: { page: 'old' } }, NOW);
    const asked: unknown[] = [];
    const { failure } = await run(
      source(async function* (_, from) {
        asked.push(from);
        yield one(1);
      }),
    );
    expect(failure).toBeInstanceOf(InputError);
    expect((failure as InputError).hint).toContain('--reset crm.accounts');
    expect(asked).toEqual([]);
  });
});

describe('a reconciliation', () => {
  const listing = (...ids: string[]) =>
    sourceOf({
      streams: () => ({ accounts: spec }),
      async *pull() {},
      async *ids() {
        yield { kind: 'account', ids };
      },
    });
  const known = async (count: number): Promise<string[]> => {
    const ids = Array.from({ length: count }, (_, i) => name(i));
    await fresh.ws.commitPage('crm', 'accounts', page(ids.map((id) => account(id, NOW - 1_000))), NOW);
    return ids;
  };
  const living = async () =>
    Object.entries(await told(fresh.ws, { asOf: NOW + 1 })).flatMap(([id, facts]) =>
      facts.some((f) => f.deleted) ? [] : [id],
    );

  it('ends what the source no longer lists', async () => {
    const [gone, ...rest] = await known(3);
    const result = await reconcileSource({ ...deps(), store: fresh.ws }, listing(...rest));
    expect(result).toEqual([{ stream: 'accounts', known: 3, missing: 1 }]);
    expect(await living()).not.toContain(gone);
    expect(await living()).toHaveLength(2);
  });

  it('removes nothing where more than half would go: that looks like lost permission', async () => {
    const [first] = await known(30);
    await expect(reconcileSource({ ...deps(), store: fresh.ws }, listing(String(first)))).rejects.toThrow(
      /29 of 30.*lost permission/,
    );
    expect(await living()).toHaveLength(30);
  });
});
