import { describe, expect, it, onTestFinished } from 'vitest';
import type { Config } from '../../../connectors/stripe/config.ts';
import { stripe } from '../../../connectors/stripe/index.ts';
import { customerId, disputeId, invoiceId, subscriptionId } from '../../../connectors/stripe/sandbox/ids.ts';
import { serveStripe } from '../../../connectors/stripe/sandbox.ts';
import type { Ctx, Cursor } from '../../../src/contract/index.ts';
import type { FactData, FactKind, FactOf } from '../../../src/core/fact.ts';
import { todayIn } from '../../../src/kit/dates.ts';
import { invoiceAt, valueAt } from '../../../src/sandbox/asof.ts';
import { makeWorld } from '../../../src/sandbox/world.ts';
import type { RunningSandbox, World, WorldAccount, WorldSubscription } from '../../../src/sandbox/world.types.ts';
import { makeCtx, NOW } from './support.ts';

const DAY = 86_400_000;
const ZONE = 'Europe/London';
type Fact<K extends FactKind> = FactOf<K>;

/** What pulls leave behind: versions by record, the last statement of an instant holds. */
class Kept {
  readonly #versions = new Map<string, Map<number, Fact<FactKind>>>();
  readonly #cursors = new Map<string, Cursor>();
  calls: Record<string, number> = {};

