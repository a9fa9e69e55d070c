import { InputError } from '../contract/index.ts';
import { agesIn } from '../core/backtest/age.ts';
import { defaultDays, MOST_DATES } from '../core/backtest/dates.ts';
import { FalseGreens } from '../core/backtest/false-greens.ts';
import { findingsOf, type OddInput } from '../core/backtest/findings.ts';
import { judged, Observations } from '../core/backtest/observations.ts';
import { DELETED, type Moment, OUTCOME_KINDS, type OutcomeCode, type OutcomeKind } from '../core/backtest/outcome.ts';
import { accountsOf, daysOf, logStory, type OutcomeLog } from '../core/backtest/outcome-log.ts';
import { reportSteps } from '../core/backtest/report.ts';
import type { BacktestResult } from '../core/backtest/result.ts';
import { hadTask } from '../core/backtest/tasks.ts';
import { DAY_MS, dateOf, dayOf } from '../core/days.ts';
import { FACTS, type FactKind } from '../core/fact.ts';
import { counted } from '../core/format.ts';
import { allBands } from '../core/model.ts';
import type { AccountScore } from '../core/result.ts';
import { endOfDay, todayIn } from '../kit/dates.ts';
import { nearest } from '../kit/nearest.ts';
import { outcomeFile, readOutcomeFile } from '../kit/outcome-file.ts';
import { type OutcomesQuery, type OutcomesRead, readOutcomes, type Told } from './backtest-outcomes.ts';
import { pauses } from './pause.ts';
import type { ProgressBar } from './progress.ts';
import { type ScoreDeps, scoreAll } from './score.ts';

/** Which past is looked at. */
export interface PastOptions {
  /** Past dates, in order; null = month ends of the span that has outcomes. */
  dates: string[] | null;
  horizon: number;
  /** A kind of outcome, a column of the account record, or a file (FILE.csv[:ACCOUNT,DATE[,LABEL]]); null = what the data carry. */
  outcome: string | null;
}

export interface BacktestOptions extends PastOptions {
  /** Parts of a cross-validation; null = later dates judge, where there are any. */
  parts: number | null;
  resamples: number;
  seed: number;
}

/** The way to tell that was taken, with the numbers that its accounts have. */
type Taken = Told & Pick<OutcomesRead, 'numbers'>;

/** One account at one date. */
export interface Observed {
  score: AccountScore;
  date: string;
  outcome: OutcomeCode;
  points: number | null;
  band: string;
}

export type { BacktestResult };

/** Every account at every date, with what became of it. */
export interface ObservedPast extends Pick<BacktestResult, 'dates' | 'outcome' | 'notOver'> {
  obs: Observations;
  /** Day numbers of the dates. */
  days: number[];
  /** Accounts that there are now, and that were known at the last of the dates. */
  accounts: number;
  knownThen: number;
  /** The id of an account by its number. */
  idOf: (account: number) => string;
  odd: OddInput;
}

/**
 * Scores every account as of past dates, from nothing known later, and compares with what became of it. Nothing is stored. Memory
 * stays flat but for packed numbers. @param onObserved gets every account at every date
 */
export async function backtest(
  deps: ScoreDeps,
  options: BacktestOptions,
  onObserved?: (observed: Observed) => void | Promise<void>,
): Promise<BacktestResult> {
  const greens = new FalseGreens(deps.model);
  const past = await observe(deps, options, async (observed) => {
    greens.add(observed.score, observed.date, observed.outcome);
    await onObserved?.(observed);
  });
  return await backtestOf(deps, past, greens, options);
}

/** The figures of what was gathered. @throws the signal's reason between two steps */
export async function backtestOf(
  deps: Pick<ScoreDeps, 'progress' | 'signal' | 'model'>,
  past: ObservedPast,
  greens: FalseGreens,
  options: BacktestOptions,
): Promise<BacktestResult> {
  const { obs, days, dates, outcome, notOver, accounts, knownThen, idOf, odd } = past;
  const bar = deps.progress.start('resample accounts');
  const report = await stoppable(deps.signal, reportSteps(obs, { ...options, days }), bar);
  bar.done(`${report.observations} observations`);
  return {
    dates,
    outcome,
    notOver,
    report,
    falseGreens: greens.told(),
    findings: findingsOf(report, {
      judged: dates.length,
      notOver: notOver.length,
      accounts,
      knownThen,
      ages: agesIn(deps.model),
      idOf,
      odd,
    }),
  };
}

/** Drives steps, and stops between two of them where the signal says so. */
export async function stoppable<T>(signal: AbortSignal, steps: Generator<void, T>, bar: ProgressBar): Promise<T> {
  const pause = pauses();
  for (let step = 1; ; step++) {
    const { done, value } = steps.next();
    if (done) return value;
    bar.update(step);
    await pause();
    signal.throwIfAborted();
  }
}

