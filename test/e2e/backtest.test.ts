import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { folder } from '../cli/support.ts';
import { PrivatePostgres } from '../postgres.ts';
import { type CliResult, cli, Loop } from './harness.ts';

const NOW = ['--now', '2026-11-02T07:00:00Z'];
const MODEL = join(import.meta.dirname, '../bench/datasets/online-retail/model.yaml');
const QUICK = ['--resamples', '100'];

/** No figure is missing without a word, and none is NaN. */
function sound(thing: unknown): void {
  expect(JSON.stringify(thing)).not.toMatch(/NaN|Infinity/);
}

describe('backtest of the exports of the sandbox world', () => {
  let loop: Loop;
  let exports: string;
  const run = (...args: string[]): Promise<CliResult> =>
    cli(['backtest', '--from', exports, ...QUICK, ...NOW, ...args]);

  beforeAll(async () => {
    loop = await Loop.start({ accounts: 220, usageDays: 400 });
    exports = join(loop.dir, 'exports');
  });
  afterAll(() => loop.close());

  it('tells who stopped using, in figures for machines, and predicts it', async () => {
    const { code, json, err } = await run('--json');
    expect(code).toBe(0);
    sound(json);
    expect(err).toMatch(/read outcomes +\d+ accounts/);
    expect(json).toMatchObject({ ok: true, horizonDays: 90, resamples: 100, seed: 7 });
    expect(json.outcome).toEqual({ kind: 'inactivity', field: null, chosen: true, snapshot: false });
    expect(json.dates.every((d: string) => /-(28|30|31)$/.test(d))).toBe(true);
    expect(json.kept + json.lost).toBe(json.observations);
    expect(json.auc.value).toBeGreaterThan(0.8);
    expect(json.tested.method).toBe('out of time');
    expect(json.reference.cited).toBe(false);
  });

  it('says the same of the same seed, to people too', async () => {
    const [first, again] = [
      await run('--as-of', '2026-03-31,2026-07-31'),
      await run('--as-of', '2026-07-31,2026-03-31'),
    ];
    expect(first.out).toBe(again.out);
    expect(first.out).toContain('2 dates: 31 Mar 2026, 31 Jul 2026\n');
    expect(first.out).toContain('Outcome: no use or order within 90 days after each date');
    expect(first.out).toMatch(/^Churn by band/m);
    expect(first.out).toContain('uncited');
    expect(first.out).not.toMatch(/NaN|Infinity|undefined|null/);
  });

  it('leaves out dates whose horizon is not over, and counts who was there', async () => {
    const { code, json, out } = await run('--as-of', '2026-10-15', '--json');
    expect({ code, out: out.length > 0 }).toEqual({ code: 0, out: true });
    expect(json).toMatchObject({ dates: [], observations: 0, auc: { value: null } });
    expect(json.notOver).toEqual([{ date: '2026-10-15', accounts: expect.any(Number) }]);
    expect(json.findings).toMatchObject([{ code: 'horizon-not-over' }]);
    sound(json);
    const mixed = await run('--as-of', '2026-07-31,2026-10-15', '--json');
    expect(mixed.json).toMatchObject({ dates: ['2026-07-31'], notOver: [{ date: '2026-10-15' }] });
    expect(mixed.json.tested).toMatchObject({ method: 'cross-validation', parts: 5 });
  });

  it('leaks nothing: facts after a date change outcomes, never scores', async () => {
    const cut = join(folder(), 'cut');
    mkdirSync(cut);
    cpSync(exports, cut, { recursive: true });
    const usage = readFileSync(join(exports, 'usage.csv'), 'utf8').trim().split('\n');
    const [head = ''] = usage;
    const day = head.split(',').indexOf('day');
    // Every second account stops on that day; the last day stays, so that the data go on as long.
    const stops = new Map<string, boolean>();
    const kept = usage.filter((line, i) => {
      const cells = line.split(',');
      const [account = ''] = cells;
      if (!stops.has(account)) stops.set(account, stops.size % 2 === 1);
      return i === 0 || (cells[day] ?? '') <= '2026-07-31' || stops.get(account) !== true;
    });
    expect(kept.length).toBeLessThan(usage.length);
    writeFileSync(join(cut, 'usage.csv'), `${kept.join('\n')}\n`);
    const observations = async (from: string): Promise<string[][]> => {
      const out = join(folder(), 'observations.csv');
      const { code } = await cli(['backtest', '--from', from, ...QUICK, ...NOW, '--as-of', '2026-07-31', '--out', out]);
      expect(code).toBe(0);
      return readFileSync(out, 'utf8')
        .trim()
        .split('\n')
        .map((line) => line.trim().split(','));
    };
    const [whole, part] = [await observations(exports), await observations(cut)];
    expect(whole[0]?.slice(1)).toEqual(['name', 'date', 'score', 'band', 'outcome']);
    expect(whole.length).toBeGreaterThan(150);
    expect(part.map((row) => row.slice(0, 5))).toEqual(whole.map((row) => row.slice(0, 5)));
    const lost = (rows: string[][]): number => rows.filter((row) => row.at(-1) === 'lost').length;
    expect(lost(part)).toBeGreaterThan(lost(whole) + 50);
  });

  it.each([
    [['--as-of', '2026-12-31'], /that day has not ended yet/],
    [['--as-of', 'yesterday'], /expected a date/],
    [['--horizon', '0'], /--horizon 0: expected a whole number from 1 to/],
    [['--cv', '1'], /--cv 1: expected a whole number from 2/],
    [['--outcome', 'inactive'], /no account has anything in a column of that name[\s\S]*The nearest is "inactivity"/],
    [['--out', 'scores.txt'], /ends in \.csv/],
    [['--mapping', 'nowhere.yaml'], /nowhere\.yaml/],
  ])('refuses %j', async (args, said) => {
    const { code, err } = await run(...args);
    expect(code).toBe(2);
    expect(err).toMatch(said);
  });
});

