import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { cli } from '../../e2e/harness.ts';
import { datasetFolder } from './load.ts';

const run = (folder: string | null, mapping: string, ...args: string[]) =>
  cli([
    'backtest',
    ...['--from', folder ?? '', '--mapping', join(import.meta.dirname, mapping, 'mapping.yaml')],
    ...['--model', join(import.meta.dirname, mapping, 'model.yaml'), '--json', ...args],
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
});
