import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { cli } from '../e2e/harness.ts';
import { writeBook } from '../mappings/book.ts';
import { folder } from './support.ts';

const VALID = join(import.meta.dirname, '../mappings/valid/model');
const model = (name: string): string => join(VALID, `${name}.yaml`);
const NOW = ['--as-of', '2026-06-30', '--now', '2026-07-01T08:00:00Z'];

function book() {
  const dir = folder();
  writeBook(dir);
  return (...args: string[]) => cli([...args, '--from', dir, ...NOW]);
}

describe('model diff', () => {
  it('tells which accounts change band, and why, to the last digit', async () => {
    const run = book();
    const { code, json } = await run('model', 'diff', model('curve-linear'), model('weights'), '--json');
    expect(code).toBe(0);
    // Usage alone, then three parts of usage and one of tickets: 60, 50, 75, 30, 90 → 57.5, 62.5, 75, 47.5, 92.5.
    expect(json).toMatchObject({
      accounts: 5,
      changed: 2,
      bands: {
        green: { green: 1, yellow: 0, red: 0, 'not scored': 0 },
        yellow: { green: 0, yellow: 1, red: 1, 'not scored': 0 },
        red: { green: 0, yellow: 1, red: 1, 'not scored': 0 },
      },
      difference: { accounts: 5, sum: 30 },
    });
    expect(json.moved).toMatchObject([
      {
        account: 'bolt',
        before: { score: 50, points: 50, band: 'red' },
        after: { score: 63, points: 62.5, band: 'yellow' },
        difference: 12.5,
        lines: [
          { signal: 'severe', points: 25, text: 'Severe: new in own 1' },
          { signal: 'active-share', points: -12.5, text: 'Active share weighs 75 % instead of 100 %' },
        ],
      },
      { account: 'acme', before: { band: 'yellow' }, after: { score: 58, band: 'red' }, difference: -2.5 },
    ]);
    const sum = (lines: { points: number }[]): number => lines.reduce((all, line) => all + line.points, 0);
    for (const m of json.moved) expect(sum(m.lines)).toBe(m.difference);
    expect(sum(json.movers)).toBe(json.difference.sum);
  });

  it('says the same to people', async () => {
    const run = book();
    const { out } = await run('model', 'diff', model('curve-linear'), model('weights'));
    expect(out).toContain('dimension one   no longer there (was 100 %)');
    expect(out).toContain('5 accounts, of which 2 change band');
    expect(out).toMatch(/^Yellow +· +1 +1 +·$/m);
    expect(out).toContain('Bolt (bolt), ARR –: 50 (red) → 63 (yellow), +12.5 points');
  });

  it('tells accounts that only one of the two scores, with the reason', async () => {
    const run = book();
    const { json } = await run('model', 'diff', model('curve-linear'), model('curve-lookup'), '--json');
    const dune = json.moved.find((m: { account: string }) => m.account === 'dune');
    expect(dune).toMatchObject({ before: { score: 30 }, after: { score: null, band: 'not scored' }, difference: null });
    expect(dune.after.why).toMatch(/^Not scored/);
  });

  it('finds nothing between a model and itself', async () => {
    const run = book();
    const { json } = await run('model', 'diff', model('caps'), model('caps'), '--json');
    expect(json).toMatchObject({ written: [], changed: 0, moved: [], movers: [], difference: { sum: 0 } });
  });

  it('counts caps, segments of their own model and peers', async () => {
    const run = book();
    const same = ['curve-percentile', 'segment-model', 'shrinkage', 'onboarding-ramp', 'context', 'caps'];
    for (const name of same) {
      const { code, json, err } = await run('model', 'diff', model('curve-linear'), model(name), '--json');
      expect(code, err).toBe(0);
      const total = json.movers.reduce((all: number, m: { points: number }) => all + m.points, 0);
      expect(total, name).toBeCloseTo(json.difference.sum, 6);
    }
  });

  it('stores nothing, and names what is not there', async () => {
    const run = book();
    const wrong = await run('model', 'diff', 'five-dimensions', model('caps'), '--json');
    expect(wrong.code).toBe(2);
    expect(wrong.json.error).toMatchObject({
      message: 'model "five-dimensions" is not known',
      hint: expect.stringContaining('"five-dimension"'),
    });
    const missing = await run('model', 'diff', model('caps'), join(VALID, 'none.yaml'));
    expect(missing.code).toBe(2);
    expect(missing.err).toContain('there is no such file');
  });
});
