import { counted, listed, percent } from '../format.ts';
import { FEWEST_EVENTS } from './auc.ts';
import type { Evidence } from './evidence.ts';
import { type Finding, keyOf, named } from './finding.ts';
import { aboutLeaks } from './leaks.ts';
import { sameRate } from './proportions.ts';
import type { BacktestReport, Churn } from './report.ts';
import type { SignalProof } from './signals.ts';

export type { Finding, FindingCode } from './finding.ts';

/** An interval of the AUC that is wider than this tells too little. */
export const WIDEST_INTERVAL = 0.2;
/** A signal alone that comes as near to the whole score as this carries it. */
const AS_GOOD = 0.01;
/** Base rates that differ with less probability than this by chance have moved. */
const MOVED = 0.01;

/** Of the accounts that there are now, this share was there at the last date, unless their history is missing. */
const KNOWN = 0.5;
/** Of those who left, from this share on the customer rule hides too many. */
const RULED_OUT = 0.1;

/** Of observations, from this share on those of accounts deleted since matter. */
const DELETED_SINCE = 0.02;
/** Fewer duplicates than this share of the accounts change no figure. */
const LEAST_DOUBLED = 0.01;
const EXAMPLES = 3;

const NOT_OVER =
  'No outcome yet: at none of the dates is the horizon over in the data. Take earlier dates, or a shorter horizon.';

/** What a report rests on. */
export interface Basis {
  /** Dates that were judged, and that were left out since their horizon is not over. */
  judged: number;
  notOver: number;
  /** Accounts that there are now, and that were known at the last of the dates. */
  accounts: number;
  knownThen: number;
  /** `dimension.signal` of what measures no more than how long an account has been there. */
  ages: ReadonlySet<string>;
  /** The id of an account by its number. */
  idOf: (account: number) => string;
  odd: OddInput;
}

/** What in the data cannot be as it stands. */
export interface OddInput {
  /** Records of what nobody plans, in the future. */
  later: number;
  /** Accounts whose day of leaving is still to come. */
  leaveLater: number;
  /** Accounts of which the outcome says what nobody can read, and such a text. */
  unread: { accounts: number; example: string } | null;
}

/** Honest words about a report, gravest first; none = nothing to hold against it. */
export function findingsOf(report: BacktestReport, basis: Basis): Finding[] {
  if (basis.judged === 0)
    return [
      ...aboutOddInput(basis),
      basis.notOver > 0
        ? { code: 'horizon-not-over', text: NOT_OVER }
        : { code: 'no-outcome', text: 'No outcome: nothing in the data tells who left and who stayed.' },
    ];
  const classes = [
    ...aboutOddInput(basis),
    ...aboutHistory(basis),
    ...aboutClasses(report),
    ...aboutRule(report),
    ...aboutDeleted(report),
  ];
  if (report.observations === 0) return classes;
  return [
    ...classes,
    ...aboutScore(report),
    ...aboutLeaks(report),
    ...aboutDuplicates(report, basis),
    ...aboutOneSignal(report, basis),
    ...aboutShape(report.signals),
    ...aboutRates(report),
  ];
}

/** What makes data doubtful whatever is made of them: input that cannot be, what knows the outcome, duplicates, turning signals. */
export function dataFindings(data: Evidence, basis: Pick<Basis, 'idOf' | 'odd'>): Finding[] {
  const shapes = aboutShape(data.signals).filter((f) => f.code === 'not-monotone');
  return [...aboutOddInput(basis), ...aboutLeaks(data), ...aboutDuplicates(data, basis), ...shapes];
}

function aboutOddInput({ odd: { later, leaveLater, unread } }: Pick<Basis, 'odd'>): Finding[] {
  const found: Finding[] = [];
  if (unread)
    found.push({
      code: 'unread-outcome',
      text: `Of ${counted(unread.accounts, 'account')} the outcome says something such as "${unread.example}", which is neither a date nor a yes or no: they are left out.`,
    });
  if (leaveLater > 0)
    found.push({
      code: 'dates-in-the-future',
      text: `${counted(leaveLater, 'account')} ${leaveLater === 1 ? 'has' : 'have'} a day of leaving that is still to come: until then they count as having stayed. Are the dates right?`,
    });
  if (later > 0)
    found.push({
      code: 'dates-in-the-future',
      text: `${counted(later, 'record')} of use, tickets or answers ${later === 1 ? 'lies' : 'lie'} in the future, and ${later === 1 ? 'counts' : 'count'} for nothing. Are the dates right?`,
    });
  return found;
}

