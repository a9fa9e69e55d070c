import { type Kysely, sql } from 'kysely';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { storeOver } from '../../src/store/open.ts';
import { postgres } from '../../src/store/postgres.ts';
import { openPostgres } from '../../src/store/postgres-open.ts';
import type { Tables } from '../../src/store/schema.ts';
import type { Store, WorkspaceStore } from '../../src/store/types.ts';
import { account, activity, page, T, told } from './helpers.ts';
import { privatePostgres } from './places.ts';

const server = privatePostgres();
let url: string;
let db: Kysely<Tables>;
let store: Store;
let ws: WorkspaceStore;
let broken: Error[];
beforeEach(async () => {
  url = await server().empty();
  broken = [];
  const opened = await openPostgres(url, (error) => broken.push(error));
  db = opened.db;
  store = storeOver(db, postgres, opened.name);
  ws = await store.workspace('w');
});
afterEach(() => store.close());

/** Until a statement of the product waits for somebody else's lock. */
async function somebodyWaits(): Promise<void> {
  const waiting = `select 1 from pg_stat_activity where application_name = 'pulseback' and wait_event_type = 'Lock'`;
  while ((await server().query(waiting)).length === 0) await new Promise((resolve) => setTimeout(resolve, 10));
}
/** Ends every connection of the product, as a restart of the server does. */
const cut = () =>
  server().query(`select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'pulseback'`);

const idOf = async (name: string): Promise<number> =>
  (await db.selectFrom('workspaces').select('id').where('name', '=', name).executeTakeFirstOrThrow()).id;

describe('writers of one workspace', () => {
  it('come one after the other, and each sees what the ones before did; other workspaces do not wait', async () => {
    const other = await store.workspace('other');
    const workspace = await idOf('w');
    let lease: Promise<boolean> | null = null;
    await postgres.writing(db, workspace, async (trx) => {
      await sql`insert into leases values (${workspace}, 'sync', 'first', ${T + 1_000})`.execute(trx);
      lease = ws.lease('sync', 'second', T, 1_000); // from another connection: must neither win nor fail
      await somebodyWaits();
      expect(await other.startRun('sync', T)).toBeGreaterThan(0);
      expect(await ws.leaseHolder('sync')).toBeNull(); // readers wait for nobody, and see what was committed
    });
    expect(await lease).toBe(false);
    expect(await ws.leaseHolder('sync')).toBe('first');
  });
});

describe('writers of several workspaces', () => {
  it('that lock what both share in opposite order both come to an end', async () => {
    await store.workspace('other');
    await sql`insert into words (text) values ('a'), ('b')`.execute(db);
    const ids = [await idOf('w'), await idOf('other')];
    let attempts = 0;
    let met: () => void = () => {};
    const both = new Promise<void>((resolve) => {
      met = resolve;
    });
    const touch = (word: string, trx: Kysely<Tables>) =>
      sql`update words set text = text where text = ${word}`.execute(trx);
    const done = await Promise.all(
      ids.map((id, i) =>
        postgres.writing(db, id, async (trx) => {
          await touch(i === 0 ? 'a' : 'b', trx);
          if (++attempts === 2) met();
          await both;
          await touch(i === 0 ? 'b' : 'a', trx);
          return id;
        }),
      ),
    );
    expect(done).toEqual(ids);
    expect(attempts).toBeGreaterThan(2); // one of the two was begun again
  });

  it('name the same new categories at the same moment', async () => {
    const spaces = await Promise.all(Array.from({ length: 5 }, (_, i) => store.workspace(`w${i}`)));
    const types = ['call', 'email', 'meeting', 'other'] as const;
    const facts = (i: number) =>
      Array.from({ length: 40 }, (_, n) => {
        const fact = activity(`${n}`, 'A', T - n);
        return { ...fact, data: { type: types[(n * (i % 2 ? 3 : 1) + i) % 4] } } as typeof fact;
      });
    const commits = spaces.flatMap((one, i) =>
      [0, 1].map((s) => one.commitPage('crm', `s${s}`, page([account('A', T - 99), ...facts(i)]), T)),
    );
    await Promise.all(commits);
    for (const one of spaces) expect((await told(one)).A).toHaveLength(41);
    const words = await db.selectFrom('words').select('text').execute();
    expect(words.map((w) => w.text).sort()).toEqual([...new Set(words.map((w) => w.text))].sort());
  });
});

describe('a connection that is lost', () => {
  it('in the middle of a transaction: the step fails and leaves nothing, the next one works', async () => {
    await ws.commitPage('crm', 's', page([account('A', T)]), T);
    const failed = postgres.writing(db, await idOf('w'), async (trx) => {
      await trx.insertInto('words').values({ text: 'half' }).execute();
      await cut();
      await trx.insertInto('words').values({ text: 'done' }).execute();
    });
    await expect(failed).rejects.toThrow(/connection to the database was lost/);
    expect(await db.selectFrom('words').select('text').where('text', 'in', ['half', 'done']).execute()).toEqual([]);
    expect(await ws.commitPage('crm', 's', page([account('B', T)]), T)).toMatchObject({ stored: 1 });
    expect(Object.keys(await told(ws))).toEqual(['A', 'B']);
  });

  it('while nobody used it is told, and missed by nobody', async () => {
    await Promise.all(Array.from({ length: 4 }, () => ws.runs(1)));
    const connections = (await cut()).length;
    expect(connections).toBeGreaterThan(1);
    while (broken.length < connections) await new Promise((resolve) => setTimeout(resolve, 5));
    expect(broken[0]?.message).toMatch(/terminat/);
    expect(await ws.runs(1)).toEqual([]);
  });

  it('because the server went away: what is asked for fails, and works again when it is back', async () => {
    await server().down();
    await expect(ws.runs(1)).rejects.toThrow(/ECONNREFUSED|connection to the database was lost/);
    await expect(ws.startRun('sync', T)).rejects.toThrow(/ECONNREFUSED|connection to the database was lost/);
    await server().up();
    const id = await ws.startRun('sync', T);
    expect((await ws.runs(1)).map((run) => run.id)).toEqual([id]);
  });
});
