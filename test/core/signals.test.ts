import { describe, expect, test } from 'vitest';
import { fullCoverage } from '../../src/core/coverage.ts';
import type { StoredFact } from '../../src/core/fact.ts';
import { scoreAccount } from '../../src/core/score.ts';
import { account, daysAgo, fact, inputOf, modelOf, NOON, type SignalInput, signal } from './helpers.ts';

/** What one signal measures of an account. */
function measured(facts: StoredFact[], more: SignalInput, input = {}) {
  const model = modelOf({
    dimensions: [
      {
        key: 'd',
        weight: 1,
        signals: [
          signal('s', {
            curve: {
              linear: [
                [-1e9, 0],
                [1e9, 100],
              ],
            },
            ...more,
          }),
        ],
      },
    ],
  });
  const part = scoreAccount(model, inputOf([account(), ...facts], input));
  const [contribution] = part.contributions;
  if (!contribution) throw new Error('no contribution');
  return contribution;
}
const raw = (facts: StoredFact[], more: SignalInput, input = {}) => measured(facts, more, input).raw;

/** The same use every day of [from, to) days ago. */
const use = (from: number, to: number, metrics: Record<string, number>, feature: string | null = null): StoredFact[] =>
  Array.from({ length: from - to }, (_, i) =>
    fact('usage', daysAgo(from - i), { feature, metrics }, { id: `use-${feature}` }),
  );
const ticket = (openedDaysAgo: number, data = {}): StoredFact =>
  fact('ticket', daysAgo(openedDaysAgo), { openedAt: daysAgo(openedDaysAgo), ...data });
const call = (ago: number, data = {}): StoredFact => fact('activity', daysAgo(ago), { type: 'call', ...data });

