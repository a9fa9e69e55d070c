import { setImmediate as breathe } from 'node:timers/promises';
import type { Convert } from '../core/amount.ts';
import { arrOf } from '../core/arr.ts';
import type { StaleSource } from '../core/coverage.ts';
import { coverageOf, type LoggingUsers } from '../core/coverage.ts';
import { dayOf } from '../core/days.ts';
import type { FactKind } from '../core/fact.ts';
import { kindsOf, lookBackDays, type Model, modelHash } from '../core/model.ts';
import type { Playbook } from '../core/playbook.ts';
import { inPopulation } from '../core/population.ts';
import { recommend } from '../core/recommend.ts';
import { renewalOf } from '../core/renewal.ts';
import { type AccountScore, NOT_SCORED } from '../core/result.ts';
import { keyContact, type People, resolveRoles } from '../core/roles.ts';
import { makeEnv } from '../core/rows.ts';
import { type AccountRules, satisfies } from '../core/rules.ts';
import { type ScoringInput, scoreWithTrend, thirtyDaysBefore } from '../core/score.ts';
import { type AccountView, RowsNeeded, viewAt } from '../core/view.ts';
import { daysBetween, startOfDay, todayIn } from '../kit/dates.ts';
import type { StoredScore, WorkspaceStore } from '../store/types.ts';
import { converter } from './currency.ts';
import { pauses } from './pause.ts';
import { loadPeople } from './people.ts';
import type { Progress } from './progress.ts';
import type { Source } from './pull.ts';
import { type ReadAccount, Reading } from './read-accounts.ts';
import { staleSources } from './stale.ts';

const DAY = 86_400_000;
/** An account counts as being on-boarded for so many days after it was created. */
const NEW_DAYS = 90;
const AT_RISK = 10;

export interface ScoreDeps {
  store: WorkspaceStore;
  sources: Source[];
  primary: Source;
  rules: AccountRules;
  model: Model;
  playbook: Playbook;
  progress: Progress;
  signal: AbortSignal;
  now: () => number;
  config: { timezone: string; currency: string; rates: Record<string, number> };
}

/** One line of the list of largest ARR at risk. */
export interface AtRisk {
  account: string;
  name: string;
  score: number | null;
  band: string;
  trend: string;
  arr: { minor: number; currency: string } | null;
  renewalOn: string | null;
  reasons: string[];
  action: string | null;
}

export interface ScoreSummary {
  asOf: string;
  model: string;
  /** Accounts in the population. */
  accounts: number;
  outside: number;
  scored: number;
  notScored: number;
  /** Accounts by band, best first; `not scored` apart. */
  bands: Record<string, number>;
  /** ARR by band in the reporting currency's minor units; amounts without a rate are left out and counted. */
  arrByBand: Record<string, number>;
  arrUnconverted: number;
  currency: string;
  atRisk: AtRisk[];
  stale: string[];
  /** Accounts with a role that nobody fills. */
  unresolvedRoles: number;
}

/** Everything about a date that all accounts share. */
interface Setting {
  asOf: number;
  today: string;
  dayStart: number;
  people: People;
  logging: LoggingUsers;
  loggingThen: LoggingUsers;
  carriers: Partial<Record<FactKind, string[]>>;
  stale: StaleSource[];
  toReporting: Convert;
  hash: string;
}

/**
 * Scores every account of the population as of an instant, from facts no later than it, and appends the scores. Memory stays flat:
 * a chunk of accounts at a time. @returns which accounts were scored now, and which exist but are no customers.
 */
export async function scoreAll(
  deps: ScoreDeps,
  asOf: number,
  onScores?: (scores: AccountScore[]) => void | Promise<void>,
): Promise<{ summary: ScoreSummary; scored: Set<string>; outside: Set<string> }> {
  const setting = await settingAt(deps, asOf);
  const tally = new Tally(deps, setting);
  const bar = deps.progress.start('score accounts');
  const reading = new Reading(deps.store, {
    primary: deps.primary.name,
    asOf,
    today: setting.today,
    dayStart: setting.dayStart,
    lookBackMs: lookBackDays(deps.model) * DAY,
    kinds: kindsOf(deps.model),
    people: deps.model.people,
    stale: staleKinds(setting),
  });
  for await (const chunk of reading.chunks()) {
    deps.signal.throwIfAborted();
    const rows = await scoreChunk(deps, setting, reading, chunk, tally);
    await breathe();
    await deps.store.appendScores(rows);
    await onScores?.(rows.map((row) => row.score));
    bar.update(tally.scored.size);
    await breathe();
  }
  bar.done(`${tally.scored.size} accounts`);
  return { summary: tally.summary(), scored: tally.scored, outside: tally.outside };
}

