import { invoiceAt, ticketAt } from '../asof.ts';
import { DAY, HOUR, isoDay, MINUTE } from '../world/time.ts';
import type { WorldAccount } from '../world.types.ts';

export const EXPORT_KINDS = ['accounts', 'usage', 'tickets', 'invoices', 'surveys'] as const;
export type ExportKind = (typeof EXPORT_KINDS)[number];
export type Cell = string | number | boolean | null;

export interface Cut {
  /** Nothing that happened later is shown. */
  until: number;
  /** Usage before this is left out. */
  usageFrom: number;
}
export interface Table {
  header: readonly string[];
  rows(account: WorldAccount, cut: Cut): Cell[][];
}

const instant = (at: number | null): string | null =>
  at === null ? null : new Date(at).toISOString().replace('.000Z', 'Z');
const day = (at: number | null): string | null => (at === null ? null : isoDay(at));

/** Minor units → decimal text in the currency's own places ("1234.50", yen without any), by ISO 4217. */
export function decimal(minor: number, currency: string): string {
  const places =
    new Intl.NumberFormat('en', { style: 'currency', currency }).resolvedOptions().maximumFractionDigits ?? 2;
  return (minor / 10 ** places).toFixed(places);
}

/** Whether billing and product know the account at all: customers of today and yesterday, and tests. */
export const isExported = (account: WorldAccount, until: number): boolean =>
  account.status.some(({ at, value }) => at <= until && (value === 'customer' || value === 'test'));

/** What each file of the export holds, one row a record, as of the cut. */
export const TABLES: Record<ExportKind, Table> = {
  accounts: {
    header: ['external_key', 'name', 'domain', 'since', 'currency'],
    rows: (account) => [
      [account.externalKey, account.name, account.domain, day(knownSince(account)), account.currency],
    ],
  },
  usage: {
    header: 'external_key day active_users seats logins uses advanced_uses features_used minutes'.split(' '),
    // A day is exported when it is over.
    rows: ({ externalKey, usage }, { until, usageFrom }) =>
      usage
        .filter((u) => u.day >= usageFrom && u.day + DAY <= until)
        .map((u) => [
          externalKey,
          day(u.day),
          u.activeUsers,
          u.seats,
          u.logins,
          u.uses,
          u.advancedUses,
          u.featuresUsed,
          u.minutes,
        ]),
  },
  tickets: {
    header:
      'ticket_id external_key subject description status priority opened_at solved_at first_reply_minutes resolution_hours escalated reopens rating requester_email'.split(
        ' ',
      ),
    rows: ({ externalKey, tickets }, { until }) =>
      tickets.flatMap((ticket) => {
        const t = ticketAt(ticket, until);
        if (!t) return [];
        const reply = t.firstReplyAt === null ? null : Math.round((t.firstReplyAt - t.openedAt) / MINUTE);
        const hours = t.solvedAt === null ? null : Math.round((10 * (t.solvedAt - t.openedAt)) / HOUR) / 10;
        const times = [instant(t.openedAt), instant(t.solvedAt), reply, hours];
        const { key, subject, text, status, priority, escalated, reopens, rating, requesterEmail } = t;
        return [
          [key, externalKey, subject, text, status, priority, ...times, escalated, reopens, rating, requesterEmail],
        ];
      }),
  },
  invoices: {
    header: 'invoice_id external_key amount currency issued_on due_on paid_on failed_payments'.split(' '),
    rows: ({ externalKey, currency, invoices }, { until }) =>
      invoices.flatMap((invoice) => {
        const i = invoiceAt(invoice, until);
        if (!i) return [];
        const money = [decimal(i.amount, currency), currency];
        return [[i.key, externalKey, ...money, day(i.issuedAt), day(i.dueAt), day(i.paidAt), i.failedPayments]];
      }),
  },
  surveys: {
    header: 'survey_id external_key answered_at type score scale_min scale_max comment respondent_email'.split(' '),
    rows: ({ externalKey, surveys }, { until }) =>
      surveys
        .filter((s) => s.at <= until)
        .map((s) => {
          const scale = s.type === 'nps' ? [0, 10] : [1, 5];
          return [s.key, externalKey, instant(s.at), s.type, s.score, ...scale, s.comment, s.respondentEmail];
        }),
  },
};

const knownSince = (account: WorldAccount): number =>
  account.status.find(({ value }) => value === 'customer' || value === 'test')?.at ?? account.createdAt;