describe('backtest of the configured store', () => {
  let server: PrivatePostgres;
  let loop: Loop;
  beforeAll(async () => {
    server = await PrivatePostgres.start();
    loop = await Loop.start({ crm: 'hubspot', accounts: 150, usageDays: 400 });
  });
  afterAll(async () => {
    process.env.DATABASE_URL = '';
    await loop?.close();
    await server?.close();
  });

  it('reads lost, contracted, renewed and expanded from renewal opportunities, the same of either store', async () => {
    const told = async () => {
      expect((await loop.run('pull')).code).toBe(0);
      return await loop.run('backtest', ...QUICK);
    };
    const { code, json } = await told();
    expect(code).toBe(0);
    sound(json);
    expect(json.outcome).toMatchObject({ kind: 'renewal', chosen: true });
    expect(json.lost).toBeGreaterThan(0);
    expect(json.expanded).toBeGreaterThan(0);
    expect(json.kept + json.lost + json.contracted + json.expanded).toBe(json.observations);
    expect(json.auc.value).toBeGreaterThan(0.7);
    process.env.DATABASE_URL = await server.empty();
    expect((await told()).json).toEqual(json);
  });
});

describe('backtest of accounts without a past', () => {
  it('says that hardly any was known then', async () => {
    const loop = await Loop.start({ crm: 'salesforce', accounts: 40, usageDays: 60 });
    try {
      expect((await loop.run('pull')).code).toBe(0);
      const { code, json } = await loop.run('backtest', ...QUICK, '--outcome', 'renewal');
      expect(code).toBe(0);
      expect(json.findings[0]).toMatchObject({
        code: 'no-history',
        text: expect.stringMatching(/^Of \d+ accounts, (none|only \d+) had been told of/),
      });
    } finally {
      await loop.close();
    }
  });
});