/** In the order of the accounts, whichever way each was read. */
async function scoreChunk(
  deps: ScoreDeps,
  setting: Setting,
  reading: Reading,
  chunk: ReadAccount[],
  tally: Tally,
): Promise<StoredScore[]> {
  const rows = new Map<string, StoredScore | null>();
  const needed: string[] = [];
  const pause = pauses();
  const score = async (account: ReadAccount): Promise<void> => {
    await pause();
    const view = viewAt(account.facts, deps.primary.name, setting.asOf);
    const member = inPopulation(view, deps.rules).member;
    rows.set(account.facts.account, member ? scoreOne(deps, setting, account, view, tally) : null);
    if (!member) tally.outside.add(account.facts.account);
  };
  for (const account of chunk) {
    rows.set(account.facts.account, null);
    try {
      await score(account);
    } catch (error) {
      if (!(error instanceof RowsNeeded)) throw error;
      needed.push(account.facts.account);
    }
  }
  if (needed.length > 0) for (const account of (await reading.inFull(needed)).values()) await score(account);
  return [...rows.values()].filter((row) => row !== null);
}

/** Kinds that a stale source carries. */
const staleKinds = ({ stale, carriers }: Setting): Set<FactKind> =>
  new Set(
    (Object.keys(carriers) as FactKind[]).filter((kind) =>
      stale.some((s) => (s.kind === undefined || s.kind === kind) && carriers[kind]?.includes(s.source)),
    ),
  );

async function settingAt(deps: ScoreDeps, asOf: number): Promise<Setting> {
  const { timezone, currency, rates } = deps.config;
  const today = todayIn(timezone, asOf);
  const carriers: Partial<Record<FactKind, string[]>> = {};
  const counted = await deps.store.countFacts();
  for (const { source, kind } of counted) {
    const sources = carriers[kind] ?? [];
    sources.push(source);
    carriers[kind] = sources;
  }
  const dayStart = startOfDay(today, timezone);
  // By whole days, so that an hour later nobody has begun or ceased to log.
  const logging = (at: number) => deps.store.loggingUsers(deps.primary.name, at - 365 * DAY, at);
  return {
    asOf,
    today,
    dayStart,
    people: await loadPeople(deps.store, deps.primary.name, asOf),
    logging: await logging(dayStart),
    loggingThen: await logging(dayStart - 30 * DAY),
    carriers,
    // A past date is scored from what was true then; how old the pulls were is not known any more.
    stale: asOf < deps.now() - DAY ? [] : await staleSources(deps.store, deps.sources, asOf, counted),
    toReporting: converter(currency, rates),
    hash: modelHash(deps.model),
  };
}

function scoreOne(
  deps: ScoreDeps,
  setting: Setting,
  { facts, ...figures }: ReadAccount,
  view: AccountView,
  tally: Tally,
): StoredScore {
  const { rules, model } = deps;
  const { today, toReporting, carriers } = setting;
  const segment = rules.segment.find((s) => satisfies(s.when, view.field))?.key ?? null;
  const renewal = renewalOf(view, rules, today, toReporting);
  const dayOfScore = { people: model.people, renewal, toReporting: undefined };
  const env = makeEnv({
    ...dayOfScore,
    view,
    today: dayOf(today),
    dayStart: setting.dayStart,
    aggregated: figures.now,
  });
  const now: ScoringInput = {
    view,
    today,
    dayStart: setting.dayStart,
    segment,
    renewal,
    staleSources: setting.stale,
    coverage: coverageOf({ view, env, logging: setting.logging, carriers }),
    aggregated: figures.now,
    toReporting: (money) => toReporting(money)?.minor ?? null,
  };
  const past = thirtyDaysBefore(now);
  const then: ScoringInput = {
    ...now,
    ...past,
    renewal: renewalOf(past.view, rules, past.today, toReporting),
    staleSources: [],
    coverage: coverageOf({
      view: past.view,
      env: makeEnv({
        ...dayOfScore,
        view: past.view,
        today: dayOf(past.today),
        dayStart: past.dayStart,
        aggregated: figures.before,
      }),
      logging: setting.loggingThen,
      carriers,
    }),
    aggregated: figures.before,
  };
  const part = scoreWithTrend(model, now, then);
  const roles = resolveRoles(view, rules, setting.people);
  if (roles.unresolved.length) tally.unresolvedRoles += 1;
  const arr = arrOf(view, today, toReporting);
  const score: AccountScore = {
    account: facts.account,
    name: view.record?.name ?? facts.account,
    asOf: setting.asOf,
    model: `${model.name} ${model.version}`,
    modelHash: setting.hash,
    segment,
    points: part.points,
    score: part.score,
    band: part.band,
    trend: part.trend,
    change30: part.change30,
    confidence: part.confidence,
    dimensions: part.dimensions,
    contributions: part.contributions,
    caps: part.caps,
    flags: part.flags,
    reasons: part.reasons,
    action: null,
    coverage: part.coverage,
    renewal,
    arr,
    csmId: roles.csmId,
    managerId: roles.managerId,
    ownerId: roles.ownerId,
  };
  const createdOn = view.record?.createdOn ?? null;
  score.action = recommend(score, deps.playbook, {
    today,
    lifecycle: createdOn === null ? null : daysBetween(createdOn, today) < NEW_DAYS ? 'new' : 'mature',
    csm: setting.people.get(roles.csmId ?? '')?.name ?? null,
    manager: setting.people.get(roles.managerId ?? '')?.name ?? null,
    contact: keyContact(view),
  });
  tally.add(score);
  return { asOf: setting.asOf, inputsHash: part.inputsHash, score };
}

