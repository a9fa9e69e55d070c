import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { parse } from 'csv-parse/sync';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { cli } from '../e2e/harness.ts';
import { writeBook } from './book.ts';

/** Every file of `valid/model` shows one feature, loads without a word, and scores five accounts as its first lines say. */

const VALID = join(import.meta.dirname, 'valid');
const models = readdirSync(join(VALID, 'model')).map((name) => join(VALID, 'model', name));
let dir = '';
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'pulseback-valid-'));
  writeBook(dir);
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
