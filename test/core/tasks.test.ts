import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { addDays, isDate } from '../../src/core/calendar.ts';
import { dayOf, isWorkday } from '../../src/core/days.ts';
import type { AccountScore, Renewal } from '../../src/core/result.ts';
import type { Person } from '../../src/core/roles.ts';
import { knownPeriods, taskKey } from '../../src/core/task-key.ts';
import { decideTasks, type TaskOptions, Triggers } from '../../src/core/tasks.ts';
import type { NewIntent } from '../../src/store/types.ts';

const DAY = 86_400_000;
const today = '2026-11-25';
const now = Date.parse('2026-11-25T03:00:00Z');
const rules = Triggers.parse(
  parse(readFileSync(new URL('../../mappings/triggers.yaml', import.meta.url), 'utf8')),
).managerTask;
const person = (name: string, active = true): Person => ({ name, active, managerId: null, email: null });
const people = new Map([
  ['m1', person('Kim Roe')],
  ['gone', person('Lee Wu', false)],
  ['ops', person('Rev Ops')],
  ['csm', person('Priya Shah')],
]);
const options = (more: Partial<TaskOptions> = {}): TaskOptions => ({
  rules,
  org: '00D5g000004abcDEAQ',
  today,
  now,
  fallbackOwner: 'ops',
  people,
  toReporting: (m) =>
    m.currency === 'GBP' ? m : m.currency === 'EUR' ? { minor: Math.round(m.minor * 0.85), currency: 'GBP' } : null,
  started: true,
  ...more,
});
const renewal = (daysAway: number, more: Partial<Renewal> = {}): Renewal => ({
  on: addDays(today, daysAway),
  daysAway,
  arr: { minor: 8_400_000, currency: 'GBP' },
  source: 'account field',
  ...more,
});
const score = (account: string, more: Partial<AccountScore> = {}): { score: AccountScore } => ({
  score: {
    account,
    name: 'Acme Ltd',
    asOf: now,
    model: 'five-dimension',
    modelHash: 'abc',
    segment: null,
    points: 520_000,
    score: 52,
    band: 'red',
    trend: 'declining',
    change30: -80_000,
    confidence: 0.8,
    dimensions: [],
    contributions: [],
    caps: [],
    flags: [],
    reasons: ['Active users 41→22 of 50 seats since 20 Oct (−11 points).'],
    action: { code: 'call', text: 'Call Ann Poe by Fri 4 Dec: what changed?', ownerRole: 'csm', why: 'x' },
    coverage: 'no support data',
    renewal: renewal(50),
    arr: null,
    csmId: 'csm',
    managerId: 'm1',
    ownerId: null,
    ...more,
  },
});
const accountsOf = (d: { intents: { account: string }[] }) => d.intents.map((i) => i.account);

