import { idOf, inRole, isMarked, leftByRule, names } from './cast.ts';
import { type Day, dayAt, dayOn } from './derive.ts';
import type { FactKind, FactOf } from './fact.ts';
import { shortDay } from './format.ts';
import type { People } from './model.ts';
import { oneLine } from './text.ts';

/**
 * Champions and sponsors: who they are, and since when one is lost. A person is known by e-mail over all sources, so that what one
 * system says of them counts for what they are in another.
 */

/** Nothing for so long … */
const QUIET_DAYS = 30;
/** … after use within so many days before: later it is no news any more. */
const USED_DAYS = 60;

export const LOST_BY = ['left', 'bounced', 'deleted', 'moved', 'role ended', 'quiet'] as const;
export type LostBy = (typeof LOST_BY)[number];
export type Part = 'champion' | 'sponsor';

/** A champion or sponsor, past or present. */
export interface Standing {
  part: Part;
  name: string;
  /** Their contact records, by source and id. */
  records: { source: string; id: string }[];
  /** null = is still there. `since` is a day number. */
  lost: { since: number; by: LostBy } | null;
}

export interface StandingInput extends Day {
  people: People;
  /** How far a source's facts of a kind are whole: a day number, at most today. */
  wholeUntil: (source: string, kind: FactKind) => number;
}

type Contact = FactOf<'contact'> & { source: string };
type Role = FactOf<'opportunityRole'> & { source: string };

/** One person with all that was ever said of them. */
interface Someone {
  live: Contact[];
  ended: { last: Contact; at: number; moved: boolean }[];
}

/** All who are or were a champion or sponsor of the account, as far as is known on the day. */
export function standingsOf(input: StandingInput): Standing[] {
  const said = {
    contacts: input.view.since('contact', Number.NEGATIVE_INFINITY),
    roles: input.view.since('opportunityRole', Number.NEGATIVE_INFINITY),
  };
  let everyone: Someone[] | null = null;
  const standings: Standing[] = [];
  for (const part of ['champion', 'sponsor'] as const) {
    const marks = marksOf(input, part, said);
    // Most accounts name nobody.
    if (marks.now.size === 0 && marks.until.size === 0) continue;
    everyone ??= people(input);
    for (const someone of everyone) {
      const found = standing(input, part, someone, marks);
      if (found) standings.push(found);
    }
  }
  return standings;
}

function people({ view }: StandingInput): Someone[] {
  const known = new Map<string, Someone>();
  const someone = ({ source, id, data }: Contact): Someone => {
    const email = data.email?.trim().toLowerCase();
    const key = email ? `@${email}` : idOf(source, id);
    const found = known.get(key) ?? { live: [], ended: [] };
    known.set(key, found);
    return found;
  };
  for (const contact of view.states('contact')) someone(contact).live.push(contact);
  for (const end of view.ended('contact')) someone(end.last).ended.push(end);
  return [...known.values()];
}

/** Every version of contacts and of roles, oldest first. */
interface Said {
  contacts: readonly Contact[];
  roles: readonly Role[];
}

/** When contact records were marked as such: `now`, or until an instant at which the mark was taken away. */
interface Marks {
  now: Set<string>;
  until: Map<string, number>;
}

/** A sponsor is in a role; a title alone makes an executive, not a sponsor. */
function marksOf(input: StandingInput, part: Part, { contacts, roles }: Said): Marks {
  const { champion, executive } = input.people;
  const marks: Marks = { now: new Set(), until: new Map() };
  const isIn = (contact: Contact): boolean =>
    part === 'champion' ? isMarked(contact.data, champion) : inRole(contact.data, executive.roles);
  if (contacts.some(isIn)) markContacts(marks, contacts, isIn);
  const wanted = part === 'champion' ? champion.roles : executive.roles;
  const inForce = (role: Role): boolean => names(role.data.role ?? '', wanted);
  if (roles.some(inForce)) markRoles(marks, input, roles, inForce);
  return marks;
}

function endedAt(marks: Marks, id: string, at: number): void {
  marks.until.set(id, Math.max(at, marks.until.get(id) ?? at));
}

function markContacts(marks: Marks, contacts: readonly Contact[], isIn: (contact: Contact) => boolean): void {
  const byRecord = new Map<string, Contact>();
  for (const contact of contacts) {
    const id = idOf(contact.source, contact.id);
    const before = byRecord.get(id);
    if (before && isIn(before) && !isIn(contact)) endedAt(marks, id, contact.at);
    byRecord.set(id, contact);
  }
  for (const [id, contact] of byRecord) if (isIn(contact)) marks.now.add(id);
}

