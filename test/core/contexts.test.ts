import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { DAY_MS, dateOf, dayOf } from '../../src/core/days.ts';
import type { FactData, StoredFact } from '../../src/core/fact.ts';
import { lookBackDays } from '../../src/core/model.ts';
import { type ScoringInput, scoreAccount } from '../../src/core/score.ts';
import { account, daysAgo, fact, inputOf, modelOf, NOON, reads, signal, TODAY } from './helpers.ts';

const ago = (days: number): string => dateOf(dayOf(TODAY) - days);
const pulse = (days: number, data: FactData<'pulse'>, more: { deleted?: boolean } = {}): StoredFact =>
  fact('pulse', daysAgo(days) + DAY_MS / 3, data, { id: 'A1', ...more });
const calls = (...days: number[]): StoredFact[] => days.map((n) => fact('activity', daysAgo(n), { type: 'call' }));

const model = modelOf({
  dimensions: [
    {
      key: 'touch',
      weight: 1,
      signals: [
        signal('calls', { from: { kind: 'activity' }, aggregation: 'count', windowDays: 30, text: '{value} calls' }),
      ],
    },
    { key: 'fields', weight: 1, signals: [reads('a', 1), reads('b', 1)] },
  ],
  contexts: {
    migration: { label: 'Moving house', holds: ['touch', 'b'] },
    'temporary-leave': { label: 'Leave', holds: ['a'] },
  },
});
const score = (facts: StoredFact[], more: Partial<ScoringInput> = {}, at = NOON) =>
  scoreAccount(model, inputOf(facts, more, at));
const raws = (facts: StoredFact[], more: Partial<ScoringInput> = {}) =>
  Object.fromEntries(score(facts, more).contributions.map((c) => [c.signal, c.raw]));

/** b falls from 80 to 10 ten days ago, and calls stop with it. */
const FALLING = [
  account({ attributes: { a: 50, b: 80 } }, daysAgo(400)),
  account({ attributes: { a: 20, b: 10 } }, daysAgo(10)),
  ...calls(50, 40, 30, 25),
];

