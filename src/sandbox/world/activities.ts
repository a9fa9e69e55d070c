import type { WorldActivity, WorldContact } from '../world.types.ts';
import { presentAt } from './contacts.ts';
import { childKey, livingSpan, type PeopledDraft, streamOf } from './draft.ts';
import type { Random } from './random.ts';
import { DAY, HOUR, MINUTE, moments, officeTime, toSecond } from './time.ts';

const PER_YEAR = { smb: 30, 'mid-market': 46, enterprise: 72 } as const;
const SUBJECTS = {
  call: ['Check-in call', 'Call about open questions', 'Quick call: next steps', 'Adoption call'],
  email: [
    'Re: your question',
    'Follow-up on our talk',
    'New release: what it means for you',
    'Monthly summary',
    'Thank you',
  ],
  meeting: ['Success review', 'Working session', 'Roadmap meeting', 'Training for new users'],
  task: ['Prepare success plan', 'Send usage report', 'Update the account plan'],
} as const;

type Happening = Omit<WorldActivity, 'key'>;

/** Calls, e-mails, meetings and tasks of the owner with the account: fewer, and called off more often, where health is low. */
export function makeActivities(draft: PeopledDraft): WorldActivity[] {
  const { id, health } = draft;
  const living = livingSpan(draft);
  if (!living || id.kind === 'test') return [];
  const random = streamOf(draft, 'activities');
  const isCustomer = (at: number): boolean => id.since !== null && at >= id.since;
  const pace = (at: number): number =>
    isCustomer(at) ? PER_YEAR[id.segment] * (0.05 + 1.1 * health(at) ** 2) : id.kind === 'partner' ? 5 : 14;
  const touches = moments(random, living.from, living.to, pace).map((at) => touch(draft, at, random));
  return [...touches, ...reviews(draft, living), ...renewalTalks(draft, living)]
    .sort((a, b) => a.at - b.at || a.createdAt - b.createdAt)
    .map((happening, n) => ({ key: childKey(draft, 'a', n), ...happening }));
}

function touch(draft: PeopledDraft, at: number, random: Random): Happening {
  const dice = random.next();
  const type = dice < 0.48 ? 'email' : dice < 0.72 ? 'call' : dice < 0.94 ? 'meeting' : 'task';
  const people = presentAt(draft.contacts, at).filter((c) => c.seniority !== 'executive');
  const contact = people.length ? random.pick(people) : null;
  return happen(draft, type, at, contact, random.pick(SUBJECTS[type]), null, random);
}

/** A quarterly business review with the executive, if there is one and the account is well enough to get one. */
function reviews(draft: PeopledDraft, living: { from: number; to: number }): Happening[] {
  const { id } = draft;
  if (id.since === null || id.kind === 'partner') return [];
  const random = streamOf(draft, 'reviews');
  const found: Happening[] = [];
  for (let at = id.since + random.between(40, 90) * DAY; at < living.to; at += random.between(84, 98) * DAY) {
    const when = officeTime(at, random);
    const executive = presentAt(draft.contacts, when).find((c) => c.seniority === 'executive');
    const held = random.chance(0.25 + 0.75 * draft.health(when));
    if (!executive || !held || when < living.from || when >= living.to) continue;
    found.push(happen(draft, 'meeting', when, executive, 'Quarterly business review', null, random));
  }
  return found;
}

/** Conversations on the renewal while its opportunity is open; unhealthy accounts avoid them. */
function renewalTalks(draft: PeopledDraft, living: { from: number; to: number }): Happening[] {
  return draft.opportunities
    .filter((o) => o.type === 'Renewal')
    .flatMap((opportunity) => {
      const random = streamOf(draft, `talks ${opportunity.key}`);
      const close = opportunity.states.at(-1)?.at ?? opportunity.createdAt;
      const found: Happening[] = [];
      for (const part of [0.3, 0.6, 0.85]) {
        const when = officeTime(
          opportunity.createdAt + (close - opportunity.createdAt) * (part + random.between(-0.1, 0.1)),
          random,
        );
        if (!random.chance(0.15 + 0.75 * draft.health(when)) || when < living.from || when >= living.to) continue;
        const people = presentAt(draft.contacts, when);
        const contact = people.find((c) => c.champion) ?? people[0] ?? null;
        found.push(
          happen(
            draft,
            random.chance(0.5) ? 'meeting' : 'call',
            when,
            contact,
            'Renewal conversation',
            opportunity.key,
            random,
          ),
        );
      }
      return found;
    });
}

/** When it is written down, done or called off, by whom, and whether the CRM ever hears of it. */
function happen(
  draft: PeopledDraft,
  type: WorldActivity['type'],
  at: number,
  contact: WorldContact | null,
  subject: string,
  opportunityKey: string | null,
  random: Random,
): Happening {
  const { id, cast, health } = draft;
  const minutes = type === 'meeting' ? random.pick([30, 45, 60]) : type === 'call' ? random.int(5, 35) : 0;
  const [lead, luck, nobody] = [random.between(2, 14) * DAY, random.next(), random.chance(0.4)];
  const planned = type === 'meeting' || type === 'task';
  const createdAt = planned ? Math.max(toSecond(at - lead), id.createdAt) : toSecond(at + minutes * MINUTE);
  const calledOff = type === 'meeting' && luck < 0.03 + 0.4 * Math.max(0, 0.85 - health(at));
  const cancelledAt = calledOff ? Math.max(createdAt, toSecond(at - luck * 40 * HOUR)) : null;
  const userKey = id.ownerKey ?? cast.regular[id.index % cast.regular.length] ?? '';
  const withoutContact = id.dirt.includes('activity without contact') && nobody;
  return {
    type,
    subject,
    at,
    createdAt,
    completedAt: calledOff ? null : toSecond(at + minutes * MINUTE),
    cancelledAt,
    minutes,
    userKey,
    contactKey: withoutContact ? null : (contact?.key ?? null),
    opportunityKey,
    inCrm: type !== 'email' || cast.byKey.get(userKey)?.syncsEmail !== false,
  };
}