describe('aggregations', () => {
  test('count is of whole days that end before today', () => {
    const facts = [call(0), call(1), call(90), call(91)];
    expect(raw(facts, { from: { kind: 'activity' }, aggregation: 'count', windowDays: 90 })).toBe(2);
    expect(raw(facts, { from: { kind: 'activity' }, aggregation: 'count', windowDays: 90, perDays: 30 })).toBeCloseTo(
      2 / 3,
      6,
    );
  });

  test('sum, over rows that satisfy a condition', () => {
    const from = { kind: 'usage', metric: 'uses', where: { field: 'feature', is: 'export' } };
    const facts = [...use(10, 0, { uses: 2 }, 'export'), ...use(10, 0, { uses: 100 }, 'other')];
    expect(raw(facts, { from, aggregation: 'sum', windowDays: 7 })).toBe(14);
  });

  test('the average of usage is over working days, and a day without a row is a day without use', () => {
    const from = { kind: 'usage', metric: 'activeUsers' };
    const all = use(100, 0, { activeUsers: 10 });
    expect(raw(all, { from, aggregation: 'average', windowDays: 28 })).toBe(10);
    const half = all.filter((f) => f.at < daysAgo(14));
    expect(raw(half, { from, aggregation: 'average', windowDays: 28 })).toBe(5);
    const weekdays = all.filter((f) => ![0, 6].includes(new Date(f.at).getUTCDay()));
    expect(raw(weekdays, { from, aggregation: 'average', windowDays: 28 })).toBe(10);
    // Data that begin within the window are averaged over the days that they cover.
    expect(raw(use(7, 0, { activeUsers: 10 }), { from, aggregation: 'average', windowDays: 28 })).toBe(10);
  });

  test('the average of other kinds is over rows that tell it', () => {
    const from = { kind: 'ticket', metric: 'satisfaction' };
    const facts = [ticket(3, { satisfaction: 40 }), ticket(5, { satisfaction: 80 }), ticket(6, { satisfaction: null })];
    expect(raw(facts, { from, aggregation: 'average', windowDays: 30 })).toBe(60);
    expect(measured([ticket(6)], { from, aggregation: 'average', windowDays: 30 }).missing).toBe(
      'no satisfaction known',
    );
    expect(measured([], { from, aggregation: 'average', windowDays: 30 }).missing).toBe('no tickets in 30 days');
  });

  test('latest is the newest row that tells the figure', () => {
    const facts = [...use(20, 10, { activeUsers: 4, featuresUsed: 7 }), ...use(10, 0, { activeUsers: 5 })];
    expect(raw(facts, { from: { kind: 'usage', metric: 'featuresUsed' }, aggregation: 'latest', windowDays: 28 })).toBe(
      7,
    );
  });

  test('days since', () => {
    const from = { kind: 'activity' };
    expect(raw([call(12), call(40)], { from, aggregation: 'daysSince' })).toBe(12);
    expect(measured([], { from, aggregation: 'daysSince', windowDays: 60 })).toMatchObject({
      raw: null,
      missing: 'no activities in 60 days',
    });
    expect(raw([], { from, aggregation: 'daysSince', windowDays: 60, empty: 60 })).toBe(60);
    expect(raw([], { from: { kind: 'account', metric: 'createdOn' }, aggregation: 'daysSince' })).toBe(1050);
  });

  test('distinct is unknown where rows are there and none tells; where there are none it is zero', () => {
    const more = { from: { kind: 'usage', metric: 'feature' }, aggregation: 'distinct', windowDays: 30 };
    const whole = use(3, 1, { uses: 5 });
    expect(measured(whole, more)).toMatchObject({ raw: null, missing: 'no feature known' });
    const some = fact('usage', daysAgo(2), { feature: 'reports', metrics: { uses: 1 } }, { id: 'reports' });
    expect(raw([...whole, some], more)).toBe(1);
    expect(raw([], more)).toBe(0);
    const people = { from: { kind: 'activity', metric: 'contact' }, aggregation: 'distinct', windowDays: 30 };
    expect(raw([fact('activity', daysAgo(2), { type: 'call' })], people)).toBe(0);
  });

  test('distinct counts values, also of lists', () => {
    const facts = [call(3, { contactIds: ['a', 'b'] }), call(4, { contactIds: ['b'] }), call(5)];
    expect(raw(facts, { from: { kind: 'activity', metric: 'contact' }, aggregation: 'distinct', windowDays: 30 })).toBe(
      2,
    );
  });

  test('a ratio is in percent and clipped at its ceiling', () => {
    const more = {
      from: { kind: 'usage', metric: 'activeUsers' },
      aggregation: 'ratio',
      using: 'average',
      windowDays: 28,
      to: [
        { kind: 'account', metric: 'seats' },
        { kind: 'usage', metric: 'seats' },
      ],
      ceiling: 100,
    };
    const facts = use(60, 0, { activeUsers: 22, seats: 40 });
    expect(raw([...facts, account({ seats: 50 }, daysAgo(10))], more)).toBe(44);
    expect(raw([...facts, account({ seats: 11 }, daysAgo(10))], more)).toBe(100);
    expect(raw(facts, more)).toBe(55); // the second source of seats
  });

  test('zero seats are impossible: missing and named, unless another source knows better', () => {
    const more = {
      from: { kind: 'usage', metric: 'activeUsers' },
      aggregation: 'ratio',
      using: 'average',
      windowDays: 28,
      to: [
        { kind: 'account', metric: 'seats' },
        { kind: 'usage', metric: 'seats' },
      ],
    };
    const zero = account({ seats: 0 }, daysAgo(10));
    expect(measured([...use(60, 0, { activeUsers: 22 }), zero], more)).toMatchObject({
      raw: null,
      missing: 'impossible value: seats 0',
    });
    expect(measured([...use(60, 0, { activeUsers: 22, seats: 44 }), zero], more)).toMatchObject({ raw: 50 });
  });

  test('a share leaves out rows that do not tell', () => {
    const invoice = (due: string, paid: string | null): StoredFact =>
      fact('invoice', daysAgo(200), { dueOn: due, paidOn: paid, issuedOn: due });
    const facts = [
      invoice('2026-09-01', '2026-09-01'),
      invoice('2026-09-01', '2026-09-02'),
      invoice('2026-10-01', null),
      invoice('2026-11-24', null), // late since today
      invoice('2026-11-25', null), // due today: outside the window
    ];
    const more = {
      from: { kind: 'invoice', date: 'dueOn' },
      aggregation: 'share',
      which: { field: 'onTime', is: true },
      windowDays: 365,
    };
    expect(measured(facts, { ...more, text: '{top} of {bottom}' })).toMatchObject({ raw: 25, text: '1 of 4' });
    expect(measured([], more).missing).toBe('no invoices in 365 days');
  });

  test('a trend is the change against the window before, in percent', () => {
    const more = { from: { kind: 'usage', metric: 'uses' }, aggregation: 'trend', using: 'sum', windowDays: 28 };
    expect(raw([...use(80, 28, { uses: 10 }), ...use(28, 0, { uses: 8 })], more)).toBe(-20);
    expect(raw(use(80, 28, { uses: 10 }), more)).toBe(-100);
    expect(measured(use(40, 0, { uses: 10 }), more).missing).toBe('less than 56 days of history');
    expect(raw([...use(80, 79, { uses: 0 }), ...use(28, 0, { uses: 8 })], more)).toBe(100);
  });

  test('the trend of a stock compares what held then with what holds now', () => {
    const more = { from: { kind: 'account', metric: 'arr' }, aggregation: 'trend', using: 'latest', windowDays: 365 };
    const arr = (minor: number, ago: number) => account({ arr: { minor, currency: 'GBP' } }, daysAgo(ago));
    expect(raw([arr(100_000, 700), arr(120_000, 200)], more)).toBe(20);
    expect(measured([arr(120_000, 200)], more).missing).toBe('no earlier figure to compare with');
  });

  test('subscriptions tell their own history by their dates', () => {
    const more = {
      from: { kind: 'subscription', metric: 'annual' },
      aggregation: 'trend',
      using: 'sum',
      windowDays: 365,
    };
    const subscription = (minor: number, startOn: string, endOn: string | null): StoredFact =>
      fact('subscription', daysAgo(10), { mrr: { minor, currency: 'USD' }, startOn, endOn });
    const facts = [subscription(100, '2024-01-01', '2026-06-01'), subscription(150, '2026-06-01', null)];
    expect(raw(facts, more)).toBe(50);
  });

  test('a deviation is from the account’s own baseline', () => {
    const more = {
      from: { kind: 'usage', metric: 'uses' },
      aggregation: 'deviation',
      using: 'sum',
      windowDays: 14,
      baselineDays: 112,
    };
    expect(raw([...use(140, 14, { uses: 10 }), ...use(14, 0, { uses: 5 })], more)).toBe(-50);
  });

  test('of several sources the first that gives a figure counts', () => {
    const from = [
      { kind: 'ticket', metric: 'satisfaction' },
      { kind: 'survey', metric: 'percent' },
    ];
    const survey = fact('survey', daysAgo(9), { type: 'csat', score: 4, scaleMin: 1, scaleMax: 5 });
    expect(raw([survey], { from, aggregation: 'average', windowDays: 90 })).toBe(75);
    expect(raw([survey, ticket(3, { satisfaction: 10 })], { from, aggregation: 'average', windowDays: 90 })).toBe(10);
  });

  test('a category is looked up; one that is not listed is missing', () => {
    const more = {
      from: { kind: 'account', metric: 'Pulse' },
      aggregation: 'latest',
      curve: { lookup: { Good: 100, Poor: 0 } },
    };
    const pulse = (value: string) => account({ attributes: { Pulse: value } }, daysAgo(3));
    expect(measured([pulse('good')], more)).toMatchObject({ raw: null, value: 1_000_000, points: 1_000_000 });
    expect(measured([pulse('odd')], more)).toMatchObject({ value: null, missing: 'no score is set for “odd”' });
  });
});

