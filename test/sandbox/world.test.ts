import { describe, expect, it } from 'vitest';
import { existsAt, valueAt } from '../../src/sandbox/asof.ts';
import type { Timeline, WorldAccount } from '../../src/sandbox/world.types.ts';
import { DAY, NOW, told, worldOf } from './world-support.ts';

const world = worldOf();
const accounts = [...world.accounts()];
const everyTimeline = (a: WorldAccount): Timeline<unknown>[] => [
  a.status,
  a.seats,
  a.arr,
  a.renewalOn,
  ...a.opportunities.map((o) => o.states),
];

describe('the same seed tells the same story', () => {
  it('in another world, in any order of asking, and after time has moved on', () => {
    const again = worldOf();
    again.advance(30 * DAY);
    for (const index of [624, 17, 0, 311, 17])
      expect(told(again.account(index))).toBe(told(accounts[index] as WorldAccount));
    expect(again.users).toEqual(world.users);
    expect(again.account(3).health(NOW)).toBe(world.account(3).health(NOW));
  });

  it('and another seed another one', () => {
    const other = worldOf({ seed: 8 });
    const same = accounts.filter(
      (a) => told(a) === told(other.account(a.index)) || a.name === other.account(a.index).name,
    );
    expect(same.length).toBeLessThan(10);
    expect(told(worldOf({ seed: 7 + 2 ** 32 }).account(0))).not.toBe(told(world.account(0)));
  });

  it('whatever other accounts there are', () => {
    const larger = worldOf({ customers: 900 });
    for (const a of accounts.slice(0, 499)) {
      const b = larger.account(a.index);
      expect(JSON.stringify([b.usage, b.invoices, b.arr, b.contacts.length])).toBe(
        JSON.stringify([a.usage, a.invoices, a.arr, a.contacts.length]),
      );
    }
  });

  it('whatever dirt lies on it', () => {
    const clean = worldOf({ dirt: false });
    const untouched = accounts.filter((a) => a.index < 500 && a.dirt.length === 0);
    expect(untouched.length).toBeGreaterThan(200);
    for (const a of untouched) {
      const b = clean.account(a.index);
      expect(JSON.stringify([b.usage, b.tickets, b.invoices, b.surveys])).toBe(
        JSON.stringify([a.usage, a.tickets, a.invoices, a.surveys]),
      );
    }
  });
});

describe('size and clock', () => {
  it('has the customers first, and a quarter more of others', () => {
    expect(world.size).toBe(625);
    expect(accounts).toHaveLength(625);
    const customers = accounts.filter((a) => valueAt(a.status, NOW) === 'customer' && existsAt(a, NOW));
    expect(customers.map((a) => a.index)).toEqual(Array.from({ length: 500 }, (_, i) => i));
    const others = new Set(accounts.slice(500).map((a) => valueAt(a.status, NOW)));
    expect([...others].sort()).toEqual(['churned', 'partner', 'prospect', 'test']);
  });

  it('refuses indexes outside and a clock that goes back', () => {
    expect(() => world.account(625)).toThrow(RangeError);
    expect(() => world.account(-1)).toThrow(RangeError);
    expect(() => world.account(1.5)).toThrow(RangeError);
    expect(() => world.advance(-1)).toThrow(RangeError);
  });

  it('serves the smallest worlds', () => {
    const one = worldOf({ customers: 1 });
    expect(one.size).toBe(1);
    expect(valueAt(one.account(0).status, NOW)).toBe('customer');
  });

  it('staffs one CSM for forty customers and a manager for eight CSMs', () => {
    const clean = worldOf({ dirt: false }).users;
    expect(clean.filter((u) => u.role === 'csm')).toHaveLength(13);
    expect(clean.filter((u) => u.role === 'manager')).toHaveLength(2);
    expect(clean.filter((u) => u.role === 'executive' || u.role === 'integration')).toHaveLength(2);
    expect(clean.every((u) => u.active)).toBe(true);
    const keys = new Set(clean.map((u) => u.key));
    for (const u of clean)
      if (u.role === 'csm' || u.role === 'manager') expect(keys.has(u.managerKey ?? '')).toBe(true);
  });
});

