import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { parse } from 'csv-parse/sync';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { cli } from '../e2e/harness.ts';

/** Every file of `valid/model` shows one feature, loads without a word, and scores five accounts as its first lines say. */

const VALID = join(import.meta.dirname, 'valid');
const models = readdirSync(join(VALID, 'model')).map((name) => join(VALID, 'model', name));
const TODAY = Date.parse('2026-06-30T00:00:00Z');

/** Active users and logins a day, the same on every day unless told otherwise; as of 30 June 2026. */
const USE: Record<string, (daysAgo: number) => [users: number, logins: number] | null> = {
  // 80 until four weeks ago, 60 since; 30 a year before
  acme: (ago) => (ago > 300 ? [30, 50] : ago > 28 ? [80, 50] : [60, 50]),
  bolt: () => [10, 20],
  crate: () => [30, 1],
  dune: (ago) => (ago > 30 ? null : [3, 1]),
  echo: () => [45, 1],
};

let dir = '';
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'pulseback-valid-'));
  cpSync(join(VALID, 'exports'), dir, { recursive: true });
  const rows = Object.entries(USE).flatMap(([account, use]) =>
    Array.from({ length: 400 }, (_, i) => {
      const figures = use(i + 1);
      const day = new Date(TODAY - (i + 1) * 86_400_000).toISOString().slice(0, 10);
      return figures ? `${account},${day},${figures.join(',')}` : null;
    }).filter((row) => row !== null),
  );
  writeFileSync(join(dir, 'usage.csv'), `account,day,users,logins\n${rows.join('\n')}\n`);
});
afterAll(() => rmSync(dir, { recursive: true, force: true }));

describe('valid', () => {
  test.each(models.map((file) => [basename(file), file]))('%s', async (name, file) => {
    const expected = [...readFileSync(file, 'utf8').matchAll(/^# expect: (\S+) (.*)$/gm)].map(([, account, told]) => [
      account,
      told,
    ]);
    expect(expected.length).toBeGreaterThan(0);
    const out = join(dir, `${name}.csv`);
    const { code, err } = await cli([
      ...['score', '--from', dir, '--model', file, '--out', out],
      ...['--as-of', '2026-06-30', '--now', '2026-07-01T08:00:00Z', '--json'],
    ]);
    expect(code, err).toBe(0);
    const rows = parse(readFileSync(out, 'utf8'), { columns: true, bom: true }) as Record<string, string>[];
    const found = new Map(rows.map((r) => [r.account, r.score ? `${r.score} ${r.band}` : r.band]));
    expect(expected.map(([account = '']) => [account, found.get(account)])).toEqual(expected);
  });
});
