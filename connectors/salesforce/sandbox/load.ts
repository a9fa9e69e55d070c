import { type Cell, quote } from '../../../src/sandbox/kit-tables.ts';
import type { Change, People } from './change.ts';
import { changesOf } from './changes.ts';
import { checkKey, userIds } from './keys.ts';
import type { Org } from './org.ts';
import { seedOrg } from './seed.ts';
import { second } from './values.ts';

const ACCOUNTS_PER_TRANSACTION = 250;

/** Fills an org from its world as of now; what is still to come waits until its time. */
export function loadOrg(org: Org): void {
  const now = org.world.now();
  const ids = userIds(org.world);
  const people: People = { id: (key) => (key === null ? null : ids.get(key)) ?? org.userId };
  org.tables.create(
    'pending',
    [
      { name: 'seq', type: 'INTEGER' },
      { name: 'at', type: 'INTEGER' },
      { name: 'change', type: 'TEXT' },
    ],
    'seq',
  );
  org.tables.transaction(() => seedOrg(org, ids));
  const touched: Change[] = [];
  let batch: Change[][] = [];
  const flush = (): void => {
    org.tables.transaction(() => {
      for (const changes of batch) touched.push(...loadAccount(org, changes, now));
    });
    batch = [];
  };
  for (const account of org.world.accounts()) {
    checkKey(account);
    batch.push(changesOf(account, people));
    if (batch.length >= ACCOUNTS_PER_TRANSACTION) flush();
  }
  flush();
  org.tables.transaction(() => {
    for (const change of touched) {
      if (change.at <= now) touchOther(org, change);
      else wait(org, change);
    }
  });
  for (const object of org.objects()) for (const columns of object.indexes) org.tables.index(object.name, columns);
  org.tables.index('pending', ['at']);
}

/** Applies what has come due since the last call, each change with its own stamp. */
export function catchUp(org: Org): void {
  const now = org.world.now();
  const due = org.tables.all('SELECT seq, at, change FROM pending WHERE at <= ? ORDER BY at, seq', [now]);
  if (due.length === 0) return;
  org.tables.transaction(() => {
    for (const row of due) apply(org, JSON.parse(String(row.change)) as Change);
    org.tables.run('DELETE FROM pending WHERE at <= ?', [now]);
  });
}

/** Returns changes that concern other accounts (the winner of a merge). */
function loadAccount(org: Org, changes: Change[], now: number): Change[] {
  const rows = new Map<string, { object: string; row: Record<string, Cell> }>();
  const others: Change[] = [];
  const waiting = new Set<string>();
  for (const change of changes) {
    const known = rows.get(change.id);
    if (change.at > now) {
      if (change.kind === 'create') waiting.add(change.id);
      if (!known && !waiting.has(change.id)) others.push(change);
      else wait(org, change);
    } else if (change.kind === 'create') {
      rows.set(change.id, { object: change.object, row: created(org, change) });
    } else if (known) {
      Object.assign(known.row, stamped(change));
    } else {
      others.push(change);
    }
  }
  for (const { object, row } of rows.values()) {
    const spec = org.object(object);
    if (!spec) throw new Error(`No such object: ${object}`);
    org.insert(spec, row);
  }
  return others;
}

function apply(org: Org, change: Change): void {
  if (change.kind !== 'create') {
    org.update(change.object, change.id, stamped(change));
    return;
  }
  const spec = org.object(change.object);
  if (!spec) throw new Error(`No such object: ${change.object}`);
  org.insert(spec, created(org, change));
}

function created(org: Org, change: Change): Record<string, Cell> {
  const at = second(change.at);
  const owner = change.set.OwnerId ?? org.userId;
  return {
    CreatedById: owner,
    LastModifiedById: owner,
    ...change.set,
    Id: change.id,
    CreatedDate: at,
    LastModifiedDate: at,
    SystemModstamp: at,
  };
}

function stamped(change: Change): Record<string, Cell> {
  const at = second(change.at);
  const modified: Record<string, Cell> =
    change.kind === 'edit' && change.object !== 'OpportunityHistory' ? { LastModifiedDate: at } : {};
  return { ...change.set, ...modified, SystemModstamp: at };
}

function touchOther(org: Org, change: Change): void {
  const sql = `UPDATE ${quote(change.object)} SET "SystemModstamp" = MAX("SystemModstamp", ?) WHERE "Id" = ?`;
  org.tables.run(sql, [second(change.at), change.id]);
}

function wait(org: Org, change: Change): void {
  org.tables.run('INSERT INTO pending (at, change) VALUES (?, ?)', [Math.floor(change.at), JSON.stringify(change)]);
}
