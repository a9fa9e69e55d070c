import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { expect, it, onTestFinished } from 'vitest';
import type { Fact } from '../../src/core/fact.ts';
import { NUMBERS, WORDS } from '../../src/core/projection.ts';
import { openStore } from '../../src/store/open.ts';
import { account, activity, DAY, gone, page, T, ticket, usage } from './helpers.ts';

it('figures drawn anew are those that were kept while facts came, changed, moved and went', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'pulseback-figures-'));
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
  const path = join(dir, 'store.db');
  const store = await openStore({ path });
  const ws = await store.workspace('acme');
  const named = {
    ...activity('e', 'A', T),
    data: { type: 'call', contactIds: ['C1', 'C2'], opportunityId: 'O' },
  } as Fact;
  const parts: Fact[][] = [
    [account('A', T), usage('A', T, 3), ticket('t', 'A', T, 'open'), named],
    [ticket('t', 'A', T - 3 * DAY, 'new'), ticket('t', 'B', T + DAY, 'solved'), usage('A', T, 4)],
    [gone(activity('e', 'A', T)), { ...named, id: 'f', account: 'B' } as Fact],
    [{ ...named, id: 'f', account: 'A', at: T + DAY } as Fact, gone(ticket('t', 'B', T + DAY, 'solved'), T + 2 * DAY)],
  ];
  for (const facts of parts) await ws.commitPage('crm', 's', page(facts), T);
  await ws.commitPage(
    'files',
    's',
    page([ticket('x', 'A', T, 'a')], { origin: { name: 'o', begins: true, complete: true } }),
    T,
  );
  await ws.commitPage(
    'files',
    's',
    page([ticket('y', 'A', T, 'b')], { origin: { name: 'o', begins: true, complete: true } }),
    T,
  );
  await store.close();

  const kept = dump(path);
  expect(kept.figures).toHaveLength(6);
  expect(kept.people).toHaveLength(3);
  const db = new DatabaseSync(path);
  db.exec('delete from projection');
  db.close();
  await (await openStore({ path })).close();
  expect(dump(path)).toEqual(kept);
});

it('has a column for every number and word of a projected kind', () => {
  expect(NUMBERS).toBeLessThanOrEqual(16);
  expect(WORDS).toBeLessThanOrEqual(4);
});

function dump(path: string) {
  const db = new DatabaseSync(path, { readOnly: true });
  const all = (table: string) => db.prepare(`select * from ${table} order by source, account, at, record`).all();
  const told = { figures: all('figures'), people: all('people') };
  db.close();
  return told;
}
