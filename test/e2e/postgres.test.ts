import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { AccountScore } from '../../src/core/result.ts';
import { PASSWORD, PrivatePostgres, rowsAt } from '../postgres.ts';
import { CRMS } from './crm/index.ts';
import { cli, DAY, HOUR, Loop } from './harness.ts';
import { accountRows, fieldsOf, managerTasks, serverCalls } from './seen.ts';
import { Serving, world } from './serving.ts';

let server: PrivatePostgres;
beforeAll(async () => {
  server = await PrivatePostgres.start();
});
afterAll(() => server?.close());
afterEach(() => {
  process.env.DATABASE_URL = '';
});

async function scoresAt(url: string): Promise<AccountScore[]> {
  const rows = await rowsAt(url, 'select account, score_json from scores order by as_of, id');
  return [...new Map(rows.map((row) => [row.account, JSON.parse(String(row.score_json)) as AccountScore])).values()];
}

describe.each(CRMS)('%s, with the store on PostgreSQL', (crm) => {
  it('goes the whole way: scores stand in the CRM, each task exists once, and a run with nothing new writes nothing', async () => {
    const url = await server.empty();
    const loop = await Loop.start({ crm, accounts: 60, seed: 26 });
    try {
      process.env.DATABASE_URL = url;
      expect((await loop.run('setup', '--yes')).code).toBe(0);
      loop.host.crm.calls.reset();
      const first = await loop.run('sync');
      expect(first).toMatchObject({ code: 0, json: { written: 60, rejected: 0, tasks: 0, applied: true } });
      const rows = accountRows(loop);
      const scores = await scoresAt(url);
      expect(scores).toHaveLength(60);
      for (const score of scores)
        expect(fieldsOf(rows.get(score.account)).score).toBe(
          score.points === null ? null : Math.round(score.points / 10_000),
        );
      await loop.later(DAY);
      const second = await loop.run('sync');
      expect(second.code).toBe(0);
      expect(second.json.tasks).toBeGreaterThan(0);
      expect(managerTasks(loop)).toHaveLength(second.json.tasks);
      await loop.later(HOUR);
      loop.host.crm.calls.reset();
      expect(await loop.run('sync')).toMatchObject({ code: 0, json: { written: 0, tasks: 0 } });
      expect(serverCalls(loop)).toMatchObject({ write: 0 });
      expect(
        await rowsAt(url, `select count(*)::int as n from intents where status in ('planned', 'sent', 'retry')`),
      ).toEqual([{ n: 0 }]);
      expect((await loop.run('pull', '--reconcile')).code).toBe(0);
      expect(existsSync(join(loop.dir, 'pulseback.db'))).toBe(false);
    } finally {
      await loop.close();
    }
  });
});

/** Each process has a clock of its own, so what began before what ended is noted by the database. */
const TOLD_IN_ORDER = `
  create table told (id serial, run bigint, status text);
  create function tell() returns trigger language plpgsql as $$ begin
    insert into told (run, status) values (new.id, new.status); return new; end $$;
  create trigger telling after insert or update on runs for each row execute function tell()`;

describe('serve on PostgreSQL', () => {
  it('says that it is not ready while the database is away, and goes on when it is back', async () => {
    const url = await server.empty();
    process.env.DATABASE_URL = url;
    const loop = await world({});
    const serving = new Serving(loop);
    await serving.says(/sync \(.*20 accounts written/);
    expect((await serving.ask('/readyz')).status).toBe(200);
    await server.down();
    const away = await serving.ask('/readyz');
    expect(away.status).toBe(503);
    const said = await away.text();
    expect(JSON.parse(said).workspaces[0].store).toMatchObject({ ok: false });
    expect(said).not.toContain(PASSWORD);
    await server.up();
    while ((await serving.ask('/readyz')).status !== 200) await new Promise((resolve) => setTimeout(resolve, 50));
    expect((await serving.post('score')).status).toBe(202);
    await serving.says(/score \(.*20 accounts scored/);
    expect(await serving.end('SIGTERM')).toBe(0);
    expect(serving.err).not.toContain(PASSWORD);
    expect(await rowsAt(url, 'select command, status from runs order by id')).toEqual([
      { command: 'sync', status: 'done' },
      { command: 'score', status: 'done' },
    ]);
  });

  it('is shared by two processes, which never work on one workspace at the same time', async () => {
    const url = await server.empty();
    process.env.DATABASE_URL = url;
    const loop = await world({ score: '* * * * * *' });
    const both = [new Serving(loop), new Serving(loop)];
    for (const serving of both) await serving.says(/score \(/);
    await rowsAt(url, TOLD_IN_ORDER);
    const began = `select count(*)::int as runs from told where status = 'running'`;
    while (Number((await rowsAt(url, began))[0]?.runs) < 6) await new Promise((resolve) => setTimeout(resolve, 50));
    for (const serving of both) expect(await serving.end('SIGTERM')).toBe(0);
    const told = await rowsAt(url, 'select run::int, status from told order by id');
    let underWay: unknown = null;
    for (const [i, { run, status }] of told.entries()) {
      if (status === 'running') expect(underWay).toBe(null);
      else if (i > 0) expect(underWay).toBe(run);
      underWay = status === 'running' ? run : null;
    }
  });
});

describe('DATABASE_URL', () => {
  it('that is no address is refused with exit 2, and not shown', async () => {
    const loop = await Loop.start({ accounts: 10 });
    try {
      for (const wrong of ['mysql://u:hidden-Secret@h/d', 'u:hidden-Secret@h/d', 'postgresql://']) {
        process.env.DATABASE_URL = wrong;
        const told = await loop.run('runs');
        expect(told.code).toBe(2);
        expect(told.err).toMatch(/DATABASE_URL: expected an address like postgresql:/);
        expect(told.err + told.out).not.toContain('hidden-Secret');
      }
    } finally {
      await loop.close();
    }
  });

  it('is not for what brings a store of its own: a scored folder leaves nothing in it', async () => {
    const loop = await Loop.start({ accounts: 10 });
    try {
      process.env.DATABASE_URL = server.url({ password: 'wrong', database: 'nowhere' });
      const told = await loop.run('score', '--from', join(loop.dir, 'exports'));
      expect(told.err).not.toMatch(/PostgreSQL/);
      expect(told.code).toBe(0);
      expect(told.json.scored).toBe(10);
    } finally {
      await loop.close();
    }
  });
});

it('bench score lies in a schema of its own, of which nothing is left', async () => {
  const url = await server.empty();
  // Not PostgreSQL's own: it makes pg_temp_N for any connection that needs a temporary table.
  const schemas = `select schema_name from information_schema.schemata
    where schema_name not like 'pg\\_%' order by schema_name`;
  const tables = `select table_name from information_schema.tables where table_schema = 'public'`;
  const before = await rowsAt(url, schemas);
  process.env.DATABASE_URL = url;
  const { code, json, err } = await cli(['bench', 'score', '--accounts', '30', '--no-duckdb', '--json']);
  expect(code, err).toBe(0);
  expect(json).toMatchObject({ store: 'postgresql', accounts: 30, scored: 30 });
  expect(await rowsAt(url, schemas)).toEqual(before);
  expect(await rowsAt(url, tables)).toEqual([]);
}, 60_000);