describe('derived fields', () => {
  test('NPS answers become −100, 0 or 100; impossible ones are missing and named', () => {
    const more = { from: { kind: 'survey', metric: 'nps' }, aggregation: 'average', windowDays: 365 };
    const nps = (score: number): StoredFact =>
      fact('survey', daysAgo(30), { type: 'nps', score, scaleMin: 0, scaleMax: 10 });
    expect(raw([nps(10), nps(9), nps(8), nps(6)], more)).toBe(25);
    expect(measured([nps(300)], more)).toMatchObject({
      raw: null,
      missing: 'impossible value: nps answer 300 on 0–10',
    });
    expect(raw([nps(300), nps(9)], more)).toBe(100);
    expect(raw([nps(-3)], more)).toBeNull();
  });

  test('executives are known by title or role, as whole words', () => {
    const more = { from: { kind: 'contact', where: { field: 'executive', is: true } }, aggregation: 'count' };
    const contact = (id: string, title: string) => fact('contact', daysAgo(300), { title }, { id });
    const facts = [
      contact('c1', 'CTO, EMEA'),
      contact('c2', 'Director of Operations'),
      contact('c3', 'Vice President, Sales'),
      contact('c4', 'Analyst'),
      fact('opportunityRole', daysAgo(100), { opportunityId: 'o1', contactId: 'c4', role: 'Economic Buyer' }),
    ];
    expect(raw(facts, more)).toBe(3);
  });

  test('a contact left when its mail first bounced, not when its record last changed', () => {
    const more = { from: { kind: 'contact', metric: 'leftDays' }, aggregation: 'latest' };
    const facts = [
      fact('contact', daysAgo(300), { bounced: false }, { id: 'c' }),
      fact('contact', daysAgo(50), { bounced: true }, { id: 'c' }),
      fact('contact', daysAgo(5), { bounced: true, title: 'x' }, { id: 'c' }),
    ];
    expect(raw(facts, more)).toBe(50);
  });

  test('open tickets and their age', () => {
    const more = {
      from: { kind: 'ticket', metric: 'ageDays', where: { field: 'open', is: true } },
      aggregation: 'average',
      empty: 0,
    };
    expect(raw([ticket(10), ticket(4, { solvedAt: daysAgo(1) })], more)).toBe(10);
    expect(raw([ticket(4, { solvedAt: daysAgo(1) })], more)).toBe(0);
    // Solved later than T is open at T.
    expect(raw([ticket(4, { solvedAt: NOON + 1 })], more)).toBe(4);
  });
});

