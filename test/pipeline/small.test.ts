import { describe, expect, it } from 'vitest';
import { tableOf } from '../../src/core/currency.ts';
import type { Fact } from '../../src/core/fact.ts';
import { CallCounter } from '../../src/pipeline/calls.ts';
import { converter } from '../../src/pipeline/currency.ts';
import { guard } from '../../src/pipeline/guard.ts';
import { inLanes } from '../../src/pipeline/lanes.ts';
import { loadPeople } from '../../src/pipeline/people.ts';
import { staleSources } from '../../src/pipeline/stale.ts';
import { DAY, memoryStore, pageOf, user } from './book.ts';
import { NOW, sourceOf } from './support.ts';

/** The small steps, each by itself. */

describe('CallCounter', () => {
  it('counts by vendor, kind and label', () => {
    const calls = new CallCounter();
    calls.add('a', { label: 'query', kind: 'read' });
    calls.add('a', { label: 'query', kind: 'read' });
    calls.add('a', { label: 'update', kind: 'write' });
    calls.add('b', { label: 'query', kind: 'read' });
    expect(calls.summary()).toEqual({ a: { read: 2, write: 1 }, b: { read: 1, write: 0 } });
    expect([calls.total('read'), calls.total('write')]).toEqual([3, 1]);
    expect(calls.labels('a')).toEqual({ query: 2, update: 1 });
    expect(calls.labels('c')).toEqual({});
  });

  it('gives a summary that later calls do not change', () => {
    const calls = new CallCounter();
    calls.add('a', { label: 'query', kind: 'read' });
    const before = calls.summary();
    calls.add('a', { label: 'query', kind: 'read' });
    expect(before).toEqual({ a: { read: 1, write: 0 } });
  });
});

describe('converter', () => {
  const convert = converter('GBP', [tableOf('GBP', { USD: 1.25, JPY: 200, BHD: 0.5 })], '2026-11-25');
  it.each([
    [{ minor: 1_001, currency: 'GBP' }, 1_001],
    [{ minor: 12_500, currency: 'USD' }, 10_000],
    [{ minor: 20_000, currency: 'JPY' }, 10_000], // ¥20,000 are £100: the yen has no minor unit
    [{ minor: 50_000, currency: 'BHD' }, 10_000], // 50 dinars of 1,000 fils
    [{ minor: -12_500, currency: 'USD' }, -10_000],
    [{ minor: 1, currency: 'USD' }, 1], // rounded, not cut
  ])('brings %j into the reporting currency', (money, minor) => {
    expect(convert(money)).toEqual({ minor, currency: 'GBP' });
  });

  it('invents nothing where there is no rate', () => {
    expect(convert({ minor: 1, currency: 'SEK' })).toBeNull();
  });
});

describe('inLanes', () => {
  it('keeps the order of the items, with at most so many under way at once', async () => {
    let under = 0;
    let most = 0;
    const release: (() => void)[] = [];
    const done = inLanes([1, 2, 3, 4, 5], 2, async (n) => {
      under += 1;
      most = Math.max(most, under);
      await new Promise<void>((resolve) => release.push(resolve));
      under -= 1;
      return n * 10;
    });
    for (let i = 0; i < 5; i++) {
      while (!release.length) await Promise.resolve();
      release.pop()?.(); // the latest first, so that they end out of order
      await Promise.resolve();
    }
    expect(await done).toEqual([10, 20, 30, 40, 50]);
    expect(most).toBe(2);
  });

  it('takes nothing for nothing', async () => {
    expect(await inLanes([], 3, async () => 1)).toEqual([]);
  });

  it('fails with the first failure', async () => {
    const work = async (n: number) => {
      if (n === 2) throw new Error('two');
      return n;
    };
    await expect(inLanes([1, 2, 3], 1, work)).rejects.toThrow('two');
  });
});

describe('loadPeople', () => {
  it('knows people as they were at an instant; one without a flag is active, a deleted one is nobody', async () => {
    const store = await memoryStore();
    const facts = [
      user('ANN', { name: 'Ann', managerId: 'MO', active: true }, NOW - 10 * DAY),
      user('ANN', { name: 'Ann', managerId: 'MO', active: false }, NOW - 2 * DAY),
      user('BOB', { name: 'Bob', active: null }, NOW - 10 * DAY),
      user('CAT', { name: 'Cat' }, NOW - 10 * DAY),
      { ...user('CAT', {}, NOW - 5 * DAY), deleted: true },
    ];
    await store.commitPage('crm', 'users', pageOf(facts), NOW);
    expect(Object.fromEntries(await loadPeople(store, 'crm', NOW))).toEqual({
      ANN: { name: 'Ann', email: null, managerId: 'MO', active: false },
      BOB: { name: 'Bob', email: null, managerId: null, active: true },
    });
    const before = await loadPeople(store, 'crm', NOW - 6 * DAY);
    expect([...before.keys()].sort()).toEqual(['ANN', 'BOB', 'CAT']);
    expect(before.get('ANN')?.active).toBe(true);
  });
});

