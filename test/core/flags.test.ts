import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Coverage, coverageOf, fullCoverage } from '../../src/core/coverage.ts';
import { DAY_MS, dateOf, dayOf } from '../../src/core/days.ts';
import type { FactKind, StoredFact } from '../../src/core/fact.ts';
import { FACT_KINDS } from '../../src/core/fact.ts';
import { FLAG_CODES, FLAGS, flagWords } from '../../src/core/flags.ts';
import { kindsOf } from '../../src/core/model.ts';
import type { Renewal } from '../../src/core/result.ts';
import { type ScoringInput, scoreWithTrend } from '../../src/core/score.ts';
import { account, daysAgo, fact, inputOf, modelOf, NOON, reads, signal, TODAY } from './helpers.ts';

const model = modelOf({ dimensions: [{ key: 'd', weight: 1, signals: [reads('x', 1)] }] });
const flagsOf = (facts: StoredFact[], more: Partial<ScoringInput> = {}, at = NOON): string[] =>
  scoreWithTrend(model, inputOf(facts, more, at), null).flags;

const HOUR = DAY_MS / 24;
const contact = (id: string, title: string | null, data = {}, at = 700) =>
  fact('contact', daysAgo(at), { title, ...data }, { id });
const touch = (ago: number, who: string[], data = {}) =>
  fact('activity', daysAgo(ago), { type: 'meeting', userId: 'U1', contactIds: who, ...data });
const ticket = (ago: number, data = {}) =>
  fact('ticket', daysAgo(ago), { openedAt: daysAgo(ago), priority: 'high', escalated: false, ...data });
const rated = (solved: number, satisfaction: number, data = {}) =>
  ticket(solved + 2, { solvedAt: daysAgo(solved), satisfaction, ...data });
const invoice = (dueAgo: number, data = {}) =>
  fact('invoice', daysAgo(dueAgo + 30), { dueOn: dateOf(dayOf(TODAY) - dueAgo), ...data });
/** The same use on every day of [from, to) days ago. */
const use = (from: number, to: number, metrics: Record<string, number>, feature: string | null = null) =>
  Array.from({ length: from - to }, (_, i) =>
    fact('usage', daysAgo(from - i), { feature, metrics }, { id: `use-${feature}` }),
  );
const renews = (daysAway: number, more: Partial<Renewal> = {}): Partial<ScoringInput> => ({
  renewal: { on: dateOf(dayOf(TODAY) + daysAway), daysAway, arr: null, source: 'account field', ...more },
});
const gap = (...keys: (keyof Coverage['gaps'])[]): Partial<ScoringInput> => ({
  coverage: {
    sources: {},
    gaps: { ...fullCoverage().gaps, ...Object.fromEntries(keys.map((k) => [k, 'not seen'])) },
  },
});

const vp = contact('vp', 'VP Operations');
const analyst = contact('an', 'Analyst');
const champion = contact('ch', 'Champion');
const acme = account();
/** Nothing hidden: an executive and others in touch, use as ever. */
const sound = [acme, vp, analyst, touch(100, ['vp']), touch(20, ['an']), touch(40, ['vp', 'an']), touch(60, ['an'])];

type Case = [why: string, facts: StoredFact[], more?: Partial<ScoringInput>];

function flag(code: string, cases: { on: Case[]; off: Case[]; unknown: Case[] }): void {
  describe(code, () => {
    test.each(cases.on)('on: %s', (_, facts, more = {}) => expect(flagsOf(facts, more)).toContain(code));
    test.each([...cases.off, ...cases.unknown])('off: %s', (_, facts, more = {}) =>
      expect(flagsOf(facts, more)).not.toContain(code),
    );
    test.each(cases.on)('an hour later, and later the same day, still on: %s', (_, facts, more = {}) => {
      for (const hours of [-11.9, 1, 11.9]) expect(flagsOf(facts, more, NOON + hours * HOUR)).toContain(code);
    });
    test.each(cases.off)('an hour later still off: %s', (_, facts, more = {}) => {
      expect(flagsOf(facts, more, NOON + HOUR)).not.toContain(code);
    });
  });
}

