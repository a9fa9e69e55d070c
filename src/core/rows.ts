import { DAY_MS } from './days.ts';
import { dayAt, dayOn, judgementField, planField, successField } from './derive.ts';
import type { FactKind, FactOf, Money } from './fact.ts';
import type { Aggregated, Row } from './figure.ts';
import type { People } from './model.ts';
import type { Renewal } from './result.ts';
import { satisfies } from './rules.ts';
import type { AccountView } from './view.ts';
import { KINDS } from './vocabulary.ts';

export type { Row } from './figure.ts';

/** Units of one reporting currency; null = no rate is known. */
export type ToReporting = (money: Money) => number | null;

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
  /** Filled on first use. */
  cast: Cast | null;
  /** Currency of the first amount read, where none is converted. */
  currency: string | null;
  /** Views of earlier days, by day number. */
  earlier: Map<number, AccountView>;
  /** Events and series of the look-back, by kind. */
  events: Map<FactKind, Row[]>;
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
}
export const makeEnv = (input: EnvInput): Env => ({
  ...input,
  csmId: input.csmId ?? null,
  beginning: input.beginning ?? null,
  aggregated: input.aggregated ?? null,
  cast: null,
  currency: null,
  earlier: new Map(),
  events: new Map(),
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

/** Who is who among an account's contacts, by source and contact id. */
interface Cast {
  executives: Set<string>;
  champions: Set<string>;
  renewals: Set<string>;
}

const idOf = (source: string, id: string): string => `${source}\n${id}`;

/** The day that places a row in a window; null where it has none. */
export function placed(env: Env, row: Row, field: string | undefined): number | null {
  const name = field ?? KINDS[row.kind].dates[0];
  if (name === undefined) return null;
  // A series row is a UTC day by its contract, whatever the company's zone.
  if (name === 'at') return row.kind === 'usage' ? Math.floor(row.at / DAY_MS) : dayAt(env, row.at);
  return asDay(env, fieldOf(env, row, name));
}

function asDay(env: Env, value: unknown): number | null {
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
      return hasLeft(env, row);
    case 'leftDays':
      return hasLeft(env, row) ? env.today - dayAt(env, leftSince(env, row)) : null;
    case 'usedDays': {
      const used = dayOn(row.data.lastUsedOn);
      return used === null ? null : env.today - used;
    }
    default:
      return undefined;
  }
}

function hasLeft(env: Env, row: FactOf<'contact'>): boolean {
  if (row.data.bounced === true) return true;
  const { left } = env.people;
  if (!left) return false;
  const data = row.data as Record<string, unknown>;
  return satisfies(left, (field) => data[field] ?? row.data.attributes?.[field]);
}

/** When the first of the unbroken line of versions that say "left" began. */
function leftSince(env: Env, row: FactOf<'contact'> & { source: string }): number {
  let since = row.at;
  let before = env.view.stateAt('contact', row.source, row.id, since - 1);
  while (before && hasLeft(env, before)) {
    since = before.at;
    before = env.view.stateAt('contact', row.source, row.id, since - 1);
  }
  return since;
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

export type Person = { source: string; id: string };

/** Who is who in a view, by source and id. */
export function castOfView(view: AccountView, people: People): Record<keyof Cast, Person[]> {
  const cast = makeCast({ view, people });
  const told = (ids: Set<string>): Person[] =>
    [...ids].map((key) => {
      const [source = '', ...id] = key.split('\n');
      return { source, id: id.join('\n') };
    });
  return { executives: told(cast.executives), champions: told(cast.champions), renewals: told(cast.renewals) };
}

function makeCast(env: Pick<Env, 'view' | 'people'>): Cast {
  const cast: Cast = { executives: new Set(), champions: new Set(), renewals: new Set() };
  const { executive, champion } = env.people;
  for (const contact of env.view.states('contact')) {
    const id = idOf(contact.source, contact.id);
    const title = contact.data.title ?? '';
    const roles = Object.entries(contact.data.attributes ?? {}).filter(([key]) => /role|persona/i.test(key));
    const mark = (marks: People['executive'], into: Set<string>): void => {
      if (names(title, marks.titles) || roles.some(([, role]) => names(String(role ?? ''), marks.roles))) into.add(id);
    };
    mark(executive, cast.executives);
    mark(champion, cast.champions);
  }
  for (const role of env.view.states('opportunityRole')) {
    if (!role.data.contactId || !role.data.role) continue;
    const id = idOf(role.source, role.data.contactId);
    if (names(role.data.role, executive.roles)) cast.executives.add(id);
    if (names(role.data.role, champion.roles)) cast.champions.add(id);
  }
  for (const deal of env.view.states('opportunity'))
    if (deal.data.renewal) cast.renewals.add(idOf(deal.source, deal.id));
  return cast;
}

/** Whether a text holds one of the names as whole words: "cto" is in "CTO, EMEA", not in "Director". */
export function names(text: string, wanted: string[]): boolean {
  if (text === '' || wanted.length === 0) return false;
  const words = ` ${text.toLowerCase().replace(/[^\p{L}\p{N}]+/gu, ' ')} `;
  return wanted.some((name) => words.includes(` ${name.toLowerCase()} `));
}
