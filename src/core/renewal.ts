import { type Convert, sumAmounts } from './amount.ts';
import { yearly } from './arr.ts';
import { daysBetween, isDate } from './calendar.ts';
import { CURRENCY, type FactData, type Money } from './fact.ts';
import type { Renewal } from './result.ts';
import type { AccountRules, RenewalSource } from './rules.ts';
import type { AccountView } from './view.ts';

/** A renewal that passed longer ago than this is history, not overdue. */
const FORGOTTEN_DAYS = 365;
/** A renewal opportunity is closed within this many days of the date that it renews. */
const SETTLED_DAYS = 90;
/** Dates of two systems for one contract agree within this. */
const SAME_DATE_DAYS = 7;

/** One contract that could renew: when, how much, and for how long it runs where that is known. */
interface Candidate {
  on: string;
  arr: Money | null;
  termDays: number | undefined;
}

/**
 * P6: the next renewal by the first configured source that has one.
 *
 * Within a source the earliest coming date wins, with the sum of what renews on that day; where nothing is to come, the latest
 * overdue date (`daysAway` < 0), at most a year back. Sources are tried for a coming date first and for an overdue one only then, so
 * that a field nobody updated does not hide next month's renewal. A past date whose renewal was won is not overdue.
 *
 * @param today company-zone date `YYYY-MM-DD`
 * @param convert only for amounts in several currencies; without it (or without a rate) their sum is unknown
 */
export function renewalOf(view: AccountView, rules: AccountRules, today: string, convert?: Convert): Renewal | null {
  const overdue: Renewal[] = [];
  for (const source of rules.renewal) {
    const contracts = candidates(view, source, today);
    const next = contracts.find((c) => c.on >= today) ?? contracts.at(-1);
    if (!next) continue;
    const renewal = renewalFrom(
      source,
      contracts.filter((c) => c.on === next.on),
      today,
      convert,
    );
    const termDays = renewal.termDays ?? termOf(view, next.on);
    const full = termDays === undefined ? renewal : { ...renewal, termDays };
    if (full.daysAway >= 0) return full;
    overdue.push(full);
  }
  return overdue[0] ?? null;
}

function renewalFrom(source: RenewalSource, due: Candidate[], today: string, convert: Convert | undefined): Renewal {
  const on = due[0]?.on ?? today;
  const terms = due.flatMap((c) => c.termDays ?? []);
  return {
    on,
    daysAway: daysBetween(today, on),
    arr: sumAmounts(
      due.map((c) => c.arr),
      convert,
    ),
    source,
    ...(terms.length > 0 ? { termDays: Math.max(...terms) } : {}),
  };
}

/** What a source offers, by date; forgotten and settled dates are left out. */
function candidates(view: AccountView, source: RenewalSource, today: string): Candidate[] {
  const found = readers[source](view);
  return found
    .filter((c) => daysBetween(today, c.on) >= -FORGOTTEN_DAYS)
    .filter((c) => c.on >= today || source === 'open renewal opportunity' || !settled(view, c.on))
    .sort((a, b) => daysBetween(b.on, a.on));
}

const readers: Record<RenewalSource, (view: AccountView) => Candidate[]> = {
  'account field': (view) => {
    const on = view.field('renewalOn');
    return isDate(on) ? [{ on, arr: moneyOf(view.field('arr')), termDays: undefined }] : [];
  },
  'open renewal opportunity': (view) =>
    view.states('opportunity').flatMap(({ data }) => {
      if (data.renewal !== true || data.closed === true || data.won === true || !isDate(data.closeOn)) return [];
      return [{ on: data.closeOn, arr: data.amount ?? null, termDays: undefined }];
    }),
  subscription: (view) =>
    view.states('subscription').flatMap(({ data }) => {
      if (data.trial === true || !isDate(data.endOn)) return [];
      return [{ on: data.endOn, arr: yearly(data), termDays: subscriptionTerm(data) }];
    }),
};

function moneyOf(value: unknown): Money | null {
  // As the schema says, which takes its time.
  if (typeof value !== 'object' || value === null) return null;
  const { minor, currency } = value as Partial<Record<keyof Money, unknown>>;
  if (!Number.isSafeInteger(minor) || typeof currency !== 'string' || !CURRENCY.test(currency)) return null;
  return { minor: minor as number, currency };
}

function subscriptionTerm({ startOn, endOn }: FactData<'subscription'>): number | undefined {
  if (!isDate(startOn) || !isDate(endOn) || startOn >= endOn) return undefined;
  return daysBetween(startOn, endOn);
}

/** Close dates of won renewals. */
const wonRenewals = (view: AccountView): string[] =>
  view
    .states('opportunity')
    .flatMap(({ data }) => (data.renewal === true && data.won === true && isDate(data.closeOn) ? [data.closeOn] : []));

const settled = (view: AccountView, on: string): boolean =>
  wonRenewals(view).some((closed) => Math.abs(daysBetween(closed, on)) <= SETTLED_DAYS);

/**
 * How long the contract runs that renews on a date: by a subscription that ends about then, else since the account's previous
 * renewal date, where a won renewal proves that the date was renewed and not merely moved. A wrong short term would silence a task,
 * so in doubt it is unknown.
 */
function termOf(view: AccountView, on: string): number | undefined {
  const terms = view.states('subscription').flatMap(({ data }) => {
    const near = isDate(data.endOn) && Math.abs(daysBetween(data.endOn, on)) <= SAME_DATE_DAYS;
    return near && data.trial !== true ? (subscriptionTerm(data) ?? []) : [];
  });
  if (terms.length > 0) return Math.max(...terms);
  const previous = previousDate(view, on);
  return previous !== null && settled(view, previous) ? daysBetween(previous, on) : undefined;
}

/** The renewal date that the account record showed before the present one. */
function previousDate(view: AccountView, on: string): string | null {
  const accounts = view.states('account');
  // Where a family is scored as one, the record carries its sums and is no longer the stored one.
  const record = accounts.find((f) => f.data === view.record) ?? accounts.find((f) => f.id === view.account);
  if (!record) return null;
  for (let at = record.at - 1; ; ) {
    const earlier = view.stateAt('account', record.source, record.id, at);
    if (!earlier) return null;
    const { renewalOn } = earlier.data;
    if (isDate(renewalOn) && renewalOn !== on) return renewalOn < on ? renewalOn : null;
    at = earlier.at - 1;
  }
}
