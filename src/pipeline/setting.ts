import type { Convert } from '../core/amount.ts';
import type { LoggingUsers, StaleSource } from '../core/coverage.ts';
import type { Rates, RateTable } from '../core/currency.ts';
import type { FactKind } from '../core/fact.ts';
import { type Model, modelHash } from '../core/model.ts';
import type { PeersSummary } from '../core/peers.ts';
import type { Playbook } from '../core/playbook.ts';
import type { People } from '../core/roles.ts';
import type { AccountRules } from '../core/rules.ts';
import { TREND_DAYS } from '../core/trend.ts';
import { addDays, startOfDay, todayIn } from '../kit/dates.ts';
import type { WorkspaceStore } from '../store/types.ts';
import { converter, rateTables } from './currency.ts';
import { loadPeople } from './people.ts';
import type { Progress } from './progress.ts';
import type { Source } from './pull.ts';
import { staleSources } from './stale.ts';

const DAY = 86_400_000;

/** By what accounts are scored. Plain data, which another thread can be told. */
export interface ScoringRules {
  rules: AccountRules;
  model: Model;
  playbook: Playbook;
}

export interface SettingDeps extends ScoringRules {
  store: WorkspaceStore;
  sources: Source[];
  primary: Source;
  progress: Progress;
  signal: AbortSignal;
  now: () => number;
  config: { timezone: string; currency: string; rates: Rates };
}

const NOBODY: LoggingUsers = { activity: new Set(), email: new Set() };
type Carriers = Partial<Record<FactKind, string[]>>;

/** Everything about a date that all accounts share. */
export interface Setting {
  asOf: number;
  today: string;
  dayStart: number;
  /** Accounts of which the primary source has told, living or not. */
  known: number;
  people: People;
  logging: LoggingUsers;
  loggingThen: LoggingUsers;
  /** Sources that carry a kind, by that day and by the day 30 days before. */
  carriers: Carriers;
  carriersThen: Carriers;
  stale: StaleSource[];
  /** The reporting currency, and rates into it. */
  currency: string;
  rates: RateTable[];
  /** By the rates of the day, and of the day 30 days before. */
  toReporting: Convert;
  /** Currencies of amounts that could not be converted. */
  withoutRate: Set<string>;
  toReportingThen: Convert;
  hash: string;
  /** What scoring has to know of the whole population; null = nothing, or not looked at (see peers.ts). */
  peers: PeersSummary | null;
}

/** A setting without what follows from the rest of it: plain data. */
export type PlainSetting = Omit<Setting, 'toReporting' | 'toReportingThen'>;
export const plainSetting = ({ toReporting: _, toReportingThen: __, ...plain }: Setting): PlainSetting => plain;
export const settingFrom = (plain: PlainSetting): Setting => ({
  ...plain,
  toReporting: converter(plain.currency, plain.rates, plain.today, plain.withoutRate),
  toReportingThen: converter(plain.currency, plain.rates, addDays(plain.today, -TREND_DAYS)),
});

/** Kinds that a stale source carries. */
export const staleKinds = ({ stale, carriers }: Setting): Set<FactKind> =>
  new Set(
    (Object.keys(carriers) as FactKind[]).filter((kind) =>
      stale.some((s) => (s.kind === undefined || s.kind === kind) && carriers[kind]?.includes(s.source)),
    ),
  );

export async function settingAt(deps: SettingDeps, asOf: number): Promise<Setting> {
  const { timezone, currency } = deps.config;
  const today = todayIn(timezone, asOf);
  const dayStart = startOfDay(today, timezone);
  const then = dayStart - TREND_DAYS * DAY;
  const [logging = NOBODY, loggingThen = NOBODY] = await deps.store.loggingUsers(
    deps.primary.name,
    // By whole days, so that an hour later nobody has begun or ceased to log.
    [dayStart, then].map((at) => ({ after: at - 365 * DAY, upTo: at })),
  );
  const plain: PlainSetting = {
    asOf,
    today,
    dayStart,
    known: await deps.store.countAccountKeys(deps.primary.name),
    people: await loadPeople(deps.store, deps.primary.name, asOf),
    logging,
    loggingThen,
    carriers: await carriersAt(deps.store, asOf),
    carriersThen: await carriersAt(deps.store, then),
    // A past date is scored from what was true then; how old the pulls were is not known any more.
    stale: asOf < deps.now() - DAY ? [] : await staleSources(deps.store, deps.sources, asOf),
    currency,
    rates: await rateTables(deps),
    withoutRate: new Set(),
    hash: modelHash(deps.model),
    peers: null,
  };
  return settingFrom(plain);
}

/** A source carries a kind from its first fact on: one that was connected later covers nobody before. */
async function carriersAt(store: SettingDeps['store'], at: number): Promise<Carriers> {
  const carriers: Carriers = {};
  for (const { source, kind } of await store.kindsToldBy(at)) {
    const sources = carriers[kind] ?? [];
    sources.push(source);
    carriers[kind] = sources;
  }
  return carriers;
}
