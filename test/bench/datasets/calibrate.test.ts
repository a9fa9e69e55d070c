import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { loadModel } from '../../../src/kit/model-file.ts';
import { cli } from '../../e2e/harness.ts';
import { datasetFolder } from './load.ts';

const dir = mkdtempSync(join(tmpdir(), 'pulseback-calibrate-'));
afterAll(() => rmSync(dir, { recursive: true, force: true }));

const filesOf = (folder: string | null, mapping: string): string[] => [
  ...['--from', folder ?? '', '--mapping', join(import.meta.dirname, mapping, 'mapping.yaml')],
];
const modelOf = (mapping: string): string => join(import.meta.dirname, mapping, 'model.yaml');
const calibrated = (folder: string | null, mapping: string, ...args: string[]) =>
  cli(['calibrate', ...filesOf(folder, mapping), '--model', modelOf(mapping), '--json', '--resamples', '300', ...args]);

const retail = datasetFolder('online-retail');
describe.skipIf(retail === null)('calibrate on online-retail', () => {
  it('fitted up to 31 May 2011 has an AUC of at least 0.73 on 31 August, by its own word and by that of a backtest', async () => {
    const dates = ['--as-of', '2011-02-28,2011-03-31,2011-04-30,2011-05-31,2011-08-31'];
    const out = join(dir, 'online-retail.yaml');
    const { code, json } = await calibrated(retail, 'online-retail', ...dates, '--out', out);
    expect(code).toBe(0);
    expect(json.fit.at(-1)).toBe('2011-05-31');
    expect(json.judge).toEqual(['2011-08-31']);
    const { after, before, equal, gain } = json.judged;
    expect(after.value).toBeGreaterThanOrEqual(0.73);
    expect(after.low).toBeGreaterThan(0.7);
    expect(after.value).toBeGreaterThan(before.value);
    expect(after.value).toBeGreaterThan(equal.value);
    expect(gain.low).toBeGreaterThan(0);
    const churn = json.judged.bands.map((b: { rate: number }) => b.rate);
    expect(churn).toEqual(churn.toSorted((a: number, b: number) => a - b));

    const told = await cli([
      ...['backtest', ...filesOf(retail, 'online-retail'), '--model', out, '--json', '--resamples', '100'],
      ...['--as-of', '2011-05-31,2011-08-31'],
    ]);
    expect(told.json.tested.auc.value).toBeCloseTo(after.value, 4);
  }, 120_000);
});

const telco = datasetFolder('telco-ibm');
describe.skipIf(telco === null)('calibrate on telco-ibm', () => {
  it('with six dimensions has an AUC of at least 0.83 over five parts', async () => {
    const model = loadModel(modelOf('telco-ibm'));
    expect(model.dimensions).toHaveLength(6);
    const out = join(dir, 'telco-ibm.yaml');
    const { code, json } = await calibrated(telco, 'telco-ibm', '--outcome', 'Churn', '--cv', '5', '--out', out);
    expect(code).toBe(0);
    expect(json).toMatchObject({ method: 'cross-validation', parts: 5 });
    expect(json.fitted).toMatchObject({ cases: 7043, lost: 1869 });
    const { after, before, equal } = json.judged;
    expect(after.value).toBeGreaterThanOrEqual(0.83);
    expect(after.low).toBeGreaterThanOrEqual(0.83);
    expect(after.value).toBeGreaterThan(before.value);
    expect(after.value).toBeGreaterThan(equal.value);
    expect(
      loadModel(out)
        .dimensions.map((d) => d.weight)
        .reduce((a, b) => a + b, 0),
    ).toBe(100);
  }, 120_000);
});
