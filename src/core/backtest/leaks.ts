import { listed, percent } from '../format.ts';
import { FEWEST_EVENTS } from './auc.ts';
import type { Evidence } from './evidence.ts';
import { type Finding, keyOf, named } from './finding.ts';
import type { SignalProof } from './signals.ts';

/** From here on a figure is too good to be true. */
const NEAR_PERFECT = 0.99;
/** By itself, hardly anything that is known beforehand comes so near; a label with some mistakes in it does. */
const SUSPICIOUS = 0.9;
/** Of fewer accounts that left, or that stayed, some signal tells all by chance. */
const FEWEST_TOLD = 3;
/** Of those who have a signal, or lack it, this share left: nearly all. */
const NEARLY_ALL = 0.95;
/** Hardly any: a twentieth of what there should be, where there should be at least so many accounts. */
const HARDLY_ANY = 0.05;
const EXPECTED = 20;
/** Where more left than this, nearly all of a few may have by chance. */
const MOST_LOST = 0.5;

/** Signals that know what became of the accounts: by what they say, or by whether they are there at all. */
export function aboutLeaks(report: Evidence): Finding[] {
  const { auc, signals, accounts, lostAccounts } = report;
  const fewer = Math.min(lostAccounts, accounts - lostAccounts);
  if (fewer < FEWEST_TOLD) return [];
  const found = signals.flatMap((s) => byValue(s, fewer) ?? byPresence(s, report) ?? []);
  if (found.length > 0 || (auc.value ?? 0) < NEAR_PERFECT) return found;
  const best = signals.toSorted((a, b) => (b.apart ?? 0) - (a.apart ?? 0)).slice(0, 2);
  const look = best.length > 0 ? `; look at ${listed(best.map(named))}` : '';
  return [{ code: 'knows-the-outcome', text: `AUC ${two(auc.value ?? 0)}: a signal knows the outcome${look}.` }];
}

/** @param fewer accounts that left, or that stayed, whichever are fewer */
function byValue(s: SignalProof, fewer: number): Finding | null {
  const apart = s.apart ?? 0;
  if (apart >= NEAR_PERFECT)
    return leak(s, `AUC ${two(apart)}: a signal knows the outcome; look at ${named(s)}.`, 'in');
  if (apart < SUSPICIOUS || fewer < FEWEST_EVENTS) return null;
  const words = `AUC ${two(apart)} by itself: a signal very likely knows the outcome; look at ${named(s)}. Hardly anything that is known beforehand tells so well.`;
  return leak(s, words, 'in');
}

function byPresence(s: SignalProof, { observations, lost }: Pick<Evidence, 'observations' | 'lost'>): Finding | null {
  const base = lost / observations;
  if (base > MOST_LOST) return null;
  const absent = { cases: observations - s.present, lost: lost - s.presentLost, accounts: s.absentAccounts };
  const present = { cases: s.present, lost: s.presentLost, accounts: s.presentAccounts };
  const rate = (part: typeof absent): number => (part.cases > 0 ? part.lost / part.cases : 0);
  const all = (part: typeof absent): boolean => part.accounts >= FEWEST_EVENTS && rate(part) >= NEARLY_ALL;
  const none = (part: typeof absent): boolean =>
    part.accounts * base >= EXPECTED && part.cases > 0 && rate(part) <= HARDLY_ANY * base;
  const words = (where: string, part: typeof absent, other: typeof absent): string =>
    `A signal knows the outcome by being ${where}: ${named(s)}. Of observations where it is ${where}, ${percent(rate(part))} left, of the others ${percent(rate(other))}.`;
  if (all(present) || none(absent)) return leak(s, words('there', present, absent), 'in');
  if (all(absent) || none(present)) return leak(s, words('missing', absent, present), 'out');
  return null;
}

const leak = (s: SignalProof, words: string, way: 'in' | 'out'): Finding => ({
  code: 'knows-the-outcome',
  signals: [keyOf(s)],
  text: `${words} Is it ${way === 'in' ? 'filled in, or changed, only' : 'cleared, or no longer told,'} once an account has left?`,
});

const two = (value: number): string => value.toFixed(2);
