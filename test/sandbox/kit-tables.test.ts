import { expect, onTestFinished, test } from 'vitest';
import { Tables } from '../../src/sandbox/kit-tables.ts';

function open(): Tables {
  const tables = new Tables();
  onTestFinished(() => tables.close());
  tables.create(
    'T',
    [
      { name: 'Id', type: 'TEXT' },
      { name: 'Name', type: 'TEXT', collate: 'NOCASE' },
      { name: 'N', type: 'INTEGER' },
    ],
    'Id',
  );
  return tables;
}
const insert = (tables: Tables, id: string, name: string) =>
  tables.run('INSERT INTO "T" ("Id", "Name") VALUES (?, ?)', [id, name]);

test('a transaction is all or nothing, and a nested one undoes only itself', () => {
  const tables = open();
  tables.transaction(() => {
    insert(tables, 'a', 'A');
    expect(() =>
      tables.transaction(() => {
        insert(tables, 'b', 'B');
        throw new Error('inner');
      }),
    ).toThrow('inner');
  });
  expect(tables.all('SELECT "Id" FROM "T"')).toEqual([{ Id: 'a' }]);
  expect(() =>
    tables.transaction(() => {
      insert(tables, 'c', 'C');
      throw new Error('outer');
    }),
  ).toThrow('outer');
  expect(tables.arrays('SELECT "Id", "Name" FROM "T"')).toEqual([['a', 'A']]);
});

test('text is compared as its column says; a new column is filled', () => {
  const tables = open();
  insert(tables, 'a', 'Acme');
  expect(tables.get('SELECT "Id" FROM "T" WHERE "Name" = ?', ['ACME'])).toEqual({ Id: 'a' });
  expect(tables.get('SELECT "Id" FROM "T" WHERE "Id" = ?', ['A'])).toBeNull();
  tables.addColumn('T', { name: 'Flag"x', type: 'INTEGER' }, 0);
  tables.addColumn('T', { name: 'Word', type: 'TEXT' }, "it's");
  tables.index('T', ['Name', 'Id']);
  expect(tables.all('SELECT * FROM "T"')).toEqual([{ Id: 'a', Name: 'Acme', N: null, 'Flag"x': 0, Word: "it's" }]);
});
