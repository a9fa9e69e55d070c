import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { dropIn, medianOf, spreadOf, surgeIn } from '../../src/core/anomaly.ts';
import { DAY_MS, dateOf, dayOf, isWorkday } from '../../src/core/days.ts';
import type { StoredFact } from '../../src/core/fact.ts';
import { type ScoringInput, scoreWithTrend } from '../../src/core/score.ts';
import { account, daysAgo, fact, inputOf, modelOf, reads, TODAY } from './helpers.ts';

const model = modelOf({ dimensions: [{ key: 'd', weight: 1, signals: [reads('x', 1)] }] });
const run = (facts: StoredFact[], more: Partial<ScoringInput> = {}, at?: number) =>
  scoreWithTrend(model, inputOf([account(), ...facts], more, at), null);
const flags = (facts: StoredFact[], more: Partial<ScoringInput> = {}) => run(facts, more).flags;

/** A whole-product row on each of so many days before today (0 = yesterday … ), where the figure is told. */
const usage = (
  days: number,
  of: (ago: number) => number | null,
  metric = 'activeUsers',
  feature: string | null = null,
) =>
  Array.from({ length: days }, (_, n) => {
    const value = of(n + 1);
    return value === null
      ? []
      : [fact('usage', daysAgo(n + 1), { feature, metrics: { [metric]: value } }, { id: `u-${metric}-${feature}` })];
  }).flat();
const workday = (ago: number): boolean => isWorkday(dayOf(TODAY) - ago);
/** People work from Monday to Friday. */
const weekly = (level: number) => (ago: number) => (workday(ago) ? level : Math.round(level / 10));

/** Poisson-like noise that a seed fixes. */
function noise(seed: number): () => number {
  let state = seed >>> 0 || 1;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}
/** Approximately normal: the sum of twelve. */
const normal = (random: () => number): number => Array.from({ length: 12 }, random).reduce((a, b) => a + b, 0) - 6;
const poisson = (random: () => number, mean: number): number => {
  let count = 0;
  for (let p = random(); p > Math.exp(-mean); p *= random()) count++;
  return count;
};

describe('median and spread', () => {
  test('of what is odd in number and even', () => {
    expect([medianOf([3, 1, 2]), medianOf([4, 1, 2, 3]), medianOf([])]).toEqual([2, 2.5, 0]);
    expect(spreadOf([10, 10, 10, 10, 99])).toBe(0);
    expect(spreadOf([8, 9, 10, 11, 12])).toBeCloseTo(1.4826, 4);
  });
});

