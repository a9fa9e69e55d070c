import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { cli, Loop } from './harness.ts';
import { refused, says } from './told.ts';

interface StreamLine {
  stream: string;
  rows: number;
  stored: number;
  rejected: number;
  error?: string;
}

/** Exports with something wrong in them: the good rows arrive, the bad ones are named, and mending heals. */
describe('a folder with bad rows', () => {
  let loop: Loop;
  const path = (name: string): string => join(loop.dir, 'exports', name);
  const read = (name: string): string => readFileSync(path(name), 'utf8');
  const lines = (name: string): string[] => read(name).trimEnd().split('\n');
  const spoil = (name: string, change: (rows: string[]) => string[]): void =>
    writeFileSync(path(name), `${change(lines(name)).join('\n')}\n`);
  const pull = () => loop.run('pull', '--source', 'exports');
  const streamOf = (json: { sources: { streams: StreamLine[] }[] }, name: string): StreamLine | undefined =>
    json.sources[0]?.streams.find((s) => s.stream === name);

  beforeEach(async () => {
    loop = await Loop.start({ accounts: 20, usageDays: 20 });
  });
  afterEach(() => loop.close());

  it.each([
    ['too few fields', (row: string) => row.split(',').slice(0, 3).join(','), 'found 3 fields; expected 9'],
    ['no number', (row: string) => row.replace(/,\d+,/, ',many,'), 'found'],
    ['no date', (row: string) => row.replace(/\d{4}-\d\d-\d\d/, '31/31/2026'), '31/31/2026'],
    ['a stray quote', (row: string) => row.replace(',', ',x"y",'), 'stray quote'],
    ['no account', (row: string) => row.replace(/^[^,]*/, ''), 'account'],
  ])('keeps all other rows beside one with %s', async (_what, change, reason) => {
    const good = lines('usage.csv').length - 1;
    spoil('usage.csv', (rows) => rows.map((row, i) => (i === 16 ? change(row) : row)));
    const result = await pull();
    expect(result.code).toBe(0);
    expect(streamOf(result.json, 'usage')).toMatchObject({ stored: good - 1, rejected: 1 });
    expect(result.err).toMatch(/usage\.csv:17(:\d+)?: /);
    expect(result.err).toContain(reason);
    expect(result.err).toContain('npx pulseback rejects');
    const { rejects } = (await loop.run('rejects')).json;
    expect(rejects).toHaveLength(1);
    expect(rejects[0]).toMatchObject({
      source: 'exports',
      stream: 'usage',
      where: expect.stringMatching(/^usage\.csv:17(:\d+)?$/),
    });
    expect(rejects[0].reason).toContain(reason);
  });

  it('brings the row once it is mended, and forgets the reject', async () => {
    const whole = read('usage.csv');
    spoil('usage.csv', (rows) => rows.map((row, i) => (i === 16 ? row.replace(/,.*/, '') : row)));
    await pull();
    writeFileSync(path('usage.csv'), whole);
    const mended = await pull();
    expect(streamOf(mended.json, 'usage')).toMatchObject({ stored: 1, rejected: 0, removed: 0 });
    expect((await loop.run('rejects')).json.rejects).toEqual([]);
    expect(streamOf((await pull()).json, 'usage')).toMatchObject({ stored: 0, rows: 0 });
  });

  it('reads up to a quote that never closes, says where it opens, and reads the other files', async () => {
    const whole = read('usage.csv');
    spoil('usage.csv', (rows) => rows.map((row, i) => (i === 30 ? `"${row}` : row)));
    const result = await pull();
    says(refused(result, 2), 'usage.csv', 'line 31', 'a quote opens here and does not close', 'Correct the file');
    expect(streamOf(result.json, 'usage')).toMatchObject({ stored: 29 });
    for (const other of ['accounts', 'tickets', 'invoices', 'surveys'])
      expect(streamOf(result.json, other)).toMatchObject({ rejected: 0, stored: expect.any(Number) });
    refused(await pull(), 2); // until it is mended
    writeFileSync(path('usage.csv'), whole);
    const mended = await pull();
    expect(mended.code).toBe(0);
    expect(streamOf(mended.json, 'usage')).toMatchObject({ stored: whole.trimEnd().split('\n').length - 1 - 29 });
  });

  it('never removes what an older version brought on the word of a broken one', async () => {
    const rows = lines('usage.csv').length - 1;
    await pull();
    spoil('usage.csv', (all) => [...all.slice(0, 5), `"${all[5]}`]);
    refused(await pull(), 2);
    const usage = (await loop.run('pull', '--source', 'exports')).json;
    expect(streamOf(usage, 'usage')).toMatchObject({ removed: 0 });
    await loop.host.export();
    expect(streamOf((await pull()).json, 'usage')).toMatchObject({ stored: 0, unchanged: rows, removed: 0 });
  });

  it('names a column that is gone, and the nearest that the file has', async () => {
    spoil('usage.csv', (rows) => rows.map((row, i) => (i === 0 ? row.replace('active_users', 'activ_users') : row)));
    const told = refused(await pull(), 2);
    says(told, 'usage.csv', 'line 1', '"active_users" (metrics.activeUsers)', 'nearest is "activ_users"');
  });

  it('names a file that is gone', async () => {
    rmSync(path('tickets.csv'));
    says(refused(await pull(), 2), 'tickets.csv', 'files.tickets', 'optional: true');
  });

  it.each([
    ['an unknown key', 'kind: usage', 'kind: usage\n    colum: x', ['files.usage.colum', 'column']],
    ['an unknown kind', 'kind: usage', 'kind: usages', ['files.usage.kind', 'usages', 'nearest is `usage`']],
    [
      'an unknown field',
      '      openedAt:',
      '      openedOn:',
      ['files.tickets.fields.openedOn', 'nearest is `openedAt`'],
    ],
    ['a key that stands twice', 'kind: usage', 'kind: usage\n    kind: usage', ['`kind` twice']],
    ['a tab', '    kind: usage', '\tkind: usage', ['tab']],
  ])('refuses a mapping with %s, with its line', async (_what, from, to, words) => {
    const mapping = read('mapping.yaml');
    expect(mapping).toContain(from);
    writeFileSync(path('mapping.yaml'), mapping.replace(from, to));
    says(refused(await pull(), 2), ...words.filter((w) => w !== 'column'), /mapping\.yaml:\d+:\d+/);
    const args = [
      'score',
      '--from',
      join(loop.dir, 'exports'),
      '--json',
      '--now',
      new Date(loop.host.world.now()).toISOString(),
    ];
    says(refused(await cli(args), 2), /mapping\.yaml:\d+:\d+/);
    writeFileSync(path('mapping.yaml'), mapping);
    expect((await pull()).code).toBe(0);
  });

  it('a broken export beside the CRM: the loop goes on, and says so', async () => {
    expect((await loop.run('setup', '--yes')).code).toBe(0);
    spoil('usage.csv', (rows) => rows.map((row, i) => (i === 30 ? `"${row}` : row)));
    const result = await loop.run('sync');
    says(refused(result, 1), 'exports.usage', 'usage.csv', 'line 31');
    expect(result.json).toMatchObject({
      applied: true,
      written: expect.any(Number),
      stopped: [{ stream: 'exports.usage' }],
    });
    expect(result.json.written).toBeGreaterThan(10);
    await loop.host.export();
    expect((await loop.run('sync')).json).toMatchObject({ ok: true, stopped: [] });
    expect((await loop.run('sync')).json).toMatchObject({ ok: true, written: 0 });
  });
});