describe('coverage and staleness', () => {
  const more = { from: { kind: 'activity' }, aggregation: 'count', windowDays: 90, needs: ['email'] };
  const gaps = {
    ...fullCoverage().gaps,
    activity: null,
    email: 'e-mail is not synced to the CRM for this owner',
    usage: null,
    tickets: null,
    invoices: null,
    subscriptions: null,
    contacts: null,
  };

  test('no rows are zero where the stream covers the account, else missing with the reason', () => {
    expect(raw([], more)).toBe(0);
    expect(measured([call(3)], more, { coverage: { gaps, sources: {} } })).toMatchObject({
      raw: null,
      missing: gaps.email,
    });
  });

  test('a stale source keeps its last figure while confidence falls, and is missing once it is too old', () => {
    const stale = (days: number) => ({
      coverage: { gaps: { ...gaps, email: null }, sources: { usage: ['product'] } },
      staleSources: [{ source: 'product', since: daysAgo(days) }],
    });
    const model = modelOf({
      dimensions: [
        {
          key: 'd',
          weight: 1,
          signals: [
            signal('s', { from: { kind: 'usage', metric: 'activeUsers' }, aggregation: 'average', windowDays: 28 }),
          ],
        },
      ],
    });
    // The feed ended ten days ago; without staleness this would look like a collapse.
    const facts = [
      account(),
      ...use(100, 10, { activeUsers: 60 }).map((f): StoredFact => ({ ...f, source: 'product' })),
    ];
    expect(scoreAccount(model, inputOf(facts)).score).toBeLessThan(45);
    expect(scoreAccount(model, inputOf(facts, stale(10)))).toMatchObject({
      score: 60,
      confidence: 0.642857,
      coverage: 'product stale since 15 Nov',
    });
    const old = scoreAccount(model, inputOf(facts, stale(28)));
    expect(old).toMatchObject({ score: null, band: 'not scored' });
    expect(old.contributions[0]?.missing).toBe('usage rows stale since 28 Oct');
  });
});

describe('calm and as of', () => {
  test('nothing later than T is seen', () => {
    const more = { from: { kind: 'ticket' }, aggregation: 'count', windowDays: 30 };
    const facts = [ticket(3), fact('ticket', NOON + 1, { openedAt: daysAgo(5) })];
    expect(raw(facts, more)).toBe(1);
  });

  test('amounts of a second currency are missing without a rate, converted with one', () => {
    const more = { from: { kind: 'invoice', metric: 'amount' }, aggregation: 'sum', windowDays: 90 };
    const invoice = (minor: number, currency: string) =>
      fact('invoice', daysAgo(20), { issuedOn: '2026-11-05', amount: { minor, currency } });
    const facts = [invoice(1000, 'GBP'), invoice(500, 'EUR')];
    expect(raw(facts, more)).toBe(1000);
    const minor = (m: { minor: number; currency: string }) => (m.currency === 'EUR' ? m.minor * 2 : m.minor);
    const toReporting = { currency: 'GBP', minor };
    expect(raw(facts, more, { toReporting })).toBe(2000);
  });
});
