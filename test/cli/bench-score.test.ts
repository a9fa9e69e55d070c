import { availableParallelism } from 'node:os';
import { expect, it } from 'vitest';
import { FACTS_EACH, factsOf } from '../../src/cli/score-bench/facts.ts';
import { FACTS } from '../../src/core/fact.ts';
import { cli } from '../e2e/harness.ts';

it('bench score: every customer of the book is scored, and the time to aggregate is told beside that of DuckDB', async () => {
  const { code, json, err } = await cli(['bench', 'score', '--accounts', '150', '--json']);
  expect(code, err).toBe(0);
  expect(json).toMatchObject({
    accounts: 150,
    scored: 150,
    facts: 150 * FACTS_EACH,
    model: 'weighted-formula 1',
    threads: Math.max(1, Math.min(4, availableParallelism())),
  });
  const { seconds, aggregationSeconds, wholeRatio, duckdbSeconds, duckdbRatio, rssMb } = json;
  expect(seconds).toBeGreaterThan(aggregationSeconds);
  expect(Math.abs(wholeRatio * aggregationSeconds - seconds)).toBeLessThan(seconds / 10);
  expect(duckdbSeconds).toBeGreaterThan(0);
  expect(duckdbRatio).toBeGreaterThan(0);
  expect(rssMb).toBeGreaterThan(20);
}, 60_000);

it('bench score without DuckDB compares with nothing, and takes a model of the shipped ones', async () => {
  const { code, json, err } = await cli([
    'bench',
    'score',
    '--accounts',
    '20',
    '--no-duckdb',
    '--model',
    'five-dimension',
    '--json',
  ]);
  expect(code, err).toBe(0);
  expect(json).toMatchObject({ accounts: 20, duckdbSeconds: null, duckdbRatio: null });
  expect(json.model).toMatch(/^five-dimension/);
}, 60_000);

it('an invented customer has as many facts as promised, valid and the same each time', () => {
  const now = Date.UTC(2026, 10, 25, 8);
  for (let n = 0; n < 40; n++) {
    const facts = Object.values(factsOf(n, 7, now)).flat();
    expect(facts).toHaveLength(FACTS_EACH);
    expect(facts).toEqual(Object.values(factsOf(n, 7, now)).flat());
    expect(new Set(facts.map((f) => `${f.kind} ${f.id} ${f.kind === 'usage' ? f.at : ''}`)).size).toBe(FACTS_EACH);
    for (const fact of facts) expect(FACTS[fact.kind].data.safeParse(fact.data).success, fact.kind).toBe(true);
  }
});

it('bench score names the nearest model before it stores anything', async () => {
  const { code, err } = await cli(['bench', 'score', '--accounts', '20', '--model', 'five-dimensions', '--json']);
  expect(code).toBe(2);
  expect(err).toContain('five-dimension');
  expect(err).not.toContain('store facts');
  expect((await cli(['bench', 'score', '--model', 'nowhere.yaml'])).err).toContain('no such file');
});
