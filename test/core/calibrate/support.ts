import { Observations } from '../../../src/core/backtest/observations.ts';
import { KEPT, LOST } from '../../../src/core/backtest/outcome.ts';
import { seeded } from '../../../src/core/backtest/random.ts';
import { type Gathered, Marks } from '../../../src/core/calibrate/gathered.ts';
import { Model } from '../../../src/core/model.ts';
import { schemeOf } from '../../../src/core/scheme.ts';
import { score } from '../../cli/support.ts';
import { signal } from '../helpers.ts';

/** dimension → its weight, and its signals' weights */
export type Shape = Record<string, [weight: number, signals: Record<string, number>]>;

export const modelOf = (shape: Shape, more: Record<string, unknown> = {}): Model =>
  Model.parse({
    name: 'tried',
    version: 1,
    floor: 0.1,
    bands: [
      { key: 'green', from: 70 },
      { key: 'yellow', from: 40 },
      { key: 'red', from: 0 },
    ],
    dimensions: Object.entries(shape).map(([key, [weight, signals]]) => ({
      key,
      label: key,
      weight,
      signals: Object.entries(signals).map(([name, own]) =>
        signal(name, { weight: own, from: { kind: 'usage', metric: 'uses' }, aggregation: 'sum', windowDays: 28 }),
      ),
    })),
    ...more,
  });

export interface Case {
  account: number;
  date?: number;
  left: boolean;
  segment?: string | null;
  /** 0–100 by signal, in the order of the model; null = missing. */
  values: (number | null)[];
  caps?: string[];
}

/** Accounts as the model scores them, with what became of them. */
export function gathered(model: Model, cases: readonly Case[]): Gathered {
  const obs = new Observations(model.bands.map((b) => b.key));
  const marks = new Marks(model);
  const scheme = schemeOf(model, {});
  for (const { account, date = 0, left, segment = null, values, caps = [] } of cases) {
    const points = values.map((v) => (v === null ? null : Math.round(v * 100) * 100));
    const found = scheme.composite(points);
    const scored = score({
      account: `A${account}`,
      segment,
      points: found?.total ?? null,
      score: found && Math.round(found.total / 10_000),
      band: 'yellow',
      dimensions: [],
      contributions: scheme.signals.map((s, i) => ({
        dimension: s.group,
        signal: s.key,
        label: s.key,
        raw: values[i] ?? null,
        value: points[i] ?? null,
        weight: found?.shares[i] ?? 0,
        points: found?.points[i] ?? 0,
        text: '',
        evidence: [],
      })),
      caps: caps.map((cap) => ({ cap, label: cap, points: 0, evidence: [] })),
    });
    obs.add(scored, { account, date, outcome: left ? LOST : KEPT, daysLeft: null });
    marks.add(scored);
  }
  return { model, obs, marks };
}

/** Accounts whose log-odds of leaving are `level` + Σ slopes × (1 − value ÷ 100), with a share of values missing. */
export function drawn(
  count: number,
  slopes: readonly number[],
  { level = -3, missing = 0, seed = 1, dates = 1 } = {},
): Case[] {
  const random = seeded(seed);
  return Array.from({ length: count * dates }, (_, i): Case => {
    const full = slopes.map(() => 100 * random());
    const odds = slopes.reduce((sum, s, k) => sum + s * (1 - (full[k] ?? 0) / 100), level);
    const left = random() < 1 / (1 + Math.exp(-odds));
    return {
      account: i % count,
      date: Math.floor(i / count),
      left,
      values: full.map((v) => (random() < missing ? null : v)),
    };
  });
}