/** Counts while accounts pass by; keeps only the few that the portfolio shows. */
class Tally {
  readonly scored = new Set<string>();
  readonly outside = new Set<string>();
  unresolvedRoles = 0;
  readonly #deps: ScoreDeps;
  readonly #setting: Setting;
  readonly #bands = new Map<string, number>();
  readonly #arr = new Map<string, number>();
  #unconverted = 0;
  #atRisk: { rank: number; line: AtRisk }[] = [];

  constructor(deps: ScoreDeps, setting: Setting) {
    this.#deps = deps;
    this.#setting = setting;
    for (const band of deps.model.bands) this.#bands.set(band.key, 0);
  }

  add(score: AccountScore): void {
    this.scored.add(score.account);
    this.#bands.set(score.band, (this.#bands.get(score.band) ?? 0) + 1);
    const converted = score.arr ? this.#setting.toReporting(score.arr) : null;
    if (converted) this.#arr.set(score.band, (this.#arr.get(score.band) ?? 0) + converted.minor);
    else if (score.arr) this.#unconverted += 1;
    const best = this.#deps.model.bands[0]?.key;
    if (score.band === best || score.band === NOT_SCORED || !score.arr) return;
    const worst = score.band === this.#deps.model.bands.at(-1)?.key;
    const { account, name, band, trend, arr, reasons, action } = score;
    // Red before yellow at the same ARR: what is at risk is ARR times how bad it looks.
    this.#atRisk.push({
      rank: (converted?.minor ?? 0) * (worst ? 2 : 1),
      line: {
        account,
        name,
        score: score.score,
        band,
        trend,
        arr,
        renewalOn: score.renewal?.on ?? null,
        reasons,
        action: action?.text ?? null,
      },
    });
    if (this.#atRisk.length >= 10 * AT_RISK) this.#trim();
  }

  #trim(): void {
    this.#atRisk.sort((a, b) => b.rank - a.rank || (a.line.account < b.line.account ? -1 : 1));
    this.#atRisk.length = Math.min(this.#atRisk.length, AT_RISK);
  }

  summary(): ScoreSummary {
    this.#trim();
    const notScored = this.#bands.get(NOT_SCORED) ?? 0;
    return {
      asOf: new Date(this.#setting.asOf).toISOString(),
      model: `${this.#deps.model.name} ${this.#deps.model.version}`,
      accounts: this.scored.size,
      outside: this.outside.size,
      scored: this.scored.size - notScored,
      notScored,
      bands: Object.fromEntries([...this.#bands].filter(([band]) => band !== NOT_SCORED)),
      arrByBand: Object.fromEntries(this.#arr),
      arrUnconverted: this.#unconverted,
      currency: this.#deps.config.currency,
      atRisk: this.#atRisk.map((r) => r.line),
      stale: this.#setting.stale.map(
        (s) =>
          `${s.source}${s.kind ? ` ${s.kind}` : ''} is stale since ${new Date(s.since).toISOString().slice(0, 10)}`,
      ),
      unresolvedRoles: this.unresolvedRoles,
    };
  }
}
