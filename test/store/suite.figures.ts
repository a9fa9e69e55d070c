import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { figureOf } from '../../src/core/aggregate.ts';
import type { Ask } from '../../src/core/asks.ts';
import { castOfView } from '../../src/core/cast.ts';
import { DAY_MS, dateOf } from '../../src/core/days.ts';
import type { Fact, FactKind } from '../../src/core/fact.ts';
import { PROJECTED, type ProjectedKind } from '../../src/core/projection.ts';
import { makeEnv } from '../../src/core/rows.ts';
import type { Condition } from '../../src/core/rules.ts';
import { viewAt } from '../../src/core/view.ts';
import { collect, freshStore, type Open, page, T } from './helpers.ts';

/** Figures that the store aggregates are those that the rows give, to the last digit; where it cannot say, it says so. */
export function figuresSuite(open: Open): void {
  const fresh = freshStore(open);

  describe('figures', () => {
    it('equal what the rows give, whatever is asked of whatever facts, as of now and as of before', async () => {
      let [compared, odd, run] = [0, 0, 0];
      await fc.assert(
        fc.asyncProperty(pages, fc.array(ask, { minLength: 5, maxLength: 25 }), async (facts, asks) => {
          run += 1;
          fresh.ws = await fresh.store.workspace(`run-${run}`);
          for (const part of facts) await fresh.ws.commitPage('crm', 's', page(part), T);
          for (const one of await compare(asks)) {
            if (one.told === undefined) odd += 1;
            else {
              compared += 1;
              expect(one.told, one.what).toEqual(one.expected);
            }
          }
        }),
        { numRuns: 40, seed: 20_261_125 },
      );
      expect(compared).toBeGreaterThan(500);
      expect(odd).toBeLessThan(compared);
    }, 60_000);

    it('do not tell a figure of an account with a value that cannot be', async () => {
      const bad: Fact = {
        kind: 'ticket',
        id: 't',
        account: 'A',
        at: T - 9 * DAY_MS,
        knownAt: T,
        data: { openedAt: T - 9 * DAY_MS, satisfaction: 120 },
      };
      await fresh.ws.commitPage('crm', 's', page([account('A'), bad]), T);
      const told = await compare([{ term: { kind: 'ticket' }, using: 'count', window: null }]);
      expect(told.map((one) => one.told)).toEqual([undefined, undefined]);
    });
  });

  const DAYS = [
    { at: T + 3_600_000, today: T / DAY_MS, dayStart: T },
    { at: T - 30 * DAY_MS, today: T / DAY_MS - 30, dayStart: T - 30 * DAY_MS },
  ];
  const PEOPLE = { executive: { titles: ['cfo'], roles: [] }, champion: { titles: ['champion'], roles: [] } };

  async function compare(asks: Ask[]) {
    const since = T - 100 * DAY_MS;
    const reader = await fresh.ws.figures({ asks, days: DAYS, since, except: new Set() });
    const now = DAYS[0]?.at ?? T;
    const kinds = [...(Object.keys(PROJECTED) as FactKind[]), 'account', 'contact', 'opportunity'] as FactKind[];
    const query = { primary: 'crm', asOf: now, lookBackMs: now - since, kinds, chunk: 10 };
    const accounts = await collect(fresh.ws.accountFacts(query));
    const views = accounts.map((facts) => viewAt(facts, 'crm', now));
    const figures = await reader.read(
      accounts.map((facts, i) => ({
        homes: facts.homes ?? [],
        cast: DAYS.flatMap(({ at }) => (views[i] ? [castOfView(views[i].earlier(at), PEOPLE)] : [])),
      })),
    );
    const out = [];
    for (const [i, view] of views.entries())
      for (const [d, day] of DAYS.entries())
        for (const { term, using, window } of asks) {
          if (!reader.kinds.has(term.kind as FactKind)) continue;
          const at = window && { from: day.today + window.from, to: day.today + window.to };
          const rows = { view: view.earlier(day.at), ...day, people: PEOPLE, renewal: null, toReporting: undefined };
          const { value, count, on, none, impossible } = figureOf(makeEnv(rows), term, using, at);
          const told = figures[i]?.[d]?.figure(term, using, at);
          const told5 = told && { value: told.value, count: told.count, on: told.on, none: told.none };
          const what = JSON.stringify({ account: view.account, day: d, term, using, window, impossible });
          out.push({ what, expected: { value, count, on, none }, told: told5 });
        }
    await reader.close();
    return out;
  }
}

const account = (id: string): Fact => ({
  kind: 'account',
  id,
  account: id,
  at: T - 400 * DAY_MS,
  knownAt: T,
  data: { name: id },
});

