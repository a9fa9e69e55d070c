import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import type { FactKind, FactOf } from '../../src/core/fact.ts';
import { invoiceAt, ticketAt } from '../../src/sandbox/asof.ts';
import { isExported } from '../../src/sandbox/exports/tables.ts';
import { writeExports } from '../../src/sandbox/exports.ts';
import { pullAll, testCtx } from '../connectors/files/ctx.ts';
import { DAY, NOW, worldOf } from './world-support.ts';

const folder = await mkdtemp(join(tmpdir(), 'world-files-'));
afterAll(() => rm(folder, { recursive: true }));
const world = worldOf({ customers: 120 });
await writeExports(world, folder);
const accounts = [...world.accounts()].filter((a) => isExported(a, NOW));
const ctx = testCtx(folder, { now: NOW });

async function pulled<K extends FactKind>(stream: string, kind: K): Promise<FactOf<K>[]> {
  const { facts, rejects, error } = await pullAll(ctx, stream);
  expect(error).toBeNull();
  expect(rejects).toEqual([]);
  expect(facts.filter((f) => f.kind !== kind)).toEqual([]);
  return facts as unknown as FactOf<K>[];
}
/** The version of each record that holds now. */
function latest<F extends { id: string; at: number }>(facts: F[]): Map<string, F> {
  const held = new Map<string, F>();
  for (const f of facts) if (f.at >= (held.get(f.id)?.at ?? Number.NEGATIVE_INFINITY)) held.set(f.id, f);
  return held;
}
const day = (at: number | null): string | null => (at === null ? null : new Date(at).toISOString().slice(0, 10));

describe('what arrives through the files connector is what the world knows', () => {
  it('accounts', async () => {
    const facts = latest(await pulled('accounts', 'account'));
    expect([...facts.values()].map((f) => [f.account, f.data.name, f.data.domains])).toEqual(
      accounts.map((a) => [a.externalKey, a.name, [a.domain]]),
    );
  });

  it('usage', async () => {
    const facts = await pulled('usage', 'usage');
    const told = facts.map(({ account, at, data: { metrics: m } }) =>
      [account, at, m.activeUsers, m.seats, m.logins, m.uses, m.advancedUses, m.featuresUsed, m.minutes].join(),
    );
    const known = accounts.flatMap((a) =>
      a.usage
        .filter((u) => u.day + DAY <= NOW)
        .map((u) =>
          [
            a.externalKey,
            u.day,
            u.activeUsers,
            u.seats,
            u.logins,
            u.uses,
            u.advancedUses,
            u.featuresUsed,
            u.minutes,
          ].join(),
        ),
    );
    expect(told.length).toBeGreaterThan(20_000);
    expect(told.sort()).toEqual(known.sort());
  });

  it('tickets', async () => {
    const facts = latest(await pulled('tickets', 'ticket'));
    const known = accounts.flatMap((a) => a.tickets.flatMap((t) => ticketAt(t, NOW) ?? []));
    expect(facts.size).toBe(known.length);
    for (const t of known) {
      const { subject, status, priority, openedAt, solvedAt, escalated, reopens } = t;
      const satisfaction = t.rating === null ? null : (t.rating - 1) * 25;
      const data = { subject, status, priority, openedAt, solvedAt, escalated, reopens, satisfaction };
      const told = { solvedAt: null, satisfaction: null, ...facts.get(t.key)?.data };
      expect(told, t.key).toMatchObject(data);
    }
  });

  it('invoices', async () => {
    const facts = latest(await pulled('invoices', 'invoice'));
    const known = accounts.flatMap((a) => a.invoices.flatMap((i) => ({ ...invoiceAt(i, NOW), currency: a.currency })));
    const issued = known.filter((i) => i.key !== undefined);
    expect(facts.size).toBe(issued.length);
    for (const i of issued) {
      const told = { paidOn: null, ...facts.get(i.key ?? '')?.data };
      expect(told, i.key).toMatchObject({
        amount: { minor: i.amount, currency: i.currency },
        issuedOn: day(i.issuedAt ?? null),
        dueOn: day(i.dueAt ?? null),
        paidOn: day(i.paidAt ?? null),
        failedPayments: i.failedPayments,
      });
    }
  });

  it('surveys', async () => {
    const facts = await pulled('surveys', 'survey');
    const told = facts.map((f) => [
      f.id,
      f.account,
      f.at,
      f.data.type,
      f.data.score,
      f.data.comment ?? null,
      f.data.respondent,
    ]);
    const known = accounts.flatMap((a) =>
      a.surveys
        .filter((s) => s.at <= NOW)
        .map((s) => [s.key, a.externalKey, s.at, s.type, s.score, s.comment, s.respondentEmail]),
    );
    expect(told).toEqual(known);
  });
});
