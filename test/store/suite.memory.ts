import { describe, expect, it } from 'vitest';
import type { ScoreRow } from '../../src/store/types.ts';
import { collect, DAY, freshStore, type Open, page, T } from './helpers.ts';

/** Cursors, scores, runs, leases and durable values. */
export function memorySuite(open: Open): void {
  const fresh = freshStore(open);

  it('keeps cursors, completion and held values with the page', async () => {
    await fresh.ws.commitPage(
      'crm',
      's',
      page([], { cursor: { after: 'x' }, held: [{ account: 'A', values: { score: 7, band: null } }] }),
      T,
    );
    await fresh.ws.markComplete('crm', 's', T + 5);
    await fresh.ws.markComplete('crm', 'empty', T + 5);
    expect(await fresh.ws.streams()).toEqual([
      { source: 'crm', stream: 's', cursor: { after: 'x' }, updatedAt: T, completedAt: T + 5 },
    ]);
    await fresh.ws.commitPage(
      'crm',
      's',
      page([], { cursor: { after: 'y' }, held: [{ account: 'A', values: { score: 8 } }] }),
      T + 9,
    );
    expect(await fresh.ws.streams()).toEqual([
      { source: 'crm', stream: 's', cursor: { after: 'y' }, updatedAt: T + 9, completedAt: T + 5 },
    ]);
    expect(await collect(fresh.ws.held())).toEqual([{ account: 'A', values: { score: 8 } }]);
    expect(await collect(fresh.ws.held(['B']))).toEqual([]);
  });

  describe('scores', () => {
    const score = (of: string, asOf: number, hash: string, points = 1, modelHash = 'm'): ScoreRow => ({
      account: of,
      modelHash,
      asOf,
      inputsHash: hash,
      json: JSON.stringify({ account: of, asOf, modelHash, points }),
    });
    it('are stored once per model, day and inputs, and the latest is found', async () => {
      const rows = Array.from({ length: 450 }, (_, i) => score(`a${String(i).padStart(3, '0')}`, T, 'h'));
      await fresh.ws.appendScores(rows);
      await fresh.ws.appendScores([
        score('a000', T + 5, 'h', 2),
        score('a001', T + DAY, 'h', 2),
        score('a002', T + 5, 'other', 2),
        score('a003', T, 'h', 2, 'm2'),
      ]);
      const latest = await collect(fresh.ws.latestScores());
      expect(latest.map((s) => s.score.account)).toEqual(rows.map((s) => s.account));
      expect(latest.slice(0, 5).map((s) => s.score.points)).toEqual([1, 2, 2, 2, 1]);
      expect((await collect(fresh.ws.latestScores(T)))[1]?.score.points).toBe(1);
      expect(await collect(fresh.ws.latestScores(T - 1))).toEqual([]);
      expect((await fresh.ws.latestScore('a001'))?.asOf).toBe(T + DAY);
      expect((await fresh.ws.latestScore('a001', T))?.asOf).toBe(T);
      expect(await fresh.ws.latestScore('nobody')).toBeNull();
    });

    it('that come back within a day are the latest again', async () => {
      for (const [at, hash] of [
        [T, 'x'],
        [T + 1, 'y'],
        [T + 2, 'x'],
      ] as const)
        await fresh.ws.appendScores([score('A', at, hash, at - T)]);
      expect((await fresh.ws.latestScore('A'))?.inputsHash).toBe('x');
      expect((await fresh.ws.latestScore('A', T + 1))?.inputsHash).toBe('y');
    });

    it('hold from the earliest instant at which they were worked out, whatever the order of runs', async () => {
      await fresh.ws.appendScores([score('A', T - DAY, 'old'), score('B', T, 'y'), score('B', T + 2, 'x')]);
      await fresh.ws.appendScores([score('A', T + 5, 'x')]);
      await fresh.ws.appendScores([score('A', T + 1, 'x'), score('B', T - 1, 'x')]); // by a clock that lags behind
      expect(await fresh.ws.latestScore('A', T + 1)).toMatchObject({ inputsHash: 'x', asOf: T + 1 });
      expect((await fresh.ws.latestScore('A', T))?.inputsHash).toBe('old');
      expect((await fresh.ws.latestScore('B'))?.inputsHash).toBe('x'); // another one lies between: it stays where it is
    });
  });

  it('keeps runs, newest first', async () => {
    const id = await fresh.ws.startRun('sync', T);
    await fresh.ws.startRun('plan', T + 1);
    await fresh.ws.endRun(id, 'done', { written: 3 }, T + 2);
    expect((await fresh.ws.runs(5)).map((r) => [r.command, r.status, r.endedAt, r.summary])).toEqual([
      ['plan', 'running', null, {}],
      ['sync', 'done', T + 2, { written: 3 }],
    ]);
    expect(await fresh.ws.runs(1)).toHaveLength(1);
    await expect(fresh.ws.endRun(99, 'done', {}, T)).rejects.toThrow(/no run 99/);
  });

  it('gives a lease to one holder at a time', async () => {
    expect(await fresh.ws.lease('sync', 'a', T, 100)).toBe(true);
    expect(await fresh.ws.lease('sync', 'b', T + 99, 100)).toBe(false);
    expect(await fresh.ws.lease('sync', 'a', T + 99, 100)).toBe(true);
    expect(await fresh.ws.lease('sync', 'b', T + 100, 100)).toBe(false);
    expect(await fresh.ws.lease('sync', 'b', T + 199, 100)).toBe(true);
    await fresh.ws.release('sync', 'a');
    expect(await fresh.ws.lease('sync', 'c', T + 200, 100)).toBe(false);
    await fresh.ws.release('sync', 'b');
    expect(await fresh.ws.lease('sync', 'c', T + 200, 100)).toBe(true);
    expect(await (await fresh.store.workspace('globex')).lease('sync', 'd', T + 200, 100)).toBe(true);
  });

  it('compares before it sets a durable value', async () => {
    const state = fresh.ws.state('crm');
    expect(await state.get('job')).toBeNull();
    expect(await state.set('job', 'x', 'y')).toBe(false);
    expect(await state.set('job', null, 'j1')).toBe(true);
    expect(await state.set('job', null, 'j2')).toBe(false);
    expect(await state.set('job', 'j1', 'j2')).toBe(true);
    expect(await fresh.ws.state('other').get('job')).toBeNull();
    expect(await state.set('job', 'j2', null)).toBe(true);
    expect(await state.get('job')).toBeNull();
    const both = await Promise.all([state.set('job', null, 'a'), state.set('job', null, 'b')]);
    expect(both.filter(Boolean)).toHaveLength(1);
  });
}
