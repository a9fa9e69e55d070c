import { copyFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { cli } from '../e2e/harness.ts';
import { writeBook } from '../mappings/book.ts';
import { folder } from './support.ts';

const MAPPINGS = join(import.meta.dirname, '../mappings');
const NOW = ['--now', '2026-06-30T08:00:00Z'];

/** A workspace whose one source is the folder of five accounts; nothing is pulled yet. */
function workspace() {
  const dir = folder();
  mkdirSync(join(dir, 'exports'));
  writeBook(join(dir, 'exports'));
  const config = join(dir, 'pulseback.yaml');
  writeFileSync(config, 'currency: GBP\nsources: { exports: { connector: files, config: { path: exports } } }\n');
  return { dir, run: (...args: string[]) => cli([...args, '--config', config, ...NOW]) };
}
const texts = (json: { findings: { line: number | null; text: string }[] }): string[] =>
  json.findings.map((f) => `${f.line ?? '–'}: ${f.text}`);

describe('model check', () => {
  it('works without any configuration, on a shipped model and on a file', async () => {
    const shipped = await cli(['model', 'check', 'five-dimension', '--json']);
    expect(shipped.code).toBe(0);
    expect(shipped.json).toMatchObject({
      name: 'five-dimension',
      warnings: 0,
      leadingShare: 0.75,
      signalsOn: 8,
      sources: null,
    });
    const own = await cli(['model', 'check', join(MAPPINGS, 'valid/model/weights.yaml'), '--json']);
    expect(own.code).toBe(0);
    expect(texts(own.json)).toEqual([
      '8: 100 % of the weight is on leading signals; 70 to 80 % works best',
      '8: only 2 dimensions carry weight; four to six see more',
      '8: the weights of the dimensions add up to 4; shares of that count',
    ]);
  });

  it('ends with 2 where the file does not load, and names line and nearest name', async () => {
    const file = join(MAPPINGS, 'invalid/model/metric-a-letter-short.yaml');
    const { code, err, json } = await cli(['model', 'check', file, '--json']);
    expect(code).toBe(2);
    expect(json.error.problems).toEqual([
      expect.stringMatching(/:16:\d+: .*unknown metric `activeUser`; nearest is `activeUsers`$/),
    ]);
    expect(err).toContain('has a problem');
    expect((await cli(['model', 'check', 'weighted'])).err).toContain('weighted-formula');
  });

  it('says which signals the connected sources cannot feed, by name, line and reason', async () => {
    const { run, dir } = workspace();
    const { code, json } = await run('model', 'check', 'five-dimension', '--json');
    expect(code).toBe(0);
    expect(json.sources).toEqual({
      exports: ['account', 'usage', 'ticket', 'activity', 'contact', 'invoice', 'pulse'],
    });
    const shipped = readFileSync(join(import.meta.dirname, '../../mappings/models/five-dimension.yaml'), 'utf8');
    const nps = shipped.split('\n').indexOf('      - key: nps') + 1;
    expect(texts(json)).toContain(`${nps}: signal nps cannot be measured: no connected source delivers survey answers`);
    expect(texts(json)).toContain('–: without these signals confidence is at most 90 %');
    expect(
      texts(json).some((t) =>
        t.endsWith('segment mid-market never applies: the account rules give enterprise and smb'),
      ),
    ).toBe(true);
    expect(json.seen).toBeNull();
    rmSync(dir, { recursive: true });
  });

  it('says what the data that were pulled carry, and changes nothing', async () => {
    const { run } = workspace();
    expect((await run('pull')).code).toBe(0);
    const { json } = await run('model', 'check', 'five-dimension', '--json');
    expect(json.seen.accounts).toBe(5);
    const seen = new Map(json.seen.signals.map((s: { signal: string }) => [s.signal, s]));
    expect(seen.get('active-share')).toMatchObject({ measured: 5, why: null });
    expect(seen.get('ticket-satisfaction')).toMatchObject({ measured: 0, why: 'no matching tickets in 180 days' });
    expect(texts(json).join('\n')).toContain(
      'signal ticket-satisfaction is missing in all 5 accounts looked at: no matching tickets in 180 days',
    );
    const { json: runs } = await run('runs', '--json');
    expect(runs.runs.filter((r: { command: string }) => r.command !== 'pull')).toEqual([]);
  });

  it('reports on a segment’s own model by its own file and lines', async () => {
    const dir = folder();
    mkdirSync(join(dir, 'segment'));
    copyFileSync(join(MAPPINGS, 'valid/segment/own.yaml'), join(dir, 'segment/own.yaml'));
    const text = readFileSync(join(MAPPINGS, 'valid/model/segment-model.yaml'), 'utf8').replace(
      '../segment',
      'segment',
    );
    writeFileSync(join(dir, 'model.yaml'), text);
    const { json } = await cli(['model', 'check', join(dir, 'model.yaml'), '--json']);
    const own = json.findings.filter((f: { file: string }) => f.file.endsWith('own.yaml'));
    expect(own.map((f: { line: number; text: string }) => `${f.line}: ${f.text}`)).toEqual([
      '6: 100 % of the weight is on leading signals; 70 to 80 % works best',
      '6: only 1 dimension carries weight; four to six see more',
    ]);
  });

  it('checks the model although what is configured cannot be opened', async () => {
    const dir = folder();
    const config = join(dir, 'pulseback.yaml');
    writeFileSync(config, 'sources: { crm: { connector: nothing } }\n');
    const { code, json } = await cli(['model', 'check', 'four-by-25', '--config', config, '--json']);
    expect(code).toBe(0);
    expect(texts(json).join()).toMatch(
      /the connected sources could not be looked at: .*there is no connector `nothing`/,
    );
  });
});
