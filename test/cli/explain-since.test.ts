import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { EFFECTS } from '../../src/core/change.ts';
import { cli } from '../e2e/harness.ts';
import { folder } from './support.ts';

/** Usage and answers of one customer in files, scored day by day through the command line. */
const MODEL = (version: number, usage: number) => `name: own
version: ${version}
bands: [{ key: green, from: 80 }, { key: red, from: 0 }]
dimensions:
  - key: usage
    label: Usage
    weight: ${usage}
    signals:
      - key: seats-used
        label: Seats in use
        unit: '%'
        weight: 1
        tag: leading
        direction: higher is better
        from: { kind: usage, metric: activeUsers }
        aggregation: average
        windowDays: 14
        curve: { linear: [[0, 0], [50, 100]] }
        text: 'Active users {value} on an average day'
        changeText: 'Active users {then.value}→{value} since {since}'
  - key: voice
    label: Voice
    weight: 40
    signals:
      - key: nps
        label: NPS
        unit: points
        weight: 1
        tag: lagging
        direction: higher is better
        from: { kind: survey, metric: nps, where: { field: type, is: nps } }
        aggregation: average
        windowDays: 30
        curve: { linear: [[-100, 0], [100, 100]] }
        text: 'NPS {value} from {rows} answers'
`;
const MAPPING = `version: 1
defaults: { timezone: Europe/London, currency: GBP }
accounts: { population: { field: status, is: customer } }
files:
  accounts:
    file: accounts.csv
    kind: account
    account: id
    observedAt: since
    fields: { name: name, createdOn: since }
    attributes: [status]
  usage:
    file: usage.csv
    kind: usage
    account: id
    observedAt: day
    metrics: { activeUsers: active }
  answers:
    file: answers.csv
    kind: survey
    account: account
    id: id
    observedAt: at
    fields: { type: { const: nps }, score: score }
`;

interface Book {
  run(now: string, ...args: string[]): ReturnType<typeof cli>;
  /** Pulls and scores at an instant. */
  score(now: string): Promise<void>;
  write(name: string, text: string): void;
}
const day = (n: number): string => new Date(Date.UTC(2026, 8, 1) + n * 86_400_000).toISOString().slice(0, 10);

/** From 1 September on, 40 active users a day; one NPS answer on 1 October. */
function bookOf(active: (day: number) => number = () => 40): Book {
  const dir = folder();
  const write = (name: string, text: string) => writeFileSync(join(dir, name), text);
  write('mapping.yaml', MAPPING);
  write('model.yaml', MODEL(1, 60));
  write(
    'pulseback.yaml',
    'timezone: Europe/London\nmodel: model.yaml\nsources: { exports: { connector: files, config: { path: . } } }\n',
  );
  write('accounts.csv', 'id,name,since,status\nA1,Acme,2026-01-05,customer\nA2,Ex,2026-01-05,former\n');
  write('usage.csv', `id,day,active\n${Array.from({ length: 85 }, (_, n) => `A1,${day(n)},${active(n)}\n`).join('')}`);
  write('answers.csv', 'id,account,at,score\nS1,A1,2026-10-01T09:00:00Z,10\n');
  const run = (now: string, ...args: string[]) => cli([...args, '--config', join(dir, 'pulseback.yaml'), '--now', now]);
  return {
    run,
    write,
    score: async (now) => {
      for (const command of ['pull', 'score']) {
        const { code, err } = await run(now, command);
        if (code !== 0) throw new Error(`${command} at ${now}: ${err}`);
      }
    },
  };
}

/** Every sum that a reader may check. */
function expectExact(json: Awaited<ReturnType<typeof cli>>['json']): void {
  const tenThousandths = (n: number): number => Math.round(n * 10_000);
  let sum = 0;
  for (const key of EFFECTS) {
    const { total, lines } = json.effects[key];
    expect(lines.reduce((s: number, line: { points: number }) => s + tenThousandths(line.points), 0)).toBe(
      tenThousandths(total),
    );
    sum += tenThousandths(total);
  }
  expect(sum).toBe(tenThousandths(json.sum));
  expect(sum).toBe(tenThousandths(json.to.points) - tenThousandths(json.from.points));
}

