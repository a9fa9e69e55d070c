import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { Lane } from './lane.ts';
import { ROOT } from './mutant.ts';

/** The judge itself: it must tell a test that noticed from one that did not, and from one that never ran. */
const FILE = 'connectors/salesforce/soql.ts';
const TESTS = ['test/connectors/salesforce/soql.test.ts'];
let dir: string;
let lane: Lane;
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'pulseback-lane-'));
  lane = new Lane(dir);
});
afterAll(() => rmSync(dir, { recursive: true, force: true }));

it('judges by what the tests say, and leaves both trees as they were', async () => {
  const before = readFileSync(resolve(ROOT, FILE), 'utf8');
  const source = lane.source(FILE);
  expect(await lane.try(FILE, `${source}\n// harmless\n`, TESTS)).toMatchObject({ result: 'passed' });
  expect(await lane.try(FILE, source.replace('Id > $', 'Id >= $'), TESTS)).toMatchObject({
    result: 'failed',
    test: expect.stringContaining('soql.test.ts › '),
  });
  expect(await lane.try(FILE, `${source}\nexport const = ;`, TESTS)).toMatchObject({ result: 'broken' });
  expect(lane.source(FILE)).toBe(source);
  expect(readFileSync(resolve(ROOT, FILE), 'utf8')).toBe(before);
});