function aboutHistory({ accounts, knownThen }: Basis): Finding[] {
  if (knownThen >= KNOWN * accounts) return [];
  const text = `Of ${counted(accounts, 'account')}, ${knownThen === 0 ? 'none' : `only ${knownThen}`} had been told of by the last of the dates: accounts whose source tells no history begin with the first pull. Take later dates, or exports that say since when (observedAt).`;
  return [{ code: 'no-history', text }];
}

function aboutClasses({ observations, lost }: BacktestReport): Finding[] {
  if (observations === 0)
    return [{ code: 'no-outcome', text: 'No outcome: of no scored account is it known what became of it.' }];
  const some = counted(observations, 'observation');
  if (lost === 0)
    return [{ code: 'one-class', text: `Nobody left (${some}): there is nothing that a score could predict.` }];
  if (lost === observations)
    return [{ code: 'one-class', text: `Everybody left (${some}): there is nothing that a score could predict.` }];
  return [];
}

/** Where churned accounts are no customers any more, and the record does not say since when, the past has none that left. */
function aboutRule({ lost, leftOut: { outside, outsideLost } }: BacktestReport): Finding[] {
  if (outsideLost === 0 || outsideLost < RULED_OUT * (lost + outsideLost)) return [];
  const text = `The customer rule leaves out ${outsideLost} that left (of ${outside} left out by it, each counted at each date): a field of it changed when they left, and has no history. What is told here is of the others alone.`;
  return [{ code: 'rule-knows-the-outcome', text }];
}

/** Where churned accounts are deleted, those who left are the ones of whom nothing is known. */
function aboutDeleted({ observations, leftOut: { deleted } }: BacktestReport): Finding[] {
  if (deleted === 0 || deleted < DELETED_SINCE * (observations + deleted)) return [];
  const text = `${deleted} of ${counted(observations + deleted, 'observation')} are of accounts that have been deleted since, of which nobody can tell. If accounts are deleted once they have left, more left than is told here: name them with --outcome FILE.csv, or keep their records.`;
  return [{ code: 'deleted-since', text }];
}

function aboutScore({ auc, lost, lostAccounts, observations, accounts }: BacktestReport): Finding[] {
  if (auc.value === null) return [];
  const { low, high } = auc;
  const events = `${counted(lostAccounts, 'account')} of ${accounts} left (${lost} of ${counted(observations, 'observation')})`;
  if (low === null || high === null) {
    const text = `Too few events for an interval narrower than ${WIDEST_INTERVAL}: ${events}. With fewer than ${FEWEST_EVENTS} accounts that left, or that stayed, there is none at all. Look back further, or take a longer horizon.`;
    return [{ code: 'too-few-events', text }];
  }
  const found: Finding[] = [];
  const width = high - low;
  if (width > WIDEST_INTERVAL) {
    const needed = Math.ceil(lostAccounts * (width / WIDEST_INTERVAL) ** 2);
    found.push({
      code: 'too-few-events',
      text: `Too few events for an interval narrower than ${WIDEST_INTERVAL}: ${events}, and the interval of the AUC is ${width.toFixed(2)} wide. About ${needed} accounts that left would be enough.`,
    });
  }
  const interval = `AUC ${two(auc.value)}, 95 % interval ${two(low)}–${two(high)}`;
  if (low <= 0.5 && high >= 0.5)
    found.push({
      code: 'does-not-predict',
      text: `The score does not predict here: ${interval}, which is not different from chance (0.5).`,
    });
  else if (high < 0.5)
    found.push({
      code: 'points-the-wrong-way',
      text: `The score points the wrong way: ${interval}. Accounts that left had scored higher than those that stayed.`,
    });
  return found;
}

