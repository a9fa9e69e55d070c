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
import type { FactCount, WorkspaceStore } from '../store/types.ts';
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
export const settingFrom = (plain: PlainSetting, currency: string): Setting => ({
  ...plain,
  toReporting: converter(currency, plain.rates, plain.today, plain.withoutRate),
  toReportingThen: converter(currency, plain.rates, addDays(plain.today, -TREND_DAYS)),
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
  const counted = await deps.store.countFacts();
  const dayStart = startOfDay(today, timezone);
  // By whole days, so that an hour later nobody has begun or ceased to log.
  const logging = (at: number) => deps.store.loggingUsers(deps.primary.name, at - 365 * DAY, at);
  const own = counted.filter(({ source }) => source === deps.primary.name);
  const plain: PlainSetting = {
    asOf,
    today,
    dayStart,
    known: Math.max(0, ...own.map(({ accounts }) => accounts)),
    people: await loadPeople(deps.store, deps.primary.name, asOf),
    logging: await logging(dayStart),
    loggingThen: await logging(dayStart - 30 * DAY),
    carriers: carriersAt(counted, asOf),
    carriersThen: carriersAt(counted, dayStart - TREND_DAYS * DAY),
    // A past date is scored from what was true then; how old the pulls were is not known any more.
    stale: asOf < deps.now() - DAY ? [] : await staleSources(deps.store, deps.sources, asOf, counted),
    rates: await rateTables(deps),
    withoutRate: new Set(),
    hash: modelHash(deps.model),
    peers: null,
  };
  return settingFrom(plain, currency);
}

/** A source carries a kind from its first fact on: one that was connected later covers nobody before. */
function carriersAt(counted: readonly FactCount[], at: number): Carriers {
  const carriers: Carriers = {};
  for (const { source, kind, oldest } of counted) {
    if (oldest > at) continue;
    const sources = carriers[kind] ?? [];
    sources.push(source);
    carriers[kind] = sources;
  }
  return carriers;
}
