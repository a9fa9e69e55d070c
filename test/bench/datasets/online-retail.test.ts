import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { files } from '../../../connectors/files/index.ts';
import { coverageOf } from '../../../src/core/coverage.ts';
import type { AccountFacts, Fact, FactOf, StoredFact } from '../../../src/core/fact.ts';
import { Model } from '../../../src/core/model.ts';
import { inPopulation } from '../../../src/core/population.ts';
import { scoreAccount } from '../../../src/core/score.ts';
import { viewAt } from '../../../src/core/view.ts';
import { loadYaml } from '../../../src/kit/yaml.ts';
import { testCtx } from '../../connectors/files/ctx.ts';
import { datasetFolder, loadFacts } from './load.ts';

const folder = datasetFolder('online-retail');
const here = join(import.meta.dirname, 'online-retail');
const AS_OF = '2011-08-31';
const SOURCE = 'exports';

/** The file again, by the simplest means: it has no quotes. */
const lines = (name: string): string[][] =>
  readFileSync(join(folder ?? '', name), 'utf8')
    .trim()
    .split('\n')
    .slice(1)
    .map((line) => line.split(','));

describe.skipIf(folder === null)('online-retail', () => {
  it('stores orders and money exactly as the raw file has them', async () => {
    const facts = await loadFacts(folder ?? '', 'online-retail');
    const raw = lines('invoices.csv');
    const orders = raw.filter((r) => r[3] === 'order');
    const usage = (facts.get('orders') ?? []) as FactOf<'usage'>[];
    const sum = (metric: string): number => usage.reduce((total, f) => total + (f.data.metrics[metric] ?? 0), 0);
    expect(sum('orders')).toBe(orders.length);
    expect(sum('products')).toBe(orders.reduce((total, r) => total + Number(r[5]), 0));
    expect(usage.length).toBe(new Set(orders.map((r) => `${r[1]} ${r[2]?.slice(0, 10)}`)).size);
    const invoices = (facts.get('invoices') ?? []) as FactOf<'invoice'>[];
    const pence = raw.reduce((total, r) => total + Math.round(Number(r[7]) * 100), 0);
    expect(invoices.reduce((total, f) => total + (f.data.amount?.minor ?? 0), 0)).toBe(pence);
    expect(new Set(invoices.map((f) => f.id)).size).toBe(raw.length);
    expect(facts.get('accounts')).toHaveLength(lines('accounts.csv').filter((r) => r[2] !== '').length);
  });

  it('scores at least 90 % as of a past date in three bands, and the worst fifth churns twice as often as the best', async () => {
    const scores = scoresAsOf(await loadFacts(folder ?? '', 'online-retail'));
    expect(scores.size).toBeGreaterThan(3_000);
    const scored = [...scores].filter((s): s is [string, { score: number; band: string }] => s[1].score !== null);
    expect(scored.length / scores.size).toBeGreaterThanOrEqual(0.9);
    expect([...new Set(scored.map(([, s]) => s.band))].sort()).toEqual(['green', 'red', 'yellow']);

    const churned = new Map(
      lines('outcomes_90d.csv')
        .filter((r) => r[0] === AS_OF)
        .map((r) => [r[1], r[2] === '1']),
    );
    const judged = scored.filter(([account]) => churned.has(account)).sort((a, b) => a[1].score - b[1].score);
    expect(judged.length).toBeGreaterThan(0.99 * churned.size);
    const fifth = Math.floor(judged.length / 5);
    const rate = (part: typeof judged): number => part.filter(([account]) => churned.get(account)).length / part.length;
    const [worst, best] = [rate(judged.slice(0, fifth)), rate(judged.slice(-fifth))];
    expect(worst).toBeGreaterThanOrEqual(2 * best);
  });

  it('says the same of the past whatever came later', async () => {
    const facts = await loadFacts(folder ?? '', 'online-retail');
    const end = Date.parse(`${AS_OF}T22:59:59.999Z`);
    const known = new Map([...facts].map(([stream, all]) => [stream, all.filter((f) => f.at <= end)]));
    expect([...scoresAsOf(known)]).toEqual([...scoresAsOf(facts)]);
  });
});

function scoresAsOf(facts: Map<string, Fact[]>): Map<string, { score: number | null; band: string }> {
  const model = loadYaml(join(here, 'model.yaml'), Model);
  const rules = files.rules?.(testCtx(folder ?? '', { mapping: join(here, 'mapping.yaml') }));
  if (!rules) throw new Error('the mapping has no rules');
  const at = Date.parse(`${AS_OF}T22:59:59.999Z`); // the last instant of that day in London
  const byAccount = new Map<string, AccountFacts>();
  for (const fact of [...facts.values()].flat().sort((a, b) => a.at - b.at)) {
    const account = fact.account ?? '';
    const known = byAccount.get(account) ?? { account, facts: [], sources: [SOURCE] };
    known.facts.push({ ...fact, source: SOURCE } as StoredFact);
    byAccount.set(account, known);
  }
  const carriers = { usage: [SOURCE], invoice: [SOURCE], account: [SOURCE] };
  const logging = { activity: new Set<string>(), email: new Set<string>() };
  const scores = new Map<string, { score: number | null; band: string }>();
  for (const [account, known] of byAccount) {
    const view = viewAt(known, SOURCE, at);
    if (!inPopulation(view, rules).member) continue;
    const coverage = coverageOf({ view, logging, carriers });
    const input = { view, today: AS_OF, segment: null, renewal: null, staleSources: [], coverage };
    const { score, band } = scoreAccount(model, input);
    scores.set(account, { score, band });
  }
  return scores;
}
