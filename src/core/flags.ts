import { firstDay } from './aggregate.ts';
import { TICKET_HISTORY_DAYS, ticketBurst, unusualExport, usageDrop } from './anomaly.ts';
import { lostText, lostWithin, type Part } from './champions.ts';
import { counted, figure } from './format.ts';
import type { Measure, Term } from './measure.ts';
import { standingsIn } from './rows.ts';
import type { Condition } from './rules.ts';
import { type MeasureContext, measure } from './signals.ts';
import type { CoverageKey } from './vocabulary.ts';

/**
 * S9: risks that a good score hides. A flag is raised only by what is known: a figure that is missing (no coverage, no history, no
 * such data) raises none. Windows are whole days that end at the start of today, so that an hour later nothing moves.
 */

/** Contact with executives, and with how many people: half a year, since reviews are quarterly and sometimes fall out. */
const CONTACT_DAYS = 180;
/** Fewer touchpoints than this say nothing about who is spoken with … */
const FEWEST_TOUCHES = 3;
/** … and so does a log that names nobody on most of them, or contacts of whom most have no title. Percent. */
const NAMED_SHARE = 50;
const CHAMPION_DAYS = 90;
const FEATURE_DAYS = 28;
/** Percent against the days before. */
const FEATURE_DROP = 30;
/** Users held where they fell by less than this, in percent. */
const USERS_HELD = 10;
/** A working day's use below this is too little to fall from. */
const LEAST_USE = 3;
/** Of the usage rows, the percent that must tell a figure: where it is no longer measured it did not fall. */
const TOLD_SHARE = 90;
const TICKET_DAYS = 14;
const RATING_DAYS = 90;
/** Ratings below this are poor (2 of 5 stars is 25). */
const POOR_RATING = 50;
const RENEWAL_DAYS = 90;
/** A renewal date that passed longer ago is rather a date that nobody updated. */
const RENEWAL_OVERDUE_DAYS = 30;
/** Contracts known to run for less are always about to renew. */
const LEAST_TERM_DAYS = 90;
const TALK_DAYS = 30;
/** A conversation on the renewal itself counts for longer. */
const RENEWAL_TALK_DAYS = 60;
const INVOICE_DAYS = 30;

/** Code → what it means in plain words, in the order in which flags are shown. */
export const FLAGS = {
  'no-executive-contact': `No executive is among the contacts, or none was in touch for ${CONTACT_DAYS} days`,
  'single-threaded': `Everything logged in ${CONTACT_DAYS} days was with one person, though more are known`,
  'champion-left': `The champion left within ${CHAMPION_DAYS} days, and no other is known`,
  'champion-quiet': 'The champion has stopped using the product, and no other is known',
  'sponsor-left': `The executive sponsor or buyer left within ${CHAMPION_DAYS} days, and no other is known`,
  'feature-drop': `Advanced use or features in use fell by more than ${FEATURE_DROP} % in ${FEATURE_DAYS} days, while as many people use the product`,
  'unresolved-frustration': `A severe ticket is open for more than ${TICKET_DAYS} days, an open ticket has been written to in frustration, or the latest ticket rating is poor`,
  'renewal-without-conversation': `The renewal is within ${RENEWAL_DAYS} days, and no meeting or call was logged for ${TALK_DAYS} days`,
  'overdue-invoice': `An invoice is ${INVOICE_DAYS} or more days overdue`,
  'usage-anomaly': 'The product is suddenly used far less than this account usually does',
  'unusual-export': 'Far more data is exported than this account usually does, which may come before leaving',
  'ticket-burst': 'Far more tickets are opened than this account usually does',
} as const;
export type Flag = keyof typeof FLAGS;
export const FLAG_CODES = Object.keys(FLAGS) as Flag[];
/** A raised flag, with the figures or names that it rests on; '' = its words say all. */
export interface Risk {
  flag: Flag;
  detail: string;
}
/** In words; a code that an older version stored stands for itself. */
export const flagWords = (code: string): string => (FLAGS as Record<string, string>)[code] ?? code;

/** false or null = not raised; a text = raised, with what it rests on. */
type Raised = (context: MeasureContext, tone: boolean) => boolean | string | null;
const RAISED: Record<Flag, Raised> = {
  'no-executive-contact': noExecutiveContact,
  'single-threaded': singleThreaded,
  'champion-left': (context) => personLost(context, 'champion'),
  'champion-quiet': championQuiet,
  'sponsor-left': (context) => personLost(context, 'sponsor'),
  'feature-drop': featureDrop,
  'unresolved-frustration': unresolvedFrustration,
  'renewal-without-conversation': renewalWithoutConversation,
  'overdue-invoice': overdueInvoice,
  'usage-anomaly': usageDrop,
  'unusual-export': unusualExport,
  'ticket-burst': (context) => (knownFor(context, TICKET_HISTORY_DAYS) ? ticketBurst(context) : null),
};