/** Gathers what a backtest or a calibration rests on. @param onObserved gets each observation in its order */
export async function observe(
  deps: ScoreDeps,
  options: PastOptions,
  onObserved: (observed: Observed) => void | Promise<void>,
): Promise<ObservedPast> {
  const { horizon, outcome } = options;
  const span = await spanOf(deps);
  const log = outcome !== null && outcomeFile(outcome) ? readOutcomeFile(outcome, deps.config.timezone) : null;
  const moments = momentsOf(deps, options, span, log);
  const { read, told } = await toldBy(deps, log ?? outcome, {
    moments,
    horizon,
    today: dayOf(todayIn(deps.config.timezone, deps.now())),
    ...span,
  });
  const dates = datesTaken(options, moments, told);
  const obs = new Observations(allBands(deps.model));
  const accounts = told?.numbers.size ?? 0;
  const tasks = await tasksByAccount(deps);
  let knownThen = 0;
  for (const [at, date] of dates.entries()) {
    const moment = moments[date];
    if (!moment || !told) continue;
    const day = dateOf(moment.day);
    const take = async (scores: AccountScore[]): Promise<void> => {
      for (const score of scores) {
        const account = told.numbers.of(score.account);
        const known = told.outcomes.of(account, date);
        // A file goes on telling of accounts whose records are gone.
        const code = known === DELETED && log ? logStory(log, score).at(moment) : known;
        const daysLeft = told.outcomes.daysLeft(account, date);
        const dueIn = told.outcomes.dueIn(account, date);
        const created = tasks.get(score.account);
        const tasked = created !== undefined && hadTask(created, moment, told.outcomes.leftOn(account));
        obs.add(score, { account, date: at, outcome: code, daysLeft, dueIn, tasked });
        await onObserved({ score, date: day, outcome: code, ...judged(score) });
      }
    };
    const { scored, outside } = await scoreAll({ ...deps, progress: titled(deps, day) }, moment.at, take, false);
    knownThen = scored.size + outside.size;
    for (const account of outside) obs.addOutside(told.outcomes.of(told.numbers.of(account), date));
  }
  const days = dates.map((date) => moments[date]?.day ?? 0);
  return {
    obs,
    days,
    dates: days.map(dateOf),
    outcome: told && {
      kind: told.kind,
      field: told.field,
      chosen: outcome === null,
      snapshot: told.snapshot,
      ...(told.kind === 'file' ? { unknown: told.unknown } : {}),
    },
    notOver: await datesNotOver(deps, options, moments, told ? [told] : read.flatMap((r) => r.told)),
    accounts,
    knownThen,
    idOf: (account) => told?.numbers.name(account) ?? `${account}`,
    odd: { later: span.later, leaveLater: told?.leaveLater ?? 0, unread: told?.unread ?? null },
  };
}

/** When tasks were created (epoch ms), by account. */
async function tasksByAccount({ store }: ScoreDeps): Promise<Map<string, number[]>> {
  const found = new Map<string, number[]>();
  for (const { account, createdAt } of (await store.knownTasks()).values())
    found.set(account, [...(found.get(account) ?? []), createdAt]);
  return found;
}

/** Of what nobody plans: a record of it that lies in the future has a wrong date. */
const NEVER_PLANNED: ReadonlySet<FactKind> = new Set([
  'usage',
  'ticket',
  'survey',
  'community',
  'marketing',
  'resource',
]);

interface Span {
  start: number;
  end: number;
  usageEnd: number;
  /** Records of what nobody plans, in the future. */
  later: number;
}

/** The first and the last day (numbers) of which the data tell: by what happened, or where nothing did, by what was said. */
async function spanOf(deps: ScoreDeps): Promise<Span> {
  const now = deps.now();
  const told = await deps.store.countFacts(now);
  const all = told.filter((c) => c.facts > 0);
  const happened = all.filter((c) => FACTS[c.kind].shape !== 'state');
  const counts = happened.length > 0 ? happened : all;
  const day = (at: number): number => dayOf(todayIn(deps.config.timezone, at));
  const last = (of: typeof counts): number => Math.max(0, ...of.map((c) => Math.floor(c.newest / DAY_MS)));
  const usage = all.filter((c) => c.kind === 'usage');
  const start = counts.length > 0 ? Math.min(...counts.map((c) => day(c.oldest))) : day(now);
  return {
    start,
    end: counts.length > 0 ? last(counts) : day(now),
    usageEnd: last(usage),
    later: told.filter((c) => NEVER_PLANNED.has(c.kind)).reduce((sum, c) => sum + c.later, 0),
  };
}

