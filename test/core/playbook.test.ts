import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { FLAG_CODES } from '../../src/core/flags.ts';
import { Model } from '../../src/core/model.ts';
import { checkPlaybook, PLACEHOLDERS, Playbook, playbookSchema } from '../../src/core/playbook.ts';
import { fillWithin, type RecommendContext, recommend, type Scored } from '../../src/core/recommend.ts';
import { NOT_SCORED, POINT } from '../../src/core/result.ts';

const shipped = Playbook.parse(parse(readFileSync(new URL('../../mappings/playbook.yaml', import.meta.url), 'utf8')));
const context: RecommendContext = {
  today: '2026-11-27',
  csm: 'Sam Lee',
  manager: 'Kim Roe',
  contact: 'Priya Shah',
};
const dimension = (key: string, score: number | null) => ({
  dimension: key,
  label: key,
  weight: 0.2,
  score: score === null ? null : score * POINT,
});
const account = (more: Partial<Scored> = {}): Scored => ({
  name: 'Acme Ltd',
  score: 85,
  band: 'green',
  trend: 'stable',
  outlook: null,
  lifecycle: 'mature',
  segment: null,
  dimensions: [dimension('usage', 70), dimension('relationship', 70)],
  contributions: [],
  caps: [],
  flags: [],
  renewal: null,
  arr: { minor: 8_400_000, currency: 'GBP' },
  ...more,
});
const renewal = (on: string, daysAway: number) => ({ on, daysAway, arr: null, source: 'account field' });