/**
 * The flags of one account at one date, always in the same order.
 * @param tone whether the tone of tickets is at hand (`readsTone`)
 */
export function risksOf(context: MeasureContext, tone: boolean): Risk[] {
  const risks: Risk[] = [];
  for (const flag of FLAG_CODES) {
    const raised = RAISED[flag](context, tone);
    if (raised !== false && raised !== null) risks.push({ flag, detail: raised === true ? '' : raised });
  }
  return risks;
}

function noExecutiveContact(context: MeasureContext): boolean {
  if (number(context, ASKED.executives) === 0) return contactsTold(context);
  return number(context, ASKED.withExecutive) === 0 && namesPeople(context) && knownFor(context, CONTACT_DAYS);
}

function singleThreaded(context: MeasureContext): boolean {
  if (number(context, ASKED.people) !== 1) return false;
  const named = number(context, ASKED.named) ?? 0;
  const known = number(context, ASKED.known) ?? 0;
  return named >= FEWEST_TOUCHES && known > 1 && namesPeople(context) && knownFor(context, CONTACT_DAYS);
}

/** Who was lost and how, where no other of the part is left. */
function personLost({ env, coverage }: MeasureContext, part: Part): string | null {
  // That nobody is left on record is what became of them, no gap.
  if (coverage.gaps.contacts !== null && env.view.states('contact').length > 0) return null;
  const lost = lostWithin(standingsIn(env), part, env.today, CHAMPION_DAYS);
  return lost.length === 0 ? null : lost.map((standing) => lostText(standing, env.today)).join('; ');
}

function championQuiet({ env, coverage }: MeasureContext): string | null {
  if (coverage.gaps.contacts !== null) return null;
  const there = standingsIn(env).filter((s) => s.part === 'champion' && (s.lost === null || s.lost.by === 'quiet'));
  if (there.length === 0 || there.some((s) => s.lost === null)) return null;
  return there.map((standing) => lostText(standing, env.today)).join('; ');
}

/** "advanced use −45 %, users +2 %" */
function featureDrop(context: MeasureContext): string | null {
  const users = useChange(context, USERS);
  if (!users || users.percent <= -USERS_HELD) return null;
  // For each active user; but growth is no drop, since new users begin with the basics.
  const least = ((100 - FEATURE_DROP) * (100 + Math.min(0, users.percent))) / 100;
  for (const { what, whole, features } of DROPS) {
    const use = useChange(context, whole) ?? useChange(context, features);
    if (use !== null && use.before >= LEAST_USE && 100 + use.percent < least)
      return `${what} ${changed(use.percent)}, users ${changed(users.percent)}`;
  }
  return null;
}
const changed = (percent: number): string => `${percent > 0 ? '+' : ''}${figure(Math.round(percent))} %`;

function unresolvedFrustration(context: MeasureContext, tone: boolean): string | null {
  const severe = number(context, ASKED.waiting) ?? 0;
  if (severe > 0) return `${counted(severe, 'severe ticket')} open for more than ${TICKET_DAYS} days`;
  const frustrated = tone ? (number(context, ASKED.frustrated) ?? 0) : 0;
  if (frustrated > 0) return `${counted(frustrated, 'open ticket')} with a frustrated customer`;
  const poor = number(context, ASKED.poorRating);
  const fair = number(context, ASKED.fairRating);
  return poor !== null && (fair === null || poor < fair) ? 'the latest ticket rating is poor' : null;
}

function renewalWithoutConversation(context: MeasureContext): boolean {
  const { renewal } = context.env;
  if (!renewal || renewal.daysAway > RENEWAL_DAYS || renewal.daysAway < -RENEWAL_OVERDUE_DAYS) return false;
  if (renewal.termDays !== undefined && renewal.termDays < LEAST_TERM_DAYS) return false;
  const talks = number(context, ASKED.talks);
  const onRenewal = number(context, ASKED.onRenewal);
  return talks === 0 && onRenewal === 0 && knownFor(context, TALK_DAYS);
}

function overdueInvoice(context: MeasureContext): string | null {
  const overdue = number(context, ASKED.overdue) ?? 0;
  return overdue > 0 ? `${counted(overdue, 'invoice')} ${INVOICE_DAYS} or more days overdue` : null;
}

/** A measure, and what it needs covered beside its own kind. */
interface Asked {
  what: Measure;
  needs: readonly CoverageKey[];
}

const allOf = (...all: Condition[]): Condition => ({ all });
const contacts = (...where: Condition[]): Term => ({ kind: 'contact', where: allOf(...where) });
const tickets = (...where: Condition[]): Term => ({ kind: 'ticket', where: allOf(...where) });
const activities = (...where: Condition[]): Term => ({
  kind: 'activity',
  where: allOf({ field: 'cancelled', not: true }, ...where),
});
const touches = (...where: Condition[]): Term =>
  activities({ field: 'type', in: ['call', 'email', 'meeting'] }, ...where);