const named = [touch(20, ['an']), touch(40, ['an']), touch(150, ['an'])];
flag('no-executive-contact', {
  on: [
    ['no contact is one', [acme, analyst, contact('m', 'Manager'), ...named]],
    ['the only one left', [acme, contact('vp', 'VP', { bounced: true }), analyst, ...named]],
    ['none in touch for half a year', [acme, vp, analyst, touch(181, ['vp']), ...named]],
    ['a cancelled meeting is no contact', [acme, vp, touch(30, ['vp'], { cancelled: true }), ...named]],
    ['a note is no contact', [acme, vp, touch(30, ['vp'], { type: 'note' }), ...named]],
  ],
  off: [
    ['in touch on the first day of the window', [acme, vp, analyst, touch(180, ['vp']), ...named]],
    [
      'by role',
      [acme, analyst, fact('opportunityRole', daysAgo(90), { contactId: 'an', role: 'Executive Sponsor' }), ...named],
    ],
  ],
  unknown: [
    ['no contacts are known', [acme, ...named]],
    ['contacts without titles', [acme, contact('a', null), contact('b', null), ...named], gap('contacts')],
    ['one title among many strangers', [acme, analyst, ...['a', 'b', 'c'].map((id) => contact(id, null)), ...named]],
    ['e-mail is not synced', [acme, vp, analyst, ...named], gap('email')],
    ['activity is not logged', [acme, vp, analyst], gap('activity')],
    ['the log names nobody', [acme, vp, analyst, ...[10, 20, 30].map((ago) => touch(ago, [])), touch(40, ['an'])]],
    ['a young account', [account({ createdOn: dateOf(dayOf(TODAY) - 179) }), vp, ...named]],
    ['no date of birth and a short log', [account({ createdOn: null }), vp, ...named]],
  ],
});

flag('single-threaded', {
  on: [
    ['one of two', [acme, vp, analyst, ...named]],
    ['no date of birth but a long log', [account({ createdOn: null }), vp, analyst, ...named, touch(200, ['vp'])]],
    ['a note with another is no contact', [acme, vp, analyst, ...named, touch(5, ['vp'], { type: 'note' })]],
  ],
  off: [
    ['two of two', sound],
    ['the other on the first day of the window', [acme, vp, analyst, ...named, touch(180, ['vp'])]],
    ['nobody else is there', [acme, analyst, contact('vp', 'VP', { bounced: true }), ...named]],
  ],
  unknown: [
    ['two meetings say little', [acme, vp, analyst, touch(20, ['an']), touch(40, ['an'])]],
    ['e-mail is not synced', [acme, vp, analyst, ...named], gap('email')],
    ['activity is not covered', [acme, vp, analyst, ...named], gap('activity')],
    ['contacts are not covered', [acme, vp, analyst, ...named], gap('contacts')],
    ['most of the log names nobody', [acme, vp, analyst, ...named, ...[1, 2, 3, 4].map((ago) => touch(ago, []))]],
    ['a young account', [account({ createdOn: dateOf(dayOf(TODAY) - 100) }), vp, analyst, ...named]],
  ],
});

const left = (ago: number) => contact('ch', 'Champion', { bounced: true }, ago);
flag('champion-left', {
  on: [
    ['today', [acme, analyst, champion, left(0)]],
    ['90 days ago, changed since', [acme, champion, left(90), contact('ch', 'Ex-Champion', { bounced: true }, 5)]],
  ],
  off: [
    ['still there', [acme, champion]],
    ['long ago', [acme, champion, left(91)]],
    ['another is known', [acme, champion, left(30), contact('c2', 'Champion')]],
    ['was no champion', [acme, champion, contact('an', 'Analyst', { bounced: true }, 10)]],
  ],
  unknown: [
    ['none was ever known', [acme, analyst]],
    ['contacts are not covered', [acme, champion, left(10)], gap('contacts')],
  ],
});

