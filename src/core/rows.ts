import { type Cast, hasLeft, idOf, makeCast } from './cast.ts';
import { lostWithin, type Standing, sinceOf, standingsOf } from './champions.ts';
import { DAY_MS } from './days.ts';
import { dayAt, dayOn, judgementField, planField, successField } from './derive.ts';
import type { FactKind, FactOf, Money } from './fact.ts';
import type { Aggregated, Row } from './figure.ts';
import type { People } from './model.ts';
import type { Renewal } from './result.ts';
import type { AccountView } from './view.ts';
import { KINDS } from './vocabulary.ts';

export type { Row } from './figure.ts';

/** Brings amounts into one reporting currency. */
export interface ToReporting {
  currency: string;
  /** Its minor units; null = no rate is known. */
  minor: (money: Money) => number | null;
}

/** What reading a row needs to know about its account and day. One for each (account, date). */
export interface Env {
  view: AccountView;
  /** Day number of "today": windows end before it. */
  today: number;
  /** Epoch ms at which today starts in the company's time zone. */
  dayStart: number;
  people: People;
  renewal: Renewal | null;
  /** User id of the account's manager; null = nobody is known. */
  csmId: string | null;
  /** When the account began, and how many days from then on it is in onboarding; null = not known. */
  beginning: { day: number; days: number } | null;
  toReporting: ToReporting | undefined;
  /** Figures that need no rows; null = everything is taken from rows. */
  aggregated: Aggregated | null;
  /** Sources that stand still, each with the instant up to which its facts are whole. */
  stale: readonly { source: string; since: number; kind?: FactKind }[];
  /** This and all that follows is filled on first use. */
  cast: Cast | null;
  standings: Standing[] | null;
  /** Of amounts: the reporting currency, or that of the first amount read where none is converted. */
  currency: string | null;
  /** Views of earlier days, by day number. */
  earlier: Map<number, AccountView> | null;
  /** Events and series of the look-back, by kind. */
  events: Map<FactKind, Row[]> | null;
}

export interface EnvInput {
  view: AccountView;
  today: number;
  dayStart: number;
  people: People;
  renewal: Renewal | null;
  csmId?: string | null | undefined;
  beginning?: Env['beginning'];
  toReporting: ToReporting | undefined;
  aggregated?: Aggregated | null;
  stale?: Env['stale'];
}
export const makeEnv = (input: EnvInput): Env => ({
  view: input.view,
  today: input.today,
  dayStart: input.dayStart,
  people: input.people,
  renewal: input.renewal,
  csmId: input.csmId ?? null,
  beginning: input.beginning ?? null,
  toReporting: input.toReporting,
  aggregated: input.aggregated ?? null,
  stale: input.stale ?? [],
  cast: null,
  standings: null,
  currency: input.toReporting?.currency ?? null,
  earlier: null,
  events: null,
});

/** The same account on a day some days ago, seen with what is known now: how a source that is stale since then is read. */
export const shifted = (env: Env, days: number): Env =>
  makeEnv({ ...env, today: env.today - days, dayStart: env.dayStart - days * DAY_MS, aggregated: null });

/** Which day of its onboarding it is; null = it is not in onboarding. */
export const onboardingDay = ({ beginning, today }: Pick<Env, 'beginning' | 'today'>): number | null =>
  beginning && today - beginning.day < beginning.days ? Math.max(0, today - beginning.day) : null;

/** A value that cannot be, with what was found. */
export class Impossible {
  readonly what: string;
  constructor(what: string) {
    this.what = what;
  }
}

/** The day that places a row in a window; null where it has none. */
export function placed(env: Env, row: Row, field: string | undefined): number | null {
  const name = field ?? KINDS[row.kind].dates[0];
  if (name === undefined) return null;
  // A series row is a UTC day by its contract, whatever the company's zone.
  if (name === 'at') return row.kind === 'usage' ? Math.floor(row.at / DAY_MS) : dayAt(env, row.at);
  return asDay(env, fieldOf(env, row, name));
}

/** A date or an instant as a day number. */
export function asDay(env: Env, value: unknown): number | null {
  if (typeof value === 'number') return dayAt(env, value);
  return dayOn(value);
}