const asked = (what: Measure, needs: readonly CoverageKey[] = []): Asked => ({ what, needs });
const count = (from: Term, windowDays?: number, needs: readonly CoverageKey[] = []): Asked =>
  asked({ from, aggregation: 'count', windowDays }, needs);
const share = (from: Term, which: Condition, windowDays?: number): Asked =>
  asked({ from, aggregation: 'share', which, windowDays });
const sinceRating = (where: Condition): Asked =>
  asked({
    from: ['solvedAt', 'openedAt'].map((date): Term => ({ kind: 'ticket', where, date })),
    aggregation: 'daysSince',
    windowDays: RATING_DAYS,
  });

/** All that flags ask; the same objects each time, so that a store may know them. */
const ASKED = {
  executives: count(contacts({ field: 'executive', is: true }, { field: 'left', is: false })),
  withExecutive: count(touches({ field: 'withExecutive', is: true }), CONTACT_DAYS, ['contacts', 'email']),
  people: asked(
    { from: { ...touches(), metric: 'contact' }, aggregation: 'distinct', windowDays: CONTACT_DAYS },
    // Without synced e-mail, the others may be written to unseen.
    ['email'],
  ),
  named: count(touches({ field: 'named', is: true }), CONTACT_DAYS),
  known: count(contacts({ field: 'left', is: false })),
  waiting: count(
    tickets({ field: 'open', is: true }, { field: 'severe', is: true }, { field: 'ageDays', atLeast: TICKET_DAYS + 1 }),
  ),
  frustrated: count(tickets({ field: 'open', is: true }, { field: 'frustrated', is: true })),
  poorRating: sinceRating({ field: 'satisfaction', below: POOR_RATING }),
  fairRating: sinceRating({ field: 'satisfaction', atLeast: POOR_RATING }),
  talks: count(activities({ field: 'type', in: ['call', 'meeting'] }), TALK_DAYS),
  onRenewal: count(activities({ field: 'onRenewal', is: true }), RENEWAL_TALK_DAYS),
  overdue: count({ kind: 'invoice', where: { field: 'overdueDays', atLeast: INVOICE_DAYS } }),
  namedShare: share(touches(), { field: 'named', is: true }, CONTACT_DAYS),
  toldShare: share(contacts(), {
    any: [
      { field: 'executive', is: true },
      { field: 'champion', is: true },
      { field: 'title', exists: true },
    ],
  }),
  age: asked({ from: { kind: 'account', metric: 'createdOn' }, aggregation: 'daysSince' }),
} satisfies Record<string, Asked>;

/** A figure; null = unknown. */
function number(context: MeasureContext, { what, needs }: Asked): number | null {
  const { value } = measure(context, what, needs);
  return typeof value === 'number' ? value : null;
}

/** Whether the log says with whom people speak. */
function namesPeople(context: MeasureContext): boolean {
  const share = number(context, ASKED.namedShare);
  return share === null || share >= NAMED_SHARE;
}

/** Whether most contacts have a title, or a role that matters: among strangers nobody is missed. */
const contactsTold = (context: MeasureContext): boolean => (number(context, ASKED.toldShare) ?? 0) >= NAMED_SHARE;

/** Whether the account was there for so many days, so that silence is more than a beginning. */
function knownFor(context: MeasureContext, days: number): boolean {
  const age = number(context, ASKED.age);
  if (age !== null) return age >= days;
  const first = firstDay(context.env, 'activity');
  return first !== null && context.env.today - first >= days;
}

/** How a usage figure changes: which share of the rows tell it, and its average working day against those before. */
interface Use {
  told: Asked;
  change: Measure;
}
function useOf(metric: string, whole: boolean): Use {
  const rows: Term = { kind: 'usage', where: { field: 'feature', exists: !whole } };
  return {
    told: share(rows, { field: metric, exists: true }, FEATURE_DAYS),
    change: { from: { ...rows, metric }, aggregation: 'trend', using: 'average', windowDays: FEATURE_DAYS },
  };
}
const USERS = useOf('activeUsers', true);
/** Of the whole product, else of its features together. */
const DROPS = [
  { what: 'advanced use', whole: useOf('advancedUses', true), features: useOf('advancedUses', false) },
  { what: 'features in use', whole: useOf('featuresUsed', true), features: useOf('featuresUsed', false) },
] as const;

function useChange(context: MeasureContext, { told, change }: Use): { percent: number; before: number } | null {
  const share = number(context, told);
  if (share === null || share < TOLD_SHARE) return null;
  const { value, bottom } = measure(context, change);
  return typeof value !== 'number' || bottom === null ? null : { percent: value, before: bottom };
}