describe('a sudden drop', () => {
  const weeks = Array.from({ length: 12 }, () => 40);
  const days = (low: number, level = 20): number[] => [...Array(low).fill(level), ...Array(10 - low).fill(40)];
  test.each<[string, (number | null)[], (number | null)[], boolean]>([
    ['seven days of ten', days(7), weeks, true],
    ['a holiday week and a day', days(6), weeks, false],
    ['by less than a third', days(10, 29), weeks, false],
    ['at the border', days(10, 28), weeks, true],
    ['from too little', days(10, 1), weeks.map(() => 4), false],
    ['by weeks that vary as much', days(10, 20), [10, 70, 20, 60, 30, 50, 40, 15, 65, 25, 55, 40], false],
    ['from seven known weeks', days(10), [...weeks.slice(5), ...Array(5).fill(null)], false],
    ['from eight', days(10), [...weeks.slice(4), ...Array(4).fill(null)], true],
    ['of six days that are told', [...Array(6).fill(5), ...Array(4).fill(null)], weeks, false],
    ['into growth', days(10, 90), weeks, false],
  ])('%s', (_, recent, before, found) => {
    expect(dropIn(recent, before) !== null).toBe(found);
  });

  test('is told with its figures', () => {
    const facts = usage(120, (ago) => weekly(ago <= 14 ? 18 : 41)(ago));
    expect(run(facts).flagDetails['usage-anomaly']).toBe('41 → 18 active users a working day');
  });

  test('of logins or uses where no users are counted', () => {
    for (const metric of ['logins', 'uses']) {
      const facts = usage(120, (ago) => weekly(ago <= 14 ? 18 : 41)(ago), metric);
      expect(run(facts).flagDetails['usage-anomaly']).toBe(`41 → 18 ${metric} a working day`);
    }
    const byFeature = usage(120, (ago) => weekly(ago <= 14 ? 18 : 41)(ago), 'uses', 'reports');
    expect(flags(byFeature)).toContain('usage-anomaly');
  });

  test('is one where use has ended altogether', () => {
    expect(flags(usage(120, (ago) => (ago <= 14 ? null : weekly(40)(ago))))).toContain('usage-anomaly');
  });

  test('is none for a holiday week, wherever it lies, nor over the turn of the year', () => {
    for (let from = 1; from <= 14; from++) {
      const away = (ago: number): boolean => ago >= from && ago < from + 7;
      expect(flags(usage(120, (ago) => (away(ago) ? 0 : weekly(40)(ago))))).not.toContain('usage-anomaly');
    }
    const today = '2026-01-04';
    const start = dayOf(today);
    const closed = (day: number): boolean => dateOf(day) >= '2025-12-22' && dateOf(day) <= '2026-01-02';
    const facts = Array.from({ length: 120 }, (_, n) => start - 1 - n).map((day) =>
      fact('usage', day * DAY_MS, { feature: null, metrics: { activeUsers: closed(day) ? 0 : 40 } }, { id: 'u' }),
    );
    const more = { today, dayStart: start * DAY_MS };
    expect(run(facts, more, (start + 0.5) * DAY_MS).flags).not.toContain('usage-anomaly');
  });

  test('is none while the source stands still, nor before there are weeks to compare with', () => {
    const stopped = usage(120, (ago) => (ago <= 14 ? null : weekly(40)(ago)));
    const coverage = { ...inputOf([]).coverage, sources: { usage: ['crm'] } };
    const stale = { coverage, staleSources: [{ source: 'crm', since: daysAgo(13) }] };
    expect(flags(stopped, stale)).not.toContain('usage-anomaly');
    expect(flags(usage(97, (ago) => (ago <= 14 ? 10 : 40)))).not.toContain('usage-anomaly');
    const hidden = { ...coverage, gaps: { ...coverage.gaps, usage: 'not seen' } };
    expect(
      flags(
        usage(120, (ago) => (ago <= 14 ? 10 : 40)),
        { coverage: hidden },
      ),
    ).not.toContain('usage-anomaly');
  });

  /** A customer of some size whose days vary by so much. */
  const customer = fc.record({
    seed: fc.integer({ min: 1, max: 1e6 }),
    level: fc.integer({ min: 12, max: 400 }),
    varies: fc.double({ min: 0, max: 0.2, noNaN: true }),
  });
  const drawn = ({ seed, level, varies }: { seed: number; level: number; varies: number }) => {
    const random = noise(seed);
    return (ago: number, share: number): number =>
      Math.max(0, Math.round(level * share * (1 + varies * normal(random))) * (workday(ago) ? 1 : 0));
  };

  test('a drop of half is found within 14 days', () => {
    let [found, all] = [0, 0];
    fc.assert(
      fc.property(customer, (c) => {
        const draw = drawn(c);
        all++;
        if (flags(usage(130, (ago) => draw(ago, ago <= 14 ? 0.5 : 1))).includes('usage-anomaly')) found++;
      }),
      { numRuns: 200, seed: 7 },
    );
    expect(found / all).toBeGreaterThanOrEqual(0.97);
  });

  test('a customer who varies about a level raises none in 99 weeks of 100, nor does one who grows', () => {
    let [raised, weeksSeen] = [0, 0];
    fc.assert(
      fc.property(customer, fc.double({ min: 0, max: 0.02, noNaN: true }), (c, growth) => {
        const draw = drawn(c);
        const level = Array.from({ length: 400 }, (_, n) => draw(n + 1, (1 + growth) ** ((400 - n) / 7)));
        for (let week = 0; week < 20; week++) {
          const recent = level.slice(7 * week, 7 * week + 14).filter((_, n) => workday(7 * week + n + 1));
          const before = Array.from({ length: 12 }, (_, w) => {
            const own = level.slice(7 * (week + 2 + w), 7 * (week + 3 + w));
            return own.reduce((a, b) => a + b, 0) / 5;
          });
          weeksSeen++;
          if (dropIn(recent, before)) raised++;
        }
      }),
      { numRuns: 200, seed: 11 },
    );
    expect(raised / weeksSeen).toBeLessThan(0.01);
  });
});