describe('staleSources', () => {
  const source = (name: string, staleAfterDays = 3) => ({
    ...sourceOf({ streams: () => ({}), pull: async function* () {} }),
    name,
    staleAfterDays,
  });

  it('names a source by its oldest stream, once that is older than the source allows', async () => {
    const store = await memoryStore();
    const pulled = async (name: string, stream: string, at: number) => {
      await store.commitPage(name, stream, pageOf([]), at);
      await store.markComplete(name, stream, at);
    };
    await pulled('crm', 'accounts', NOW);
    await pulled('exports', 'usage', NOW - 4 * DAY);
    await pulled('exports', 'tickets', NOW);
    await pulled('slow', 'all', NOW - 4 * DAY);
    const sources = [source('crm'), source('exports'), source('slow', 7), source('never')];
    expect(await staleSources(store, sources, NOW)).toEqual([{ source: 'exports', since: NOW - 4 * DAY }]);
    expect(await staleSources(store, sources, NOW + 4 * DAY)).toEqual([
      { source: 'crm', since: NOW },
      { source: 'exports', since: NOW - 4 * DAY },
      { source: 'slow', since: NOW - 4 * DAY },
    ]);
  });

  it('names the use of a source that still delivers, but no new days', async () => {
    const store = await memoryStore();
    const day = Math.floor(NOW / DAY) * DAY;
    const usage = (at: number): Fact => ({
      kind: 'usage',
      id: 'u',
      account: 'A',
      at,
      knownAt: at,
      data: { metrics: { uses: 1 } },
    });
    await store.commitPage('exports', 'usage', pageOf([usage(day - 9 * DAY), usage(day - 7 * DAY)]), NOW);
    await store.markComplete('exports', 'usage', NOW);
    expect(await staleSources(store, [source('exports')], NOW)).toEqual([
      { source: 'exports', since: day - 6 * DAY, kind: 'usage' },
    ]);
    await store.commitPage('exports', 'usage', pageOf([usage(day - 5 * DAY)]), NOW);
    expect(await staleSources(store, [source('exports')], NOW)).toEqual([]);
  });

  it('does not take half a pull for a whole one', async () => {
    const store = await memoryStore();
    await store.commitPage('exports', 'usage', pageOf([]), NOW - 9 * DAY);
    await store.markComplete('exports', 'usage', NOW - 9 * DAY);
    await store.commitPage('exports', 'usage', pageOf([], { cursor: { n: 2 } }), NOW); // broke off after a page
    expect(await staleSources(store, [source('exports')], NOW)).toEqual([{ source: 'exports', since: NOW - 9 * DAY }]);
  });
});

describe('guard', () => {
  const check = async (bandChanges: number, scored: number, atLeast = 10, bandChangeShare = 0.2) => {
    const store = await memoryStore();
    const empty = (async function* () {})();
    const plan = await store.createPlan(NOW, NOW, empty, { fields: bandChanges });
    const deps = { store, config: { breaker: { bandChangeShare, atLeast } } };
    const result = await guard(deps, plan, { bandChanges, scored });
    expect((await store.plan(plan.number))?.status).toBe(result.status);
    return result;
  };

  it.each([
    [21, 100, 'held'],
    [20, 100, 'open'], // at the limit
    [9, 10, 'open'], // fewer than the least
    [10, 10, 'held'],
    [0, 0, 'open'],
  ])('%i of %i accounts that change band: %s', async (changes, scored, status) => {
    expect((await check(changes, scored)).status).toBe(status);
  });

  it('says why, keeps what the plan says of itself, and obeys its settings', async () => {
    const { summary } = await check(3, 10, 0, 0.25);
    expect(summary).toEqual({
      fields: 3,
      held: '3 of 10 accounts would change band at once (limit 25 %), which looks like broken data rather than news',
    });
    expect((await check(3, 10, 0, 0.3)).status).toBe('open');
  });
});
