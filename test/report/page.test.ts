import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { ReportInput } from '../../src/report/input.ts';
import { reportPage } from '../../src/report/page.ts';
import { STYLE } from '../../src/report/style.ts';
import { verdictOf } from '../../src/report/verdict.ts';
import { calibrationOf, inputOf, oneDate, SAMPLE_DATES, sampleCases, sampleInput } from './support.ts';

/** What a person reads: the page without its markup. */
const words = (page: string): string =>
  page
    .replace(/<style>[\s\S]*?<\/style>/, '')
    .replace(/<[^>]+>/g, ' ')
    .replace(/\s+/g, ' ');

/** Nothing that slipped through, whatever the figures. */
function sound(page: string): void {
  expect(words(page)).not.toMatch(/NaN|Infinity|undefined|\bnull\b|\[object/);
  expect(page).not.toMatch(/="[^"]*(NaN|undefined|Infinity)[^"]*"/);
  const ids = [...page.matchAll(/ id="([^"]+)"/g)].map((m) => m[1]);
  expect(new Set(ids).size).toBe(ids.length);
  for (const [, ref = ''] of page.matchAll(/(?:aria-labelledby|href)="#?([\w -]+)"/g))
    for (const id of ref.split(' ')) expect(ids).toContain(id);
}

const none = new Array<'kept'>(40).fill('kept');
const five = [...new Array<'lost'>(5).fill('lost'), ...none];

describe('the page', () => {
  it('is one file that needs nothing else: no script, no address, no style but its own', () => {
    const page = reportPage({ ...sampleInput(), calibration: calibrationOf(sampleInput()) });
    expect(page).not.toMatch(
      /<script|<iframe|<object|<img|\son\w+=|javascript:|https?:|\/\/\w|@import|url\(| style="/i,
    );
    const hash = createHash('sha256').update(STYLE).digest('base64');
    expect(page).toContain(`default-src &#39;none&#39;; style-src &#39;sha256-${hash}&#39;`.replaceAll('&#39;', "'"));
    sound(page);
  });

  it('is the same of the same figures, to the last byte', () => {
    expect(reportPage(sampleInput())).toBe(reportPage(sampleInput()));
    expect(reportPage(sampleInput())).toContain('Made on 2 Nov 2026 by Pulseback 0.1.0.');
  });

  it('escapes names, models, columns and findings that are markup', () => {
    const evil = `<script>alert("x")</script>'&`;
    const input = inputOf({ cases: oneDate(five, () => 90), name: () => evil, flags: ['<b>'] });
    const page = reportPage({
      ...input,
      model: evil,
      incomplete: evil,
      result: {
        ...input.result,
        outcome: { kind: 'column', field: evil, chosen: false, snapshot: true },
        findings: [{ code: 'never-there', text: evil }],
      },
    });
    expect(page).not.toContain('<script');
    expect(page).toContain('flags: &lt;b&gt;');
    expect(page.split('&lt;script&gt;alert(&quot;x&quot;)&lt;/script&gt;&#39;&amp;').length).toBeGreaterThan(8);
    sound(page);
  });

  it('isolates names that run the other way', () => {
    const page = reportPage(inputOf({ cases: oneDate(five, () => 90), name: () => '\u202eשלום 🚀' }));
    expect(page).toContain('<bdi>\u202eשלום 🚀</bdi>');
  });

  it('stays small for a large book: a hundred false greens by name, and the others counted', () => {
    const cases = oneDate(new Array<'lost'>(700).fill('lost').concat(new Array(700).fill('kept')), () => 95);
    const page = reportPage(inputOf({ cases, name: (i) => `${'Very long name '.repeat(8)}${i}` }));
    expect(page.match(/<tr role="row"><th scope="row" role="rowheader" class="name"><bdi>/g)).toHaveLength(100);
    expect(words(page)).toContain('700 accounts left from the best band');
    expect(words(page)).toContain('80 more by name');
    expect(words(page)).toContain('… and 600 more accounts.');
    expect(page.length).toBeLessThan(250_000);
  });
});

describe('where figures cannot be told', () => {
  it.each([
    ['nobody left', none, 'nobody left', 'Nobody left (40 observations)'],
    ['everybody left', new Array<'lost'>(40).fill('lost'), 'nobody stayed', 'Everybody left (40 observations)'],
  ] as const)('%s: one class', (_, outcomes, reason, finding) => {
    const input = inputOf({ cases: oneDate(outcomes) });
    const page = reportPage(input);
    sound(page);
    expect(verdictOf(input).level).toBe('unknown');
    expect(words(page)).toContain(`There is no sound figure: ${reason}.`);
    expect(words(page)).toContain(finding);
    expect(page).not.toContain('chart-calibration');
    expect(words(page)).toMatch(/No churn probability can be judged: \w+/);
  });

  it('five events: a figure without an interval is no verdict', () => {
    const input = inputOf({ cases: oneDate(five) });
    expect(verdictOf(input)).toMatchObject({ level: 'unknown' });
    const page = reportPage(input);
    sound(page);
    expect(words(page)).toContain('an interval needs 10 accounts that left');
    expect(words(page)).toContain('Too few events');
  });

  it.each([
    ['no date', { cases: [], dates: [] }],
    ['a date without accounts', { cases: [] }],
    ['accounts whose outcome is open', { cases: oneDate(new Array<'open'>(30).fill('open')) }],
  ])('%s: words, and not one chart', (_, book) => {
    const page = reportPage(inputOf(book));
    sound(page);
    expect(words(page)).toContain('It cannot be told yet whether the score works');
    expect(words(page)).toContain('No outcome');
    expect(words(page)).not.toContain('scored 0 accounts');
    expect(page).not.toMatch(/class="(plot|track)"/);
    expect(page).not.toMatch(/href="#/);
  });

  it('one date: cross-validated, and no score before churn where none is known', () => {
    const cases = sampleCases().filter((c) => c.date === 0);
    const page = reportPage(inputOf({ cases: cases.map((c) => ({ ...c, daysLeft: null })) }));
    sound(page);
    expect(words(page)).toContain('all parts of the accounts but one of 5');
    expect(words(page)).toContain('30 days: No date lies about 30 days before somebody left.');
    expect(page).not.toContain('id="chart-lead"');
    expect(page).toContain('id="chart-distribution"');
  });

  it('a signal and a dimension that are never there', () => {
    const cases = sampleCases(60).map((c) => ({ ...c, signals: [null, ...c.signals.slice(1)] }));
    const page = reportPage(inputOf({ cases, dates: SAMPLE_DATES }));
    sound(page);
    expect(page).toMatch(/<span class="chip warn">never there<\/span>/);
  });
});

describe('manager tasks', () => {
  it('are compared within a band, and claimed to prove nothing', () => {
    const input = sampleInput();
    const row = {
      band: 'red',
      cases: 40,
      accounts: 40,
      lost: 10,
      contracted: 0,
      kept: 30,
      expanded: 0,
      rate: 0.25,
      low: 0.14,
      high: 0.4,
    };
    input.result.report.tasks = [
      { ...row, task: true },
      { ...row, task: false, lost: 20, rate: 0.5, low: 0.35, high: 0.65 },
    ];
    const page = reportPage(input);
    sound(page);
    expect(words(page)).toMatch(/Red, with a task 40 accounts 25 % 14–40 % 10 of 40 Red, without 40 accounts 50 %/);
    expect(words(page)).toContain('No proof of what tasks do');
  });
  it('are not spoken of where there was none', () =>
    expect(words(reportPage(sampleInput()))).not.toContain('had a task'));
});

describe('the verdict', () => {
  const of = (change: (input: ReportInput) => void): ReturnType<typeof verdictOf> => {
    const input = sampleInput();
    input.result.findings = [];
    change(input);
    return verdictOf(input);
  };
  const auc = (value: number, low: number, high: number) => (input: ReportInput) => {
    input.result.report.auc = { value, low, high, reason: null };
  };

  it.each([
    [0.93, 0.9, 0.95, 'tells', 'very well'],
    [0.85, 0.8, 0.9, 'tells', 'tells well'],
    [0.75, 0.7, 0.8, 'tells', 'fairly well'],
    [0.6, 0.55, 0.65, 'tells', 'a little better than chance'],
    [0.53, 0.48, 0.58, 'not', 'does not tell who leaves'],
    [0.3, 0.2, 0.4, 'not', 'points the wrong way'],
  ] as const)('of an AUC of %d (%d–%d): %s', (value, low, high, level, words) => {
    const verdict = of(auc(value, low, high));
    expect(verdict.level).toBe(level);
    expect(verdict.title).toContain(words);
  });

  it('puts the AUC into words', () => {
    expect(of(auc(0.72, 0.7, 0.74)).found).toContain(
      'in 72 of 100 such pairs the one that left had the lower score (95 % interval 70 to 74; chance would be 50)',
    );
  });

  it('is no praise where a signal knows the outcome, and reserved where anything else speaks against it', () => {
    const found = (code: 'knows-the-outcome' | 'one-signal' | 'never-there') =>
      of((input) => {
        auc(0.99, 0.98, 1)(input);
        input.result.findings = [{ code, text: 'x' }];
      });
    expect(found('knows-the-outcome').level).toBe('not');
    expect(found('one-signal')).toMatchObject({
      level: 'reserved',
      title: expect.stringMatching(/with reservations$/),
    });
    expect(found('never-there').level).toBe('tells');
  });

  it('says when a label has no history', () => {
    const verdict = of((input) => {
      input.result.outcome = { kind: 'column', field: 'churned', chosen: false, snapshot: true };
    });
    expect(verdict.judged).toContain('left by the end of the data');
    expect(verdict.judged).not.toContain('within 90 days');
  });
});

describe('a proposal', () => {
  it('stands first, with weights, bands and both curves, to one scale', () => {
    const input = sampleInput();
    const page = reportPage({ ...input, calibration: calibrationOf(input) });
    expect(page.indexOf('id="calibration"')).toBeLessThan(page.indexOf('id="ranking"'));
    for (const id of ['chart-calibration-before', 'chart-calibration-after']) expect(page).toContain(`id="${id}"`);
    expect(words(page)).toMatch(/Usage 30 % → 42 %/);
    expect(words(page)).toContain('to be retired: does not predict');
    expect(words(page)).toContain('12 accounts left: too few for weights of its own.');
    expect(words(page)).toContain('Nothing of it is applied');
    expect(words(page)).toMatch(
      /The proposal, five-dimension 2 \(proposed\), ranks with AUC 0\.\d\d \(.*?\) where five-dimension 1 has 0\.\d\d/,
    );
  });
  it('says why there is no curve', () => {
    const input = sampleInput();
    const part = calibrationOf(input);
    const empty = { ...part.after, curve: [], brier: null, calibrationError: null, reason: 'nobody left' };
    const page = reportPage({ ...input, calibration: { ...part, after: empty } });
    sound(page);
    expect(words(page)).toContain('No churn probability can be judged: nobody left.');
  });
});

describe('the colours', () => {
  const luminance = (hex: string): number => {
    const full = hex.length === 4 ? [...hex.slice(1)].map((c) => c + c).join('') : hex.slice(1);
    const [r = 0, g = 0, b = 0] = (full.match(/../g) ?? []).map((c) => {
      const v = Number.parseInt(c, 16) / 255;
      return v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const contrast = (a: string, b: string): number => {
    const [low = 0, high = 0] = [luminance(a), luminance(b)].sort((x, y) => x - y);
    return (high + 0.05) / (low + 0.05);
  };
  const themes = [...STYLE.matchAll(/:root\{([^}]*--ink[^}]*)\}/g)].map((m) =>
    Object.fromEntries([...(m[1] ?? '').matchAll(/--([\w-]+):(#\w+)/g)].map(([, name, hex]) => [name, hex])),
  );

  it('are two themes', () => expect(themes).toHaveLength(2));
  // WCAG 2.2: text 4.5, graphics 3.
  it.each([
    ['ink', 'paper', 4.5],
    ['ink', 'page', 4.5],
    ['soft', 'paper', 4.5],
    ['soft', 'page', 4.5],
    ['stayed-text', 'paper', 4.5],
    ['left-text', 'paper', 4.5],
    ['stayed', 'paper', 3],
    ['left', 'paper', 3],
    ['plain', 'paper', 3],
    ...(['tells', 'reserved', 'not', 'unknown'] as const).flatMap((tone): [string, string, number][] => [
      [tone, `${tone}-bg`, 4.5],
      ['paper', tone, 4.5],
    ]),
  ])('%s on %s has a contrast of %d', (text, ground, least) => {
    for (const theme of themes) expect(contrast(theme[text] ?? '', theme[ground] ?? '')).toBeGreaterThanOrEqual(least);
  });
});
