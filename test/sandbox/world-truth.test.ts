import { describe, expect, it } from 'vitest';
import { valueAt } from '../../src/sandbox/asof.ts';
import { truth } from '../../src/sandbox/truth.ts';
import type { WorldAccount } from '../../src/sandbox/world.types.ts';
import { aucOfLow, DAY, mean, NOW, worldOf } from './world-support.ts';

const accounts = [...worldOf({ customers: 1000 }).accounts()];
const customers = accounts.slice(0, 1000);
const share = (test: (a: WorldAccount) => boolean): number => customers.filter(test).length / customers.length;
const year = <T>(list: T[], at: (item: T) => number): T[] =>
  list.filter((x) => at(x) <= NOW && at(x) > NOW - 365 * DAY);

describe('the population is a plausible book of business', () => {
  it('is 55–65 % green, 22–30 % yellow and 10–15 % red', () => {
    const bands = customers.map((a) => truth(a, NOW).band);
    const of = (band: string): number => bands.filter((b) => b === band).length / bands.length;
    expect(of('green')).toBeGreaterThan(0.54);
    expect(of('green')).toBeLessThan(0.66);
    expect(of('yellow')).toBeGreaterThan(0.22);
    expect(of('yellow')).toBeLessThan(0.31);
    expect(of('red')).toBeGreaterThan(0.09);
    expect(of('red')).toBeLessThan(0.16);
  });

  it('renews all year round: about a quarter within 90 days', () => {
    const days = customers.flatMap((a) => {
      const on = valueAt(a.renewalOn, NOW);
      return on ? [(Date.parse(on) - NOW) / DAY] : [];
    });
    const within = (from: number, to: number): number => days.filter((d) => d > from && d <= to).length / days.length;
    expect(within(-1, 90)).toBeGreaterThan(0.2);
    expect(within(-1, 90)).toBeLessThan(0.3);
    for (const quarter of [90, 180, 270]) expect(within(quarter, quarter + 95)).toBeGreaterThan(0.18);
  });

  it('has the usual volume of everything', () => {
    const settled = customers.filter((a) => a.createdAt < NOW - 400 * DAY);
    const per = (segment: string, count: (a: WorldAccount) => number): number =>
      mean(settled.filter((a) => a.segment === segment).map(count));
    const touches = (a: WorldAccount): number => a.activities.filter((x) => x.at <= NOW).length;
    expect(per('smb', touches)).toBeGreaterThan(15);
    expect(per('smb', touches)).toBeLessThan(32);
    expect(per('enterprise', touches)).toBeGreaterThan(40);
    expect(per('enterprise', touches)).toBeLessThan(70);
    const tickets = mean(settled.map((a) => year(a.tickets, (t) => t.openedAt).length));
    expect(tickets).toBeGreaterThan(5);
    expect(tickets).toBeLessThan(13);
    expect(mean(customers.map((a) => a.opportunities.length))).toBeGreaterThan(1.8);
    expect(mean(customers.map((a) => a.opportunities.length))).toBeLessThan(4);
    const contacts = customers.filter((a) => !a.dirt.includes('no contacts')).map((a) => a.contacts.length);
    expect(Math.min(...contacts)).toBeGreaterThanOrEqual(3);
    expect(Math.max(...contacts)).toBeLessThanOrEqual(6);
    expect(share((a) => a.contacts.some((c) => c.seniority === 'executive'))).toBeGreaterThan(0.75);
    expect(share((a) => a.contacts.some((c) => c.champion))).toBeGreaterThan(0.75);
  });
});

