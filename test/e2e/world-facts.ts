import { csmKey } from '../../connectors/salesforce/sandbox/changes.ts';
import {
  accountId,
  activityId,
  contactId,
  indexOf,
  opportunityId,
  roleId,
  userIds,
} from '../../connectors/salesforce/sandbox/keys.ts';
import type { FactKind } from '../../src/core/fact.ts';
import { accountAt, accountChanges, activityAt, contactAt } from '../../src/sandbox/asof.ts';
import type { World, WorldAccount, WorldActivity } from '../../src/sandbox/world.types.ts';
import type { StoredRow } from './stored-facts.ts';

/**
 * What the store must hold of the CRM after pulls at given instants, worked out from the world alone: for each record what it looked
 * like at each pull, and since when. Names of fields and values are those of the shipped mapping.
 */

const second = (at: number): number => Math.floor(at / 1000) * 1000;
const dayOf = (at: number): string => new Date(at).toISOString().slice(0, 10);
const TYPES = {
  customer: 'Customer',
  prospect: 'Prospect',
  churned: 'Former Customer',
  partner: 'Partner',
  test: 'Customer',
};
const SEGMENTS = { enterprise: 'Enterprise', 'mid-market': 'Mid-Market', smb: 'SMB' };
const FIVE_YEARS = 5 * 365 * 86_400_000;

/** What a record says at a pull; null = it has never been there. */
type Look = Omit<StoredRow, 'id'> | null;

/** Unknown values are not stored. */
const known = (data: Record<string, unknown>): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(data)
      .filter(([, value]) => value !== null)
      .map(([name, value]) => [name, name === 'attributes' ? known(value as Record<string, unknown>) : value]),
  );
const look = (account: string | null, at: number, data: Record<string, unknown>): Look => ({
  account,
  at: second(at),
  deleted: false,
  data: known(data),
});
const gone = (account: string | null, at: number): Look => ({ account, at: second(at), deleted: true, data: {} });

/** Equal content is one version, since when it was first seen. */
function versions(id: string, looks: Look[]): StoredRow[] {
  const rows: StoredRow[] = [];
  for (const one of looks) {
    const last = rows.at(-1);
    const same = (row: StoredRow): boolean =>
      row.account === one?.account && row.deleted === one.deleted && sorted(row.data) === sorted(one.data);
    if (one && !(last && (same(last) || last.at > one.at))) rows.push({ id, ...one });
  }
  return rows;
}
export const sorted = (value: unknown): string =>
  JSON.stringify(value, (_, v: unknown) =>
    v !== null && typeof v === 'object' && !Array.isArray(v)
      ? Object.fromEntries(Object.entries(v).sort(([a], [b]) => (a < b ? -1 : 1)))
      : v,
  );

export function crmRows(world: World, pulls: number[]): Map<FactKind, StoredRow[]> {
  const ids = userIds(world);
  const integration = ids.get(world.users.find((u) => u.role === 'integration')?.key ?? '') ?? '';
  const person = (key: string | null): string => (key === null ? integration : (ids.get(key) ?? integration));
  const all = [...world.accounts()];
  const rows = new Map<FactKind, StoredRow[]>();
  const add = (kind: FactKind, list: StoredRow[]): void => void rows.set(kind, [...(rows.get(kind) ?? []), ...list]);

  for (const user of world.users)
    add('user', [
      {
        id: person(user.key),
        account: null,
        at: second(world.options.now - FIVE_YEARS),
        deleted: false,
        data: known({
          name: user.name,
          email: user.email,
          active: user.active,
          managerId: user.managerKey === null ? null : person(user.managerKey),
        }),
      },
    ]);
  for (const account of all) {
    const story = new Story(account, all, person);
    const over = (id: string, at: (pull: number) => Look): StoredRow[] => versions(id, pulls.map(at));
    const of = (position: number): string => opportunityId(account.index, position);
    add(
      'account',
      over(story.id, (t) => story.account(t)),
    );
    for (const [i] of account.contacts.entries())
      add(
        'contact',
        over(contactId(account.index, i), (t) => story.contact(i, t)),
      );
    for (const [i, opportunity] of account.opportunities.entries()) {
      add(
        'opportunity',
        versions(
          of(i),
          pulls.flatMap((t, n) => story.opportunity(i, pulls[n - 1] ?? null, t)),
        ),
      );
      for (const [n] of opportunity.roles.entries())
        add('opportunityRole', story.role(i, n, roleId(account.index, i, n), pulls));
    }
    for (const [i, activity] of account.activities.entries()) {
      const happened = story.activity(activity, pulls.at(-1) ?? 0);
      if (happened) add('activity', [{ id: activityId(account.index, i, activity.type), ...happened }]);
    }
  }
  return rows;
}

/** One account and its children, as the CRM shows them at an instant. */
class Story {
  readonly id: string;
  readonly #account: WorldAccount;
  readonly #person: (key: string | null) => string;
  readonly #mergers: number[];
  /** When the record went, and into which one it was merged. */
  readonly #end: { at: number; into: string | null } | null;

  constructor(account: WorldAccount, all: WorldAccount[], person: (key: string | null) => string) {
    this.id = accountId(account.index);
    this.#account = account;
    this.#person = person;
    this.#mergers = all.flatMap((a) => (a.merged?.intoKey === account.key ? [a.merged.at] : []));
    const { merged, deletedAt } = account;
    this.#end = merged
      ? { at: merged.at, into: accountId(indexOf(merged.intoKey)) }
      : deletedAt === null
        ? null
        : { at: deletedAt, into: null };
  }

