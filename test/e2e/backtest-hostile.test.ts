import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { seeded } from '../../src/core/backtest/random.ts';
import { folder } from '../cli/support.ts';
import { cli } from './harness.ts';

const NOW = ['--now', '2026-11-02T07:00:00Z'];
const ACCOUNTS = 90;
const LOST = 24;

/** One row an account: what the three signals read, and what became of it. */
interface Line {
  id: string;
  a: string;
  b: string;
  extra: string;
  left: string;
}
type Change = (line: Line, lost: boolean, random: () => number, i: number) => Partial<Line>;

function lines(change: Change = () => ({})): Line[] {
  const random = seeded(3);
  return Array.from({ length: ACCOUNTS }, (_, i) => {
    const lost = i < LOST;
    const figure = (): string => (100 * random() - (lost ? 12 : 0) + 12).toFixed(3);
    const line = { id: `A${i}`, a: figure(), b: figure(), extra: '50', left: lost ? 'yes' : 'no' };
    return { ...line, ...change(line, lost, random, i) };
  });
}

const signal = (key: string, more: string): string =>
  `      - { key: ${key}, label: Figure ${key}, unit: points, weight: 1, tag: leading, direction: higher is better, text: "{value}", ${more} }\n`;
const LINEAR = 'curve: { linear: [[0, 0], [100, 100]] }';
const latest = (metric: string, curve = LINEAR): string =>
  `from: { kind: account, metric: ${metric} }, aggregation: latest, ${curve}`;

/** A folder with a mapping and a model of two dimensions and, where `extra` is given, a third. */
function book(rows: Line[], extra: string | null = null): string {
  const header = 'id,a,b,extra,left\n';
  const text = rows.map(({ id, a, b, extra: e, left }) => `${id},${a},${b},${e},${left}`).join('\n');
  const dimension = (key: string, own: string): string =>
    `  - key: ${key}\n    label: Part ${key}\n    weight: 1\n    signals:\n${signal(key, own)}`;
  const model = `name: hostile
version: 1
bands:
  - { key: green, from: 70 }
  - { key: yellow, from: 40 }
  - { key: red, from: 0 }
floor: 0.3
dimensions:
${dimension('a', latest('a'))}${dimension('b', latest('b'))}${extra === null ? '' : dimension('extra', extra)}`;
  const files = {
    'accounts.csv': `${header}${text}\n`,
    'model.yaml': model,
    'mapping.yaml': `version: 1
files:
  accounts:
    file: accounts.csv
    kind: account
    account: id
    observedAt: { constant: 2026-06-30 }
    attributes: [a, b, extra, left]
`,
  };
  const dir = folder();
  for (const [name, content] of Object.entries(files)) writeFileSync(join(dir, name), content);
  return dir;
}

async function run(dir: string, ...more: string[]) {
  const out = join(dir, 'scores.csv');
  const args = [
    'backtest',
    '--from',
    dir,
    '--model',
    join(dir, 'model.yaml'),
    '--outcome',
    'left',
    '--resamples',
    '100',
  ];
  const [told, machine] = [
    await cli([...args, ...NOW, '--out', out, ...more]),
    await cli([...args, ...NOW, '--json', ...more]),
  ];
  return { told, json: machine.json, csv: told.code === 0 ? readFileSync(out, 'utf8') : '' };
}

