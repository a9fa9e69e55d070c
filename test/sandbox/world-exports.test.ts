import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'csv-parse/sync';
import { afterAll, describe, expect, it } from 'vitest';
import { loadMapping } from '../../connectors/files/mapping.ts';
import { decimal } from '../../src/sandbox/exports/tables.ts';
import { EXPORT_KINDS, writeExports } from '../../src/sandbox/exports.ts';
import { DAY, NOW, worldOf } from './world-support.ts';

type Row = Record<string, string>;
const dir = await mkdtemp(join(tmpdir(), 'exports-'));
afterAll(() => rm(dir, { recursive: true }));
const read = async (folder: string, kind: string): Promise<Row[]> =>
  parse(await readFile(join(folder, `${kind}.csv`), 'utf8'), { columns: true });
const readAll = async (folder: string) =>
  Object.fromEntries(await Promise.all(EXPORT_KINDS.map(async (kind) => [kind, await read(folder, kind)] as const)));

const world = worldOf({ customers: 120 });
const first = join(dir, 'first');
const written = await writeExports(world, first);
const files = await readAll(first);

describe('writeExports', () => {
  it('writes whole files and a mapping that the files connector accepts', async () => {
    expect((await readdir(first)).sort()).toEqual([...EXPORT_KINDS.map((k) => `${k}.csv`), 'mapping.yaml'].sort());
    for (const kind of EXPORT_KINDS) expect(files[kind]).toHaveLength(written.rows[kind] ?? -1);
    const mapping = loadMapping(written.mapping);
    expect(Object.keys(mapping.files)).toEqual([...EXPORT_KINDS]);
    for (const kind of EXPORT_KINDS)
      expect(Object.keys(files[kind]?.[0] ?? {})).toContain(mapping.files[kind]?.account);
  });

  it('says what the world knows, record by record', () => {
    const known = [...world.accounts()].filter((a) =>
      a.status.some((s) => s.at <= NOW && (s.value === 'customer' || s.value === 'test')),
    );
    expect(files.accounts?.map((r) => [r.external_key, r.name, r.domain])).toEqual(
      known.map((a) => [a.externalKey, a.name, a.domain]),
    );
    const usage = known.flatMap((a) =>
      a.usage.filter((u) => u.day + DAY <= NOW).map((u) => ({ ...u, key: a.externalKey })),
    );
    expect(files.usage).toHaveLength(usage.length);
    for (const [n, u] of usage.entries()) {
      const { external_key, day, active_users, seats, minutes, features_used, uses, advanced_uses, logins } =
        files.usage?.[n] ?? {};
      const told = [
        external_key,
        Date.parse(day ?? ''),
        active_users,
        seats,
        logins,
        uses,
        advanced_uses,
        features_used,
        minutes,
      ];
      const meant = [u.key, u.day, u.activeUsers, u.seats, u.logins, u.uses, u.advancedUses, u.featuresUsed, u.minutes];
      if (told.map(String).join() !== meant.map(String).join()) expect(told).toEqual(meant);
    }
    expect(files.tickets?.map((r) => r.ticket_id)).toEqual(
      known.flatMap((a) => a.tickets.filter((t) => t.openedAt <= NOW).map((t) => t.key)),
    );
    const sum = (rows: Row[] | undefined): number =>
      (rows ?? []).reduce((s, r) => s + Math.round(Number(r.amount) * (r.currency === 'JPY' ? 1 : 100)), 0);
    const invoiced = known.flatMap((a) => a.invoices.filter((i) => i.issuedAt <= NOW).map((i) => i.amount));
    expect(sum(files.invoices)).toBe(invoiced.reduce((s, x) => s + x, 0));
  });

  it('shows nothing later than now', () => {
    const times = [
      ...(files.usage ?? []).map((r) => Date.parse(r.day ?? '') + DAY),
      ...(files.tickets ?? []).flatMap((r) =>
        [r.opened_at, r.solved_at].filter(Boolean).map((d) => Date.parse(d ?? '')),
      ),
      ...(files.invoices ?? []).flatMap((r) =>
        [r.issued_on, r.paid_on].filter(Boolean).map((d) => Date.parse(d ?? '')),
      ),
      ...(files.surveys ?? []).map((r) => Date.parse(r.answered_at ?? '')),
      ...(files.accounts ?? []).map((r) => Date.parse(r.since ?? '')),
    ];
    expect(times.length).toBeGreaterThan(10_000);
    expect(times.filter((t) => !(t <= NOW))).toEqual([]);
    const open = (files.tickets ?? []).filter((r) => r.status !== 'solved');
    expect(open.length).toBeGreaterThan(0);
    expect(open.filter((r) => r.rating || r.resolution_hours)).toEqual([]);
  });

  it('can be cut at an earlier date, to some days of usage, and to some files', async () => {
    const folder = join(dir, 'cut');
    const until = NOW - 100 * DAY;
    await writeExports(world, folder, { until, usageDays: 10, kinds: ['usage', 'tickets'] });
    expect((await readdir(folder)).sort()).toEqual(['mapping.yaml', 'tickets.csv', 'usage.csv']);
    const days = (await read(folder, 'usage')).map((r) => Date.parse(r.day ?? ''));
    expect(Math.max(...days)).toBeLessThanOrEqual(until - DAY);
    expect(Math.min(...days)).toBeGreaterThanOrEqual(until - 11 * DAY);
    expect((await read(folder, 'tickets')).every((r) => Date.parse(r.opened_at ?? '') <= until)).toBe(true);
    expect(Object.keys(loadMapping(join(folder, 'mapping.yaml')).files)).toEqual(['usage', 'tickets']);
  });

  it('only adds when time has moved on: every earlier event is still there, word for word', async () => {
    const folder = join(dir, 'grown');
    const later = worldOf({ customers: 120 });
    await writeExports(later, folder);
    const before = await readAll(folder);
    later.advance(14 * DAY);
    await writeExports(later, folder);
    const after = await readAll(folder);
    for (const kind of ['usage', 'surveys', 'accounts'] as const) {
      const lines = new Set(after[kind]?.map((r) => JSON.stringify(r)));
      expect(before[kind]?.filter((r) => !lines.has(JSON.stringify(r)))).toEqual([]);
      expect(lines.size).toBeGreaterThanOrEqual(before[kind]?.length ?? 0);
    }
    const ids = new Set(after.tickets?.map((r) => r.ticket_id));
    expect(before.tickets?.filter((r) => !ids.has(r.ticket_id))).toEqual([]);
    expect(after.usage?.length).toBeGreaterThan((before.usage?.length ?? 0) + 120 * 5);
    expect(after.tickets?.length).toBeGreaterThan(before.tickets?.length ?? 0);
  });

  it('writes no more than the world knows, whatever `until` says', async () => {
    const folder = join(dir, 'ahead');
    await writeExports(world, folder, { until: NOW + 30 * DAY });
    expect(await readFile(join(folder, 'tickets.csv'), 'utf8')).toBe(
      await readFile(join(first, 'tickets.csv'), 'utf8'),
    );
  });

  it('spells money in the places of its currency', () => {
    expect(decimal(123_450, 'GBP')).toBe('1234.50');
    expect(decimal(5, 'EUR')).toBe('0.05');
    expect(decimal(123_450, 'JPY')).toBe('123450');
  });
});
