import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { cli } from '../../e2e/harness.ts';
import { datasetFolder, loadFacts } from './load.ts';

const run = (folder: string | null, mapping: string, ...args: string[]) =>
  runBy('model.yaml', folder, mapping, ...args);
const runBy = (model: string, folder: string | null, mapping: string, ...args: string[]) =>
  cli([
    'backtest',
    ...['--from', folder ?? '', '--mapping', join(import.meta.dirname, mapping, 'mapping.yaml')],
    ...['--model', join(import.meta.dirname, mapping, model), '--json', ...args],
  ]);

/** The label that comes with the data: date, account, whether it left. */
const labels = (folder: string): Map<string, boolean> =>
  new Map(
    readFileSync(join(folder, 'outcomes_90d.csv'), 'utf8')
      .trim()
      .split('\n')
      .slice(1)
      .map((line) => line.trim().split(','))
      .map(([date = '', account = '', left]) => [`${date} ${account}`, left === '1']),
  );

const retail = datasetFolder('online-retail');
describe.skipIf(retail === null)('backtest of online-retail', () => {
  const dates = ['2011-05-31', '2011-08-31'];

  it('predicts out of time, and says what to beware of', async () => {
    const { code, json } = await run(retail, 'online-retail', '--as-of', dates.join(','));
    expect(code).toBe(0);
    expect(json.outcome).toMatchObject({ kind: 'inactivity', chosen: true });
    const { tested } = json;
    expect(tested).toMatchObject({ method: 'out of time', fit: ['2011-05-31'], judge: ['2011-08-31'] });
    expect(tested.auc.value).toBeGreaterThan(0.7);
    expect(tested.auc.low).toBeGreaterThan(0.65);
    expect(tested.worstFifth.rate).toBeGreaterThan(0.48);
    expect(tested.bestFifth.rate).toBeLessThan(0.08);
    expect(tested.brier).toBeLessThan(tested.brierOfBase);
    const codes = json.findings.map((f: { code: string }) => f.code);
    expect(codes).toContain('base-rate-moved');
    expect(codes).toContain('one-signal');
    expect(codes).not.toContain('does-not-predict');
  });

  it('finds the very outcomes that come with the data', async () => {
    const all = labels(retail ?? '');
    const { json } = await run(retail, 'online-retail', '--as-of', dates.join(','), '--resamples', '100');
    for (const [at, date] of dates.entries()) {
      const own = [...all].filter(([key]) => key.startsWith(date));
      const left = own.filter(([, churned]) => churned).length;
      expect(json.byDate[at]).toMatchObject({ date, cases: own.length, lost: left });
    }
  });
});

const ravenstack = datasetFolder('ravenstack-synthetic');
describe.skipIf(ravenstack === null)('backtest of ravenstack', () => {
  it('says that the score does not predict here', async () => {
    const { code, json } = await run(ravenstack, 'ravenstack', '--outcome', 'churn_flag');
    expect(code).toBe(0);
    expect(json).toMatchObject({ observations: 500, lost: 110, tested: { method: 'cross-validation' } });
    expect(json.outcome).toMatchObject({ kind: 'column', field: 'churn_flag', snapshot: true });
    const [finding] = json.findings;
    expect(finding).toMatchObject({ code: 'does-not-predict' });
    expect(finding.text).toMatch(/^The score does not predict here: AUC 0\.\d\d/);
  });

  it('says that three accounts are too few where the last subscription ends', async () => {
    const { json } = await run(ravenstack, 'ravenstack', '--resamples', '100');
    expect(json.outcome).toMatchObject({ kind: 'churn-date', field: null, chosen: true });
    expect(json.auc).toMatchObject({ low: null, high: null });
    expect(json.findings[0].code).toBe('too-few-events');
  });

  const events = join(ravenstack ?? '', 'churn_events.csv');
  const quarters = join(ravenstack ?? '', 'outcomes_90d.csv');

  it('says so by the days on which accounts left, too', async () => {
    const { json } = await run(ravenstack, 'ravenstack', '--outcome', events);
    expect(json.outcome).toMatchObject({ kind: 'file', field: 'churn_events.csv', unknown: 0 });
    expect(json.lostAccounts).toBeGreaterThan(200);
    expect(json.findings.map((f: { code: string }) => f.code)).toEqual(['does-not-predict']);
  });

  it.each([
    ['the days on which accounts left', events],
    ['labels of quarter ends', quarters],
  ])(
    'says that the age of accounts alone drives the score where it is one of the signals, by %s',
    async (_, outcome) => {
      const { json } = await runBy('model-tenure.yaml', ravenstack, 'ravenstack', '--outcome', outcome);
      expect(json.auc.low).toBeGreaterThan(0.5);
      const [finding, ...others] = json.findings;
      expect(others).toEqual([]);
      expect(finding).toMatchObject({ code: 'one-signal', signals: ['relationship.tenure'] });
      expect(finding.text).toMatch(/driven by account age only: .* falls to chance \(AUC 0\.5\d\)/);
    },
  );

  it('counts the labels of each quarter end as the file has them', async () => {
    const all = [...labels(ravenstack ?? '')];
    const { json } = await run(ravenstack, 'ravenstack', '--outcome', quarters, '--resamples', '100');
    const dates = [...new Set(all.map(([key]) => key.slice(0, 10)))];
    expect(json.dates).toEqual(dates);
    for (const [at, date] of dates.entries()) {
      const own = all.filter(([key]) => key.startsWith(date));
      const lost = own.filter(([, left]) => left).length;
      expect(json.byDate[at]).toMatchObject({ date, cases: own.length, lost });
    }
  });
});

const mlc = datasetFolder('mlc-churn');
describe.skipIf(mlc === null)('backtest of mlc-churn', () => {
  const rows = (): string[][] =>
    readFileSync(join(mlc ?? '', 'mlc_churn.csv'), 'utf8')
      .trim()
      .split('\n')
      .map((line) => line.trim().split(','));

  it('says that the effect of the charge by day is not monotone, with churn by its fifths', async () => {
    const { code, json, err } = await run(mlc, 'mlc-churn', '--outcome', 'churn');
    expect(code, err).toBe(0);
    expect(json).toMatchObject({ observations: 5000, lost: 707 });
    expect(json.auc.low).toBeGreaterThan(0.65);
    expect(json.findings).toHaveLength(1);
    const [finding] = json.findings;
    expect(finding).toMatchObject({ code: 'not-monotone', signals: ['billing.day-charge'] });
    expect(finding.text).toContain('Charge for calls by day (billing.day-charge) is not monotone');

    // The same from the raw file: equal charges stay together, so that fifths differ by a few rows.
    const [header = [], ...all] = rows();
    const [charge, label] = [header.indexOf('total_day_charge'), header.indexOf('churn')];
    const sorted = all.map((r) => [Number(r[charge]), r[label] === 'yes'] as const).sort((a, b) => a[0] - b[0]);
    const own = json.signals.find((s: { signal: string }) => s.signal === 'day-charge');
    expect(own.fifths).toHaveLength(5);
    for (const [i, fifth] of own.fifths.entries()) {
      const part = sorted.slice(i * 1000, (i + 1) * 1000);
      expect(fifth.rate).toBeCloseTo(part.filter(([, left]) => left).length / part.length, 2);
    }
  });

  it('reads every row as an account of its own', async () => {
    const accounts = await loadFacts(mlc ?? '', 'mlc-churn');
    const ids = (accounts.get('accounts') ?? []).map((fact) => fact.account);
    expect(new Set(ids).size).toBe(rows().length - 1);
  });
});
