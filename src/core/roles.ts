import type { AccountRules, RoleSource } from './rules.ts';
import type { AccountView } from './view.ts';

export interface Person {
  name: string | null;
  active: boolean;
  managerId: string | null;
  email: string | null;
}
/** User id → person, as the primary source knows them. */
export type People = ReadonlyMap<string, Person>;

export interface Roles {
  csmId: string | null;
  managerId: string | null;
  ownerId: string | null;
  /** One line for each role that nobody fills, with why: "CSM: Success_Manager__c is not set; the owner Sam Lee is inactive". */
  unresolved: string[];
}

/**
 * P7: who looks after an account. Each role goes to the first of its sources that names an active person; inactive and unknown
 * people are passed over. An inactive CSM's or owner's manager still counts, since that is who must act then.
 */
export function resolveRoles(view: AccountView, rules: AccountRules, people: People): Roles {
  const csm = csmIn(view, rules, people);
  const manager = firstActive(rules.roles.manager, { view, people, csm: csm.id ?? csm.firstKnown });
  const owner = firstActive(OWNER, { view, people, csm: null });
  return {
    csmId: csm.id,
    managerId: manager.id,
    ownerId: owner.id,
    unresolved: [
      ...(csm.id === null ? [`CSM: ${csm.why}`] : []),
      ...(manager.id === null ? [`manager: ${manager.why}`] : []),
      ...(owner.id === null ? [`owner: ${owner.why}`] : []),
    ],
  };
}

/** The active person whom an account's rules name its CSM; null = there is none. */
export const csmOf = (view: AccountView, rules: AccountRules, people: People): string | null =>
  csmIn(view, rules, people).id;

const csmIn = (view: AccountView, rules: AccountRules, people: People): Found =>
  firstActive(rules.roles.csm, { view, people, csm: null });
const OWNER: readonly RoleSource[] = ['owner'];

/** Where sources look: the account, and who its CSM is where that is known already. */
interface Place {
  view: AccountView;
  people: People;
  csm: string | null;
}
const ownerOf = ({ view }: Place): string | null => view.record?.ownerId ?? null;

/** Whom a source names; null = nobody. */
function named(source: RoleSource, place: Place): string | null {
  if (source === 'owner') return ownerOf(place);
  if ('user' in source) return source.user;
  if ('field' in source) return idOf(place.view.field(source.field));
  const of = source.managerOf === 'csm' ? place.csm : ownerOf(place);
  return (of === null ? undefined : place.people.get(of))?.managerId ?? null;
}

/** How that reads. */
function wordsOf(source: RoleSource, place: Place): string {
  if (source === 'owner') return 'the owner';
  if ('user' in source) return 'the configured user';
  if ('field' in source) return source.field;
  const of = source.managerOf === 'csm' ? place.csm : ownerOf(place);
  const person = of === null ? undefined : place.people.get(of);
  const who = source.managerOf === 'csm' ? 'the CSM' : 'the owner';
  return `the manager of ${who}${person ? ` ${person.name ?? of}` : ''}`;
}

interface Found {
  id: string | null;
  /** The first who is known at all, active or not. */
  firstKnown: string | null;
  /** Why there is nobody. */
  why: string;
}

function firstActive(sources: readonly RoleSource[], place: Place): Found {
  const reasons: string[] = [];
  let firstKnown: string | null = null;
  for (const source of sources) {
    const id = named(source, place);
    const person = id === null ? undefined : place.people.get(id);
    if (id !== null && person?.active) return { id, firstKnown: id, why: '' };
    const what = wordsOf(source, place);
    if (id === null) reasons.push(`${what} is not set`);
    else if (!person) reasons.push(`${what} (${id}) is not a known user`);
    else {
      firstKnown ??= id;
      reasons.push(`${what} ${person.name ?? id} is inactive`);
    }
  }
  return { id: null, firstKnown, why: reasons.length > 0 ? reasons.join('; ') : 'no source is configured' };
}

const idOf = (value: unknown): string | null => {
  const id = typeof value === 'string' || typeof value === 'number' ? String(value).trim() : '';
  return id === '' ? null : id;
};

/**
 * The name of the customer's person to speak to: the primary contact of an open opportunity, else whoever holds a role that
 * matters most there. People whose mail bounces have left. null = nobody is known.
 */
export function keyContact(view: AccountView): string | null {
  const contacts = new Map(view.states('contact').map((c) => [`${c.source}\n${c.id}`, c.data]));
  const open = new Set(
    view.states('opportunity').flatMap((o) => (o.data.closed === true ? [] : [`${o.source}\n${o.id}`])),
  );
  const ranked = view
    .states('opportunityRole')
    .map((r) => ({
      contact: contacts.get(`${r.source}\n${r.data.contactId}`),
      rank:
        (open.has(`${r.source}\n${r.data.opportunityId}`) ? 4 : 0) + (r.data.primary ? 2 : 0) + importance(r.data.role),
      at: r.at,
      id: r.id,
    }))
    .filter((r) => r.contact?.name && r.contact.bounced !== true)
    .sort((a, b) => b.rank - a.rank || b.at - a.at || (a.id < b.id ? -1 : 1));
  return ranked[0]?.contact?.name ?? null;
}
const importance = (role: string | null | undefined): number =>
  /champion|sponsor|decision|economic|executive/i.test(role ?? '') ? 1 : 0;
