import { describe, expect, test } from 'vitest';
import { FACT_KINDS } from '../../src/core/fact.ts';
import { feedFindings } from '../../src/core/feed.ts';
import { findingsOf } from '../../src/core/model-findings.ts';
import { type ModelInput, modelOf, reads, type SignalInput, signal } from './helpers.ts';
import { shipped } from './models/raw.ts';

const told = (signals: SignalInput[], more: Partial<ModelInput> = {}): string[] =>
  findingsOf(modelOf({ dimensions: [{ key: 'd', weight: 1, signals }], ...more })).map(
    ({ level, path, text }) => `${level} ${path.join('.')}: ${text}`,
  );
const one = (more: SignalInput, rest: Partial<ModelInput> = {}): string[] => told([signal('s', more)], rest);
const usage = (metric: string, aggregation: string) => ({
  from: { kind: 'usage', metric },
  aggregation,
  windowDays: 28,
});
const SHARE = { from: { kind: 'ticket' }, aggregation: 'share', which: { field: 'severe', is: true }, windowDays: 90 };
const at = 'warning dimensions.0.signals.0';

describe('vanity', () => {
  test.each<[string, SignalInput, string | null]>([
    ['total logins', usage('logins', 'sum'), 'counts total logins alone; a share of seats or a trend says more'],
    ['average uses', usage('uses', 'average'), 'counts total uses alone; a share of seats or a trend says more'],
    ['users', usage('activeUsers', 'average'), 'counts users alone; a share of seats or a trend says more'],
    [
      'fewer exports are better',
      {
        ...usage('exports', 'sum'),
        direction: 'lower is better',
        curve: {
          linear: [
            [0, 100],
            [9, 0],
          ],
        },
      },
      null,
    ],
    ['a trend of logins', { ...usage('logins', 'trend'), using: 'sum' }, null],
    [
      'ARR',
      { from: { kind: 'account', metric: 'arr' }, aggregation: 'latest' },
      'measures how large the customer is, not how it fares; its trend says more',
    ],
    [
      'everything that is logged',
      { from: { kind: 'activity' }, aggregation: 'count', windowDays: 90 },
      'counts everything that is logged, our own notes and tasks included; name the types that are touchpoints',
    ],
    [
      'calls',
      {
        from: { kind: 'activity', where: { all: [{ field: 'type', is: 'call' }] } },
        aggregation: 'count',
        windowDays: 90,
      },
      null,
    ],
  ])('%s', (_, more, expected) => expect(one(more)).toEqual(expected === null ? [] : [`${at}: signal s ${expected}`]));
});

describe('curves', () => {
  test('a share of 0 to 1 where percent is meant', () => {
    expect(
      one({
        ...SHARE,
        direction: 'lower is better',
        curve: {
          linear: [
            [0, 100],
            [1, 0],
          ],
        },
      }),
    ).toEqual([
      `${at}.curve: signal s is measured in percent (0 to 100), and its curve ends at 1; write 100 instead of 1`,
    ]);
    expect(
      one({
        ...SHARE,
        curve: {
          linear: [
            [0, 0],
            [90, 100],
          ],
        },
      }),
    ).toEqual([]);
  });
  test('a curve beyond what can be', () => {
    expect(
      one({
        ...SHARE,
        curve: {
          linear: [
            [100, 0],
            [200, 100],
          ],
        },
      }),
    ).toEqual([`${at}.curve: signal s is never above 100, so its curve always gives the same score`]);
  });
  test('a text on a curve of numbers', () => {
    const stage = { from: { kind: 'opportunity', metric: 'stage' }, aggregation: 'latest' };
    expect(one(stage)).toEqual([
      `${at}.curve: signal s measures \`stage\` of opportunities, a text, which only a lookup curve can judge`,
    ]);
    expect(one({ ...stage, curve: { lookup: { won: 100 } } })).toEqual([]);
  });
});

