import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  accountAt,
  accountChanges,
  activityAt,
  contactAt,
  invoiceAt,
  opportunityAt,
  ticketAt,
  ticketChanges,
  valueAt,
} from '../../src/sandbox/asof.ts';
import { DAY, NOW, worldOf } from './world-support.ts';

const accounts = [...worldOf({ customers: 60 }).accounts()];
const anAccount = fc.constantFrom(...accounts);
const aTime = fc.integer({ min: NOW - 420 * DAY, max: NOW + 70 * DAY });
/** Instants inside a view, apart from plans (due dates, close dates, when a planned meeting will be). */
const later = (t: number, ...times: (number | null | undefined)[]): number[] =>
  times.filter((x): x is number => typeof x === 'number' && x > t);

describe('valueAt', () => {
  it('is the last value at or before the time', () => {
    const steps = fc.uniqueArray(fc.integer({ min: 0, max: 100 }), { minLength: 0, maxLength: 12 });
    fc.assert(
      fc.property(steps, fc.integer({ min: -5, max: 105 }), (times, t) => {
        const line = times.toSorted((a, b) => a - b).map((at) => ({ at, value: `v${at}` }));
        expect(valueAt(line, t)).toBe(line.filter((e) => e.at <= t).at(-1)?.value);
      }),
    );
  });
});

describe('nothing of the future shows', () => {
  it('in tickets, invoices, contacts, opportunities, activities and the account itself', () => {
    fc.assert(
      fc.property(anAccount, aTime, (a, t) => {
        const leaks = [
          ...a.tickets
            .map((x) => ticketAt(x, t))
            .flatMap((v) => (v ? later(t, v.openedAt, v.firstReplyAt, v.solvedAt) : [])),
          ...a.invoices.map((x) => invoiceAt(x, t)).flatMap((v) => (v ? later(t, v.issuedAt, v.paidAt) : [])),
          ...a.contacts.map((x) => contactAt(x, t)).flatMap((v) => (v ? later(t, v.createdAt, v.leftAt) : [])),
          ...a.opportunities
            .map((x) => opportunityAt(x, t))
            .flatMap((v) => (v ? later(t, v.since, ...v.roles.map((r) => r.at)) : [])),
          ...a.activities
            .map((x) => activityAt(x, t))
            .flatMap((v) => (v ? later(t, v.createdAt, v.completedAt, v.cancelledAt) : [])),
          ...later(t, accountAt(a, t)?.changedAt),
        ];
        expect(leaks).toEqual([]);
      }),
    );
  });

  it('and a ticket that is not solved has no rating, no solving time and no future escalation', () => {
    const tickets = accounts.flatMap((a) => a.tickets);
    const rated = tickets.find((t) => t.rating !== null && t.solvedAt !== null && t.firstReplyAt !== null);
    if (!rated) throw new Error('the world has no rated ticket');
    const { openedAt, firstReplyAt, solvedAt } = rated;
    expect(ticketAt(rated, openedAt - 1)).toBeNull();
    expect(ticketAt(rated, openedAt)).toMatchObject({
      status: 'new',
      firstReplyAt: null,
      solvedAt: null,
      rating: null,
    });
    expect(ticketAt(rated, firstReplyAt ?? 0)).toMatchObject({ status: 'open', firstReplyAt });
    expect(ticketAt(rated, (solvedAt ?? 0) - 1)).toMatchObject({ solvedAt: null, rating: null });
    expect(ticketAt(rated, solvedAt ?? 0)).toEqual({ ...rated, status: 'solved' });
    for (const t of tickets.filter((x) => x.escalated))
      expect(ticketAt(t, t.openedAt - 1)?.escalated ?? false).toBe(false);
  });
});

describe('changes', () => {
  it('name every moment at which a view differs from the one before', () => {
    const tickets = accounts.flatMap((a) => a.tickets);
    fc.assert(
      fc.property(fc.constantFrom(...tickets), aTime, (ticket, t) => {
        const last = ticketChanges(ticket).findLast((at) => at <= t);
        expect(ticketAt(ticket, t)).toEqual(last === undefined ? null : ticketAt(ticket, last));
      }),
    );
    fc.assert(
      fc.property(anAccount, aTime, (a, t) => {
        const last = accountChanges(a).findLast((at) => at <= t);
        const [now, then] = [accountAt(a, t), last === undefined ? null : accountAt(a, last)];
        if (now !== null) expect(now).toEqual(then);
      }),
    );
  });

  it('walk an opportunity through its stages to its end', () => {
    const won = accounts
      .flatMap((a) => a.opportunities)
      .find((o) => o.type === 'Renewal' && o.states.at(-1)?.value.won);
    if (!won) throw new Error('the world has no won renewal');
    expect(opportunityAt(won, won.createdAt - 1)).toBeNull();
    expect(opportunityAt(won, won.createdAt)).toMatchObject({ stage: 'Qualification', closed: false, probability: 20 });
    expect(won.states.map((s) => s.value.stage)).toEqual(['Qualification', 'Proposal', 'Negotiation', 'Closed Won']);
    expect(opportunityAt(won, won.states.at(-1)?.at ?? 0)).toMatchObject({
      stage: 'Closed Won',
      closed: true,
      probability: 100,
    });
  });

  it('keep unsynced activities out of the CRM', () => {
    const unsynced = accounts.flatMap((a) => a.activities).filter((x) => !x.inCrm);
    expect(unsynced.length).toBeGreaterThan(0);
    for (const x of unsynced) expect(activityAt(x, NOW + 100 * DAY)).toBeNull();
  });
});
