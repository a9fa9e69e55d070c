import { describe, expect, it, onTestFinished } from 'vitest';
import { InputError } from '../../src/contract/index.ts';
import { openStore } from '../../src/store/open.ts';
import { PASSWORD } from '../postgres.ts';
import { freePort } from '../redis.ts';
import { account, page, T, told } from './helpers.ts';
import { privatePostgres } from './places.ts';

const server = privatePostgres();

async function refusal(url: string): Promise<InputError> {
  try {
    await (await openStore({ url })).close();
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    for (const secret of [PASSWORD, encodeURIComponent(PASSWORD), 'wrong-Secret']) {
      expect(error.message + error.hint).not.toContain(secret);
    }
    return error;
  }
  throw new Error('it was opened');
}

describe('opening a store on PostgreSQL', () => {
  it('fills an empty schema, and finds everything again', async () => {
    const url = await server().empty();
    const store = await openStore({ url });
    await (await store.workspace('w')).commitPage('crm', 's', page([account('A', T)]), T);
    await store.close();
    const again = await openStore({ url });
    expect(Object.keys(await told(await again.workspace('w')))).toEqual(['A']);
    await again.close();
  });

  it('sorts and compares every text by its bytes, whatever language the database was made for', async () => {
    const url = await server().empty();
    const store = await openStore({ url });
    const ws = await store.workspace('w');
    const ids = ['Zoë', 'a', 'B', 'ä', 'b', 'A', '_', '1', '😀', '\uFFFD'];
    await ws.commitPage('crm', 's', page(ids.map((id) => account(id, T))), T);
    const bytes = (a: string, b: string) => Buffer.compare(Buffer.from(a), Buffer.from(b));
    const seen: string[] = [];
    for await (const chunk of ws.sourceAccounts('crm')) seen.push(...chunk.map((row) => row.key));
    expect(seen).toEqual(ids.toSorted(bytes));
    await store.close();
    const others = await server().query(
      `select table_name, column_name from information_schema.columns
       where table_schema = current_schema() and data_type = 'text' and collation_name is distinct from 'C'
         and table_name not like 'kysely%'`,
      url,
    );
    expect(others).toEqual([]);
  });

  it('is one store to processes that open it at the same moment', async () => {
    for (let round = 0; round < 5; round++) {
      const url = await server().empty();
      const stores = await Promise.all(Array.from({ length: 5 }, () => openStore({ url })));
      const spaces = await Promise.all(stores.map((store) => store.workspace('w')));
      await Promise.all(spaces.map((ws, i) => ws.commitPage('crm', `s${i}`, page([account(`A${i}`, T)]), T)));
      for (const ws of spaces) expect(Object.keys(await told(ws))).toEqual(['A0', 'A1', 'A2', 'A3', 'A4']);
      await Promise.all(stores.map((store) => store.close()));
    }
  });

  it('keeps away from other stores and other tables in the same database', async () => {
    const [one, other] = [await server().empty(), await server().empty()];
    for (const url of [one, other]) await (await openStore({ url })).close();
    const store = await openStore({ url: one });
    onTestFinished(() => store.close());
    await (await store.workspace('w')).startRun('sync', T);
    expect(await server().query('select count(*)::int as n from runs', other)).toEqual([{ n: 0 }]);
  });

  it.each([
    ['a wrong password', () => server().url({ password: 'wrong-Secret' }), /password was refused/, /%25 and %40/],
    [
      'a user that is not there',
      () => server().url({ user: 'nobody' }),
      /password was refused|not let this user in/,
      /DATABASE_URL/,
    ],
    [
      'a missing password',
      () => `postgresql://owner@127.0.0.1:${server().port}/postgres`,
      /asks for a password/,
      /user:password@/,
    ],
    [
      'a database that is not there',
      () => server().url({ database: 'missing' }),
      /no such database/,
      /createdb missing/,
    ],
    ['a schema that is not there', () => server().url({ schema: 'missing' }), /no schema/, /create schema/],
    [
      'a host that is not there',
      () => 'postgresql://u:wrong-Secret@no-such-host.invalid/d',
      /cannot be reached/,
      /unset DATABASE_URL/,
    ],
    [
      'encryption that the server lacks',
      () => `${server().url()}?sslmode=verify-full`,
      /cannot be reached.*SSL/,
      /host and port/,
    ],
    ['an address that is none', () => 'postgresql://u:wrong-Secret@h:port/d', /cannot be read/, /postgresql:\/\/user/],
    ['a certificate file that is not there', () => `${server().url()}?sslrootcert=/no/such/file`, /no such file/, /./],
  ])('refuses %s, and says what to do', async (_, url, message, hint) => {
    const error = await refusal(url());
    expect(error.message).toMatch(message);
    expect(error.hint).toMatch(hint);
  });

  it('refuses a server that is not there, and says which', async () => {
    const error = await refusal(`postgresql://me:wrong-Secret@127.0.0.1:${await freePort()}/d`);
    expect(error.message).toMatch(/PostgreSQL d at 127\.0\.0\.1:\d+ \(user me\): cannot be reached \(.*ECONNREFUSED/);
  });

  it("refuses another program's tables, also where it numbers its migrations as we do, and leaves them alone", async () => {
    for (const made of [
      'create table facts (a int)',
      "create table kysely_migration (name text); insert into kysely_migration values ('001_init'); create table t (a int)",
    ]) {
      const url = await server().empty();
      await server().query(made, url);
      const before = await server().query('select tablename from pg_tables where schemaname = current_schema()', url);
      const error = await refusal(url);
      expect(error.message).toMatch(/tables of another program/);
      expect(error.hint).toMatch(/search_path/);
      expect(await server().query('select tablename from pg_tables where schemaname = current_schema()', url)).toEqual(
        before,
      );
    }
  });

  it('refuses a store of a newer version and changes nothing in it', async () => {
    const url = await server().empty();
    await (await openStore({ url })).close();
    await server().query("insert into kysely_migration values ('9999_future', '2030-01-01T00:00:00.000Z')", url);
    const error = await refusal(url);
    expect(error.message).toMatch(/newer version.*9999_future/);
    expect(error.hint).toMatch(/DATABASE_URL/);
  });

  it('says which right is missing', async () => {
    await server().query(
      `create role guest login password '${PASSWORD}'; create schema closed; grant usage on schema closed to guest`,
    );
    const error = await refusal(server().url({ user: 'guest', schema: 'closed' }));
    expect(error.message).toMatch(/right is missing.*closed/);
    expect(error.hint).toMatch(/grant create, usage on schema NAME to "guest"/);
  });

  it('refuses a database that can only be read, and one that cannot hold every text', async () => {
    await server().query(
      `create role reader login password '${PASSWORD}'; alter role reader set default_transaction_read_only = on; create schema readable authorization reader`,
    );
    expect((await refusal(server().url({ user: 'reader', schema: 'readable' }))).message).toMatch(/only be read/);
    await server().query("create database latin encoding 'LATIN1' locale 'C' template template0");
    const error = await refusal(server().url({ database: 'latin' }));
    expect(error.message).toMatch(/LATIN1: UTF8 is needed/);
  });
});
