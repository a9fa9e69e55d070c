import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { FactKind } from '../../src/core/fact.ts';
import { invoiceAt, ticketAt, valueAt } from '../../src/sandbox/asof.ts';
import type { WorldAccount } from '../../src/sandbox/world.types.ts';
import { DAY, Loop } from './harness.ts';
import { type StoredRow, storedRows } from './stored-facts.ts';
import { crmRows, sorted } from './world-facts.ts';

/** Large enough for every kind of dirt, for merges and for deletions before and after the first pull. */
const CUSTOMERS = 120;
const CRM_KINDS = ['account', 'user', 'contact', 'opportunity', 'opportunityRole', 'activity'] as const;

let loop: Loop;
const pulls: number[] = [];
const store = () => join(loop.dir, 'pulseback.db');

async function pull(): Promise<void> {
  const result = await loop.run('pull');
  expect(result.err + JSON.stringify(result.json?.sources)).not.toMatch(/"rejected":[1-9]|"error"/);
  expect(result.code).toBe(0);
  pulls.push(loop.host.world.now());
}

const lines = (rows: StoredRow[]): string[] =>
  rows
    .map(
      (row) =>
        `${row.id} @${new Date(row.at).toISOString()} ${row.account}${row.deleted ? ' deleted' : ''} ${sorted(row.data)}`,
    )
    .sort();

function expectSame(kind: FactKind, told: StoredRow[], known: StoredRow[]): void {
  const [a, b] = [lines(told), lines(known)];
  const [has, wants] = [new Set(a), new Set(b)];
  const missing = b.filter((line) => !has.has(line));
  const extra = a.filter((line) => !wants.has(line));
  expect({ kind, missing: missing.slice(0, 3), extra: extra.slice(0, 3) }).toEqual({ kind, missing: [], extra: [] });
  expect(a.length).toBe(b.length);
}

const day = (at: number | null): string | null => (at === null ? null : new Date(at).toISOString().slice(0, 10));
const drop = (data: Record<string, unknown>): Record<string, unknown> =>
  Object.fromEntries(Object.entries(data).filter(([, v]) => v !== null));
const exported = (): WorldAccount[] =>
  [...loop.host.world.accounts()].filter((a) =>
    a.status.some((s) => s.at <= loop.host.world.now() && (s.value === 'customer' || s.value === 'test')),
  );
const knownSince = (a: WorldAccount): string =>
  day(a.status.find((s) => s.value === 'customer' || s.value === 'test')?.at ?? 0) ?? '';
/** The latest version of each record. */
const latest = (rows: StoredRow[]): StoredRow[] => [...new Map(rows.map((row) => [row.id, row])).values()];

/** Kinds that come from exports: every record's present state, from its own date on. */
function exportedFacts(now: number): Record<'account' | 'usage' | 'ticket' | 'invoice' | 'survey', StoredRow[]> {
  const accounts = exported();
  const row = (account: WorldAccount, id: string, at: number, data: Record<string, unknown>): StoredRow => ({
    id,
    account: account.externalKey,
    at,
    deleted: false,
    data: drop(data),
  });
  return {
    account: accounts.map((a) =>
      row(a, a.externalKey, Date.parse(knownSince(a)), { name: a.name, domains: [a.domain], createdOn: knownSince(a) }),
    ),
    usage: accounts.flatMap((a) =>
      a.usage
        .filter((u) => u.day + DAY <= now)
        .map(({ day: at, ...metrics }) =>
          row(a, `usage:${a.externalKey}`, at, { metrics: { ...metrics, featuresAvailable: 12 } }),
        ),
    ),
    ticket: accounts.flatMap((a) =>
      a.tickets.flatMap((ticket) => {
        const t = ticketAt(ticket, now);
        if (!t) return [];
        const { subject, status, priority, openedAt, solvedAt, firstReplyAt, escalated, reopens, rating } = t;
        return row(a, t.key, openedAt, {
          ...{ subject, status, priority, openedAt, solvedAt, escalated, reopens },
          firstReplyMinutes: firstReplyAt === null ? null : Math.round((firstReplyAt - openedAt) / 60_000),
          resolutionHours: solvedAt === null ? null : Math.round((solvedAt - openedAt) / 360_000) / 10,
          satisfaction: rating === null ? null : (rating - 1) * 25,
        });
      }),
    ),
    invoice: accounts.flatMap((a) =>
      a.invoices.flatMap((invoice) => {
        const i = invoiceAt(invoice, now);
        if (!i) return [];
        return row(a, i.key, Date.parse(day(i.issuedAt) ?? ''), {
          amount: { minor: i.amount, currency: a.currency },
          issuedOn: day(i.issuedAt),
          dueOn: day(i.dueAt),
          paidOn: day(i.paidAt),
          failedPayments: i.failedPayments,
        });
      }),
    ),
    survey: accounts.flatMap((a) =>
      a.surveys
        .filter((s) => s.at <= now)
        .map((s) =>
          row(a, s.key, s.at, {
            ...{ type: s.type, score: s.score, comment: s.comment, respondent: s.respondentEmail },
            ...(s.type === 'nps' ? { scaleMin: 0, scaleMax: 10 } : { scaleMin: 1, scaleMax: 5 }),
          }),
        ),
    ),
  };
}