  async pull(ctx: Ctx<Config>, sandbox: RunningSandbox): Promise<void> {
    sandbox.calls.reset();
    for (const name of Object.keys(stripe.streams(ctx)))
      for await (const page of stripe.pull(ctx, name, this.#cursors.get(name) ?? null)) {
        expect(page.rejects).toEqual([]);
        for (const fact of page.facts) {
          const key = `${fact.kind} ${fact.id}`;
          const versions = this.#versions.get(key) ?? new Map();
          this.#versions.set(key, versions.set(fact.at, fact));
        }
        this.#cursors.set(name, JSON.parse(JSON.stringify(page.cursor)));
      }
    this.calls = sandbox.calls.byKind();
  }

  at<K extends FactKind>(kind: K, id: string, at: number): FactData<K> | null {
    const versions = [...(this.#versions.get(`${kind} ${id}`)?.values() ?? [])].filter((f) => f.at <= at);
    const last = versions.sort((a, b) => a.at - b.at).at(-1);
    return last && !last.deleted ? (last.data as FactData<K>) : null;
  }
  count = (kind: FactKind): number => [...this.#versions.keys()].filter((k) => k.startsWith(`${kind} `)).length;
}

async function start(seed: number, customers = 40) {
  const world = makeWorld({ seed, customers, now: NOW });
  const sandbox = await serveStripe({ world });
  onTestFinished(() => sandbox.close());
  const { ctx } = makeCtx(
    { ...sandbox.config, mode: 'live' },
    { now: world.now, secrets: { apiKey: sandbox.env.STRIPE_API_KEY ?? '' } },
  );
  return { world, sandbox, ctx, kept: new Kept() };
}

const runs = (s: WorldSubscription, at: number): boolean =>
  ['active', 'past_due'].includes(valueAt(s.status, at) ?? '') && (s.endedAt ?? at + 1) > at;

/** At an instant: what the facts say an account pays a year is what the world knows, to the penny. */
function expectRevenue(world: World, kept: Kept, at: number, unseen = false): number {
  let paying = 0;
  const unknown: string[] = [];
  for (const account of world.accounts()) {
    let total = 0;
    const before = unknown.length;
    for (const s of account.subscriptions) {
      const data = kept.at('subscription', subscriptionId(s.key), at);
      const status = valueAt(s.status, at);
      if (s.createdAt > at || status === 'incomplete_expired') {
        expect(data, s.key).toBeNull();
        continue;
      }
      expect(data, s.key).not.toBeNull();
      expect(data?.trial, s.key).toBe(status === 'trialing');
      if (s.endedAt !== null && s.endedAt <= at) expect(data?.endOn, s.key).toBe(todayIn(ZONE, s.endedAt));
      const announced = s.cancellations.find((c) => c.at <= at && (c.withdrawnAt ?? at + 1) > at);
      if (announced && !(s.endedAt !== null && s.endedAt <= at))
        expect(data?.endOn, `${s.key} at ${new Date(at).toISOString()}`).toBe(todayIn(ZONE, announced.endsAt));
      const arr = runs(s, at) ? (data?.arr?.minor ?? Number.NaN) : 0;
      // Of a discount or an eleventh item that was there before the first look, nothing tells: unknown, and never wrong.
      if (unseen && runs(s, at) && data?.arr === null && data.mrr === null) {
        unknown.push(s.key);
        continue;
      }
      if (runs(s, at))
        expect(data?.arr, s.key).toEqual({ minor: valueAt(s.terms, at)?.arr, currency: account.currency });
      total += arr;
    }
    if (unknown.length > before) continue;
    expect(total, `${account.key} at ${new Date(at).toISOString()}`).toBe(valueAt(account.arr, at) ?? 0);
    if (total > 0) paying += 1;
  }
  expect(unknown.length).toBeLessThan(5);
  return paying;
}

function disputesOf(account: WorldAccount, invoiceKey: string, at: number): number {
  return account.subscriptions
    .flatMap((s) => s.disputes)
    .filter((d) => d.invoiceKey === invoiceKey && d.at <= at && !(d.won && d.closedAt <= at)).length;
}

function expectInvoices(world: World, kept: Kept, at: number): number {
  let seen = 0;
  for (const account of world.accounts())
    for (const invoice of account.invoices) {
      const view = invoiceAt(invoice, at);
      const data = kept.at('invoice', invoiceId(invoice.key), at);
      if (!view) {
        expect(data, invoice.key).toBeNull();
        continue;
      }
      seen += 1;
      const subscription = account.subscriptions.find((s) => s.invoiceKeys.includes(invoice.key));
      const day = (instant: number | null) => (instant === null ? null : todayIn(ZONE, instant));
      expect(data, `${invoice.key} at ${new Date(at).toISOString()}`).toMatchObject({
        kind: 'invoice',
        amount: { minor: view.amount, currency: account.currency },
        issuedOn: day(view.issuedAt),
        paidOn: day(view.paidAt),
        failedPayments: view.failedPayments + disputesOf(account, invoice.key, at),
        ...(subscription?.collection === 'invoice' ? { dueOn: day(view.dueAt) } : {}),
      });
    }
  return seen;
}

function expectPayers(world: World, kept: Kept, at: number): number {
  let seen = 0;
  for (const { payers } of world.accounts())
    for (const payer of payers) {
      const data = kept.at('account', customerId(payer.key), at);
      if (payer.createdAt > at || (payer.deletedAt !== null && payer.deletedAt <= at)) {
        expect(data, payer.key).toBeNull();
        continue;
      }
      seen += 1;
      expect(data?.name).toBe(payer.name);
      expect(data?.keys).toEqual(payer.externalKey === null ? [] : [payer.externalKey]);
      expect(data?.domains).toEqual(payer.email === null ? [] : [payer.email.split('@')[1]?.toLowerCase()]);
    }
  return seen;
}

function expectTruth(world: World, kept: Kept, at = world.now()): void {
  expect(expectRevenue(world, kept, at)).toBeGreaterThan(10);
  expect(expectInvoices(world, kept, at)).toBeGreaterThan(50);
  expect(expectPayers(world, kept, at)).toBeGreaterThan(10);
}

describe.each([7, 20261125, 99])('facts are what the world knows (seed %i)', (seed) => {
  it('after the first pull, now and on each of the last 29 days', async () => {
    const { world, sandbox, ctx, kept } = await start(seed);
    await kept.pull(ctx, sandbox);
    expectTruth(world, kept);
    for (let days = 1; days <= 29; days++)
      expect(expectRevenue(world, kept, world.now() - days * DAY, true)).toBeGreaterThan(10);
  });

  it('after days, weeks and a silence of 35 days, by events and by passes', async () => {
    const { world, sandbox, ctx, kept } = await start(seed);
    await kept.pull(ctx, sandbox);
    for (const days of [1, 0.2, 4, 3, 6]) {
      world.advance(days * DAY);
      await kept.pull(ctx, sandbox);
      expectTruth(world, kept);
    }
    // Every instant since the first pull is known too, not only the days on which somebody looked.
    for (let hours = 0; hours < 14.2 * 24; hours += 7) expectRevenue(world, kept, NOW + hours * 3_600_000, true);
    world.advance(35 * DAY);
    await kept.pull(ctx, sandbox);
    expectTruth(world, kept);
  });
});

it('costs next to nothing where nothing has happened', async () => {
  const { world, sandbox, ctx, kept } = await start(7);
  await kept.pull(ctx, sandbox);
  const before = kept.count('invoice');
  await kept.pull(ctx, sandbox);
  expect(kept.calls).toEqual({ 'events.list': 4 });
  expect(kept.count('invoice')).toBe(before);
  expectTruth(world, kept);
});

it('meets disputes and closed ones among them', async () => {
  const { world } = await start(7, 60);
  const disputes = [...world.accounts()].flatMap((a) => a.subscriptions.flatMap((s) => s.disputes));
  const past = disputes.filter((d) => d.at <= world.now());
  expect(past.length).toBeGreaterThan(0);
  expect(disputeId(past[0]?.key ?? '')).toMatch(/^du_/);
});
