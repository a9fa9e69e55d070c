import type { WorldContact } from '../world.types.ts';
import { type CustomerDraft, childKey, livingSpan, streamOf } from './draft.ts';
import { addressOf, FIRST_NAMES, LAST_NAMES } from './names.ts';
import { DAY, officeTime } from './time.ts';

const TITLES = {
  executive: ['Chief Operating Officer', 'VP Operations', 'Chief Information Officer', 'Managing Director', 'CFO'],
  manager: ['Head of Operations', 'IT Manager', 'Programme Manager', 'Director of Support'],
  user: ['Analyst', 'Coordinator', 'Administrator', 'Specialist', 'Team Lead'],
} as const;

/** Three to six people; most accounts have an executive and a champion among them. Unhappy champions leave more often. */
export function makeContacts(draft: CustomerDraft): WorldContact[] {
  const { id, span, health } = draft;
  if (id.dirt.includes('no contacts')) return [];
  const random = streamOf(draft, 'contacts');
  const count = id.kind === 'test' ? 1 : random.int(id.segment === 'enterprise' ? 4 : 3, id.segment === 'smb' ? 5 : 6);
  const hasExecutive = random.chance(0.88);
  const hasChampion = random.chance(0.9);
  const living = livingSpan(draft);
  const contacts = Array.from({ length: count }, (_, n): WorldContact => {
    const seniority = n === 0 && hasExecutive ? 'executive' : n <= 1 ? 'manager' : 'user';
    const champion = n === 1 && hasChampion;
    const [firstName, lastName] = [random.pick(FIRST_NAMES), random.pick(LAST_NAMES)];
    const createdAt =
      n < 2
        ? id.createdAt
        : officeTime(id.createdAt + random.next() ** 2 * Math.max(0, span.now - id.createdAt - 10 * DAY), random);
    const email = `${addressOf(firstName)}.${addressOf(lastName)}@${id.domain}`;
    return {
      key: childKey(draft, 'c', n),
      firstName,
      lastName,
      email: n === 4 && random.chance(0.3) ? null : email,
      title: random.pick(TITLES[seniority]),
      seniority,
      champion,
      createdAt: Math.max(id.createdAt, Math.min(createdAt, (living?.to ?? createdAt) - DAY)),
      leftAt: null,
    };
  });
  for (const contact of unique(contacts)) {
    if (!living) continue;
    for (let at = Math.max(living.from, contact.createdAt) + 30 * DAY; at < living.to; at += 30 * DAY) {
      const perYear = contact.champion ? 0.04 + 0.9 * Math.max(0, 0.75 - health(at)) : 0.06;
      if (contact.leftAt === null && random.chance(perYear / 12)) contact.leftAt = officeTime(at, random);
    }
  }
  return contacts;
}

/** Two people of one name get numbered addresses. */
function unique(contacts: WorldContact[]): WorldContact[] {
  const seen = new Set<string>();
  for (const contact of contacts) {
    if (contact.email === null) continue;
    if (seen.has(contact.email)) contact.email = contact.email.replace('@', `${seen.size}@`);
    seen.add(contact.email);
  }
  return contacts;
}

/** Those who can be met or written to at `at`. */
export const presentAt = (contacts: WorldContact[], at: number): WorldContact[] =>
  contacts.filter((c) => c.createdAt <= at && (c.leftAt === null || c.leftAt > at));
