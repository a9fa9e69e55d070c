import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { FACTS, type Fact, type FactOf } from '../../../src/core/fact.ts';
import { Model } from '../../../src/core/model.ts';
import { loadYaml } from '../../../src/kit/yaml.ts';
import { datasetFolder, loadFacts } from './load.ts';

const folder = datasetFolder('ravenstack-synthetic');

/** Rows by column name, by the simplest means: these files have no quotes. */
function rawRows(name: string): Record<string, string>[] {
  const [header = '', ...lines] = readFileSync(join(folder ?? '', name), 'utf8')
    .trim()
    .split('\n');
  const columns = header.trim().split(',');
  return lines.map((line) =>
    Object.fromEntries(
      line
        .trim()
        .split(',')
        .map((cell, i) => [columns[i] ?? '', cell]),
    ),
  );
}
const total = (rows: Record<string, string>[], column: string): number =>
  rows.reduce((sum, row) => sum + Number(row[column]), 0);

/** What a reader of the store sees: the newest version of each record. */
function newest<F extends Fact>(facts: F[]): F[] {
  const latest = new Map<string, F>();
  for (const fact of facts) if ((latest.get(fact.id)?.at ?? -1) <= fact.at) latest.set(fact.id, fact);
  return [...latest.values()];
}

describe.skipIf(folder === null)('ravenstack', () => {
  it('keeps the ARR, ticket and usage totals of the raw files', async () => {
    const facts = await loadFacts(folder ?? '', 'ravenstack');
    const subscriptions = newest(facts.get('subscriptions') as FactOf<'subscription'>[]);
    const rawSubscriptions = rawRows('subscriptions.csv');
    const money = (field: 'arr' | 'mrr'): number =>
      subscriptions.reduce((sum, f) => sum + (f.data[field]?.minor ?? 0), 0);
    expect(subscriptions).toHaveLength(rawSubscriptions.length);
    expect(money('arr')).toBe(100 * total(rawSubscriptions, 'arr_amount'));
    expect(money('mrr')).toBe(100 * total(rawSubscriptions, 'mrr_amount'));
    expect(subscriptions.filter((f) => f.data.endOn).length).toBe(rawSubscriptions.filter((r) => r.end_date).length);

    const tickets = newest(facts.get('tickets') as FactOf<'ticket'>[]);
    const rawTickets = rawRows('support_tickets.csv');
    expect(tickets).toHaveLength(rawTickets.length);
    expect(tickets.reduce((sum, f) => sum + (f.data.resolutionHours ?? 0), 0)).toBe(
      total(rawTickets, 'resolution_time_hours'),
    );
    expect(tickets.filter((f) => f.data.escalated).length).toBe(
      rawTickets.filter((r) => r.escalation_flag === 'True').length,
    );
    expect(tickets.filter((f) => f.data.satisfaction !== null).length).toBe(
      rawTickets.filter((r) => r.satisfaction_score).length,
    );

    const usage = facts.get('usage') as FactOf<'usage'>[];
    const rawUsage = rawRows('feature_usage.csv');
    const sum = (metric: string): number => usage.reduce((all, f) => all + (f.data.metrics[metric] ?? 0), 0);
    expect(sum('uses')).toBe(total(rawUsage, 'usage_count'));
    expect(sum('errors')).toBe(total(rawUsage, 'error_count'));
    expect(sum('minutes')).toBeCloseTo(total(rawUsage, 'usage_duration_secs') / 60, 4);
    expect(new Set(usage.map((f) => `${f.id} ${f.at}`)).size).toBe(usage.length);

    // Usage of each account, through its subscriptions: not only the grand total may be right.
    const accountOf = new Map(rawSubscriptions.map((r) => [r.subscription_id, r.account_id]));
    const perAccount = (pairs: [string | undefined, number][]): Map<string | undefined, number> => {
      const sums = new Map<string | undefined, number>();
      for (const [account, uses] of pairs) sums.set(account, (sums.get(account) ?? 0) + uses);
      return sums;
    };
    const expected = perAccount(rawUsage.map((r) => [accountOf.get(r.subscription_id), Number(r.usage_count)]));
    expect(perAccount(usage.map((f) => [f.account ?? undefined, f.data.metrics.uses ?? 0]))).toEqual(expected);
  });

  it('lets no one know an end before it came', async () => {
    const facts = await loadFacts(folder ?? '', 'ravenstack');
    for (const f of facts.get('subscriptions') as FactOf<'subscription'>[])
      if (f.data.endOn) expect(Date.parse(f.data.endOn)).toBeLessThanOrEqual(f.at);
    for (const f of facts.get('tickets') as FactOf<'ticket'>[])
      if (f.data.solvedAt || f.data.resolutionHours || f.data.satisfaction)
        expect(f.data.solvedAt ?? 0).toBeLessThanOrEqual(f.at);
  });

  it('makes facts of the right shape, and a model that loads', async () => {
    for (const all of (await loadFacts(folder ?? '', 'ravenstack')).values())
      for (const fact of all) FACTS[fact.kind].data.parse(fact.data);
    expect(loadYaml(join(import.meta.dirname, 'ravenstack/model.yaml'), Model).dimensions).toHaveLength(3);
  });
});