/** Instants around the edges of days and windows. */
const when = fc
  .tuple(fc.integer({ min: -70, max: 3 }), fc.constantFrom(0, 1, 3_600_000, DAY_MS - 1))
  .map(([day, more]) => T + day * DAY_MS + more);
const maybe = <X>(of: fc.Arbitrary<X>) => fc.option(of, { nil: null });
const number = fc.oneof(
  fc.integer({ min: 0, max: 40 }),
  fc.double({ min: 0, max: 40, noNaN: true }),
  fc.constantFrom(0.12345, 2.00005, 1e-7),
);
const date = fc.integer({ min: -70, max: 20 }).map((day) => dateOf(T / DAY_MS + day));
const metrics = fc.dictionary(
  fc.constantFrom('activeUsers', 'seats', 'logins', 'uses', 'advancedUses', 'custom'),
  number,
);

const judged = {
  sentiment: maybe(fc.oneof(number, fc.constantFrom(100, 101, -1))),
  frustrated: maybe(fc.boolean()),
};

const DATA: Record<ProjectedKind, fc.Arbitrary<Record<string, unknown>>> = {
  usage: fc.record({ feature: maybe(fc.constantFrom('a', 'B', '')), metrics }),
  activity: fc.record({
    type: fc.constantFrom('call', 'email', 'meeting', 'task'),
    cancelled: maybe(fc.boolean()),
    contactIds: fc.subarray(['C1', 'C2', 'C3']),
    seniorities: fc.subarray(['executive', 'user']),
    opportunityId: maybe(fc.constantFrom('O1', 'O2')),
    ...judged,
  }),
  ticket: fc.record({
    status: maybe(fc.constantFrom('open', ' Solved', 'pending', 'closed')),
    priority: maybe(fc.constantFrom('low', 'normal', 'high', 'urgent')),
    openedAt: maybe(when),
    solvedAt: maybe(when),
    escalated: maybe(fc.boolean()),
    reopens: maybe(fc.integer({ min: 0, max: 3 })),
    satisfaction: maybe(fc.oneof(number, fc.constantFrom(100, 49.99999, 120))),
    resolutionHours: maybe(number),
  }),
  invoice: fc.record({
    kind: fc.constantFrom('invoice', 'credit'),
    issuedOn: maybe(date),
    dueOn: maybe(date),
    paidOn: maybe(date),
    failedPayments: maybe(fc.integer({ min: 0, max: 2 })),
  }),
  survey: fc.record({
    type: fc.constantFrom('nps', 'csat'),
    score: maybe(fc.integer({ min: 0, max: 11 })),
    ...judged,
  }),
};

const fact = fc.constantFrom(...(Object.keys(DATA) as ProjectedKind[])).chain((kind) =>
  fc
    .record({ id: fc.constantFrom('1', '2', '3'), account: fc.constantFrom('A', 'B'), at: when, data: DATA[kind] })
    .map(({ id, account, at, data }) => {
      const own = kind === 'usage' ? Math.floor(at / DAY_MS) * DAY_MS : at;
      return { kind, id, account, at: own, knownAt: own, data } as unknown as Fact;
    }),
);
const PEOPLE_FACTS: Fact[] = ['A', 'B'].flatMap((id) => [
  account(id),
  { kind: 'contact', id: 'C1', account: id, at: T - 50 * DAY_MS, knownAt: T, data: { title: 'CFO' } },
  { kind: 'contact', id: 'C2', account: id, at: T - 20 * DAY_MS, knownAt: T, data: { title: 'Champion' } },
  { kind: 'opportunity', id: 'O1', account: id, at: T - 40 * DAY_MS, knownAt: T, data: { renewal: true } },
]);
/** In any order, with the same record more than once. */
const pages = fc
  .array(fc.array(fact, { maxLength: 12 }), { minLength: 1, maxLength: 4 })
  .map((parts) => [PEOPLE_FACTS, ...parts]);

const FIELDS: Record<
  ProjectedKind,
  { tested: [string, unknown[]][]; measured: string[]; counted: string[]; dates: string[] }
