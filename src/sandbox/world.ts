import { makeActivities } from './world/activities.ts';
import { makeContacts } from './world/contacts.ts';
import { makeContract } from './world/contract.ts';
import { dirtOf } from './world/dirt.ts';
import type { PeopledDraft } from './world/draft.ts';
import { healthCurve } from './world/health.ts';
import { type Frame, identify, othersOf } from './world/identity.ts';
import { makeInvoices } from './world/invoices.ts';
import { makeOpportunities } from './world/opportunities.ts';
import { makeCast } from './world/people.ts';
import { makeSubscriptions } from './world/subscriptions.ts';
import { makeSurveys } from './world/surveys.ts';
import { makeTickets } from './world/tickets.ts';
import { DAY, dayOf, type Span, toSecond } from './world/time.ts';
import { makeUsage } from './world/usage.ts';
import type { World, WorldAccount, WorldOptions } from './world.types.ts';

/** Accounts kept for the next caller who asks for one: a page of a server, nothing against 100,000. */
const KEPT = 200;

/**
 * The seeded business world. `account(i)` depends on the seed, `i` and the options alone; nothing that happens to one account, and
 * no moving of the clock, changes another or the past. Look at it through `asof.ts`: it is written to its end beforehand.
 * @throws RangeError for an index outside the world, or a clock that is moved back.
 */
export function makeWorld(options: WorldOptions): World {
  const full = {
    historyDays: 400,
    futureDays: 60,
    dirt: true,
    churn: 'by health' as const,
    ...options,
    now: toSecond(options.now),
  };
  const span: Span = {
    from: dayOf(full.now - full.historyDays * DAY),
    now: full.now,
    to: dayOf(full.now + (full.futureDays + 1) * DAY),
  };
  const cast = makeCast(full);
  const frame: Frame = { options: full, span, cast, rules: dirtOf(full.seed) };
  const size = full.customers + othersOf(full.customers);
  const kept = new Map<number, WorldAccount>();
  let now = full.now;

  const make = (index: number): WorldAccount => makeAccount(frame, index);
  const account = (index: number): WorldAccount => {
    if (!Number.isInteger(index) || index < 0 || index >= size) throw new RangeError(`no account ${index} of ${size}`);
    const known = kept.get(index);
    if (known) return known;
    const made = make(index);
    const oldest = kept.size >= KEPT ? kept.keys().next().value : undefined;
    if (oldest !== undefined) kept.delete(oldest);
    kept.set(index, made);
    return made;
  };
  return {
    options: full,
    now: () => now,
    advance: (ms) => {
      if (!(ms >= 0)) throw new RangeError(`time goes forward only, not by ${ms} ms`);
      now += ms;
    },
    users: cast.users,
    size,
    account,
    *accounts() {
      for (let index = 0; index < size; index++) yield kept.get(index) ?? make(index);
    },
  };
}

/** The identity and the contract at once; the long lists when somebody first asks for them. */
function makeAccount(frame: Frame, index: number): WorldAccount {
  const id = identify(frame, index);
  const { seed, churn } = frame.options;
  const health = healthCurve(seed, index, frame.span, churn === 'random' ? null : id.leavesOn);
  const base = { ...frame, id, health };
  const draft = { ...base, contract: makeContract(base) };
  const contacts = once(() => makeContacts(draft));
  const opportunities = once(() => makeOpportunities(draft, contacts()));
  const peopled = (): PeopledDraft => ({ ...draft, contacts: contacts(), opportunities: opportunities() });
  const invoices = once(() => makeInvoices(draft));
  const { contract } = draft;
  const { kind: _kind, since: _since, leavesOn: _leavesOn, seats: _seats, ...fixed } = id;
  const lists = {
    contacts,
    opportunities,
    activities: once(() => makeActivities(peopled())),
    usage: once(() => makeUsage(draft)),
    tickets: once(() => makeTickets(peopled())),
    invoices,
    billing: once(() => makeSubscriptions(draft, invoices())),
    surveys: once(() => makeSurveys(peopled())),
  };
  return {
    ...fixed,
    website: `https://www.${id.domain}`,
    employees: Math.round(id.seats * (2 + (index % 7))),
    status: contract.status,
    seats: id.dirt.includes('zero seats') ? contract.seats.map(({ at }) => ({ at, value: 0 })) : contract.seats,
    arr: contract.arr,
    renewalOn: id.dirt.includes('renewal date missing') ? [{ at: id.createdAt, value: null }] : contract.renewalOn,
    health,
    churnedAt: contract.churnedAt,
    get contacts() {
      return lists.contacts();
    },
    get opportunities() {
      return lists.opportunities();
    },
    get activities() {
      return lists.activities();
    },
    get usage() {
      return lists.usage();
    },
    get tickets() {
      return lists.tickets();
    },
    get invoices() {
      return lists.invoices();
    },
    get payers() {
      return lists.billing().payers;
    },
    get subscriptions() {
      return lists.billing().subscriptions;
    },
    get surveys() {
      return lists.surveys();
    },
  };
}

function once<T>(make: () => T): () => T {
  let made: { value: T } | null = null;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}