describe('health drives what can be seen', () => {
  const well = customers.filter((a) => a.createdAt < NOW - 200 * DAY && truth(a, NOW).recentHealth >= 0.85);
  const ill = customers.filter((a) => a.createdAt < NOW - 200 * DAY && truth(a, NOW).recentHealth < 0.55);
  const recent = <T>(list: T[], at: (x: T) => number): T[] =>
    list.filter((x) => at(x) <= NOW && at(x) > NOW - 90 * DAY);
  const average = (group: WorldAccount[], figure: (a: WorldAccount) => number[]): number => mean(group.flatMap(figure));

  it.each<[string, (a: WorldAccount) => number[]]>([
    [
      'share of seats in use',
      (a) =>
        recent(a.usage, (u) => u.day)
          .filter((u) => u.seats > 4)
          .map((u) => u.activeUsers / u.seats),
    ],
    ['features used', (a) => recent(a.usage, (u) => u.day).map((u) => u.featuresUsed)],
    ['depth of use', (a) => recent(a.usage, (u) => u.day).map((u) => u.advancedUses / u.uses)],
    ['touchpoints', (a) => [recent(a.activities, (x) => x.at).filter((x) => x.completedAt !== null).length]],
    ['ticket ratings', (a) => recent(a.tickets, (t) => t.openedAt).flatMap((t) => t.rating ?? [])],
    [
      'survey scores',
      (a) =>
        recent(a.surveys, (s) => s.at)
          .filter((s) => s.type === 'nps')
          .map((s) => s.score),
    ],
    [
      'champions still there',
      (a) => a.contacts.filter((c) => c.champion).map((c) => (c.leftAt !== null && c.leftAt <= NOW ? 0 : 1)),
    ],
  ])('more %s in healthy accounts', (_, figure) => {
    expect(average(well, figure)).toBeGreaterThan(average(ill, figure) * 1.08);
  });

  it.each<[string, (a: WorldAccount) => number[]]>([
    ['tickets', (a) => [recent(a.tickets, (t) => t.openedAt).length]],
    ['escalations', (a) => recent(a.tickets, (t) => t.openedAt).map((t) => Number(t.escalated))],
    [
      'severe tickets',
      (a) => recent(a.tickets, (t) => t.openedAt).map((t) => Number(t.priority === 'urgent' || t.priority === 'high')),
    ],
    [
      'hours to solve',
      (a) =>
        recent(a.tickets, (t) => t.openedAt).flatMap((t) => (t.solvedAt === null ? [] : [t.solvedAt - t.openedAt])),
    ],
    ['late payments', (a) => recent(a.invoices, (i) => i.dueAt).map((i) => Number((i.paidAt ?? NOW) > i.dueAt + DAY))],
    [
      'cancelled meetings',
      (a) =>
        recent(a.activities, (x) => x.at)
          .filter((x) => x.type === 'meeting')
          .map((x) => Number(x.cancelledAt !== null)),
    ],
  ])('more %s in unhealthy accounts', (_, figure) => {
    expect(average(ill, figure)).toBeGreaterThan(average(well, figure) * 1.3);
  });

  it('tells who will churn: low health over 90 days comes before leaving within 90 days', () => {
    const pairs = [90, 180, 270].flatMap((ago) =>
      accounts.flatMap((a) => {
        const t = truth(a, NOW - ago * DAY);
        return t.customer ? [{ value: t.recentHealth, positive: t.churnsWithin90Days }] : [];
      }),
    );
    expect(pairs.filter((p) => p.positive).length).toBeGreaterThan(30);
    expect(aucOfLow(pairs)).toBeGreaterThan(0.75);
    expect(aucOfLow(pairs)).toBeLessThan(0.98); // some leave out of the blue
  });

  it('decides renewals to come by the health of then', () => {
    const decided = customers.filter((a) => a.churnedAt !== null && a.churnedAt > NOW && a.churnedAt <= NOW + 60 * DAY);
    expect(decided.length).toBeGreaterThan(3);
    expect(mean(decided.map((a) => truth(a, NOW).health))).toBeLessThan(
      mean(customers.map((a) => truth(a, NOW).health)) - 0.15,
    );
  });
});

describe('an ordinary day is calm', () => {
  it('moves latent health by little', () => {
    const moves = customers.map((a) => Math.abs(a.health(NOW + DAY) - a.health(NOW)));
    expect(Math.max(...moves)).toBeLessThan(0.03);
    expect(mean(moves)).toBeLessThan(0.004);
  });

  it('moves the active users of large accounts by about 5 % between two Tuesdays and Wednesdays', () => {
    const moves = customers.flatMap((a) => {
      const on = (at: number): number | undefined =>
        a.usage.find((u) => u.day === Math.floor(at / DAY) * DAY)?.activeUsers;
      const [tuesday, wednesday] = [on(NOW - DAY), on(NOW)];
      return tuesday && wednesday && tuesday > 50 ? [Math.abs(wednesday / tuesday - 1)] : [];
    });
    expect(moves.length).toBeGreaterThan(100);
    expect(mean(moves)).toBeLessThan(0.08);
    expect(mean(moves)).toBeGreaterThan(0.01);
  });

  it('brings something new to a minority of accounts only', () => {
    const news = (a: WorldAccount): boolean =>
      [
        ...a.activities.map((x) => x.at),
        ...a.tickets.flatMap((t) => [t.openedAt, t.solvedAt ?? 0]),
        ...a.surveys.map((s) => s.at),
        ...a.invoices.map((i) => i.paidAt ?? 0),
      ].some((at) => at > NOW && at <= NOW + DAY);
    expect(share(news)).toBeLessThan(0.25);
    expect(share(news)).toBeGreaterThan(0.02);
  });

  it('rests at weekends', () => {
    const days = customers.flatMap((a) => a.usage.map((u) => new Date(u.day).getUTCDay()));
    const weekend = days.filter((d) => d === 0 || d === 6).length / days.length;
    expect(weekend).toBeGreaterThan(0.01);
    expect(weekend).toBeLessThan(0.2);
  });
});
