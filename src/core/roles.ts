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
  const named = view.record?.ownerId ?? null;
  const csm = firstActive(rules.roles.csm, (source) => lookUp(source, view, named, null, people), people);
  const csmNamed = csm.id ?? csm.firstKnown;
  const manager = firstActive(rules.roles.manager, (source) => lookUp(source, view, named, csmNamed, people), people);
  const owner = firstActive(['owner'], (source) => lookUp(source, view, named, null, people), people);
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

/** Whom a source names (null = nobody), and how that reads. */
interface Named {
  id: string | null;
  what: string;
}

function lookUp(
  source: RoleSource,
  view: AccountView,
  owner: string | null,
  csm: string | null,
  people: People,
): Named {
  if (source === 'owner') return { id: owner, what: 'the owner' };
  if ('user' in source) return { id: source.user, what: 'the configured user' };
  if ('field' in source) return { id: idOf(view.field(source.field)), what: source.field };
  const of = source.managerOf === 'csm' ? csm : owner;
  const person = of === null ? undefined : people.get(of);
  const who = source.managerOf === 'csm' ? 'the CSM' : 'the owner';
  return { id: person?.managerId ?? null, what: `the manager of ${who}${person ? ` ${person.name ?? of}` : ''}` };
}

function firstActive(sources: readonly RoleSource[], find: (source: RoleSource) => Named, people: People) {
  const reasons: string[] = [];
  let firstKnown: string | null = null;
  for (const source of sources) {
    const { id, what } = find(source);
    const person = id === null ? undefined : people.get(id);
    if (id !== null && person?.active) return { id, firstKnown: id, why: '' };
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