describe('caps and segments that do nothing', () => {
  const cap = (more: object) => ({
    caps: [{ key: 'c', label: 'c', bandAtMost: 'yellow', when: [{ ...SHARE, ...more }] }],
  });
  test.each<[object, string[]]>([
    [{ atLeast: 50 }, []],
    [{ atLeast: 101 }, ['warning caps.0.when.0: cap c never applies: the figure is never above 100']],
    [{ below: 0 }, ['warning caps.0.when.0: cap c never applies: the figure is never below 0']],
    [{ atLeast: 5, below: 5 }, ['warning caps.0.when.0: cap c never applies: nothing is at least 5 and below 5']],
  ])('%o', (more, expected) => expect(told([reads('a', 1)], cap(more))).toEqual(expected));

  test('four different weeks in 21 days', () => {
    const weeks = {
      from: { kind: 'ticket', metric: 'week' },
      aggregation: 'distinct',
      windowDays: 21,
      which: undefined,
    };
    expect(told([reads('a', 1)], cap({ ...weeks, atLeast: 3 }))).toEqual([]);
    expect(told([reads('a', 1)], cap({ ...weeks, atLeast: 4 }))).toHaveLength(1);
  });

  test('a cap at the best band, here or in a segment', () => {
    const caps = [{ key: 'c', label: 'c', bandAtMost: 'green', when: [{ ...SHARE, atLeast: 1 }] }];
    expect(told([reads('a', 1)], { caps })).toEqual([
      'warning caps.0.bandAtMost: cap c takes nothing: green is the best band there is',
    ]);
    const bands = [
      { key: 'yellow', from: 50 },
      { key: 'red', from: 0 },
    ];
    expect(told([reads('a', 1)], { ...cap({ atLeast: 1 }), segments: { smb: { bands } } })).toEqual([
      'warning segments.smb.bands: cap c takes nothing in segment smb: no band there is better than yellow',
    ]);
  });

  test('a segment about a signal that is off, shrinkage without segments, weights that add up to nothing round', () => {
    const signals = [reads('a', 1), reads('b', 1, { enabled: false })];
    expect(told(signals, { segments: { smb: { signals: { b: { weight: 2 } } } } })).toEqual([
      'warning segments.smb.signals.b: segment smb changes nothing of b, which is switched off',
    ]);
    expect(told(signals, { shrinkage: { accounts: 5 } })).toEqual([
      'warning shrinkage: shrinkage changes nothing: the model has no segments',
    ]);
    const dimensions = [35, 60].map((weight, i) => ({ key: `d${i}`, weight, signals: [reads(`s${i}`, 1)] }));
    expect(told([], { dimensions })).toEqual([
      'info dimensions: the weights of the dimensions add up to 95; shares of that count',
    ]);
  });
});

describe('what connected sources can feed', () => {
  const model = shipped('five-dimension');
  const feed = (kinds: readonly (typeof FACT_KINDS)[number][]) => ({
    kinds: { crm: kinds },
    segments: ['enterprise', 'mid-market', 'smb'],
  });
  const texts = (kinds: readonly (typeof FACT_KINDS)[number][]) => feedFindings(model, feed(kinds)).map((f) => f.text);

  test('everything, by a source of every kind', () => expect(texts(FACT_KINDS)).toEqual([]));

  test('each signal, its cap and the confidence that is left', () => {
    expect(texts(FACT_KINDS.filter((k) => k !== 'invoice'))).toEqual([
      'signal on-time-payments cannot be measured: no connected source delivers invoices',
      'without these signals confidence is at most 85 %',
      'cap invoice-overdue never applies: no connected source delivers invoices',
    ]);
  });

  test('that nobody can be scored', () => {
    expect(texts(['account', 'contact', 'activity'])).toContain(
      'no account can be scored: confidence is at most 25 %, and the floor is 40 %',
    );
  });

  test('segments that no rule gives', () => {
    const found = feedFindings(model, { kinds: { crm: FACT_KINDS }, segments: ['enterprise', 'smb'] });
    expect(found).toEqual([
      {
        level: 'warning',
        path: ['segments', 'mid-market'],
        text: 'segment mid-market never applies: the account rules give enterprise and smb',
      },
    ]);
  });
});
