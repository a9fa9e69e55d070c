import { expect, it } from 'vitest';
import { idOf } from '../../src/cli/score-bench/facts.ts';
import { pastOf } from '../../src/cli/score-bench/past.ts';
import { FACTS } from '../../src/core/fact.ts';
import { cli } from '../e2e/harness.ts';

it('bench backtest: the same seed gives the same figures, and says how much was judged', async () => {
  const args = ['bench', 'backtest', '--accounts', '120', '--dates', '3', '--resamples', '100', '--json'];
  const [one, again] = [await cli(args), await cli(args)];
  expect(one.code, one.err).toBe(0);
  expect(one.json).toMatchObject({ accounts: 120, threads: 1, model: 'five-dimension 1' });
  expect(one.json.dates).toHaveLength(3);
  expect(one.json.observations).toBeGreaterThan(250);
  expect(one.json.lost).toBeGreaterThan(5);
  const figures = ({ seconds: _, rssMb: __, ...same }: Record<string, unknown>) => same;
  expect(figures(again.json)).toEqual(figures(one.json));
}, 60_000);

it('bench backtest refuses more dates than the book has a past for', async () => {
  const { code, err } = await cli(['bench', 'backtest', '--accounts', '20', '--dates', '13']);
  expect(code).toBe(2);
  expect(err).toContain('--dates');
});

it('a customer of the past has valid facts, each once, and none after having left', () => {
  const now = Date.UTC(2026, 10, 25, 8);
  let left = 0;
  for (let n = 0; n < 60; n++) {
    const facts = Object.values(pastOf(n, 7, now)).flat();
    expect(facts).toEqual(Object.values(pastOf(n, 7, now)).flat());
    expect(new Set(facts.map((f) => `${f.kind} ${f.id} ${f.at}`)).size).toBe(facts.length);
    for (const fact of facts) {
      expect(FACTS[fact.kind].data.safeParse(fact.data).success, fact.kind).toBe(true);
      expect(fact.account).toBe(idOf(n));
    }
    const ends = facts.flatMap((f) => (f.kind === 'subscription' && f.data.endOn ? [f.at] : []));
    left += ends.length;
    for (const end of ends) expect(Math.max(...facts.map((f) => f.at))).toBe(end);
  }
  expect(left).toBeGreaterThan(5);
});
