import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'csv-parse/sync';
import { describe, expect, it } from 'vitest';
import { ScoresFile } from '../../src/cli/scores-file.ts';
import type { AccountScore } from '../../src/core/result.ts';
import { modelOf, reads } from '../core/helpers.ts';
import { folder, score } from './support.ts';

const MODEL = modelOf({
  dimensions: [
    { key: 'usage', weight: 1, signals: [reads('a', 1)] },
    { key: 'support', weight: 1, signals: [reads('b', 1)] },
  ],
});

async function written(scores: AccountScore[]): Promise<Record<string, string>[]> {
  const path = join(folder(), 'scores.csv');
  const file = new ScoresFile(path, MODEL);
  await file.write(scores);
  await file.close();
  return parse(readFileSync(path), { columns: true, bom: true });
}

describe('ScoresFile', () => {
  it('writes one row per account, with a column per dimension of the model', async () => {
    const [row] = await written([score()]);
    expect(row).toEqual({
      account: '001A',
      name: 'Acme',
      segment: 'smb',
      score: '72',
      points: '72.1234',
      band: 'yellow',
      trend: 'stable',
      change30: '-0.5',
      confidence: '0.80',
      usage: '72.1234',
      support: '',
      renewal: '2027-01-14',
      arr: '5951',
      currency: 'GBP',
      csm: '005A',
      flags: 'champion-left single-threaded',
      reasons: 'Active users fell. Renewal 14 Jan.',
      action_code: 'check-in',
      action: 'Speak with Ann by Fri 27 Nov.',
      coverage: 'no support data',
      model: 'm 1',
    });
  });

  it('writes amounts in whole units of their own currency', async () => {
    const rows = await written([
      score({ arr: { minor: 595_105, currency: 'GBP' } }),
      score({ arr: { minor: 595_105, currency: 'JPY' } }),
      score({ arr: { minor: 595_105, currency: 'BHD' } }),
      score({ arr: { minor: -50, currency: 'EUR' } }),
      score({ arr: null }),
    ]);
    expect(rows.map((r) => [r.arr, r.currency])).toEqual([
      ['5951.05', 'GBP'],
      ['595105', 'JPY'],
      ['595.105', 'BHD'],
      ['-0.5', 'EUR'],
      ['', ''],
    ]);
  });

  it('leaves empty what is unknown, and never writes it as zero', async () => {
    const [row] = await written([
      score({
        score: null,
        points: null,
        change30: null,
        band: 'not scored',
        renewal: null,
        action: null,
        csmId: null,
      }),
    ]);
    expect(row).toMatchObject({ score: '', points: '', change30: '', renewal: '', action: '', csm: '' });
  });

  it.each(['=HYPERLINK("http://x","y")', '+44 Ltd', '-1 plc', '@sum', '\tTab', '\rReturn', '＝fullwidth'])(
    'disarms the name %j, which a spreadsheet would run',
    async (name) => {
      const [row] = await written([score({ name, reasons: [name], action: null })]);
      expect(row?.name).toBe(`'${name}`);
      expect(row?.reasons).toBe(`'${name}`);
      expect(row?.change30).toBe('-0.5'); // a negative figure stays a figure
    },
  );

  it('keeps quotes, commas, line ends and every script', async () => {
    const name = 'Müller "& Söhne", GmbH\n東京 🚀';
    const [row] = await written([score({ name })]);
    expect(row?.name).toBe(name);
  });

  it('writes more rows than a buffer holds, in order', async () => {
    const many = Array.from({ length: 5_000 }, (_, i) => score({ account: `A${i}` }));
    const rows = await written(many);
    expect(rows.map((r) => r.account)).toEqual(many.map((s) => s.account));
  });

  it('leaves an earlier file as it is until the new one is complete, and nothing behind when it fails', async () => {
    const dir = folder();
    const path = join(dir, 'scores.csv');
    writeFileSync(path, 'earlier');
    const file = new ScoresFile(path, MODEL);
    await file.write([score()]);
    expect(readFileSync(path, 'utf8')).toBe('earlier');
    await file.discard();
    expect(readFileSync(path, 'utf8')).toBe('earlier');
    expect(readdirSync(dir)).toEqual(['scores.csv']);
  });

  it('fails where it cannot be written', async () => {
    const path = join(folder(), 'nowhere', 'scores.csv');
    const write = async () => new ScoresFile(path, MODEL).close();
    await expect(write()).rejects.toThrow('ENOENT');
    expect(existsSync(path)).toBe(false);
  });
});
