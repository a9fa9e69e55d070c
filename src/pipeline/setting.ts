import type { Convert } from '../core/amount.ts';
import type { LoggingUsers, StaleSource } from '../core/coverage.ts';
import type { Rates } from '../core/currency.ts';
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
  config: { timezone: string; currency: string; rates: Rates };
}

type Carriers = Partial<Record<FactKind, string[]>>;

/** Everything about a date that all accounts share. */
export interface Setting {
  asOf: number;
  today: string;
  dayStart: number;
  people: People;
  logging: LoggingUsers;
  loggingThen: LoggingUsers;
  /** Sources that carry a kind, by that day and by the day 30 days before. */
  carriers: Carriers;
  carriersThen: Carriers;
  stale: StaleSource[];
  /** By the rates of the day, and of the day 30 days before. */
  toReporting: Convert;
  /** Currencies of amounts that could not be converted. */
  withoutRate: Set<string>;
  toReportingThen: Convert;
  hash: string;
  /** What scoring has to know of the whole population; null = nothing, or not looked at (see peers.ts). */
  peers: PeersSummary | null;
}

/** Kinds that a stale source carries. */
export const staleKinds = ({ stale, carriers }: Setting): Set<FactKind> =>
  new Set(
    (Object.keys(carriers) as FactKind[]).filter((kind) =>
      stale.some((s) => (s.kind === undefined || s.kind === kind) && carriers[kind]?.includes(s.source)),
    ),
  );

export async function settingAt(deps: ScoreDeps, asOf: number): Promise<Setting> {
  const { timezone, currency } = deps.config;
  const today = todayIn(timezone, asOf);
  const counted = await deps.store.countFacts();
  const dayStart = startOfDay(today, timezone);
  const tables = await rateTables(deps);
  const withoutRate = new Set<string>();
  // By whole days, so that an hour later nobody has begun or ceased to log.
  const logging = (at: number) => deps.store.loggingUsers(deps.primary.name, at - 365 * DAY, at);
  return {
    asOf,
    today,
    dayStart,
    people: await loadPeople(deps.store, deps.primary.name, asOf),
    logging: await logging(dayStart),
    loggingThen: await logging(dayStart - 30 * DAY),
    carriers: carriersAt(counted, asOf),
    carriersThen: carriersAt(counted, dayStart - TREND_DAYS * DAY),
    // A past date is scored from what was true then; how old the pulls were is not known any more.
    stale: asOf < deps.now() - DAY ? [] : await staleSources(deps.store, deps.sources, asOf, counted),
    toReporting: converter(currency, tables, today, withoutRate),
    withoutRate,
    toReportingThen: converter(currency, tables, addDays(today, -TREND_DAYS)),
    hash: modelHash(deps.model),
    peers: null,
  };
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
