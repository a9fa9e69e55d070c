import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { coverageOf } from '../../src/core/coverage.ts';
import { DAY_MS, dateOf, dayOf } from '../../src/core/days.ts';
import type { StoredFact } from '../../src/core/fact.ts';
import { Model } from '../../src/core/model.ts';
import { type ScoringInput, scoreAccount, scoreWithTrend, thirtyDaysBefore } from '../../src/core/score.ts';
import { loadYaml } from '../../src/kit/yaml.ts';
import { account, daysAgo, fact, inputOf, NOON, TODAY } from './helpers.ts';

const model = loadYaml(fileURLToPath(new URL('../../mappings/models/five-dimension.yaml', import.meta.url)), Model);

interface Story {
  /** Active users of 50 seats, before and since 28 days ago. */
  before: number;
  now: number;
  severe: number;
  rating: number;
  lateShare: number;
  calls: number;
  executiveDaysAgo: number;
  nps: number;
}
const thriving: Story = {
  before: 42,
  now: 42,
  severe: 0,
  rating: 95,
  lateShare: 0,
  calls: 14,
  executiveDaysAgo: 20,
  nps: 10,
};

/** An account whose every stream tells the same story. */
function accountOf(story: Story): StoredFact[] {
  const iso = (ago: number): string => dateOf(dayOf(TODAY) - ago);
  const facts: StoredFact[] = [
    account({ seats: 50 }),
    fact('contact', daysAgo(500), { title: 'VP Operations' }, { id: 'vp' }),
    fact('contact', daysAgo(500), { title: 'Analyst' }, { id: 'an' }),
    fact('opportunityRole', daysAgo(400), { opportunityId: 'o', contactId: 'an', role: 'Champion' }),
    fact('activity', daysAgo(story.executiveDaysAgo), { type: 'meeting', userId: 'U1', contactIds: ['vp'] }),
    fact('survey', daysAgo(100), { type: 'nps', score: story.nps, scaleMin: 0, scaleMax: 10 }),
  ];
  for (let ago = 120; ago >= 1; ago--) {
    const activeUsers = ago > 28 ? story.before : story.now;
    facts.push(fact('usage', daysAgo(ago), { feature: null, metrics: { activeUsers } }, { id: 'use' }));
  }
  if (story.executiveDaysAgo < 100)
    facts.push(
      fact('activity', daysAgo(story.executiveDaysAgo + 60), { type: 'meeting', userId: 'U1', contactIds: ['vp'] }),
    );
  // `calls` in each 90 days, for half a year.
  for (let i = 0; i < 2 * story.calls; i++) {
    const at = daysAgo(2 + Math.floor((i * 90) / story.calls));
    facts.push(fact('activity', at, { type: i % 3 ? 'email' : 'call', userId: 'U1', contactIds: ['an'] }));
  }
  for (let i = 0; i < Math.max(story.severe, 3); i++) {
    const priority = i < story.severe ? 'urgent' : 'low';
    const openedAt = daysAgo(80 - i * 9);
    facts.push(
      fact('ticket', openedAt, {
        openedAt,
        solvedAt: openedAt + DAY_MS,
        priority,
        escalated: false,
        satisfaction: story.rating,
      }),
    );
  }
  for (let i = 0; i < 10; i++) {
    const late = i < story.lateShare * 10;
    facts.push(
      fact('invoice', daysAgo(340), {
        issuedOn: iso(340 - i * 30),
        dueOn: iso(320 - i * 30),
        paidOn: iso(320 - i * 30 - (late ? 5 : -5)),
      }),
    );
  }
  return facts;
}

const logging = { activity: new Set(['U1']), email: new Set(['U1']) };
const carriers = { usage: ['crm'], ticket: ['crm'], invoice: ['crm'] };
function scored(facts: StoredFact[], more: Partial<ScoringInput> = {}, at = NOON) {
  const input = inputOf(facts, more, at);
  const now = { ...input, coverage: coverageOf({ view: input.view, logging, carriers }) };
  const past = thirtyDaysBefore(now);
  return scoreWithTrend(model, now, { ...now, ...past, coverage: coverageOf({ view: past.view, logging, carriers }) });
}