describe('well-formed records', () => {
  it('has every key once in the whole world', () => {
    const keys = accounts.flatMap((a) => [
      a.key,
      a.externalKey,
      ...a.opportunities.flatMap((o) => [o.key, ...o.roles.map((r) => r.key)]),
      ...[a.contacts, a.activities, a.tickets, a.invoices, a.surveys].flat().map((r) => r.key),
    ]);
    const all = [...keys, ...world.users.map((u) => u.key)];
    expect(new Set(all).size).toBe(all.length);
  });

  it('keeps whole seconds, sorted lists and timelines that go forward', () => {
    for (const a of accounts) {
      for (const line of everyTimeline(a))
        for (const [n, entry] of line.entries()) {
          expect(entry.at % 1000, a.key).toBe(0);
          if (n > 0) expect(entry.at, a.key).toBeGreaterThan(line[n - 1]?.at ?? 0);
        }
      const lists = [
        a.activities.map((x) => x.at),
        a.usage.map((x) => x.day),
        a.tickets.map((x) => x.openedAt),
        a.invoices.map((x) => x.issuedAt),
        a.surveys.map((x) => x.at),
        a.opportunities.map((x) => x.createdAt),
      ];
      for (const times of lists) {
        expect(times, a.key).toEqual(times.toSorted((x, y) => x - y));
        expect(times.filter((t) => t % 1000 !== 0)).toEqual([]);
      }
      expect(new Set(a.usage.map((u) => u.day)).size).toBe(a.usage.length);
    }
  });

  it('holds money in whole minor units, and counts in whole numbers', () => {
    for (const a of accounts) {
      const money = [
        ...a.arr.map((e) => e.value),
        ...a.invoices.map((i) => i.amount),
        ...a.opportunities.flatMap((o) => o.states.map((s) => s.value.amount)),
      ];
      for (const amount of money) expect(Number.isSafeInteger(amount) && amount >= 0, a.key).toBe(true);
      const wrong = a.usage.filter((u) => !Object.values(u).every((n) => Number.isSafeInteger(n) && n >= 0));
      expect(wrong, a.key).toEqual([]);
      for (const s of a.surveys)
        expect(s.score >= (s.type === 'nps' ? 0 : 1) && s.score <= (s.type === 'nps' ? 10 : 5)).toBe(true);
    }
  });

  it('lets effects follow their causes', () => {
    for (const a of accounts) {
      const since = a.status.find((e) => e.value === 'customer')?.at ?? null;
      for (const c of a.contacts)
        expect(c.createdAt >= a.createdAt && (c.leftAt ?? c.createdAt + 1) > c.createdAt, c.key).toBe(true);
      const contacts = new Map(a.contacts.map((c) => [c.key, c]));
      const opportunities = new Set(a.opportunities.map((o) => o.key));
      for (const x of a.activities) {
        const [done, off] = [x.completedAt ?? x.at, x.cancelledAt ?? x.createdAt];
        expect(x.createdAt >= a.createdAt && done >= x.at && off >= x.createdAt, x.key).toBe(true);
        expect(x.completedAt === null, x.key).toBe(x.cancelledAt !== null);
        if (x.contactKey !== null) expect(contacts.get(x.contactKey)?.createdAt, x.key).toBeLessThanOrEqual(x.at);
        if (x.opportunityKey !== null) expect(opportunities.has(x.opportunityKey)).toBe(true);
      }
      for (const t of a.tickets) {
        expect(t.firstReplyAt ?? t.openedAt).toBeGreaterThanOrEqual(t.openedAt);
        expect(t.solvedAt ?? Number.POSITIVE_INFINITY).toBeGreaterThanOrEqual(t.firstReplyAt ?? 0);
        if (t.rating !== null) expect(t.solvedAt).not.toBeNull();
      }
      for (const i of a.invoices) expect(i.dueAt > i.issuedAt && (i.paidAt ?? i.dueAt) > i.issuedAt, i.key).toBe(true);
      for (const o of a.opportunities) {
        expect(o.states[0]?.at, o.key).toBe(o.createdAt);
        expect(o.states.slice(0, -1).every((s) => !s.value.closed)).toBe(true);
        for (const r of o.roles) expect(contacts.has(r.contactKey)).toBe(true);
      }
      const last = a.churnedAt ?? Number.POSITIVE_INFINITY;
      for (const t of [...a.tickets.map((x) => x.openedAt), ...a.invoices.map((x) => x.issuedAt)])
        expect(since !== null && t >= since && t < last, a.key).toBe(true);
    }
  });

  it('moves the renewal date on with each won renewal, and ends it with a lost one', () => {
    const renewed = accounts.filter((a) => a.renewalOn.length > 2 && a.churnedAt === null);
    expect(renewed.length).toBeGreaterThan(100);
    for (const a of renewed) {
      const dates = a.renewalOn.slice(1).map((e) => Date.parse(e.value ?? ''));
      for (const [n, date] of dates.entries())
        if (n > 0) expect((date - (dates[n - 1] ?? 0)) / DAY).toBeCloseTo(365, -1);
    }
    const churned = accounts.filter((a) => a.churnedAt !== null && a.churnedAt >= NOW - 300 * DAY && a.churnedAt < NOW);
    expect(churned.length).toBeGreaterThan(10);
    for (const a of churned) {
      expect(
        a.opportunities
          .filter((o) => o.type === 'Renewal')
          .at(-1)
          ?.states.at(-1)?.value.stage,
        a.key,
      ).toBe('Closed Lost');
      expect(valueAt(a.arr, NOW)).toBe(0);
      expect(valueAt(a.status, NOW)).toBe('churned');
    }
  });
});