  /** To whom a child belongs, and since when where that has changed; null = it went with its account. */
  #belongs(created: number, t: number): { account: string; since: number } | null {
    const end = this.#end;
    if (!end || end.at > t) return { account: this.id, since: created };
    return end.into === null ? null : { account: end.into, since: Math.max(created, end.at) };
  }
  /** Whether a child of a deleted account was ever there. */
  #was(created: number, t: number): boolean {
    return created <= t && !(this.#end?.into === null && created > this.#end.at);
  }

  account(t: number): Look {
    const a = this.#account;
    if (a.createdAt > t) return null;
    if (this.#end && this.#end.at <= t) return gone(this.id, this.#end.at);
    const now = accountAt(a, t);
    if (!now) throw new Error(`${a.key} exists, but cannot be seen`);
    const csm = csmKey(a);
    // An activity moves its account's stamp when it is logged and when it becomes the latest.
    const touched = a.activities
      .filter((x) => x.inCrm)
      .flatMap((x) => [x.createdAt, Math.max(x.createdAt, (x.type === 'meeting' ? x.at : x.completedAt) ?? 0)]);
    const stamps = [...accountChanges(a), ...touched, ...this.#mergers].filter((at) => at <= t);
    return look(this.id, Math.max(...stamps), {
      name: a.name,
      domains: [a.domain],
      keys: [a.externalKey],
      ownerId: this.#person(a.ownerKey),
      parentId: a.parentKey === null ? null : accountId(indexOf(a.parentKey)),
      arr: { minor: now.arr, currency: a.currency },
      renewalOn: now.renewalOn,
      seats: now.seats,
      createdOn: dayOf(a.createdAt),
      attributes: {
        Type: TYPES[now.status],
        Test_Account__c: now.status === 'test',
        Segment__c: SEGMENTS[a.segment],
        CSM__c: csm === null ? null : this.#person(csm),
      },
    });
  }

  contact(position: number, t: number): Look {
    const contact = this.#account.contacts[position];
    const now = contact && contactAt(contact, t);
    if (!now || !this.#was(now.createdAt, t)) return null;
    const place = this.#belongs(now.createdAt, t);
    if (!place) return gone(this.id, this.#end?.at ?? 0);
    const bounced = now.email !== null && now.leftAt !== null;
    return look(place.account, Math.max(place.since, bounced ? (now.leftAt ?? 0) : 0), {
      name: `${now.firstName} ${now.lastName}`,
      email: now.email,
      title: now.title,
      bounced,
    });
  }

  /** The states that a pull newly sees, and the record as it is then. */
  opportunity(position: number, before: number | null, t: number): Look[] {
    const { opportunities, currency, ownerKey } = this.#account;
    const opportunity = opportunities[position];
    if (!opportunity || !this.#was(opportunity.createdAt, t)) return [];
    const place = this.#belongs(opportunity.createdAt, t);
    if (!place) return [gone(this.id, this.#end?.at ?? 0)];
    const states = opportunity.states
      .map((state, n) => ({ ...state, at: n === 0 ? opportunity.createdAt : state.at }))
      .filter((state) => state.at <= t);
    const looks = states.map(({ at, value }) =>
      look(place.account, at, {
        name: opportunity.name,
        stage: value.stage,
        closed: value.closed,
        won: value.won,
        amount: { minor: value.amount, currency },
        closeOn: value.closeOn,
        type: opportunity.type,
        renewal: opportunity.type === 'Renewal',
        ownerId: this.#person(ownerKey),
      }),
    );
    const fresh = looks.filter((_, n) => before === null || (states[n]?.at ?? 0) > before);
    const last = looks.at(-1);
    return last ? [...fresh, { ...last, at: Math.max(last.at, second(place.since)) }] : fresh;
  }

  /** A role has no history: it belongs to whomever its opportunity belongs to. */
  role(position: number, n: number, id: string, pulls: number[]): StoredRow[] {
    const role = this.#account.opportunities[position]?.roles[n];
    if (!role) return [];
    const contact = this.#account.contacts.findIndex((c) => c.key === role.contactKey);
    const data = {
      opportunityId: opportunityId(this.#account.index, position),
      contactId: contactId(this.#account.index, contact),
      role: role.role,
      primary: role.primary,
    };
    const looks = pulls.map((t): Look => {
      if (!this.#was(role.at, t)) return null;
      const place = this.#belongs(role.at, t);
      return place ? look(place.account, role.at, data) : gone(this.id, this.#end?.at ?? 0);
    });
    const live = looks.findLast((one) => one && !one.deleted) ?? null;
    return versions(id, [live, looks.findLast((one) => one?.deleted) ?? null]);
  }

  activity(activity: WorldActivity, t: number): Omit<StoredRow, 'id'> | null {
    const now = activityAt(activity, t);
    const place = this.#was(activity.createdAt, t) ? this.#belongs(activity.createdAt, t) : null;
    const at = now && whenOf(now);
    if (!now || !place || at === null) return null;
    const { contacts, opportunities, index } = this.#account;
    const contact = contacts.findIndex((c) => c.key === now.contactKey);
    const opportunity = opportunities.findIndex((o) => o.key === now.opportunityKey);
    return look(place.account, at, {
      type: now.type,
      subject: now.subject,
      userId: this.#person(now.userKey),
      contactIds: contact < 0 ? [] : [contactId(index, contact)],
      opportunityId: opportunity < 0 ? null : opportunityId(index, opportunity),
    });
  }
}

/** A meeting counts from its end on; all else once it is done. The CRM does not say which meetings were called off. */
function whenOf(activity: WorldActivity): number | null {
  if (activity.type === 'meeting') return activity.at + activity.minutes * 60_000;
  return activity.completedAt;
}