describe('an unusual export', () => {
  const exports = (of: (ago: number) => number) => usage(220, of, 'exports', 'export');
  test('is far above all of the half year before', () => {
    const part = run(exports((ago) => (ago === 3 ? 240 : ago % 7 === 0 ? 6 : 0)));
    expect(part.flagDetails['unusual-export']).toBe('252 data exports in 14 days, usually 12');
  });
  test.each<[string, (ago: number) => number]>([
    ['few', (ago) => (ago === 3 ? 9 : 0)],
    ['what comes every quarter', (ago) => (ago % 90 === 3 ? 200 : 0)],
    ['as ever', () => 20],
    ['twice as much', (ago) => (ago <= 14 ? 40 : 20)],
    ['growing by a tenth each fortnight', (ago) => Math.round(100 * 1.1 ** (-ago / 14))],
  ])('and is none: %s', (_, of) => {
    expect(flags(exports(of))).not.toContain('unusual-export');
  });
  test('is none where less than half a year is known', () => {
    const facts = usage(190, (ago) => (ago <= 14 ? 100 : 1), 'exports', 'export');
    expect(flags(facts)).not.toContain('unusual-export');
  });
});

describe('a burst of tickets', () => {
  const tickets = (...ago: number[]): StoredFact[] =>
    ago.map((n) => fact('ticket', daysAgo(n), { openedAt: daysAgo(n) + DAY_MS / 2, status: 'open' }));
  const steady = Array.from({ length: 12 }, (_, week) => [8 + 7 * week, 10 + 7 * week]).flat();
  test('is three times the usual, and told', () => {
    const part = run(tickets(1, 1, 2, 2, 3, 4, 5, ...steady));
    expect(part.flagDetails['ticket-burst']).toBe('7 tickets in 7 days, usually 2');
  });
  test.each([
    ['four', [1, 1, 2, 3]],
    ['as many as a week ago', [1, 2, 3, 4, 5, 6, 8, 9, 10, 11, 12, 13]],
    ['today’s, which is not over', [0, 0, 0, 0, 0, 0, 0, ...steady]],
  ])('and is none: %s', (_, ago) => {
    expect(flags(tickets(...ago))).not.toContain('ticket-burst');
  });
  test('is none for an account that has just begun', () => {
    const young = account({ createdOn: dateOf(dayOf(TODAY) - 60) });
    const part = scoreWithTrend(model, inputOf([young, ...tickets(1, 1, 2, 2, 3, 4, 5)]), null);
    expect(part.flags).not.toContain('ticket-burst');
  });
  test('chance alone raises none in 99 weeks of 100', () => {
    let [raised, all] = [0, 0];
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1e6 }), fc.double({ min: 0.1, max: 12, noNaN: true }), (seed, mean) => {
        const random = noise(seed);
        const weeks = Array.from({ length: 60 }, () => poisson(random, mean));
        for (let n = 0; n + 12 < weeks.length; n++) {
          all++;
          if (surgeIn(weeks[n] ?? 0, weeks.slice(n + 1, n + 13), { least: 5, factor: 3, above: 1.5 })) raised++;
        }
      }),
      { numRuns: 200, seed: 3 },
    );
    expect(raised / all).toBeLessThan(0.01);
  });
});
