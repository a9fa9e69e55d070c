import type {
  OpportunityState,
  Timeline,
  WorldAccount,
  WorldActivity,
  WorldContact,
  WorldInvoice,
  WorldOpportunity,
  WorldTicket,
} from './world.types.ts';

/**
 * What could be seen at an instant. The world is written to its end beforehand; every server and every export looks at it through
 * these, so that nothing of the future leaks. `null` = it did not exist yet.
 */

/** The value that holds at `t`; undefined before the first. */
export function valueAt<T>(timeline: Timeline<T>, t: number): T | undefined {
  let low = 0;
  let high = timeline.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((timeline[middle]?.at ?? Number.POSITIVE_INFINITY) <= t) low = middle + 1;
    else high = middle;
  }
  return timeline[low - 1]?.value;
}

/** Whether the record can be read at `t`: created, not deleted, not merged away. */
export const existsAt = (account: WorldAccount, t: number): boolean =>
  account.createdAt <= t && (account.deletedAt ?? t + 1) > t && (account.merged?.at ?? t + 1) > t;

export interface OpportunityView extends OpportunityState {
  /** Since when this stage holds. */
  since: number;
  roles: WorldOpportunity['roles'];
}
export function opportunityAt(opportunity: WorldOpportunity, t: number): OpportunityView | null {
  const held = opportunity.states.filter((s) => s.at <= t).at(-1);
  return held ? { ...held.value, since: held.at, roles: opportunity.roles.filter((r) => r.at <= t) } : null;
}

const ESCALATED_AFTER_MS = 24 * 3_600_000;
const REOPENED_AFTER_MS = 72 * 3_600_000;
/** When the ticket's record changes: opened, first reply, escalated, reopened, solved (and rated). Sorted. */
export function ticketChanges(ticket: WorldTicket): number[] {
  const { openedAt, firstReplyAt, solvedAt } = ticket;
  const changes = [openedAt];
  if (firstReplyAt !== null) changes.push(firstReplyAt);
  if (ticket.escalated) changes.push(escalatedAt(ticket));
  if (ticket.reopens > 0) changes.push(reopenedAt(ticket));
  if (solvedAt !== null) changes.push(solvedAt);
  return [...new Set(changes)].sort((a, b) => a - b);
}
const escalatedAt = (t: WorldTicket): number =>
  Math.min(t.openedAt + ESCALATED_AFTER_MS, t.solvedAt ?? Number.POSITIVE_INFINITY);
const reopenedAt = (t: WorldTicket): number =>
  Math.min(t.openedAt + REOPENED_AFTER_MS, t.solvedAt ?? Number.POSITIVE_INFINITY);

export interface TicketView extends WorldTicket {
  status: 'new' | 'open' | 'solved';
}
export function ticketAt(ticket: WorldTicket, t: number): TicketView | null {
  if (ticket.openedAt > t) return null;
  const reached = (at: number | null): boolean => at !== null && at <= t;
  const solved = reached(ticket.solvedAt);
  return {
    ...ticket,
    firstReplyAt: reached(ticket.firstReplyAt) ? ticket.firstReplyAt : null,
    solvedAt: solved ? ticket.solvedAt : null,
    rating: solved ? ticket.rating : null,
    escalated: ticket.escalated && reached(escalatedAt(ticket)),
    reopens: reached(reopenedAt(ticket)) ? ticket.reopens : 0,
    status: solved ? 'solved' : reached(ticket.firstReplyAt) ? 'open' : 'new',
  };
}

/** Failed payments show once the invoice was due. */
export function invoiceAt(invoice: WorldInvoice, t: number): WorldInvoice | null {
  if (invoice.issuedAt > t) return null;
  const paidAt = invoice.paidAt !== null && invoice.paidAt <= t ? invoice.paidAt : null;
  return { ...invoice, paidAt, failedPayments: invoice.dueAt <= t || paidAt !== null ? invoice.failedPayments : 0 };
}

export interface ActivityView extends WorldActivity {
  status: 'planned' | 'done' | 'cancelled';
}
/** An activity as the CRM shows it; null where it is not there (yet, or ever). */
export function activityAt(activity: WorldActivity, t: number): ActivityView | null {
  if (!activity.inCrm || activity.createdAt > t) return null;
  const cancelled = activity.cancelledAt !== null && activity.cancelledAt <= t;
  const completedAt = activity.completedAt !== null && activity.completedAt <= t ? activity.completedAt : null;
  return {
    ...activity,
    completedAt,
    cancelledAt: cancelled ? activity.cancelledAt : null,
    status: cancelled ? 'cancelled' : completedAt === null ? 'planned' : 'done',
  };
}

/** `leftAt` only once the person has left. */
export function contactAt(contact: WorldContact, t: number): WorldContact | null {
  if (contact.createdAt > t) return null;
  return { ...contact, leftAt: contact.leftAt !== null && contact.leftAt <= t ? contact.leftAt : null };
}

export interface AccountSnapshot {
  status: NonNullable<ReturnType<typeof valueAt<WorldAccount['status'][number]['value']>>>;
  seats: number;
  /** Minor units. */
  arr: number;
  renewalOn: string | null;
  /** When the account's own record last changed. */
  changedAt: number;
}
/** The account record's changing fields; null where the record cannot be read. */
export function accountAt(account: WorldAccount, t: number): AccountSnapshot | null {
  if (!existsAt(account, t)) return null;
  const status = valueAt(account.status, t);
  if (status === undefined) return null;
  return {
    status,
    seats: valueAt(account.seats, t) ?? 0,
    arr: valueAt(account.arr, t) ?? 0,
    renewalOn: valueAt(account.renewalOn, t) ?? null,
    changedAt: accountChanges(account).findLast((at) => at <= t) ?? account.createdAt,
  };
}
/** When the account record's own fields change, deletion and merge apart. Sorted. */
export function accountChanges(account: WorldAccount): number[] {
  const all = [account.status, account.seats, account.arr, account.renewalOn].flatMap((line) => line.map((e) => e.at));
  return [...new Set([account.createdAt, ...all])].sort((a, b) => a - b);
}
