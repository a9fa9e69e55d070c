import { describe, expect, it } from 'vitest';
import { auc, aucWithInterval } from '../../../src/core/backtest/auc.ts';
import { aucOfClusters } from '../../../src/core/backtest/clustered.ts';
import { KEPT, LOST } from '../../../src/core/backtest/outcome.ts';
import { seeded } from '../../../src/core/backtest/random.ts';
import { reportSteps } from '../../../src/core/backtest/report.ts';
import { byValue, type Sample } from '../../../src/core/backtest/sample.ts';
import { type Case, observed, sampleOf } from './support.ts';

/** Accounts at some dates each: whoever leaves scores lower by `gap`, and an account scores alike at all of its dates. */
function sample(accounts: number, dates: number, gap: number, seed: number): Sample {
  const random = seeded(seed);
  const [values, events, groups]: [number[], number[], number[]] = [[], [], []];
  for (let account = 0; account < accounts; account++) {
    const leaves = random() < 0.2;
    const usual = random() - (leaves ? gap : 0);
    for (let date = 0; date < dates; date++) {
      values.push(usual + random() / 10);
      events.push(leaves ? 1 : 0);
      groups.push(account);
    }
  }
  return { ...sampleOf(values, events), groups: Int32Array.from(groups) };
}

it('many numbers are sorted as few are, equal ones in their order', () => {
  const random = seeded(5);
  const odd = [0, -0, 1, -1, 5e-324, -5e-324, 1e300, -1e300, 0.1, 0.1 + 1e-17, 2 ** 31, -(2 ** 31), 4_294_967_296.5];
  const values = Float64Array.from({ length: 6_000 }, (_, i) =>
    i % 3 === 0 ? (odd[i % odd.length] ?? 0) : i % 3 === 1 ? Math.floor(random() * 50) - 25 : (random() - 0.5) * 1e6,
  );
  const expected = [...values.keys()].sort((a, b) => (values[a] ?? 0) - (values[b] ?? 0) || a - b);
  expect([...byValue(values)]).toEqual(expected);
});

describe('the interval by the variance over accounts', () => {
  it.each([
    [150, 1, 0.3],
    [400, 6, 0.2],
    [400, 6, 0],
  ])('is that of resamples, within their own error: %d accounts at %d dates', (accounts, dates, gap) => {
    const one = sample(accounts, dates, gap, 9);
    const [fast, slow] = [aucOfClusters(one), aucWithInterval(one, 2_000, 1)];
    expect(fast.value).toBeCloseTo(auc(one) ?? Number.NaN, 12);
    expect(fast.value).toBeCloseTo(slow.value ?? Number.NaN, 12);
    expect(fast.low).toBeCloseTo(slow.low ?? Number.NaN, 1.7);
    expect(fast.high).toBeCloseTo(slow.high ?? Number.NaN, 1.7);
  });

  it('counts an account once, however many dates show it', () => {
    const once = aucOfClusters(sample(200, 1, 0.2, 3));
    const often = aucOfClusters(sample(200, 12, 0.2, 3));
    const width = ({ low, high }: { low: number | null; high: number | null }) => (high ?? 0) - (low ?? 0);
    expect(width(often)).toBeGreaterThan(0.7 * width(once));
  });

  it('covers the truth as often as it says', () => {
    let covered = 0;
    for (let seed = 1; seed <= 200; seed++) {
      const { low, high } = aucOfClusters(sample(120, 3, 0, seed));
      if ((low ?? 1) <= 0.5 && (high ?? 0) >= 0.5) covered += 1;
    }
    expect(covered / 200).toBeGreaterThan(0.9);
  });

  it('is none where one class has too few accounts, with the reason', () => {
    expect(aucOfClusters(sampleOf([1, 2, 3], [1, 0, 0]))).toMatchObject({ value: 1, low: null, high: null });
    expect(aucOfClusters(sampleOf([1, 2], [0, 0]))).toMatchObject({ value: null, reason: 'nobody left' });
    expect(aucOfClusters(sampleOf([], []))).toMatchObject({ value: null, reason: 'there is nothing to compare' });
  });
});

it('a report comes in steps, between which whoever waits can stop it', () => {
  const random = seeded(2);
  const cases = Array.from({ length: 400 }, (_, account): Case => {
    const outcome = random() < 0.2 ? LOST : KEPT;
    return { account, date: 0, outcome, signals: [Math.floor(100 * random()), Math.floor(100 * random())] };
  });
  const steps = reportSteps(observed(cases), { days: [0], horizon: 90, resamples: 200, seed: 1, parts: null });
  let count = 0;
  for (let step = steps.next(); !step.done; step = steps.next()) count += 1;
  expect(count).toBeGreaterThan(400);
});