describe('five-dimension on whole accounts', () => {
  test('a thriving account is green and stable, with every dimension near 100', () => {
    const result = scored(accountOf(thriving));
    expect(result).toMatchObject({
      band: 'green',
      trend: 'stable',
      confidence: 1,
      caps: [],
      impossible: [],
      coverage: '',
    });
    expect(result.score).toBeGreaterThanOrEqual(95);
  });

  test('an account that fades is red and declining fast, and says so in figures', () => {
    const result = scored(
      accountOf({
        before: 41,
        now: 12,
        severe: 5,
        rating: 40,
        lateShare: 0.4,
        calls: 2,
        executiveDaysAgo: 200,
        nps: 3,
      }),
      {
        renewal: {
          on: '2027-01-14',
          daysAway: 50,
          arr: { minor: 8_400_000, currency: 'GBP' },
          source: 'account field',
        },
      },
    );
    expect(result.band).toBe('red');
    expect(result.trend).toBe('declining fast');
    expect(result.reasons).toHaveLength(3);
    expect(result.reasons[0]).toMatch(/^Active users 41→12 of 50 seats since 26 Oct \(−\d+ points\)\.$/);
    expect(result.reasons[2]).toBe('Renewal 14 Jan, £84k.');
  });

  test('with a middling story it is yellow', () => {
    expect(
      scored(accountOf({ ...thriving, before: 24, now: 22, severe: 2, rating: 75, lateShare: 0.2, calls: 6, nps: 8 }))
        .band,
    ).toBe('yellow');
  });

  test('an account made within the last 30 days is new', () => {
    const facts = accountOf(thriving).filter((f) => f.kind !== 'account');
    expect(scored([...facts, account({ seats: 50, createdOn: '2026-11-01' }, daysAgo(24))])).toMatchObject({
      trend: 'new',
      change30: null,
    });
    expect(scored([...facts, account({ seats: 50, createdOn: '2026-10-26' }, daysAgo(30))]).trend).not.toBe('new');
  });

  test('with only what the CRM tells it is not scored, never red', () => {
    const facts = accountOf(thriving).filter(
      (f) => f.kind === 'account' || f.kind === 'contact' || f.kind === 'survey',
    );
    const input = inputOf(facts);
    const none = { activity: new Set<string>(), email: new Set<string>() };
    const result = scoreAccount(model, {
      ...input,
      coverage: coverageOf({ view: input.view, logging: none, carriers: {} }),
    });
    expect(result).toMatchObject({
      points: null,
      band: 'not scored',
      confidence: 0.1,
      coverage: 'no usage, support, billing or engagement data',
    });
    expect(result.contributions.find((c) => c.signal === 'touchpoints')?.missing).toBe(
      'the owner logs no activity in the CRM',
    );
  });
});

describe('shipped caps', () => {
  const capped = (more: StoredFact[]) => {
    const result = scored([...accountOf(thriving), ...more]);
    const lines = [...result.contributions, ...result.caps];
    expect(lines.reduce((sum, l) => sum + l.points, 0)).toBe(result.points);
    return result;
  };
  const escalated = (ago: number) =>
    fact('ticket', daysAgo(ago), { openedAt: daysAgo(ago), escalated: true, satisfaction: 100 });

  test('tickets escalated in each of the last three weeks', () => {
    expect(capped([escalated(2), escalated(9)]).caps).toEqual([]);
    const result = capped([escalated(2), escalated(9), escalated(20)]);
    expect(result).toMatchObject({ score: 79, band: 'yellow', caps: [{ cap: 'escalated-weeks' }] });
    expect(result.caps[0]?.points).toBeLessThan(0);
    expect(result.caps[0]?.evidence).toHaveLength(3);
  });

  test('the champion left, unless another is there or it is long ago', () => {
    const bounced = (ago: number) => fact('contact', daysAgo(ago), { title: 'Analyst', bounced: true }, { id: 'an' });
    expect(capped([bounced(20)])).toMatchObject({ score: 79, band: 'yellow', caps: [{ cap: 'champion-left' }] });
    expect(capped([bounced(91)]).caps).toEqual([]);
    const second = fact('contact', daysAgo(300), { title: 'Product Champion' }, { id: 'c2' });
    expect(capped([bounced(20), second]).caps).toEqual([]);
  });

  test('an invoice is 60 days overdue', () => {
    const unpaid = (dueOn: string) => fact('invoice', daysAgo(100), { issuedOn: dueOn, dueOn, paidOn: null });
    expect(capped([unpaid(dateOf(dayOf(TODAY) - 59))]).caps).toEqual([]);
    expect(capped([unpaid(dateOf(dayOf(TODAY) - 60))])).toMatchObject({
      score: 79,
      caps: [{ cap: 'invoice-overdue' }],
    });
    const paid = fact('invoice', daysAgo(100), { dueOn: '2026-06-01', paidOn: '2026-11-20' });
    expect(capped([paid]).caps).toEqual([]);
  });
});