const HOLES = /NaN|Infinity|undefined|\bnull\b|\[object/;
/** Figures are numbers or null, never a word for neither. */
function walk(value: unknown, path = ''): void {
  if (typeof value === 'string') expect(value, path).not.toMatch(HOLES);
  else if (typeof value === 'number') expect(Number.isFinite(value), path).toBe(true);
  else if (value !== null && typeof value === 'object')
    for (const [key, inner] of Object.entries(value)) walk(inner, `${path}.${key}`);
  else expect(value === null || typeof value === 'boolean', path).toBe(true);
}

describe('a backtest of hostile data says what is wrong, and nothing that is no figure', () => {
  it.each<[string, string, () => string, RegExp]>([
    ['nobody left', 'one-class', () => book(lines(() => ({ left: 'no' }))), /^Nobody left \(90 observations\)/],
    ['everybody left', 'one-class', () => book(lines(() => ({ left: 'yes' }))), /^Everybody left/],
    [
      'five events',
      'too-few-events',
      () => book(lines((_, __, ___, i) => ({ left: i < 5 ? 'yes' : 'no' }))),
      /^Too few events for an interval narrower than 0\.2: 5 accounts of 90 left/,
    ],
    ['constant columns', 'does-not-predict', () => book(lines(() => ({ a: '50', b: '50' }))), /AUC 0\.50/],
    [
      'a dimension that is all missing',
      'never-there',
      () =>
        book(
          lines(() => ({ extra: '' })),
          latest('extra'),
        ),
      /^Never there at those dates, so without a say: Figure extra/,
    ],
    [
      'the label as a signal',
      'knows-the-outcome',
      () => book(lines(), latest('left', 'curve: { lookup: { yes: 0, no: 100 } }')),
      /look at Figure extra \(extra\.extra\)/,
    ],
    [
      'the label upside down',
      'knows-the-outcome',
      () => book(lines(), latest('left', 'curve: { lookup: { yes: 100, no: 0 } }')),
      /look at Figure extra \(extra\.extra\)/,
    ],
    [
      'the label with mistakes in it',
      'knows-the-outcome',
      () =>
        book(
          lines((_, lost, random) => ({ extra: lost !== random() < 0.05 ? '0' : '1' })),
          latest('extra', 'curve: { steps: [[0, 0], [1, 100]] }'),
        ),
      /very likely knows the outcome; look at Figure extra/,
    ],
    [
      'the day of leaving in days',
      'knows-the-outcome',
      () =>
        book(
          lines((_, lost, __, i) => ({ extra: lost ? `2026-0${1 + (i % 6)}-15` : '' })),
          `from: { kind: account, metric: extra }, aggregation: daysSince, ${LINEAR}`,
        ),
      /being there: Figure extra \(extra\.extra\)\. Of observations where it is there, 100 % left/,
    ],
    [
      'dates in the future',
      'knows-the-outcome',
      () =>
        book(
          lines((_, lost) => ({ extra: lost ? '2031-01-01' : '' })),
          `from: { kind: account, metric: extra }, aggregation: daysSince, ${LINEAR}`,
        ),
      /being there: Figure extra/,
    ],
    [
      'rows that come twice, under other ids',
      'duplicates',
      () =>
        book([
          ...lines(),
          ...lines()
            .slice(10, 40)
            .map((line) => ({ ...line, id: `${line.id}-copy` })),
        ]),
      /^Duplicates cross the split: 60 of 120 accounts .*A10 = A10-copy/,
    ],
  ])('%s', async (_, code, make, text) => {
    const { told, json, csv } = await run(make());
    expect(told.code, told.err).toBe(0);
    const finding = json.findings.find((f: { code: string }) => f.code === code);
    expect(finding?.text, JSON.stringify(json.findings)).toMatch(text);
    expect(told.out).toContain(finding.text);
    expect(`${told.out}${csv}`).not.toMatch(HOLES);
    walk(json);
  });

  it('warns of nothing but what is there', async () => {
    const { json } = await run(book(lines()));
    for (const { code } of json.findings) expect(['too-few-events', 'does-not-predict', 'one-signal']).toContain(code);
  });
});

describe('dates that cannot be', () => {
  const dated = (): string => {
    const dir = book(lines((_, lost) => ({ left: lost ? '2026-05-10' : '' })));
    const mapping = readFileSync(join(dir, 'mapping.yaml'), 'utf8');
    writeFileSync(join(dir, 'mapping.yaml'), mapping.replace('2026-06-30', '2026-01-01'));
    return dir;
  };
  it('in the future are refused', async () => {
    const { told } = await run(dated(), '--as-of', '2031-01-01');
    expect(told.code).toBe(2);
    expect(told.err).toContain('--as-of 2031-01-01: that day has not ended yet');
  });
  it('that come twice are looked at once', async () => {
    const { json } = await run(dated(), '--as-of', '2026-03-31,2026-03-31, 2026-03-31', '--horizon', '60');
    expect([...json.dates, ...json.notOver.map((n: { date: string }) => n.date)]).toEqual(['2026-03-31']);
  });
  it('whose horizon is longer than the data says what to do', async () => {
    const { told, json } = await run(dated(), '--as-of', '2026-03-31', '--horizon', '3000');
    expect(told.code).toBe(0);
    expect(json).toMatchObject({ dates: [], observations: 0 });
    expect(json.findings[0]).toMatchObject({ code: 'horizon-not-over' });
    expect(told.out).toMatch(/No outcome yet: .*Take earlier dates, or a shorter horizon/);
    walk(json);
  });
});