describe('a context', () => {
  test('holds the signals that it disturbs as they stood when it began, and says so', () => {
    const part = score([...FALLING, pulse(20, { context: 'migration', contextUntil: '2026-12-01' })]);
    expect(part.contributions.map((c) => [c.signal, c.raw, c.text])).toEqual([
      ['calls', 4, '4 calls; held since 5 Nov for moving house until 1 Dec'],
      ['a', 20, '20'],
      ['b', 80, '80; held since 5 Nov for moving house until 1 Dec'],
    ]);
    expect(part.held).toEqual([
      { signal: 'calls', context: 'Moving house', since: '2026-11-05', until: '2026-12-01' },
      { signal: 'b', context: 'Moving house', since: '2026-11-05', until: '2026-12-01' },
    ]);
    expect(part.confidence).toBe(1);
    expect(part.coverage).toBe('');
  });

  test.each(['migration', ' MIGRATION ', 'Moving house', 'moving-HOUSE', 'moving_house'])(
    'is known as “%s”',
    (context) => {
      expect(raws([...FALLING, pulse(20, { context })])).toEqual({ calls: 4, a: 20, b: 80 });
    },
  );
  test('has other signals of its own', () => {
    expect(raws([...FALLING, pulse(20, { context: 'Temporary leave' })])).toEqual({ calls: 2, a: 50, b: 10 });
  });

  test('ends with its last day, by itself after 90 days, and when it is taken back', () => {
    const moved = { calls: 2, a: 20, b: 10 };
    const held = { calls: 4, a: 20, b: 80 };
    const until = (date: string | null, since = 20) =>
      raws([...FALLING, pulse(since, { context: 'migration', contextUntil: date })]);
    expect([until(ago(0)), until(ago(1))]).toEqual([held, moved]);
    expect(until('not a date')).toEqual(held); // as without one
    const open = (since: number) => score([...FALLING, pulse(since, { context: 'migration' })]).held.length > 0;
    expect([open(90), open(91)]).toEqual([true, false]);
    expect(raws([...FALLING, pulse(20, { context: 'migration' }), pulse(5, { context: ' ' })])).toEqual(moved);
    expect(raws([...FALLING, pulse(20, { context: 'migration' }), pulse(5, {}, { deleted: true })])).toEqual(moved);
  });

  test('began with the first of the versions in a row that say so', () => {
    const said = (...versions: [number, string | null][]) =>
      score([...FALLING, ...versions.map(([days, context]) => pulse(days, { context, value: days }))]).held[0]?.since;
    expect(said([40, 'migration'], [20, 'Moving house'], [5, 'migration'])).toBe(ago(40));
    expect(said([40, 'migration'], [20, null], [5, 'migration'])).toBe(ago(5));
    expect(said([40, 'migration'], [20, 'leave'], [5, 'migration'])).toBe(ago(5));
  });

  test('that the model does not know holds nothing and is named, while it lasts', () => {
    const strange = { context: 'Change of\nowner', contextUntil: ago(0) };
    const part = score([...FALLING, pulse(20, strange)]);
    expect(part.coverage).toBe('context “Change of owner” is not known to the model');
    expect([part.held, part.contributions[0]?.raw]).toEqual([[], 2]);
    expect(score([...FALLING, pulse(20, { ...strange, contextUntil: ago(1) })]).coverage).toBe('');
  });

  test('that is not known yet holds nothing', () => {
    const facts = [...FALLING, pulse(20, { context: 'migration' })];
    const earlier = { today: ago(21), dayStart: daysAgo(21) };
    expect(score(facts, earlier, daysAgo(21) + DAY_MS / 2).held).toEqual([]);
  });

  test('outlasts a source that becomes stale meanwhile, but not one that was before', () => {
    const facts = [...FALLING, pulse(20, { context: 'migration' })];
    const coverage = { ...inputOf([]).coverage, sources: { activity: ['crm'] } };
    const stale = (days: number) =>
      score(facts, { coverage, staleSources: [{ source: 'crm', since: daysAgo(days), kind: 'activity' }] });
    expect([stale(10).confidence, stale(10).contributions[0]?.raw]).toEqual([1, 4]);
    // 6 days before it began: what was known of the 30 days before, and a fifth of its weight less.
    expect([stale(26).confidence, stale(26).contributions[0]?.raw]).toEqual([0.9, 3]);
  });

  test('keeps its figures from day to day, whatever happens', () => {
    const event = fc.record({ day: fc.integer({ min: 0, max: 19 }), b: fc.integer({ min: 0, max: 100 }) });
    fc.assert(
      fc.property(fc.array(event, { maxLength: 30 }), fc.integer({ min: 0, max: 19 }), (events, day) => {
        const later = events.flatMap(({ day: n, b }) => [
          account({ attributes: { a: 1, b } }, daysAgo(n)),
          ...calls(n),
        ]);
        const facts = [...FALLING.filter((f) => f.at < daysAgo(20)), pulse(20, { context: 'migration' }), ...later];
        const input = { today: ago(day), dayStart: daysAgo(day) };
        const part = score(facts, input, daysAgo(day) + DAY_MS - 1);
        const held = part.contributions.filter((c) => c.signal !== 'a');
        expect(held.map((c) => [c.signal, c.raw, c.value])).toEqual([
          ['calls', 4, 40_000],
          ['b', 80, 800_000],
        ]);
      }),
    );
  });

  test('lets facts be read that far back', () => {
    const long = (contexts: object) =>
      lookBackDays(
        modelOf({
          dimensions: [
            {
              key: 'd',
              weight: 1,
              signals: [signal('s', { from: { kind: 'ticket' }, aggregation: 'count', windowDays: 365 })],
            },
          ],
          contexts,
        }),
      );
    expect(long({})).toBe(365 + 31);
    expect(long({ leave: { label: 'Leave', holds: ['d'] } })).toBe(365 + 90 + 31);
  });

  test('names dimensions and signals of the model', () => {
    const holds = ['touches'];
    expect(() =>
      modelOf({
        dimensions: [{ key: 'touch', weight: 1, signals: [reads('a', 1)] }],
        contexts: { leave: { label: 'x', holds } },
      }),
    ).toThrow(/unknown dimension or signal/);
  });
});