describe('decideTasks', () => {
  it.each<[string, Partial<AccountScore>, boolean]>([
    ['low and near', {}, true],
    ['at 69', { score: 69 }, true],
    ['at 70', { score: 70 }, false],
    ['on day 90', { renewal: renewal(90) }, true],
    ['on day 91', { renewal: renewal(91) }, false],
    ['30 days overdue', { renewal: renewal(-30) }, true],
    ['31 days overdue', { renewal: renewal(-31) }, false],
    ['short term', { renewal: renewal(50, { termDays: 89 }) }, false],
    ['term of 90 days', { renewal: renewal(50, { termDays: 90 }) }, true],
    ['no renewal known', { renewal: null }, false],
    ['not scored', { score: null, band: 'not scored' }, false],
  ])('%s', (_, more, task) => {
    expect(decideTasks([score('a', more)], [], options()).intents.length).toBe(task ? 1 : 0);
  });

  describe('a band that a person has set', () => {
    const set = (score: number | null, band: string, standsFor: number): Partial<AccountScore> => ({
      score,
      band,
      override: { band, reason: 'x', until: '2027-01-14', byId: 'csm', standsFor },
    });
    it.each<[string, Partial<AccountScore>, boolean]>([
      ['safe, whatever the score', set(42, 'green', 80), false],
      ['at risk, whatever the score', set(85, 'red', 59), true],
      ['between, near its lower end', set(42, 'yellow', 60), true],
      ['at risk, though it could not be scored', set(null, 'red', 59), true],
    ])('%s', (_, more, task) => {
      const { intents, unscored } = decideTasks([score('a', more)], [], options());
      expect(intents.length).toBe(task ? 1 : 0);
      expect(unscored).toEqual([]);
    });
    it('is the reason of the task', () => {
      const [intent] = decideTasks([score('a', set(85, 'red', 59))], [], options()).intents;
      expect(intent?.payload.why).toBe('band red was set by a person and the renewal is on 2027-01-14');
    });
  });

  it('writes a task that a manager can act on', () => {
    const decision = decideTasks([score('0015g00000XyzabAAA')], [], options());
    const intent: NewIntent | undefined = decision.intents[0];
    expect(intent).toEqual({
      account: '0015g00000XyzabAAA',
      payload: {
        type: 'task',
        key: '00D5g000004abcDEAQ-0015g00000XyzabAAA-risk-h20261114',
        ownerId: 'm1',
        subject: 'Renewal at risk: Acme Ltd, 14 Jan, £84k, score 52',
        body: [
          'Acme Ltd: score 52 (red, declining).',
          'Renewal on 14 Jan, £84k (account field).',
          '',
          'What the score rests on:',
          '- Active users 41→22 of 50 seats since 20 Oct (−11 points).',
          '',
          'Next step: Call Ann Poe by Fri 4 Dec: what changed?',
          'CSM: Priya Shah',
          'Not known: No support data',
        ].join('\n'),
        dueOn: '2026-12-02',
        priority: 'normal',
        why: 'score 52 is below 70 and the renewal is on 2027-01-14',
      },
    });
  });

  it('goes to the manager, else to the fallback, else is listed', () => {
    const accounts = [score('a', { managerId: 'gone' }), score('b', { managerId: null }), score('c')];
    expect(decideTasks(accounts, [], options()).intents.map((i) => [i.account, i.payload.ownerId])).toEqual([
      ['a', 'ops'],
      ['b', 'ops'],
      ['c', 'm1'],
    ]);
    const decision = decideTasks(accounts, [], options({ fallbackOwner: 'gone' }));
    expect(accountsOf(decision)).toEqual(['c']);
    expect(decision.unresolved.map((u) => `${u.account}: ${u.why}`)).toEqual([
      'a: the manager is not an active user, and the fallback owner is not an active user',
      'b: no manager was found, and the fallback owner is not an active user',
    ]);
  });

  it('ranks by renewing ARR in one currency, unknown last, and caps each manager', () => {
    const arr = (minor: number, currency = 'GBP') => ({ renewal: renewal(50, { arr: { minor, currency } }) });
    const decision = decideTasks(
      [
        score('unknown', { renewal: renewal(50, { arr: null }) }),
        score('no rate', arr(900, 'XXX')),
        score('eur', arr(100, 'EUR')),
        score('gbp', arr(90)),
        score('other', { ...arr(1), managerId: 'ops' }),
      ],
      [],
      options({ rules: { ...rules, maxPerManager: 2 } }),
    );
    expect(accountsOf(decision)).toEqual(['gbp', 'eur', 'other']);
    expect(decision.overCap.map((o) => [o.account, o.managerId])).toEqual([
      ['no rate', 'm1'],
      ['unknown', 'm1'],
    ]);
  });

  it('raises nothing twice, and gives no second ration on the same day', () => {
    const accounts = Array.from({ length: 25 }, (_, i) => score(`a${i}`));
    const known: { key: string; createdAt: number }[] = [];
    const run = (at: number) => {
      const decision = decideTasks(accounts, known, options({ now: at }));
      known.push(...decision.intents.map((i) => ({ key: i.payload.key, createdAt: at })));
      return [decision.intents.length, decision.raised, decision.overCap.length];
    };
    expect(run(now)).toEqual([10, 0, 15]);
    expect(run(now + 1000)).toEqual([0, 10, 15]);
    expect(run(now + DAY / 24)).toEqual([0, 10, 15]);
    expect(run(now + DAY)).toEqual([10, 10, 5]);
    expect(run(now + 2 * DAY)).toEqual([5, 20, 0]);
    expect(run(now + 3 * DAY)).toEqual([0, 25, 0]);
  });

  it('creates nothing before tasks are started, and says how many wait', () => {
    const decision = decideTasks([score('a'), score('b')], [], options({ started: false }));
    expect([decision.intents, decision.heldBack]).toEqual([[], 2]);
  });

  it('lists unscored accounts near renewal', () => {
    const decision = decideTasks([score('a', { score: null, band: 'not scored' })], [], options());
    expect(decision.unscored).toEqual([{ account: 'a', name: 'Acme Ltd', why: 'not scored, renewal 2027-01-14' }]);
  });

  it('loses no account, keeps texts within the CRM, and dates tasks on working days', () => {
    const any = fc.record({
      name: fc.string({ unit: 'grapheme', maxLength: 400 }),
      score: fc.option(fc.integer({ min: 0, max: 100 })),
      managerId: fc.constantFrom('m1', 'gone', 'nobody', null),
      trend: fc.constantFrom('declining fast' as const, 'new' as const, 'stable' as const),
      daysAway: fc.integer({ min: -60, max: 120 }),
      arr: fc.option(fc.record({ minor: fc.nat(), currency: fc.constantFrom('GBP', 'EUR', 'JPY') })),
    });
    fc.assert(
      fc.property(fc.array(any, { maxLength: 40 }), fc.constantFrom('ops', 'gone', null), (rows, fallbackOwner) => {
        const accounts = rows.map(({ daysAway, arr, ...r }, i) =>
          score(`a${i}`, { ...r, renewal: renewal(daysAway, { arr }) }),
        );
        const d = decideTasks(accounts, [], options({ fallbackOwner }));
        const near = rows.filter((r) => r.daysAway >= -30 && r.daysAway <= 90);
        expect(d.unscored.length).toBe(near.filter((r) => r.score === null).length);
        expect(d.intents.length + d.overCap.length + d.unresolved.length).toBe(
          near.filter((r) => r.score !== null && r.score < 70).length,
        );
        for (const { payload } of d.intents) {
          expect(payload.subject.length).toBeLessThanOrEqual(255);
          expect(payload.subject).not.toContain('\n');
          expect(isWorkday(dayOf(payload.dueOn))).toBe(true);
          expect(payload.dueOn > today && payload.dueOn <= addDays(today, 7)).toBe(true);
          expect(payload.key).toMatch(/^[A-Za-z0-9_-]{1,80}$/);
        }
        const counts = Map.groupBy(d.intents, (i) => i.payload.ownerId);
        for (const list of counts.values()) expect(list.length).toBeLessThanOrEqual(10);
        expect(decideTasks([...accounts].reverse(), [], options({ fallbackOwner })).intents).toEqual(d.intents);
      }),
      { seed: 5 },
    );
  });
});