function whatArrivedIsWhatIsKnown(): void {
  it.each(CRM_KINDS)('%s of the CRM', (kind) => {
    const known = crmRows(loop.host.world, pulls).get(kind) ?? [];
    expect(known.length).toBeGreaterThan(0);
    expectSame(kind, storedRows(store(), 'crm', kind), known);
  });

  it.each(['account', 'usage', 'survey'] as const)('%s of the exports', (kind) => {
    const known = exportedFacts(loop.host.world.now())[kind];
    expect(known.length).toBeGreaterThan(0);
    expectSame(kind, storedRows(store(), 'exports', kind), known);
  });

  it.each(['ticket', 'invoice'] as const)(
    '%s of the exports: what holds now, and since when it has existed',
    (kind) => {
      const known = exportedFacts(loop.host.world.now())[kind];
      const rows = storedRows(store(), 'exports', kind);
      const begins = new Map(rows.toReversed().map((row) => [row.id, row.at]));
      expect(known.length).toBeGreaterThan(0);
      expectSame(
        kind,
        latest(rows).map((row) => ({ ...row, at: begins.get(row.id) ?? 0 })),
        known,
      );
    },
  );

  it('nothing else: no kind and no source that nobody sent', () => {
    for (const kind of ['usage', 'ticket', 'invoice', 'survey', 'subscription'] as const)
      expect([kind, storedRows(store(), 'crm', kind)]).toEqual([kind, []]);
    for (const kind of ['user', 'contact', 'opportunity', 'opportunityRole', 'activity', 'subscription'] as const)
      expect([kind, storedRows(store(), 'exports', kind)]).toEqual([kind, []]);
  });
}

beforeAll(async () => {
  loop = await Loop.start({ accounts: CUSTOMERS, seed: 11, usageDays: 2_000 });
});
afterAll(() => loop.close());

describe('after the first pull', () => {
  beforeAll(pull);
  whatArrivedIsWhatIsKnown();

  it('knows when a ticket was solved and an invoice paid, not only that it is so now', () => {
    const now = loop.host.world.now();
    const at = (kind: FactKind, id: string): number[] =>
      storedRows(store(), 'exports', kind).flatMap((row) => (row.id === id ? [row.at] : []));
    const ticket = exported()
      .flatMap((a) => a.tickets)
      .find((t) => t.solvedAt !== null && t.solvedAt <= now);
    expect(at('ticket', ticket?.key ?? '')).toContain(ticket?.solvedAt);
    const invoice = exported()
      .flatMap((a) => a.invoices)
      .find((i) => i.paidAt !== null && i.paidAt <= now && day(i.paidAt) !== day(i.issuedAt));
    expect(at('invoice', invoice?.key ?? '')).toContain(Date.parse(day(invoice?.paidAt ?? null) ?? ''));
  });

  it('e-mail that nobody synced to the CRM is not there, and was in the world', () => {
    const now = loop.host.world.now();
    const silent = [...loop.host.world.accounts()].flatMap((a) => a.activities.filter((x) => !x.inCrm && x.at <= now));
    expect(silent.length).toBeGreaterThan(0);
    const arrived = storedRows(store(), 'crm', 'activity').length;
    const all = [...loop.host.world.accounts()].flatMap((a) => a.activities.filter((x) => x.at <= now)).length;
    expect(arrived).toBeLessThan(all);
  });
});

describe('after a day and a second pull', () => {
  beforeAll(async () => {
    await loop.later(DAY);
    await pull();
  });
  whatArrivedIsWhatIsKnown();
});

describe('after two months, in which accounts were merged and deleted', () => {
  beforeAll(async () => {
    await loop.later(58 * DAY);
    await pull();
  });
  whatArrivedIsWhatIsKnown();

  it('merges, deletions and churn did happen between the pulls', () => {
    const [first = 0, , last = 0] = pulls;
    const between = (at: number | null | undefined): boolean => !!at && at > first && at <= last;
    const all = [...loop.host.world.accounts()];
    expect(all.filter((a) => between(a.merged?.at)).length).toBeGreaterThan(0);
    expect(all.filter((a) => between(a.deletedAt)).length).toBeGreaterThan(0);
    expect(all.filter((a) => valueAt(a.status, last) !== valueAt(a.status, first)).length).toBeGreaterThan(0);
  });
});