const story: fc.Arbitrary<Story> = fc.record({
  before: fc.integer({ min: 0, max: 60 }),
  now: fc.integer({ min: 0, max: 60 }),
  severe: fc.integer({ min: 0, max: 8 }),
  rating: fc.integer({ min: 0, max: 100 }),
  lateShare: fc.double({ min: 0, max: 1, noNaN: true }),
  calls: fc.integer({ min: 0, max: 14 }),
  executiveDaysAgo: fc.integer({ min: 1, max: 300 }),
  nps: fc.integer({ min: 0, max: 10 }),
});
const plain = ({ figures, ...rest }: ReturnType<typeof scored>) => rest;

describe('properties', () => {
  test('the sum of all lines is the score, whatever the account', () => {
    fc.assert(
      fc.property(story, (s) => {
        const result = scored(accountOf(s));
        const lines = [...result.contributions, ...result.caps];
        expect(lines.reduce((sum, l) => sum + l.points, 0)).toBe(result.points ?? 0);
      }),
      { seed: 7, numRuns: 60 },
    );
  });

  test('an hour later, with nothing new, everything is equal: windows are whole days', () => {
    fc.assert(
      fc.property(story, fc.integer({ min: 0, max: 23 * 60 }), (s, minute) => {
        // What is planned for later today is already on record.
        const planned = [5, 11, 17, 22].map((h) =>
          fact('activity', dayOf(TODAY) * DAY_MS + h * 3_600_000, { type: 'call', userId: 'U1', contactIds: ['vp'] }),
        );
        const facts = [...accountOf(s), ...planned];
        const at = dayOf(TODAY) * DAY_MS + minute * 60_000;
        expect(plain(scored(facts, {}, at + 3_599_999))).toEqual(plain(scored(facts, {}, at)));
      }),
      { seed: 8, numRuns: 40 },
    );
  });

  test('facts later than T change nothing of a past score', () => {
    fc.assert(
      fc.property(story, fc.integer({ min: 1, max: 60 }), (s, ago) => {
        const all = accountOf(s);
        const at = daysAgo(ago);
        const more = { today: dateOf(dayOf(TODAY) - ago) };
        const known = all.filter((f) => f.at <= at);
        expect(plain(scored(all, more, at))).toEqual(plain(scored(known, more, at)));
      }),
      { seed: 9, numRuns: 40 },
    );
  });

  test('better is never scored worse: more use, fewer severe tickets, more touchpoints', () => {
    fc.assert(
      fc.property(story, (s) => {
        const points = (more: Partial<Story>): number => scored(accountOf({ ...s, ...more })).points ?? 0;
        const base = points({});
        expect(points({ now: s.now + 5 })).toBeGreaterThanOrEqual(base);
        expect(points({ severe: s.severe + 1 })).toBeLessThanOrEqual(base);
        expect(points({ calls: s.calls + 1 })).toBeGreaterThanOrEqual(base);
      }),
      { seed: 10, numRuns: 40 },
    );
  });
});