describe('backtest of a column', () => {
  const mapping = `version: 1
files:
  accounts:
    file: accounts.csv
    kind: account
    account: id
    observedAt: since
    fields: { name: id }
    attributes: [left, gone]
  usage:
    file: usage.csv
    kind: usage
    account: id
    observedAt: day
    metrics: { orders: users, products: users, revenue: users }
`;
  const exports = (accounts: number, left: (i: number) => string, gone: (i: number) => string): string => {
    const dir = folder();
    const ids = Array.from({ length: accounts }, (_, i) => i);
    writeFileSync(join(dir, 'mapping.yaml'), mapping);
    writeFileSync(
      join(dir, 'accounts.csv'),
      `id,since,left,gone\n${ids.map((i) => `A${i},2026-01-01,${left(i)},${gone(i)}`).join('\n')}\n`,
    );
    const rows = ids.flatMap((i) =>
      ['2026-06-01', '2026-06-20', '2026-06-30', '2026-10-01'].map((day) => `A${i},${day},${(i * 7) % 10}`),
    );
    writeFileSync(join(dir, 'usage.csv'), `id,day,users\n${rows.join('\n')}\n`);
    return dir;
  };
  const run = async (dir: string, ...args: string[]) => {
    const told = await cli(['backtest', '--from', dir, '--model', MODEL, '--json', ...QUICK, ...NOW, ...args]);
    if (told.code === 0) sound(told.json);
    return told;
  };

  it('of labels without a past is told as of the end', async () => {
    const dir = exports(
      60,
      (i) => (i % 3 ? 'no' : 'yes'),
      () => '',
    );
    const { json } = await run(dir, '--outcome', 'left');
    expect(json).toMatchObject({ dates: ['2026-10-01'], lost: 20, kept: 40 });
    expect(json.outcome).toEqual({ kind: 'column', field: 'left', chosen: false, snapshot: true });
  });
  it('of dates tells who left within the horizon', async () => {
    const dir = exports(
      60,
      () => '',
      (i) => (i % 3 ? '' : i % 2 ? '2026-06-15' : '2026-07-20'),
    );
    const { json } = await run(dir, '--outcome', 'gone', '--as-of', '2026-06-30');
    expect(json).toMatchObject({ dates: ['2026-06-30'], lost: 10, kept: 40, leftOut: { gone: 10 } });
  });
  it('of dates is found by its name, and a rule that reads it hides who left', async () => {
    const dir = exports(
      60,
      (i) => (i % 3 ? 'no' : 'yes'),
      (i) => (i % 3 ? '' : '2026-07-20'),
    );
    writeFileSync(join(dir, 'mapping.yaml'), mapping.replaceAll('gone', 'churn_date'));
    const csv = readFileSync(join(dir, 'accounts.csv'), 'utf8');
    writeFileSync(join(dir, 'accounts.csv'), csv.replace('gone', 'churn_date'));
    const { json } = await run(dir, '--as-of', '2026-06-30');
    expect(json.outcome).toEqual({ kind: 'churn-date', field: 'churn_date', chosen: true, snapshot: false });
    expect(json).toMatchObject({ lost: 20, kept: 40 });
    const rule = 'accounts:\n  population: { field: left, is: "no" }\n';
    writeFileSync(
      join(dir, 'mapping.yaml'),
      mapping.replaceAll('gone', 'churn_date').replace('files:', `${rule}files:`),
    );
    const hidden = await run(dir, '--as-of', '2026-06-30');
    expect(hidden.json).toMatchObject({ lost: 0, kept: 40, leftOut: { outside: 20, outsideLost: 20 } });
    expect(hidden.json.findings.map((f: { code: string }) => f.code)).toEqual(
      expect.arrayContaining(['one-class', 'rule-knows-the-outcome']),
    );
  });
  it('of one class, or of what nobody can read, is told in words', async () => {
    const dir = exports(
      20,
      () => 'no',
      (i) => `maybe ${i}`,
    );
    const { json } = await run(dir, '--outcome', 'left');
    expect(json.findings[0]).toMatchObject({
      code: 'one-class',
      text: 'Nobody left (20 observations): there is nothing that a score could predict.',
    });
    const unread = await run(dir, '--outcome', 'gone');
    expect(unread.code).toBe(2);
    expect(unread.json.error.message).toMatch(
      /"maybe \d+" is neither a date like 2026-11-25 nor one of true, false, yes, no, 1, 0/,
    );
  });
});