describe('taskKey', () => {
  const key = (renewalOn: string, termDays?: number, known: string[] = []) =>
    taskKey({ org: 'o', account: 'a', cause: 'risk', renewalOn, termDays }, knownPeriods(known));

  it('fits and is safe for any ids, and tells ids apart that differ in case only', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (org, account) => {
        const made = taskKey({ org, account, cause: 'risk', renewalOn: '2027-01-14' }, new Map());
        expect(made).toMatch(/^[A-Za-z0-9_-]{1,80}$/);
      }),
      { seed: 6 },
    );
    const of = (account: string) => taskKey({ org: 'o', account, cause: 'risk', renewalOn: '2027-01-14' }, new Map());
    expect(of('Abc').toLowerCase()).not.toBe(of('abc').toLowerCase());
  });

  it('is the same without any memory while the date stays in its half year', () => {
    expect(key('2026-12-31')).toBe(key('2027-01-14'));
    expect(key('2027-06-30')).toBe(key('2027-07-01'));
    expect(key('2027-02-14')).not.toBe(key('2027-02-15'));
  });

  const term = fc.constantFrom(undefined, 365, 366, 730, 1095, 90, 92, 120, 181, 182, 270);
  const date = fc.integer({ min: 20_000, max: 25_000 }).map((d) => addDays('1970-01-01', d));

  it('a date that moves by less than half the term keeps its task', () => {
    fc.assert(
      fc.property(date, term, fc.double({ min: -1, max: 1, noNaN: true }), (on, days, by) => {
        const most = Math.min(180, Math.ceil((days ?? 365) / 2) - 1);
        const first = key(on, days);
        expect(key(addDays(on, Math.round(by * most)), days, [first])).toBe(first);
      }),
      { seed: 7, numRuns: 2000 },
    );
  });

  it('the next renewal gets a task of its own', () => {
    fc.assert(
      fc.property(date, term, (on, days) => {
        const first = key(on, days);
        const next = key(addDays(on, days ?? 365), days, [first]);
        expect(next).not.toBe(first);
        expect(key(addDays(on, days ?? 365), days)).toBe(next);
      }),
      { seed: 8, numRuns: 2000 },
    );
  });

  it('a term that becomes known later makes no second task', () => {
    expect(key('2027-01-14', 182, [key('2027-01-14')])).toBe(key('2027-01-14'));
    expect(key('2027-01-14', undefined, [key('2027-01-14', 182)])).toBe(key('2027-01-14', 182));
  });

  it('keeps accounts apart and ignores keys of another shape', () => {
    const known = knownPeriods(['o-b-risk-h20261114', 'o-a-risk-20261114', 'junk', 'o-a-risk-h20261399']);
    expect([...known.keys()]).toEqual(['o-b-risk']);
    expect(isDate('2026-13-99')).toBe(false);
  });
});