/** A field of a row by its name in the model file: derived, its own, a raw one. undefined or null = unknown. */
export function fieldOf(env: Env, row: Row, name: string): unknown {
  const derived = deriveOf(env, row, name);
  if (derived !== undefined) return derived;
  const data = row.data as Record<string, unknown>;
  const own = data[name];
  if (own !== undefined && own !== null) return own;
  const nested = row.kind === 'usage' ? row.data.metrics : (data.attributes as Record<string, unknown> | undefined);
  return nested?.[name];
}

/** undefined = not a derived field of this kind. */
function deriveOf(env: Env, row: Row, name: string): unknown {
  switch (row.kind) {
    case 'ticket':
      return ticketField(env, row, name);
    case 'invoice':
      return invoiceField(env, row, name);
    case 'activity':
      return activityField(env, row, name);
    case 'contact':
      return contactField(env, row, name);
    case 'survey':
      return surveyField(row, name);
    case 'usage':
      return name === 'basicUses' ? basicUses(row.data.metrics) : undefined;
    case 'subscription':
      return name === 'annual' ? (row.data.arr ?? times(row.data.mrr, 12)) : planField(env, row, name);
    default:
      return successField(env, row, name);
  }
}

const basicUses = ({ basicUses, uses, advancedUses }: Record<string, number>): number | null =>
  basicUses ?? (uses !== undefined && advancedUses !== undefined ? Math.max(0, uses - advancedUses) : null);

const times = (money: Money | null | undefined, factor: number): Money | null =>
  money ? { minor: money.minor * factor, currency: money.currency } : null;

const SETTLED = /^\s*(solved|closed|resolved|done)\s*$/i;
/** Whether a ticket's status says that it is over, for sources that tell no date. */
export const isSettled = (row: Row): boolean => row.kind === 'ticket' && SETTLED.test(row.data.status ?? '');
const SEVERITY = { low: 1, normal: 2, high: 4, urgent: 8 } as const;

function ticketField(env: Env, row: FactOf<'ticket'> & { source: string }, name: string): unknown {
  const { openedAt, solvedAt, priority, escalated } = row.data;
  // Solved today or later counts as open until the day is over; so an hour more changes nothing. Some sources tell no date.
  const open = typeof solvedAt === 'number' ? solvedAt >= env.dayStart : !isSettled(row);
  switch (name) {
    case 'open':
      return open;
    case 'ageDays':
      return open && typeof openedAt === 'number' ? env.today - dayAt(env, openedAt) : null;
    case 'severity':
      return priority ? SEVERITY[priority] : null;
    case 'severe':
      if (escalated || priority === 'high' || priority === 'urgent') return true;
      return priority || escalated === false ? false : null;
    case 'week':
      return typeof openedAt === 'number' ? weekOf(env, dayAt(env, openedAt)) : null;
    default:
      return judgementField(env, row, name);
  }
}

/** 0 = the seven days before today, 1 = the seven before those, … */
const weekOf = (env: Env, day: number): number => Math.floor((env.today - 1 - day) / 7);

function invoiceField(env: Env, row: FactOf<'invoice'>, name: string): unknown {
  if (name !== 'onTime' && name !== 'overdueDays' && name !== 'daysLate') return undefined;
  const due = asDay(env, row.data.dueOn);
  if (due === null || row.data.kind === 'credit') return null;
  const paidDay = asDay(env, row.data.paidOn);
  const paid = paidDay !== null && paidDay <= env.today ? paidDay : null;
  if (name === 'overdueDays') return paid === null ? Math.max(0, env.today - due) : 0;
  if (name === 'onTime') return paid !== null ? paid <= due : env.today > due ? false : null;
  return paid !== null ? Math.max(0, paid - due) : env.today > due ? env.today - due : null;
}