/** Only of a score that predicts can a signal carry everything. */
function aboutOneSignal({ auc, signals }: BacktestReport, { ages }: Basis): Finding[] {
  const { value, low } = auc;
  const used = signals.filter((s) => s.auc !== null);
  if (value === null || low === null || low <= 0.5 || used.length < 2) return [];
  const carries = used.filter((s) => s.without !== null && s.without.low !== null && s.without.low <= 0.5);
  const only = (s: SignalProof): string => (ages.has(keyOf(s)) ? 'The score is driven by account age only: ' : '');
  const found = carries.map((s): Finding => {
    const text = `${only(s)}${named(s)} carries nearly everything: without it the score falls to chance (AUC ${two(s.without?.value ?? 0.5)}).`;
    return { code: 'one-signal', signals: [keyOf(s)], text };
  });
  const alone = used.filter((s) => !carries.includes(s) && (s.auc ?? 0) >= value - AS_GOOD);
  const [one, another] = alone;
  if (one && !another) {
    const without = one.without?.value ?? null;
    const rest = without === null ? 'nothing else is there' : `without it the score has ${two(without)}`;
    const text = `${only(one)}${named(one)} alone ranks as well as the whole score: by itself it has AUC ${two(one.auc ?? 0)}, the whole ${two(value)}; ${rest}.`;
    found.push({ code: 'one-signal', signals: [keyOf(one)], text });
  } else if (one) {
    const each = listed(alone.map((s) => `${named(s)}, AUC ${two(s.auc ?? 0)}`));
    const text = `Each of ${alone.length} signals alone ranks as well as the whole score (AUC ${two(value)}): ${each}. What is added to them adds nothing.`;
    found.push({ code: 'one-signal', signals: alone.map(keyOf), text });
  }
  return found;
}

function aboutShape(signals: readonly SignalProof[]): Finding[] {
  const absent = signals.filter((s) => s.present === 0);
  const turning = signals.filter((s) => s.turns);
  const constant = signals.filter((s) => s.present > 1 && s.fifths.length === 1);
  const never: Finding[] =
    absent.length > 0
      ? [
          {
            code: 'never-there',
            signals: absent.map(keyOf),
            text: `Never there at those dates, so without a say: ${listed(absent.map((s) => s.label))}. Fields without history begin with the first pull.`,
          },
        ]
      : [];
  const shapes = turning.map((s): Finding => {
    const rates = s.fifths.map((f) => percent(f.rate)).join(', ');
    return {
      code: 'not-monotone',
      signals: [keyOf(s)],
      text: `${named(s)} is not monotone: churn by its fifths, lowest first, is ${rates}. No curve that only rises or falls fits it.`,
    };
  });
  const same: Finding[] =
    constant.length > 0
      ? [
          {
            code: 'always-the-same',
            signals: constant.map(keyOf),
            text: `The same wherever it is there, so it tells nobody apart: ${listed(constant.map(named))}.`,
          },
        ]
      : [];
  return [...never, ...same, ...shapes];
}

/** In the judging as in the resamples they count as evidence of their own. */
function aboutDuplicates(
  { duplicates: { accounts, pairs }, ...report }: Evidence,
  { idOf }: Pick<Basis, 'idOf'>,
): Finding[] {
  if (accounts < LEAST_DOUBLED * report.accounts || pairs.length === 0) return [];
  const some = listed(pairs.slice(0, EXAMPLES).map(([a, b]) => `${idOf(a)} = ${idOf(b)}`));
  const text = `Duplicates cross the split: ${accounts} of ${counted(report.accounts, 'account')} have the same figures, to the last digit, as another under another id (${some}). The same customer fits and judges, and intervals are narrower than they should be. Merge them, or leave one of each out.`;
  return [{ code: 'duplicates', text }];
}

function aboutRates({ byDate, tested }: BacktestReport): Finding[] {
  if (!tested.fit || !tested.judge) return [];
  const [before, after] = [sumOf(byDate, tested.fit), sumOf(byDate, tested.judge)];
  const chance = before && after ? sameRate(before, after) : null;
  if (!before || !after || chance === null || chance >= MOVED) return [];
  return [
    {
      code: 'base-rate-moved',
      text: `The base rate moved from ${percent(before.rate)} at the earlier dates to ${percent(after.rate)} at the later ones: probabilities fitted on the earlier are off, even where the ranking holds.`,
    },
  ];
}

/** Of several dates together; evidence is as many cases as the largest of them has, since the same accounts come again. */
function sumOf(byDate: readonly Churn[], dates: readonly number[]): { rate: number; cases: number } | null {
  const all = dates.flatMap((date) => byDate[date] ?? []);
  const cases = all.reduce((sum, c) => sum + c.cases, 0);
  if (cases === 0) return null;
  return { rate: all.reduce((sum, c) => sum + c.lost, 0) / cases, cases: Math.max(...all.map((c) => c.accounts)) };
}

const two = (value: number): string => value.toFixed(2);
