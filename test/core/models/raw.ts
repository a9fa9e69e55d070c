import { fileURLToPath } from 'node:url';
import { fullCoverage } from '../../../src/core/coverage.ts';
import { DAY_MS, dateOf, dayOf } from '../../../src/core/days.ts';
import type { StoredFact } from '../../../src/core/fact.ts';
import { Model } from '../../../src/core/model.ts';
import { POINT } from '../../../src/core/result.ts';
import { type ScoredPart, scoreAccount, scoreWithTrend, thirtyDaysBefore } from '../../../src/core/score.ts';
import type { CoverageKey } from '../../../src/core/vocabulary.ts';
import { loadYaml } from '../../../src/kit/yaml.ts';
import { account, daysAgo, fact, inputOf, TODAY } from '../helpers.ts';

/** Raw inputs of an account, as plain as a person would note them, and what the product makes of them. */

export const shipped = (name: string): Model =>
  loadYaml(fileURLToPath(new URL(`../../../mappings/models/${name}.yaml`, import.meta.url)), Model);

export const iso = (ago: number): string => dateOf(dayOf(TODAY) - ago);

/** The same figures on every day, from `from` days ago to `until` days ago. */
export const daily = (metrics: Record<string, number>, from = 100, until = 1): StoredFact[] =>
  Array.from({ length: from - until + 1 }, (_, i) =>
    fact('usage', daysAgo(from - i), { feature: null, metrics }, { id: 'use' }),
  );

export const seats = (n: number): StoredFact => account({ seats: n });

/** Urgent tickets that nobody rated. */
export const severe = (n: number, ago = 50): StoredFact[] =>
  Array.from({ length: n }, () =>
    fact('ticket', daysAgo(ago), { openedAt: daysAgo(ago), solvedAt: daysAgo(ago) + DAY_MS, priority: 'urgent' }),
  );
/** A calm ticket with what is known of it. */
export const ticket = (data: Record<string, unknown>, ago = 50): StoredFact =>
  fact('ticket', daysAgo(ago), {
    openedAt: daysAgo(ago),
    solvedAt: daysAgo(ago) + DAY_MS,
    priority: 'low',
    escalated: false,
    ...data,
  });
export const rated = (satisfaction: number, ago = 50): StoredFact => ticket({ satisfaction }, ago);

/** Invoices that were due 90 days ago, of which some were paid four days late. */
export const invoices = (onTime: number, late: number): StoredFact[] =>
  Array.from({ length: onTime + late }, (_, i) =>
    fact('invoice', daysAgo(120), { issuedOn: iso(120), dueOn: iso(90), paidOn: iso(i < onTime ? 90 : 86) }),
  );

/** Answers from 0 to 10. */
export const nps = (answers: number[], ago = 20): StoredFact[] =>
  answers.map((score) => fact('survey', daysAgo(ago), { type: 'nps', score, scaleMin: 0, scaleMax: 10 }));

export const EXECUTIVE = fact('contact', daysAgo(700), { title: 'VP Operations' }, { id: 'vp' });
/** Calls with somebody who is no executive, all within the last 120 days. */
export const calls = (n: number): StoredFact[] =>
  Array.from({ length: n }, (_, i) => fact('activity', daysAgo(10 + 5 * i), { type: 'call', userId: 'U1' }));
/** A note about an executive, which is no touchpoint. */
export const executive = (ago: number): StoredFact[] => [
  EXECUTIVE,
  fact('activity', daysAgo(ago), { type: 'note', userId: 'U1', contactIds: ['vp'] }),
];

/** ARR of a subscription, 700 days ago and since 60 days ago. */
export const arr = (before: number, now: number): StoredFact[] =>
  [
    [700, before],
    [60, now],
  ].map(([ago = 0, major = 0]) =>
    fact(
      'subscription',
      daysAgo(ago),
      { arr: { minor: major * 100, currency: 'GBP' }, startOn: '2024-01-01' },
      { id: 's' },
    ),
  );

export const expansion = (ago = 90): StoredFact =>
  fact('opportunity', daysAgo(ago), { type: 'Expansion', won: true, closed: true, closeOn: iso(ago) });

/** The account that is in every set of facts unless the facts bring one. */
function withAccount(facts: StoredFact[]): StoredFact[] {
  return facts.some((f) => f.kind === 'account') ? facts : [account(), ...facts];
}

/** Every stream covers the account, apart from some. */
const coverageWithout = (gaps: CoverageKey[]) => {
  const full = fullCoverage();
  return { ...full, gaps: { ...full.gaps, ...Object.fromEntries(gaps.map((key) => [key, 'not covered'])) } };
};

export const scored = (
  model: Model,
  facts: StoredFact[],
  segment: string | null = null,
  gaps: CoverageKey[] = [],
): ScoredPart => scoreAccount(model, inputOf(withAccount(facts), { segment, coverage: coverageWithout(gaps) }));

/** Points of the score, 0–100, to four decimals. */
export const pointsOf = (part: ScoredPart): number => (part.points ?? Number.NaN) / POINT;

/** What each dimension brings to the score. */
export const broughtBy = (part: ScoredPart): Record<string, number> => {
  const out: Record<string, number> = {};
  for (const c of part.contributions) out[c.dimension] = (out[c.dimension] ?? 0) + c.points;
  return Object.fromEntries(Object.entries(out).map(([key, points]) => [key, points / POINT]));
};

/** 0–100 that each signal is worth; null = missing. */
export const worths = (part: ScoredPart): Record<string, number | null> =>
  Object.fromEntries(part.contributions.map((c) => [c.signal, c.value === null ? null : c.value / POINT]));

/** What one signal of a model is worth, offered ones too. */
export function worth(model: Model, facts: StoredFact[], key: string): number | null {
  const dimensions = model.dimensions.map((d) => ({
    ...d,
    signals: d.signals.map((s) => (s.key === key ? { ...s, enabled: true } : s)),
  }));
  const found = worths(scored({ ...model, dimensions }, facts));
  if (!(key in found)) throw new Error(`${model.name} has no signal ${key}`);
  return found[key] ?? null;
}

/** The score with its trend against 30 days ago. */
export function trendOf(model: Model, facts: StoredFact[], gaps: CoverageKey[] = []) {
  const now = inputOf(withAccount(facts), { coverage: coverageWithout(gaps) });
  return scoreWithTrend(model, now, { ...now, ...thirtyDaysBefore(now) });
}