describe('explain --since', () => {
  it('tells figures that moved between two stored scores, with dates', async () => {
    const book = bookOf((n) => (n < 45 ? 40 : 20));
    await book.score('2026-10-05T08:00:00Z');
    await book.score('2026-10-30T08:00:00Z');
    const { json, code } = await book.run('2026-10-30T09:00:00Z', 'explain', 'A1', '--since', '2026-10-05', '--json');
    expect(code).toBe(0);
    expectExact(json);
    expect(json).toMatchObject({
      from: { score: 88, band: 'green', stored: true },
      to: { score: 64, band: 'red' },
      sum: -24,
    });
    expect(json.effects.data.lines).toEqual([
      {
        dimension: 'usage',
        signal: 'seats-used',
        label: 'Seats in use',
        points: -24,
        text: 'Active users 40→20 since 5 Oct',
        from: 40,
        to: 20,
      },
    ]);
    const { out } = await book.run('2026-10-30T09:00:00Z', 'explain', 'Acme', '--since', '2026-10-05');
    expect(out).toMatch(/^88 \(green\) → 64 \(red\), −24\.0 points$/m);
    expect(out).toMatch(/^ +−24\.0 {2}data changed +█{20}$/m);
    expect(out).toMatch(/^ +±0\.0 {2}model changed$/m);
    expect(out).toMatch(/^ +−24\.0 {2}Seats in use: Active users 40→20 since 5 Oct$/m);
  });

  it('tells what went missing apart from what moved', async () => {
    const book = bookOf();
    await book.score('2026-10-05T08:00:00Z');
    await book.score('2026-11-05T08:00:00Z'); // the answer is older than its window
    const { json } = await book.run('2026-11-05T09:00:00Z', 'explain', 'A1', '--since', '2026-10-05', '--json');
    expectExact(json);
    expect(json.effects.missing.lines).toEqual([
      {
        dimension: 'voice',
        signal: 'nps',
        label: 'NPS',
        points: -8,
        text: 'NPS: no matching survey answers in 30 days; on 5 Oct: NPS 100 from 1 answers',
        from: 100,
        to: null,
      },
    ]);
    expect(json.effects.data).toEqual({ total: 0, lines: [] });
  });

  it('explains an old score by the model that scored it', async () => {
    const book = bookOf();
    await book.score('2026-10-05T08:00:00Z');
    book.write('model.yaml', MODEL(2, 160));
    await book.score('2026-10-12T08:00:00Z');
    const { json } = await book.run('2026-10-12T09:00:00Z', 'explain', 'A1', '--since', '2026-10-05', '--json');
    expectExact(json);
    expect(json).toMatchObject({ from: { model: 'own 1' }, to: { model: 'own 2' }, sum: -4 });
    expect(json.effects.data.total + json.effects.missing.total + json.effects.peers.total).toBe(0);
    expect(json.effects.model.lines.map((l: { text: string }) => l.text)).toEqual([
      'NPS weighs 20 % instead of 40 %',
      'Seats in use weighs 80 % instead of 60 %',
    ]);
    // The score itself still names its records, by the model that made it.
    const old = await book.run('2026-10-12T09:00:00Z', 'explain', 'A1', '--as-of', '2026-10-05', '--json');
    expect(old.json).toMatchObject({ model: 'own 1', sum: 88 });
    expect(old.json.dimensions[1].signals[0].evidence).toEqual([expect.objectContaining({ kind: 'survey', id: 'S1' })]);
  });

  it('tells what the peers did, where an account is ranked among them and itself stood still', async () => {
    const book = bookOf();
    book.write(
      'model.yaml',
      MODEL(1, 60).replace('{ linear: [[0, 0], [50, 100]] }', '{ percentile: { within: all } }'),
    );
    const ids = ['A1', 'B1', 'B2', 'B3', 'B4', 'B5'];
    book.write(
      'accounts.csv',
      `id,name,since,status\n${ids.map((id) => `${id},${id},2026-01-05,customer\n`).join('')}`,
    );
    const days = Array.from({ length: 85 }, (_, n) => n);
    const active = (id: string, n: number): number => (id === 'A1' ? 40 : n < 45 ? 10 : 90);
    book.write(
      'usage.csv',
      `id,day,active\n${ids.flatMap((id) => days.map((n) => `${id},${day(n)},${active(id, n)}\n`)).join('')}`,
    );
    await book.score('2026-10-05T08:00:00Z');
    await book.score('2026-10-30T08:00:00Z');
    const { json } = await book.run('2026-10-30T09:00:00Z', 'explain', 'A1', '--since', '2026-10-05', '--json');
    expectExact(json);
    // From the best of six, 5.5 ÷ 6, to the last, 0.5 ÷ 6; usage weighs 60 of 100.
    expect(json.effects.peers.lines).toEqual([
      expect.objectContaining({
        signal: 'seats-used',
        points: -50,
        text: expect.stringContaining('8 instead of 92 of 100'),
      }),
    ]);
    expect(json.sum).toBe(-50);
    expect([json.effects.data.lines, json.effects.model.lines, json.effects.missing.lines]).toEqual([[], [], []]);
  });

  it('tells records that arrived late as corrections, so that what was shown still adds up', async () => {
    const book = bookOf();
    await book.score('2026-10-05T08:00:00Z');
    book.write('answers.csv', 'id,account,at,score\nS1,A1,2026-10-01T09:00:00Z,10\nS0,A1,2026-09-30T09:00:00Z,0\n');
    await book.score('2026-10-12T08:00:00Z');
    const { json } = await book.run('2026-10-12T09:00:00Z', 'explain', 'A1', '--since', '2026-10-05', '--json');
    expectExact(json);
    expect(json.effects.data.lines).toEqual([
      expect.objectContaining({
        label: 'Corrected since',
        points: -20,
        text: 'What is known of 5 Oct has been corrected or completed since (NPS)',
      }),
    ]);
    const told = await book.run('2026-10-12T09:00:00Z', 'explain', 'A1', '--as-of', '2026-10-05');
    expect(told.err).toContain('Corrected since it was scored, so that its records say otherwise today: NPS.');
    expect(told.out).toContain('sum of all lines = the score');
  });

  it('remembers that a source was stale when it scored', async () => {
    const book = bookOf((n) => (n < 30 ? 40 : 20));
    await book.score('2026-10-05T08:00:00Z');
    expect((await book.run('2026-10-12T08:00:00Z', 'score')).code).toBe(0); // without pulling for a week
    await book.score('2026-10-20T08:00:00Z');
    const { json } = await book.run('2026-10-20T09:00:00Z', 'explain', 'A1', '--since', '2026-10-12', '--json');
    expectExact(json);
    expect(json.from.confidence).toBeLessThan(0.9);
    expect(json.effects.data.lines.map((l: { label: string }) => l.label)).toEqual(['Seats in use']);
  });

  it('works a day out that was never scored, and says so', async () => {
    const book = bookOf((n) => (n < 45 ? 40 : 20));
    await book.score('2026-10-30T08:00:00Z');
    const args = ['explain', 'A1', '--since', '2026-10-05'];
    const { json } = await book.run('2026-10-30T09:00:00Z', ...args, '--json');
    expectExact(json);
    expect(json).toMatchObject({ from: { score: 88, stored: false }, sum: -24 });
    expect((await book.run('2026-10-30T09:00:00Z', ...args)).out).toContain('No score was stored for 5 Oct 2026');
    // And nothing of it is stored.
    expect((await book.run('2026-10-30T09:00:00Z', 'explain', 'A1', '--as-of', '2026-10-05')).code).toBe(2);
  });

  it('says which end was not scored, and why, instead of a difference', async () => {
    const book = bookOf();
    book.write('model.yaml', `${MODEL(1, 60)}floor: 0.9\n`);
    await book.score('2026-10-05T08:00:00Z');
    await book.score('2026-11-05T08:00:00Z');
    const args = ['explain', 'A1', '--since', '2026-10-05'];
    const { json } = await book.run('2026-11-05T09:00:00Z', ...args, '--json');
    expect(json).toMatchObject({
      ok: true,
      from: { score: 88 },
      to: { score: null, points: null },
      effects: null,
      sum: null,
    });
    const { out } = await book.run('2026-11-05T09:00:00Z', ...args);
    expect(out).toContain('88 (green) → not scored');
    expect(out).toContain('5 Nov 2026: Not scored: usage only (60 %), no voice data.');
  });

  it.each([
    [['--since', '2026-10-31'], 'that day is in the future'],
    [['--since', '2026-10-30'], 'expected a day before today'],
    [['--since', '2026-10-20', '--as-of', '2026-10-20'], 'expected a day before --as-of 2026-10-20'],
    [['--since', '2026-02-30'], 'expected a date like'],
    [['--since', '2025-12-31'], 'Acme (A1) has no score on 31 Dec 2025: nothing is known of it then'],
    [['--since', '2026-10-01', '--as-of', '2026-10-20'], 'has no score up to 20 Oct 2026'],
    [['--since', '2026-10-29', '--as-of', '2026-11-02'], '--as-of 2026-11-02: that day is in the future'],
  ])('refuses %j', async (options, message) => {
    const book = bookOf();
    await book.score('2026-10-30T08:00:00Z');
    const { code, err } = await book.run('2026-10-30T09:00:00Z', 'explain', 'A1', ...options);
    expect(code).toBe(2);
    expect(err).toContain(message);
  });

  it('refuses a day after the latest score, and a day on which the account was no customer', async () => {
    const book = bookOf();
    await book.score('2026-10-20T08:00:00Z');
    const late = await book.run('2026-10-30T09:00:00Z', 'explain', 'A1', '--since', '2026-10-22');
    expect([late.code, late.err]).toEqual([2, expect.stringContaining('the latest score is of 20 Oct 2026')]);
    book.write('accounts.csv', 'id,name,since,status\nA1,Acme,2026-10-21,customer\nA1,Acme,2026-01-05,prospect\n');
    await book.score('2026-10-30T08:00:00Z');
    const outside = await book.run('2026-10-30T09:00:00Z', 'explain', 'A1', '--since', '2026-10-01');
    expect([outside.code, outside.err]).toEqual([2, expect.stringContaining('status is prospect, must be customer')]);
  });
});
