import { expect, test } from 'vitest';
import { subscriptionId } from '../../../connectors/stripe/sandbox/ids.ts';
import { valueAt } from '../../../src/sandbox/asof.ts';
import { makeWorld } from '../../../src/sandbox/world.ts';
import { DAY, NOW, type Row, start, VERSION } from './support.ts';

interface Event extends Row {
  type: string;
  created: number;
  api_version: string;
  data: { object: Row; previous_attributes?: Record<string, unknown> };
}
const asEvents = (rows: Row[]): Event[] => rows as Event[];

test('events are newest first, of the last 30 days, narrowed by type and time', async () => {
  const { all, call, refused, world } = await start({ customers: 80 });
  const events = asEvents(await all('events'));
  const times = events.map((e) => e.created);
  expect(times).toEqual(times.toSorted((a, b) => b - a));
  expect(Math.min(...times) * 1000).toBeGreaterThanOrEqual(NOW - 30 * DAY);
  expect(Math.max(...times) * 1000).toBeLessThanOrEqual(NOW);
  expect(new Set(events.map((e) => e.id)).size).toBe(events.length);
  const paid = asEvents(await all('events?types[]=invoice.paid&types[]=charge.failed'));
  expect(paid).toEqual(events.filter((e) => e.type === 'invoice.paid' || e.type === 'charge.failed'));
  expect(paid.length).toBeGreaterThan(5);
  const since = NOW / 1000 - 86_400 * 3;
  expect(asEvents(await all(`events?created[gte]=${since}`))).toEqual(events.filter((e) => e.created >= since));
  expect(asEvents(await all('events?type=customer.subscription.*')).length).toBeGreaterThan(0);
  const many = Array.from({ length: 21 }, (_, n) => `types[]=t${n}`).join('&');
  expect(await refused(`events?${many}`)).toMatchObject({ status: 400, param: 'types' });
  expect(await refused('events?type=a&types[]=b')).toMatchObject({ status: 400 });
  const [oldest] = events.slice(-1);
  world.advance(2 * DAY);
  const later = asEvents(await all('events'));
  expect(later.some((e) => e.id === oldest?.id)).toBe(false);
  const known = new Set(events.map((e) => e.id));
  for (const e of later) expect(known.has(e.id)).toBe(e.created * 1000 <= NOW);
  expect((await call(`events/${later[0]?.id}`)).body).toEqual(later[0]);
});

test('an update tells what was said before; older events speak an older version', async () => {
  const world = makeWorld({ seed: 7, customers: 300, now: NOW });
  const { all } = await start({ world });
  const events = asEvents(await all('events'));
  const updates = events.filter((e) => e.type === 'customer.subscription.updated');
  const changed = events.filter((e) => e.type.endsWith('.updated'));
  for (const e of changed) expect(Object.keys(e.data.previous_attributes ?? {}), e.id).not.toEqual([]);
  const versions = new Set(events.map((e) => e.api_version));
  expect([...versions].sort()).toEqual(['2024-06-20', VERSION]);
  for (const e of events) {
    const old = e.api_version !== VERSION;
    expect(old, e.id).toBe(e.created * 1000 < NOW - 10 * DAY);
    if (e.type.startsWith('customer.subscription')) expect('current_period_end' in e.data.object, e.id).toBe(old);
    if (e.type.startsWith('invoice.')) expect('parent' in e.data.object, e.id).toBe(!old);
  }
  const announced = updates.filter((e) => e.data.previous_attributes?.cancel_at === null);
  expect(announced.length).toBeGreaterThan(0);
  for (const e of announced) expect(e.data.object.canceled_at).toBe(e.created);
});

test('a plan change shows the items before and after, at its own second', async () => {
  const world = makeWorld({ seed: 7, customers: 300, now: NOW });
  const { all } = await start({ world });
  const updates = asEvents(await all('events?types[]=customer.subscription.updated'));
  let changes = 0;
  for (const account of world.accounts())
    for (const s of account.subscriptions)
      for (const [n, { at, value }] of s.terms.entries()) {
        const before = s.terms[n - 1]?.value;
        if (!before || at <= NOW - 30 * DAY || at > NOW || (s.endedAt ?? at + 1) <= at) continue;
        if (JSON.stringify(before.items) === JSON.stringify(value.items)) continue;
        const event = updates.find((e) => e.data.object.id === subscriptionId(s.key) && e.created * 1000 === at);
        const prices = (rows: unknown) =>
          (rows as { data: { price: { unit_amount_decimal: string } }[] }).data.map((i) => i.price.unit_amount_decimal);
        expect(prices(event?.data.object.items), s.key).toEqual(value.items.slice(0, 10).map((i) => i.unit));
        expect(prices(event?.data.previous_attributes?.items)).toEqual(before.items.slice(0, 10).map((i) => i.unit));
        changes += 1;
      }
  expect(changes).toBeGreaterThan(5);
});

test('every step of an invoice and every end has its event', async () => {
  const world = makeWorld({ seed: 7, customers: 200, now: NOW });
  const { all } = await start({ world });
  const events = asEvents(await all('events'));
  const count = (type: string) => events.filter((e) => e.type === type).length;
  const recent = (at: number | null): boolean => at !== null && at > NOW - 30 * DAY && at <= NOW;
  const accounts = [...world.accounts()];
  const invoices = accounts.flatMap((a) => a.invoices);
  const subscriptions = accounts.flatMap((a) => a.subscriptions);
  expect(count('invoice.finalized')).toBe(invoices.filter((i) => recent(i.issuedAt)).length);
  expect(count('invoice.paid')).toBe(invoices.filter((i) => recent(i.paidAt)).length);
  expect(count('charge.succeeded')).toBe(count('invoice.paid'));
  expect(count('charge.failed')).toBe(count('invoice.payment_failed'));
  expect(count('invoice.payment_failed')).toBeGreaterThan(0);
  expect(count('invoice.overdue')).toBeGreaterThan(0);
  const ended = subscriptions.filter((s) => recent(s.endedAt) && valueAt(s.status, NOW) === 'canceled');
  expect(count('customer.subscription.deleted')).toBe(ended.length);
  expect(ended.length).toBeGreaterThan(0);
});