const same = { activeUsers: 40, uses: 400, advancedUses: 100, featuresUsed: 9 };
const before = use(100, 28, same);
flag('feature-drop', {
  on: [
    ['advanced use', [acme, ...before, ...use(28, 0, { ...same, advancedUses: 69 })]],
    ['breadth', [acme, ...before, ...use(28, 0, { ...same, featuresUsed: 6 })]],
    ['with more users', [acme, ...before, ...use(28, 0, { ...same, activeUsers: 60, featuresUsed: 6 })]],
    [
      'each feature on its own row',
      [
        acme,
        ...use(100, 0, { activeUsers: 40 }),
        ...use(100, 28, { advancedUses: 50 }, 'f'),
        ...use(28, 0, { advancedUses: 20 }, 'f'),
      ],
    ],
  ],
  off: [
    ['no change', [acme, ...use(100, 0, same)]],
    ['by 30 % only', [acme, ...before, ...use(28, 0, { ...same, advancedUses: 70 })]],
    [
      'users fell alike',
      [acme, ...before, ...use(28, 0, { ...same, activeUsers: 24, advancedUses: 60, featuresUsed: 6 })],
    ],
    ['more users, as much advanced use', [acme, ...before, ...use(28, 0, { ...same, activeUsers: 80 })]],
    [
      'too little to fall from',
      [acme, ...use(100, 28, { activeUsers: 5, featuresUsed: 2 }), ...use(28, 0, { activeUsers: 5, featuresUsed: 1 })],
    ],
  ],
  unknown: [
    ['usage is not covered', [acme, ...before, ...use(28, 0, { ...same, advancedUses: 10 })], gap('usage')],
    ['too short a history', [acme, ...use(40, 28, same), ...use(28, 0, { ...same, advancedUses: 10 })]],
    [
      'no longer measured',
      [
        acme,
        ...before,
        ...use(28, 14, { activeUsers: 40, uses: 400, advancedUses: 100 }),
        ...use(14, 0, { activeUsers: 40, uses: 400 }),
      ],
    ],
    ['users unknown', [acme, ...use(100, 28, { advancedUses: 100 }), ...use(28, 0, { advancedUses: 10 })]],
    ['no such figures', [acme, ...use(100, 28, { activeUsers: 40 }), ...use(28, 0, { activeUsers: 40 })]],
  ],
});

flag('unresolved-frustration', {
  on: [
    ['a high ticket open for 15 days', [acme, ticket(15)]],
    ['escalated, whatever its priority', [acme, ticket(20, { priority: null, escalated: true })]],
    ['solved only today', [acme, ticket(20, { solvedAt: daysAgo(0) + 1 })]],
    ['the latest rating is poor', [acme, rated(30, 100), rated(10, 25)]],
    ['a neutral one came before', [acme, rated(20, 50), rated(10, 0)]],
  ],
  off: [
    ['open for 14 days', [acme, ticket(14)]],
    ['solved', [acme, ticket(60, { solvedAt: daysAgo(1) })]],
    ['closed without a date', [acme, ticket(60, { status: 'Closed' })]],
    ['low priority', [acme, ticket(60, { priority: 'low' })]],
    ['a fair rating since', [acme, rated(10, 25), rated(9, 75)]],
    ['a fair rating on the same day', [acme, rated(10, 25), rated(10, 75)]],
    ['poor, but long ago', [acme, rated(91, 0)]],
  ],
  unknown: [
    ['tickets are not covered', [acme, ticket(30), rated(10, 0)], gap('tickets')],
    ['neither priority nor escalation is told', [acme, ticket(60, { priority: null, escalated: null })]],
    ['never rated', [acme, ticket(60, { solvedAt: daysAgo(50) })]],
  ],
});

const talk = (ago: number, data = {}) => touch(ago, ['an'], data);
const deal = fact('opportunity', daysAgo(60), { renewal: true, closed: false }, { id: 'deal' });
flag('renewal-without-conversation', {
  on: [
    ['silence', [acme, talk(31)], renews(90)],
    ['never a word, where the owner logs', [acme], renews(10)],
    ['a date that passed', [acme, talk(60)], renews(-30)],
    ['an e-mail is no conversation', [acme, talk(3, { type: 'email' })], renews(60)],
    ['the meeting was called off', [acme, talk(3, { cancelled: true })], renews(60)],
    ['on another deal', [acme, deal, talk(40, { opportunityId: 'other' })], renews(60)],
  ],
  off: [
    ['a meeting within 30 days', [acme, talk(30)], renews(60)],
    ['a call', [acme, talk(1, { type: 'call' })], renews(60)],
    ['on the renewal within 60 days', [acme, deal, talk(60, { type: 'email', opportunityId: 'deal' })], renews(60)],
    ['far away', [acme, talk(60)], renews(91)],
    ['a date that nobody updated', [acme, talk(60)], renews(-31)],
    ['a monthly contract', [acme, talk(60)], renews(20, { termDays: 30 })],
  ],
  unknown: [
    ['no renewal is known', [acme, talk(60)]],
    ['activity is not covered', [acme], { ...renews(60), ...gap('activity') }],
    ['a new account', [account({ createdOn: dateOf(dayOf(TODAY) - 29) })], renews(60)],
    ['no date of birth and no log', [account({ createdOn: null })], renews(60)],
  ],
});