describe('the shipped playbook', () => {
  it.each<[string, Partial<Scored>, Partial<RecommendContext>, string]>([
    ['trend first', { trend: 'declining fast', dimensions: [dimension('support', 5)] }, {}, 'call-what-changed'],
    [
      'falling fast before a renewal',
      { trend: 'declining fast', band: 'red', score: 40, renewal: renewal('2027-01-14', 48) },
      {},
      'executive-call',
    ],
    [
      'recovery',
      { trend: 'improving fast', outlook: 'recovery possible', band: 'red', score: 40 },
      {},
      'keep-momentum',
    ],
    ['weak support', { band: 'red', score: 40, dimensions: [dimension('support', 20)] }, {}, 'resolve-tickets'],
    ['weak usage', { band: 'yellow', score: 65, dimensions: [dimension('usage', 20)] }, {}, 'adoption-plan'],
    ['missing is not weak', { band: 'red', score: 40, dimensions: [dimension('usage', null)] }, {}, 'save-plan'],
    [
      'a band that a person has set, on an account that could not be scored',
      {
        score: null,
        band: 'red',
        override: { band: 'red', reason: 'x', until: '2027-01-14', byId: null, standsFor: 59 },
      },
      {},
      'save-plan',
    ],
    [
      'yellow by a person is no moment to ask for a reference, at 95 points',
      {
        score: 95,
        band: 'yellow',
        override: { band: 'yellow', reason: 'x', until: '2027-01-14', byId: null, standsFor: 79 },
      },
      {},
      'check-in',
    ],
    ['onboarding', { band: 'yellow', score: 65, lifecycle: 'onboarding' }, {}, 'onboarding-check'],
    ['renewal', { renewal: renewal('2027-01-14', 48) }, {}, 'renewal-talk'],
    ['growth', { trend: 'improving', dimensions: [dimension('usage', 90)] }, {}, 'expand'],
    [
      'champion left',
      { caps: [{ cap: 'champion-left', label: 'x', points: 0, evidence: [] }], band: 'yellow', score: 70 },
      {},
      're-onboard',
    ],
    ['a hidden risk', { flags: ['single-threaded'] }, {}, 'widen-contacts'],
    ['no executive', { flags: ['no-executive-contact'], score: 95 }, {}, 'widen-contacts'],
    [
      'silence before a renewal',
      { flags: ['no-executive-contact', 'renewal-without-conversation'] },
      {},
      'renewal-talk',
    ],
    ['the champion left, in a model without that cap', { flags: ['champion-left'] }, {}, 're-onboard'],
    ['a frustrated customer', { flags: ['unresolved-frustration', 'overdue-invoice'] }, {}, 'resolve-tickets'],
    ['an overdue invoice', { flags: ['overdue-invoice'] }, {}, 'settle-invoice'],
    ['features no longer used', { flags: ['feature-drop'] }, {}, 'outreach'],
    ['the band before the flag', { band: 'red', score: 40, flags: ['single-threaded'] }, {}, 'save-plan'],
    ['no data', { score: null, band: 'not scored', trend: 'new' }, {}, 'connect-data'],
    ['else', {}, {}, 'check-in'],
  ])('%s', (_, score, ctx, code) => {
    expect(recommend(account(score), shipped, { ...context, ...ctx }).code).toBe(code);
  });

  it('names only what the default model has', () => {
    const model = Model.parse(
      parse(readFileSync(new URL('../../mappings/models/five-dimension.yaml', import.meta.url), 'utf8')),
    );
    const names = {
      bands: model.bands.map((b) => b.key),
      dimensions: model.dimensions.map((d) => d.key),
      signals: model.dimensions.flatMap((d) => d.signals.map((x) => x.key)),
      caps: model.caps.map((c) => c.key),
      flags: FLAG_CODES,
    };
    expect(checkPlaybook(shipped, names)).toEqual([]);
    const answered = new Set(shipped.plays.flatMap((p) => p.when?.flag ?? []));
    expect(FLAG_CODES.filter((code) => !answered.has(code))).toEqual([]);
    const used = new Set(shipped.plays.map((p) => p.code));
    expect(shipped.actions.map((a) => a.code).filter((code) => !used.has(code))).toEqual([]);
  });

  it('says one verb, one person, one working day', () => {
    const { text, ownerRole } = recommend(account({ trend: 'declining fast' }), shipped, context);
    expect(text).toBe('Call Priya Shah by Mon 30 Nov: what changed?');
    expect(ownerRole).toBe('csm');
    expect(recommend(account({ trend: 'declining fast' }), shipped, { ...context, contact: null }).text).toBe(
      'Call Acme Ltd by Mon 30 Nov: what changed?',
    );
  });

  it('gives every account exactly one known action that fits its field and falls on a working day', () => {
    const any = fc.record({
      name: fc.oneof(fc.string({ unit: 'grapheme', maxLength: 400 }), fc.lorem({ maxCount: 60 })),
      score: fc.option(fc.integer({ min: 0, max: 100 })),
      band: fc.constantFrom('green', 'yellow', 'red', 'other'),
      trend: fc.constantFrom('declining fast', 'declining', 'stable', 'improving', 'improving fast', 'new'),
      support: fc.option(fc.integer({ min: 0, max: 100 })),
      usage: fc.option(fc.integer({ min: 0, max: 100 })),
      lifecycle: fc.constantFrom('onboarding' as const, 'mature' as const, null),
      contact: fc.option(fc.string({ unit: 'binary', maxLength: 300 })),
      today: fc.date({ min: new Date('2020-01-01'), max: new Date('2040-01-01'), noInvalidDate: true }),
      renewalIn: fc.option(fc.integer({ min: -300, max: 700 })),
    });
    fc.assert(
      fc.property(any, (a) => {
        const today = a.today.toISOString().slice(0, 10);
        const on = new Date(Date.parse(today) + (a.renewalIn ?? 0) * 86_400_000).toISOString().slice(0, 10);
        const score = account({
          name: a.name,
          score: a.score,
          band: a.score === null ? NOT_SCORED : a.band,
          trend: a.trend as Scored['trend'],
          lifecycle: a.lifecycle,
          dimensions: [dimension('support', a.support), dimension('usage', a.usage)],
          renewal: a.renewalIn === null ? null : renewal(on, a.renewalIn),
        });
        const action = recommend(score, shipped, { ...context, today, contact: a.contact });
        expect(shipped.actions.map((x) => x.code)).toContain(action.code);
        expect(action.code === 'connect-data').toBe(a.score === null);
        expect(action.text.length).toBeLessThanOrEqual(255);
        expect(action.text.isWellFormed() || !(a.contact ?? '').isWellFormed()).toBe(true);
        expect(action.text).not.toMatch(/[\n\r\t]|\b(Sat|Sun) \d/u);
        expect(action.text).toMatch(/(Mon|Tue|Wed|Thu|Fri) \d/);
      }),
      { seed: 3 },
    );
  });
});