function momentsOf(
  deps: ScoreDeps,
  { dates, horizon, outcome }: PastOptions,
  { start, end }: { start: number; end: number },
  log: OutcomeLog | null,
): Moment[] {
  const column = outcome !== null && log === null && !(OUTCOME_KINDS as readonly string[]).includes(outcome);
  const labelled =
    log &&
    daysOf(log)
      ?.filter((day) => day <= end)
      .slice(-MOST_DATES);
  const found = dates?.map(dayOf) ?? labelled ?? defaultDays(start, end, horizon);
  // Labels without a past can be told as of the end alone.
  const days = dates === null && column && !found.includes(end) ? [...found, end] : found;
  const { timezone } = deps.config;
  return days.map((day) => ({ at: Math.min(deps.now(), endOfDay(dateOf(day), timezone)), day, until: day + horizon }));
}

/** Use has by far the most rows: it is read only where nothing else tells who left. */
const IN_TURN: readonly OutcomeKind[][] = [['renewal', 'churn-date'], ['inactivity']];

/** The outcome that was asked for; else the first that tells both of some who left and of some who stayed, or of anybody. */
async function toldBy(
  deps: ScoreDeps,
  outcome: string | OutcomeLog | null,
  query: Omit<OutcomesQuery, 'outcome'>,
): Promise<{ read: OutcomesRead[]; told: Taken | null }> {
  if (outcome !== null && typeof outcome !== 'string') {
    const read = await readOutcomes(deps, { ...query, outcome: { log: outcome } });
    refuseStrangers(outcome, read);
    const [told] = read.told;
    return { read: [read], told: told ? { ...told, numbers: read.numbers } : null };
  }
  if (outcome !== null) {
    const kind = OUTCOME_KINDS.find((k) => k === outcome);
    const read = await readOutcomes(deps, { ...query, outcome: kind ? [kind] : { column: outcome } });
    refuseUnknown(outcome, read);
    const [told] = read.told;
    return { read: [read], told: told ? { ...told, numbers: read.numbers } : null };
  }
  const read: OutcomesRead[] = [];
  let any: Taken | null = null;
  for (const kinds of IN_TURN) {
    const one = await readOutcomes(deps, { ...query, outcome: kinds });
    read.push(one);
    for (const told of one.told) {
      const { observed, lost } = told.outcomes.counted(told.known);
      const taken = { ...told, numbers: one.numbers };
      if (lost > 0 && lost < observed) return { read, told: taken };
      if (observed > 0) any ??= taken;
    }
  }
  return { read, told: any };
}

function datesTaken({ dates }: PastOptions, moments: readonly Moment[], told: Told | null): number[] {
  if (!told) return [];
  const known = [...moments.keys()].filter((date) => told.known.has(date));
  return told.snapshot && dates === null ? known.slice(-1) : known;
}

/** A file whose accounts are all others' says nothing, and would make everybody one who stayed. */
function refuseStrangers(log: OutcomeLog, { told, numbers }: OutcomesRead): void {
  const named = accountsOf(log);
  if (named.size === 0 || (told[0]?.unknown ?? 0) < named.size) return;
  const [theirs] = named.keys();
  const [ours] = numbers.names();
  throw new InputError(`--outcome ${log.file}: none of its ${counted(named.size, 'account')} is known here`, {
    hint: `It says "${theirs}"; accounts here are called like "${ours ?? ''}". Name another column: FILE.csv:ACCOUNT,DATE.`,
  });
}

function refuseUnknown(outcome: string | null, { seen, fields }: OutcomesRead): void {
  if (!seen || outcome === null || seen.dates + seen.labels > 0) return;
  if (seen.unread > 0)
    throw new InputError(
      `--outcome ${outcome}: "${seen.example}" is neither a date like 2026-11-25 nor one of true, false, yes, no, 1, 0`,
      {
        hint: 'Write it so in the export, or name a file of who left when: --outcome FILE.csv:ACCOUNT,DATE.',
      },
    );
  const close = nearest(outcome, [...OUTCOME_KINDS, ...fields]);
  throw new InputError(`--outcome ${outcome}: no account has anything in a column of that name`, {
    hint: `${close ? `The nearest is "${close}". ` : ''}Known are: ${[...OUTCOME_KINDS, ...[...fields].sort()].join(', ')}.`,
  });
}

async function datesNotOver(
  { store, primary }: ScoreDeps,
  { dates }: PastOptions,
  moments: readonly Moment[],
  told: readonly Told[],
): Promise<BacktestResult['notOver']> {
  const left = dates === null ? [] : moments.filter((_, date) => !told.some(({ known }) => known.has(date)));
  const found: BacktestResult['notOver'] = [];
  for (const { at, day } of left) {
    let accounts = 0;
    for await (const chunk of store.accounts(primary.name, at, 1000)) accounts += chunk.length;
    found.push({ date: dateOf(day), accounts });
  }
  return found;
}

const titled = ({ progress }: ScoreDeps, day: string): ScoreDeps['progress'] => ({
  start: (title) => progress.start(`${day}: ${title}`),
});
