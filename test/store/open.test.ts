import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { InputError } from '../../src/contract/index.ts';
import { MIGRATIONS } from '../../src/store/migrations/index.ts';
import { openStore } from '../../src/store/open.ts';
import { account, page, T, told } from './helpers.ts';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'store-'));
});
afterEach(() => rmSync(dir, { recursive: true }));

async function refusal(path: string): Promise<InputError> {
  try {
    await (await openStore({ path })).close();
  } catch (error) {
    if (error instanceof InputError) return error;
    throw error;
  }
  throw new Error(`${path} was opened`);
}
const sqlOn = (path: string, text: string): Record<string, unknown> | undefined => {
  const db = new DatabaseSync(path);
  try {
    return db.prepare(text).get();
  } finally {
    db.close();
  }
};

describe('openStore', () => {
  it('creates the file and its folder for its owner alone, and finds everything again', async () => {
    const path = join(dir, 'new', 'pulseback.db');
    const store = await openStore({ path });
    await (await store.workspace('w')).commitPage('crm', 's', page([account('A', T)]), T);
    await store.close();
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(readdirSync(join(dir, 'new'))).toEqual(['pulseback.db']); // closed cleanly: no journal is left

    const again = await openStore({ path });
    expect(Object.keys(await told(await again.workspace('w')))).toEqual(['A']);
    await again.close();
    expect(sqlOn(path, 'pragma journal_mode')).toEqual({ journal_mode: 'wal' });
    expect(sqlOn(path, 'pragma integrity_check')).toEqual({ integrity_check: 'ok' });
  });

  it('refuses a file that is not a database, and leaves it as it was', async () => {
    const path = join(dir, 'accounts.csv');
    writeFileSync(path, 'id,name\n'.repeat(500));
    const error = await refusal(path);
    expect(error.message).toContain(path);
    expect(error.message).toContain('not a database');
    expect(error.hint).toMatch(/`store` in pulseback.yaml/);
    expect(statSync(path).size).toBe(4_000);
  });

  it("refuses another program's database", async () => {
    const path = join(dir, 'other.db');
    sqlOn(path, 'create table t (a)');
    expect((await refusal(path)).message).toContain('another program');
    expect(sqlOn(path, 'select count(*) as n from sqlite_master')).toEqual({ n: 1 });
  });

  it('refuses a store of a newer version and changes nothing in it', async () => {
    const path = join(dir, 'store.db');
    await (await openStore({ path })).close();
    sqlOn(path, "insert into kysely_migration values ('9999_future', '2030-01-01T00:00:00.000Z')");
    const error = await refusal(path);
    expect(error.message).toMatch(/newer version.*9999_future/);
    expect(error.message).toContain(path);
    expect(error.hint).toBeTruthy();
  });

  it('refuses a folder, and a path under a file', async () => {
    expect((await refusal(dir)).message).toContain(dir);
    writeFileSync(join(dir, 'file'), '');
    expect((await refusal(join(dir, 'file', 'store.db'))).message).toContain('cannot be opened');
  });

  it('says that a damaged store is damaged', async () => {
    const path = join(dir, 'store.db');
    await (await openStore({ path })).close();
    const db = new DatabaseSync(path);
    db.exec('pragma journal_mode = delete');
    db.close();
    const size = statSync(path).size;
    const head = new DatabaseSync(path);
    head.close();
    const { readFileSync } = await import('node:fs');
    const bytes = readFileSync(path);
    bytes.fill(0xa5, 100, size); // the header stays, every page behind it is noise
    writeFileSync(path, bytes);
    const error = await refusal(path);
    expect(error.message).toContain('damaged');
    expect(error.hint).toMatch(/backup/);
  });

  it('has migrations with numbers that only grow', () => {
    const names = MIGRATIONS.map((m) => m.name);
    expect(names).toEqual([...new Set(names)].sort());
    for (const [i, name] of names.entries()) expect(name).toMatch(new RegExp(`^${String(i + 1).padStart(4, '0')}_`));
  });
});