describe('fillWithin', () => {
  const values = {
    csm: 'Sam',
    manager: 'Kim',
    contact: 'Priya Shah',
    name: 'Acme',
    date: 'Fri 4 Dec',
    renewalDate: '',
    arr: '',
    score: '',
  };
  it('shortens a name between words and keeps the date', () => {
    const name = 'Very Long International Holding Company of Northern Europe';
    expect(fillWithin('Ask {name} by {date}: why?', { ...values, name }, 50)).toBe(
      'Ask Very Long International… by Fri 4 Dec: why?',
    );
  });
  it('replaces a name without word ends', () => {
    expect(fillWithin('Ask {name} by {date}: why?', { ...values, name: '😀'.repeat(200) }, 50)).toBe(
      'Ask this account by Fri 4 Dec: why?',
    );
  });
  it('does not fill placeholders that stand in a name', () => {
    expect(fillWithin('Ask {name}', { ...values, name: '{csm} & $& Co' }, 50)).toBe('Ask {csm} & $& Co');
  });
});

describe('checkPlaybook', () => {
  const base = {
    actions: [{ code: 'call', label: 'Call' }],
    plays: [
      { code: 'call', when: { scored: false }, text: 'x', why: 'y' },
      { code: 'call', text: 'x', why: 'y' },
    ],
  };
  const issues = (plays: object[], schema = Playbook) => {
    const result = schema.safeParse({ ...base, plays });
    return (result.error?.issues ?? []).map((i) => ({
      path: i.path.join('.'),
      message: i.message,
      params: 'params' in i ? i.params : undefined,
    }));
  };
  it('accepts a complete one', () => expect(issues(base.plays)).toEqual([]));
  it('names an unknown code and an unknown placeholder with the valid ones', () => {
    const found = issues([
      { code: 'cal', when: { scored: false }, text: 'Ask {nam} and {csm', why: 'y' },
      { code: 'call', text: 'x', why: 'y' },
    ]);
    expect(found).toEqual([
      { path: 'plays.0.code', message: 'unknown action code', params: { found: 'cal', names: ['call'] } },
      { path: 'plays.0.text', message: 'unknown placeholder', params: { found: 'nam', names: [...PLACEHOLDERS] } },
      { path: 'plays.0.text', message: 'unknown placeholder', params: { found: 'csm', names: [...PLACEHOLDERS] } },
    ]);
  });
  it('refuses plays behind one that takes everything', () => {
    const found = issues([...base.plays, { code: 'call', when: { band: ['red'] }, text: 'x', why: 'y' }]);
    expect(found).toEqual([
      { path: 'plays.2', message: 'never reached: play 2 already takes all scored accounts', params: undefined },
    ]);
  });
  it('refuses a playbook that leaves accounts without an action', () => {
    expect(issues([{ code: 'call', when: { band: ['red'] }, text: 'x', why: 'y' }]).map((i) => i.message)).toEqual([
      'some scored accounts would have no action; end with a play without `when`',
      'some accounts that are not scored would have no action; add a play with only `when: { scored: false }`',
    ]);
  });
  it('knows the names of a model where it is told', () => {
    const schema = playbookSchema({ bands: ['green', 'red'], dimensions: ['usage'] });
    const plays = [
      { code: 'call', when: { band: ['gren'], dimension: { usag: { below: 3 } } }, text: 'x', why: 'y' },
      ...base.plays,
    ];
    expect(issues(plays, schema).map((i) => [i.path, i.message])).toEqual([
      ['plays.0.when.band', 'unknown band'],
      ['plays.0.when.dimension', 'unknown dimension'],
    ]);
    expect(checkPlaybook(shipped, { bands: ['green', 'yellow', 'red'] })).toEqual([]);
  });
});