function markRoles(
  marks: Marks,
  { view }: StandingInput,
  roles: readonly Role[],
  inForce: (role: Role) => boolean,
): void {
  const whose = (role: Role): string => idOf(role.source, role.data.contactId ?? '');
  const said = new Map<string, Role>();
  for (const role of roles) {
    const before = said.get(idOf(role.source, role.id));
    if (before && inForce(before) && !(inForce(role) && whose(role) === whose(before)))
      endedAt(marks, whose(before), role.at);
    said.set(idOf(role.source, role.id), role);
  }
  for (const role of view.states('opportunityRole')) if (inForce(role)) marks.now.add(whose(role));
  // Of an opportunity that is gone, or now another account's, nothing is known any more: nobody lost a role by it.
  const deals = new Set(view.states('opportunity').map((deal) => idOf(deal.source, deal.id)));
  for (const { last, at } of view.ended('opportunityRole'))
    if (inForce(last) && deals.has(idOf(last.source, last.data.opportunityId ?? ''))) endedAt(marks, whose(last), at);
}

function standing(input: StandingInput, part: Part, { live, ended }: Someone, marks: Marks): Standing | null {
  const all = [...live, ...ended.map((end) => end.last)];
  const ids = all.map((contact) => idOf(contact.source, contact.id));
  const until = ids.flatMap((id) => marks.until.get(id) ?? []);
  if (until.length === 0 && !ids.some((id) => marks.now.has(id))) return null;
  const [first] = [...live, ...all];
  const name = oneLine(first?.data.name ?? '') || oneLine(first?.data.email ?? '') || 'somebody';
  const records = all.map(({ source, id }) => ({ source, id }));
  return { part, name, records, lost: lostOf(input, part, { live, ended }, marks, until) };
}

function lostOf(
  input: StandingInput,
  part: Part,
  { live, ended }: Someone,
  marks: Marks,
  until: number[],
): Standing['lost'] {
  const day = (at: number): number => dayAt(input, at);
  const gone = live.find((contact) => leftByRule(contact, input.people));
  if (gone) return { since: day(sinceOf(input, gone, (c) => leftByRule(c, input.people))), by: 'left' };
  const bounced = live.find((contact) => contact.data.bounced === true);
  if (bounced) return { since: day(sinceOf(input, bounced, (c) => c.data.bounced === true)), by: 'bounced' };
  if (live.length === 0) {
    const last = ended.reduce((a, b) => (b.at > a.at ? b : a));
    return { since: day(last.at), by: last.moved ? 'moved' : 'deleted' };
  }
  const ends = live.flatMap((contact) => dayOn(contact.data.roleEndedOn) ?? []).filter((on) => on <= input.today);
  if (ends.length > 0) return { since: Math.max(...ends), by: 'role ended' };
  if (!live.some((contact) => marks.now.has(idOf(contact.source, contact.id))))
    return { since: day(Math.max(...until)), by: 'role ended' };
  return part === 'champion' ? quiet(input, live) : null;
}

/** Their own use, by whichever source tells it best; how far that source is whole decides what silence means. */
function quiet({ wholeUntil }: StandingInput, live: Contact[]): Standing['lost'] {
  const silent = live.flatMap((contact) => {
    const used = dayOn(contact.data.lastUsedOn);
    return used === null ? [] : [{ used, silent: wholeUntil(contact.source, 'contact') - used }];
  });
  if (silent.length === 0) return null;
  const least = silent.reduce((a, b) => (b.silent < a.silent ? b : a));
  return least.silent >= QUIET_DAYS && least.silent <= QUIET_DAYS + USED_DAYS
    ? { since: least.used, by: 'quiet' }
    : null;
}

/** When the first of the unbroken line of versions that say so began. */
export function sinceOf({ view }: Pick<Day, 'view'>, contact: Contact, says: (contact: Contact) => boolean): number {
  let since = contact.at;
  for (;;) {
    const before = view.stateAt('contact', contact.source, contact.id, since - 1);
    if (!before || !says(before)) return since;
    since = before.at;
  }
}

const WORDS: Record<LostBy, string> = {
  left: 'left the company',
  bounced: 'e-mail bounced',
  deleted: 'contact deleted',
  moved: 'moved to another account',
  'role ended': 'role ended',
  quiet: 'no use since',
};

/** "Champion Priya Shah: e-mail bounced 3 Nov" */
export function lostText({ part, name, lost }: Standing, today: number): string {
  const who = `${part === 'champion' ? 'Champion' : 'Sponsor'} ${name}`;
  return lost ? `${who}: ${WORDS[lost.by]} ${shortDay(lost.since, today)}` : who;
}

/** Those of a part who were lost within so many days, where none is left who is still there; the latest first. */
export function lostWithin(standings: readonly Standing[], part: Part, today: number, days: number): Standing[] {
  const own = standings.filter((s) => s.part === part);
  const away = (s: Standing): boolean => s.lost !== null && s.lost.by !== 'quiet';
  if (own.some((s) => !away(s))) return [];
  return own
    .filter((s) => s.lost !== null && today - s.lost.since <= days)
    .sort((a, b) => (b.lost?.since ?? 0) - (a.lost?.since ?? 0) || (a.name < b.name ? -1 : 1));
}
