import { cpSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parse } from 'csv-parse/sync';
import { describe, expect, it } from 'vitest';
import { cli } from '../e2e/harness.ts';
import { folder } from './support.ts';

const path = (relative: string): string => fileURLToPath(new URL(relative, import.meta.url));
const MAPPING = path('../../mappings/files/example.yaml');
const EXPORTS = path('../connectors/files/example');
const MODEL = readFileSync(path('../../mappings/models/five-dimension.yaml'), 'utf8');

/** The example's exports of 24 November, without one file, scored by the default model with everything that it offers. */
async function scored(without: string | null): Promise<Record<string, string>> {
  const dir = folder();
  cpSync(EXPORTS, dir, { recursive: true });
  writeFileSync(join(dir, 'mapping.yaml'), readFileSync(MAPPING));
  for (const name of readdirSync(dir)) utimesSync(join(dir, name), 1_795_500_000, 1_795_500_000);
  if (without) rmSync(join(dir, without));
  const model = join(folder(), 'everything.yaml');
  writeFileSync(model, MODEL.replaceAll('        enabled: false\n', '').replace('floor: 0.4', 'floor: 0'));
  const out = join(folder(), 'scores.csv');
  const args = ['--model', model, '--out', out, '--as-of', '2026-11-24', '--now', '2026-11-25T08:00:00Z'];
  const told = await cli(['score', '--from', dir, ...args]);
  expect(told).toMatchObject({ code: 0 });
  const [row] = parse(readFileSync(out), { columns: true, bom: true }) as Record<string, string>[];
  if (!row) throw new Error(`no account was scored: ${told.out}`);
  return row;
}

describe('score --from a folder with every kind of fact', () => {
  it('scores with all of them, and follows what the account manager says', async () => {
    const row = await scored(null);
    expect(row).toMatchObject({ account: 'A-1', band: 'yellow', model: 'five-dimension 1' });
    expect(row.reasons).toMatch(
      /^Set to Yellow by Priya Shah until 14 Jan: Reorganisation until January \(computed: \d+, red\)\./,
    );
    for (const dimension of ['usage', 'support', 'billing', 'engagement', 'relationship'])
      expect(Number(row[dimension])).toBeGreaterThan(0);
  });

  it.each([
    'milestones.csv',
    'trainings.csv',
    'community.csv',
    'events.csv',
    'marketing-2026.csv',
    'advocacy.csv',
    'resources.csv',
  ])('knows less without %s', async (file) => {
    expect(Number((await scored(file)).confidence)).toBeLessThan(Number((await scored(null)).confidence));
  });

  it('is what the figures say where no account manager says otherwise', async () => {
    expect((await scored('judgement.csv')).reasons).not.toContain('Set to');
  });
});