> = {
  usage: {
    tested: [
      ['feature', ['a', 'b']],
      ['logins', [0, 5, 2.0001]],
    ],
    measured: ['activeUsers', 'seats', 'logins', 'basicUses'],
    counted: ['feature'],
    dates: ['at'],
  },
  activity: {
    tested: [
      ['type', ['call', 'EMAIL']],
      ['cancelled', [true, false]],
      ['named', [true]],
      ['withExecutive', [true, false]],
      ['withChampion', [true]],
      ['executiveTold', [true, false]],
      ['onRenewal', [true, false]],
      ['sentiment', [20, 2.00005]],
      ['frustrated', [true, false]],
      ['week', [0, 1, 2]],
    ],
    measured: ['week', 'onRenewal', 'sentiment', 'frustrated'],
    counted: ['contact', 'type', 'week'],
    dates: ['at'],
  },
  ticket: {
    tested: [
      ['status', ['open', 'solved']],
      ['priority', ['high']],
      ['open', [true, false]],
      ['severe', [true, false]],
      ['severity', [1, 4, 8]],
      ['ageDays', [0, 10]],
      ['escalated', [true, false]],
      ['satisfaction', [50, 25]],
      ['reopens', [1]],
      ['week', [0, 3]],
      ['openedAt', []],
    ],
    measured: ['satisfaction', 'resolutionHours', 'ageDays', 'severity', 'reopens', 'open', 'week'],
    counted: ['status', 'week'],
    dates: ['openedAt', 'solvedAt'],
  },
  invoice: {
    tested: [
      ['kind', ['credit']],
      ['onTime', [true, false]],
      ['overdueDays', [1, 30]],
      ['daysLate', [5]],
      ['failedPayments', [1]],
      ['paidOn', []],
    ],
    measured: ['failedPayments', 'onTime', 'overdueDays', 'daysLate'],
    counted: ['kind'],
    dates: ['issuedOn', 'dueOn', 'paidOn'],
  },
  survey: {
    tested: [
      ['type', ['nps']],
      ['nps', [0, 100]],
      ['percent', [50]],
      ['sentiment', [20]],
      ['frustrated', [true, false]],
    ],
    measured: ['nps', 'percent', 'sentiment', 'frustrated'],
    counted: ['type'],
    dates: ['at'],
  },
};

function conditionOf(kind: ProjectedKind): fc.Arbitrary<Condition> {
  const test = fc.constantFrom(...FIELDS[kind].tested).chain(([field, values]): fc.Arbitrary<Condition> => {
    const exists = fc.boolean().map((is) => ({ field, exists: is }));
    if (values.length === 0) return exists;
    const value = fc.constantFrom(...values) as fc.Arbitrary<string | number | boolean>;
    const plain = [
      exists,
      value.map((is) => ({ field, is })),
      value.map((not) => ({ field, not })),
      fc.array(value, { maxLength: 2 }).map((list) => ({ field, in: list })),
      fc.array(value, { maxLength: 2 }).map((list) => ({ field, notIn: list })),
    ];
    if (values.some((v) => typeof v !== 'number')) return fc.oneof(...plain);
    const most = value as fc.Arbitrary<number>;
    return fc.oneof(
      ...plain,
      most.map((atLeast) => ({ field, atLeast })),
      most.map((below) => ({ field, below })),
    );
  });
  const many = fc.array(test, { maxLength: 3 });
  return fc.oneof(
    { weight: 3, arbitrary: test },
    many.map((all) => ({ all })),
    many.map((any) => ({ any })),
    many.map((none) => ({ none })),
  );
}

const ask: fc.Arbitrary<Ask> = fc.constantFrom(...(Object.keys(FIELDS) as ProjectedKind[])).chain((kind) => {
  const { measured, counted, dates } = FIELDS[kind];
  const using = kind === 'usage' ? (['sum', 'average', 'latest'] as const) : (['sum', 'average'] as const);
  const shape = fc.oneof(
    fc.constantFrom('count', 'daysSince').map((using) => ({ using, metric: undefined })),
    fc.tuple(fc.constantFrom(...using), fc.constantFrom(...measured)).map(([using, metric]) => ({ using, metric })),
    fc.constantFrom(...counted).map((metric) => ({ using: 'distinct', metric })),
  );
  const window = fc
    .tuple(fc.constantFrom(-60, -28, -7), fc.constantFrom(0, -7))
    .map(([from, to]) => ({ from: from + to, to }));
  const placed = fc.constantFrom(undefined, ...dates);
  return fc
    .tuple(shape, fc.option(conditionOf(kind), { nil: undefined }), maybe(window), placed)
    .map(([{ using, metric }, where, window, date]) => {
      const term = { kind, ...(metric && { metric }), ...(where && { where }), ...(date && date !== 'at' && { date }) };
      // An average of use is over the days of its window.
      const days = window ?? (kind === 'usage' && using === 'average' ? { from: -28, to: 0 } : null);
      return { term, using, window: days } as Ask;
    });
});