describe('the tone of tickets', () => {
  const told = modelOf({
    dimensions: [
      {
        key: 'd',
        weight: 1,
        signals: [
          reads('x', 1),
          signal('tone', { from: { kind: 'ticket', metric: 'sentiment' }, aggregation: 'average' }),
        ],
      },
    ],
  });
  const low = (data: object) => ticket(9, { priority: 'low', ...data });
  const details = (facts: StoredFact[], by = told) => scoreWithTrend(by, inputOf(facts), null).flagDetails;
  const answer = (frustrated: boolean | null, more = {}) =>
    fact('ticket', daysAgo(4), { openedAt: daysAgo(9), frustrated, ...more }, { id: 't1' });
  const opened = { ...low({ frustrated: true }), id: 't1' };

  test('counts while the ticket is open, whatever was written since', () => {
    expect(details([acme, opened])).toEqual({ 'unresolved-frustration': '1 open ticket with a frustrated customer' });
    expect(details([acme, opened, answer(false)])).toHaveProperty('unresolved-frustration');
    expect(details([acme, opened, answer(null, { solvedAt: daysAgo(3) })])).toEqual({});
    expect(details([acme, low({ frustrated: false })])).toEqual({});
    expect(details([acme, low({ frustrated: null })])).toEqual({});
  });
  test('counts only where the model reads it, since every version of a ticket must be read for it', () => {
    expect(details([acme, opened], model)).toEqual({});
    const offered = {
      ...signal('tone', { from: { kind: 'ticket', metric: 'sentiment' }, aggregation: 'average' }),
      enabled: false,
    };
    const off = modelOf({ dimensions: [{ key: 'd', weight: 1, signals: [reads('x', 1), offered] }] });
    expect(details([acme, opened], off)).toEqual({});
  });
});

flag('overdue-invoice', {
  on: [
    ['for 30 days', [acme, invoice(30)]],
    ['among paid ones', [acme, invoice(400), invoice(60, { paidOn: TODAY })]],
  ],
  off: [
    ['for 29 days', [acme, invoice(29)]],
    ['paid late', [acme, invoice(60, { paidOn: dateOf(dayOf(TODAY) - 1) })]],
    ['a credit note', [acme, invoice(60, { kind: 'credit' })]],
  ],
  unknown: [
    ['invoices are not covered', [acme, invoice(60)], gap('invoices')],
    ['no due date', [acme, fact('invoice', daysAgo(90), { dueOn: null })]],
  ],
});