function activityField(env: Env, row: FactOf<'activity'> & { source: string }, name: string): unknown {
  switch (name) {
    case 'contact':
      return row.data.contactIds ?? [];
    case 'named':
      return (row.data.contactIds?.length ?? 0) > 0;
    case 'withExecutive':
      return executiveTold(row) || meets(row, castOf(env).executives);
    case 'executiveTold':
      return executiveTold(row);
    case 'withChampion':
      return meets(row, castOf(env).champions);
    case 'onRenewal':
      return onRenewal(castOf(env).renewals, row);
    case 'byCsm':
      return env.csmId && row.data.userId ? row.data.userId === env.csmId : null;
    case 'week':
      return weekOf(env, dayAt(env, row.at));
    default:
      return undefined;
  }
}

/** Unknown while no renewal opportunity of the account is on record. */
const onRenewal = (renewals: Set<string>, { source, data }: FactOf<'activity'> & { source: string }): boolean | null =>
  renewals.size === 0 ? null : Boolean(data.opportunityId) && renewals.has(idOf(source, data.opportunityId ?? ''));
const executiveTold = (row: FactOf<'activity'>): boolean => row.data.seniorities?.includes('executive') ?? false;
const meets = (row: FactOf<'activity'> & { source: string }, people: Set<string>): boolean =>
  row.data.contactIds?.some((id) => people.has(idOf(row.source, id))) ?? false;

function contactField(env: Env, row: FactOf<'contact'> & { source: string }, name: string): unknown {
  switch (name) {
    case 'executive':
      return castOf(env).executives.has(idOf(row.source, row.id));
    case 'champion':
      return castOf(env).champions.has(idOf(row.source, row.id));
    case 'left':
      return hasLeft(row, env.people);
    case 'leftDays':
      return hasLeft(row, env.people)
        ? env.today -
            dayAt(
              env,
              sinceOf(env, row, (version) => hasLeft(version, env.people)),
            )
        : null;
    case 'lostDays': {
      const lost = standingOf(env, row)?.lost;
      return lost ? Math.max(0, env.today - lost.since) : null;
    }
    case 'lostBy':
      return standingOf(env, row)?.lost?.by ?? null;
    case 'usedDays': {
      const used = dayOn(row.data.lastUsedOn);
      return used === null ? null : env.today - used;
    }
    default:
      return undefined;
  }
}

function surveyField(row: FactOf<'survey'>, name: string): unknown {
  if (name !== 'nps' && name !== 'percent') return undefined;
  const { type, score, scaleMin, scaleMax } = row.data;
  if (typeof score !== 'number') return null;
  const [min, max] = [scaleMin ?? (type === 'nps' ? 0 : 1), scaleMax ?? (type === 'nps' ? 10 : 5)];
  if (score < min || score > max || max <= min) return new Impossible(`${type} answer ${score} on ${min}–${max}`);
  const share = (score - min) / (max - min);
  if (name === 'percent') return share * 100;
  if (type !== 'nps') return null;
  if (min < 0) return share * 200 - 100; // already a net score
  return share >= 0.9 ? 100 : share > 0.6 ? 0 : -100;
}

function castOf(env: Env): Cast {
  env.cast ??= makeCast(env);
  return env.cast;
}

/** Champions and sponsors, past and present, as of the env's day. */
export function standingsIn(env: Env): Standing[] {
  env.standings ??= standingsOf({
    ...env,
    wholeUntil: (source, kind) => {
      const since = env.stale.filter((s) => s.source === source && (s.kind === undefined || s.kind === kind));
      return Math.min(env.today, ...since.map((s) => dayAt(env, s.since)));
    },
  });
  return env.standings;
}

const standingOf = (env: Env, { source, id }: Row): Standing | undefined =>
  standingsIn(env).find((s) => s.lost && s.records.some((r) => r.source === source && r.id === id));

/** How long the account has been without a champion or sponsor; undefined = another field, null = one is there, or none ever was. */
export function accountField(env: Env, name: string): number | null | undefined {
  const part = name === 'championLostDays' ? 'champion' : name === 'sponsorLostDays' ? 'sponsor' : null;
  if (part === null) return undefined;
  const since = lostWithin(standingsIn(env), part, env.today, Number.POSITIVE_INFINITY)[0]?.lost?.since;
  return since === undefined ? null : Math.max(0, env.today - since);
}