describe('all flags', () => {
  /** Users that fall are no feature that fell; a champion who is away is not quiet. */
  const EXCLUDED: readonly string[] = ['champion-quiet', 'usage-anomaly'];
  const MOST = FLAG_CODES.filter((code) => !EXCLUDED.includes(code));
  /** An account that has as many as can be. */
  const troubled = [
    acme,
    analyst,
    contact('m', 'Manager'),
    ...[50, 100, 150].map((ago) => touch(ago, ['an'])),
    left(20),
    champion,
    ...before,
    ...use(28, 0, { ...same, advancedUses: 10 }),
    fact('opportunityRole', daysAgo(300), { opportunityId: 'o', contactId: 'ch', role: 'Executive Sponsor' }),
    ...use(200, 14, { exports: 1 }, 'export'),
    ...use(14, 0, { exports: 30 }, 'export'),
    ...[2, 2, 3, 3, 4, 5].map((ago) => ticket(ago)),
    ticket(20),
    invoice(60),
  ];
  const open = renews(40);

  test('stand in one order, whatever the order of facts', () => {
    expect(flagsOf(troubled, open)).toEqual(MOST);
    expect(flagsOf([...troubled].reverse(), open)).toEqual(MOST);
  });

  test('are none on a sound account, and none where only the account is known', () => {
    expect(flagsOf(sound, renews(40))).toEqual([]);
    const bare = inputOf([acme]);
    const coverage = coverageOf({ view: bare.view, logging: { activity: new Set(), email: new Set() }, carriers: {} });
    expect(flagsOf([acme], { ...open, coverage })).toEqual([]);
  });

  test('a missing kind of data never raises one', () => {
    for (const kinds of [
      ['contact'],
      ['activity'],
      ['usage'],
      ['ticket'],
      ['invoice'],
      ['opportunityRole', 'contact'],
    ]) {
      const rest = troubled.filter((f) => !kinds.includes(f.kind));
      const view = inputOf(rest).view;
      const carriers = Object.fromEntries(rest.map((f) => [f.kind, ['crm']]));
      const coverage = coverageOf({ view, logging: { activity: new Set(), email: new Set() }, carriers });
      expect(flagsOf(troubled, open)).toEqual(expect.arrayContaining(flagsOf(rest, { ...open, coverage })));
    }
  });

  test('facts that do not matter raise none: other kinds, later ones, other features', () => {
    const stranger = fc.oneof(
      fc
        .record({
          kind: fc.constant('survey' as const),
          ago: fc.integer({ min: -60, max: 400 }),
          score: fc.integer({ min: 0, max: 10 }),
        })
        .map(({ ago, score }) => fact('survey', daysAgo(ago), { type: 'nps', score, scaleMin: 0, scaleMax: 10 })),
      fc.integer({ min: 0, max: 400 }).map((ago) => fact('user', daysAgo(ago), { active: false })),
      fc.integer({ min: 0, max: 400 }).map((ago) => fact('subscription', daysAgo(ago), { plan: 'pro', seats: 5 })),
      fc.integer({ min: 0, max: 400 }).map((ago) => fact('activity', daysAgo(ago), { type: 'note', subject: 'x' })),
      fc
        .integer({ min: 0, max: 400 })
        .map((ago) => fact('opportunity', daysAgo(ago), { renewal: false, amount: null })),
      fc.integer({ min: 0, max: 400 }).map((ago) => ticket(ago, { priority: 'low' })),
    );
    fc.assert(
      fc.property(fc.constantFrom(sound, troubled), fc.array(stranger, { maxLength: 8 }), (facts, more) => {
        expect(flagsOf([...facts, ...more], open)).toEqual(flagsOf(facts, open));
      }),
      { numRuns: 60 },
    );
  });

  test('nothing later than the date counts', () => {
    const later = [
      contact('vp', 'VP', {}, -1),
      contact('c2', 'Champion', {}, -1),
      touch(-1, ['m']),
      ticket(-1, { solvedAt: daysAgo(-1) }),
      fact('invoice', daysAgo(-1), { dueOn: '2020-01-01' }),
      ...use(0, -30, { ...same, advancedUses: 1 }),
    ];
    for (const facts of [sound, troubled])
      expect(flagsOf([...facts, ...later], open, NOON)).toEqual(flagsOf(facts, open, NOON));
  });

  test('while a source is stale they stay as they were when it was last whole', () => {
    const stale = (days: number) => ({ staleSources: [{ source: 'crm', since: daysAgo(days) }] });
    const sources = Object.fromEntries(FACT_KINDS.map((kind: FactKind) => [kind, ['crm']]));
    const coverage = { ...fullCoverage(), sources };
    // Seen until 10 days ago: then the ticket was open for 10 days, and the last call 25 days ago.
    const facts = [acme, ticket(20), talk(35, { type: 'call' })];
    expect(flagsOf(facts, { ...renews(60), coverage })).toEqual([
      'unresolved-frustration',
      'renewal-without-conversation',
    ]);
    expect(flagsOf(facts, { ...renews(60), coverage, ...stale(10) })).toEqual([]);
    expect(flagsOf([acme, ticket(40)], { coverage, ...stale(10) })).toEqual(['unresolved-frustration']);
    // After its own window a figure says nothing any more.
    expect(flagsOf([acme, talk(80)], { ...renews(60), coverage, ...stale(31) })).toEqual([]);
  });

  test('are part of what tells one score of a day from another', () => {
    const hash = (facts: StoredFact[]) => scoreWithTrend(model, inputOf(facts), null).inputsHash;
    expect(hash([acme, invoice(60)])).not.toBe(hash([acme]));
    expect(hash([acme, invoice(5)])).toBe(hash([acme]));
  });

  test('have their facts read for every model, and words for people', () => {
    expect(kindsOf(model)).toEqual(expect.arrayContaining(['contact', 'activity', 'usage', 'ticket', 'invoice']));
    for (const code of FLAG_CODES) {
      expect(code).toMatch(/^[a-z]+(-[a-z]+)+$/);
      expect(flagWords(code)).toBe(FLAGS[code]);
    }
    expect(flagWords('of-an-older-version')).toBe('of-an-older-version');
  });
});
