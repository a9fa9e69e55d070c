import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { AccountScore } from '../../src/core/result.ts';
import type { SeenAccount, SeenTask } from './crm/side.ts';
import type { Loop } from './harness.ts';

/** What can be seen from outside: the CRM's own rows, the server's own counts, and the store's file. */

export const accountRows = (loop: Loop): Map<string, SeenAccount> =>
  new Map(loop.side.accounts(loop.host.crm).map((account) => [account.id, account]));
export const managerTasks = (loop: Loop): SeenTask[] => loop.side.tasks(loop.host.crm);

/** Our fields of an account that must be there. */
export function fieldsOf(account: SeenAccount | undefined): SeenAccount['fields'] {
  if (!account) throw new Error('the CRM has no such account');
  return account.fields;
}
/** Those of our fields that hold something. */
export const heldOf = (account: SeenAccount | undefined): unknown[] =>
  Object.values(fieldsOf(account)).filter((v) => v !== null);

/** Calls that reached the server since the last reset. */
export function serverCalls(loop: Loop): { fields: number; tasks: number; write: number; read: number } {
  const { calls } = loop.host.crm;
  const { kinds, notesTasks } = loop.side;
  const made = calls.byKind();
  const tasks = made[kinds.tasks] ?? 0;
  return {
    fields: (made[kinds.fields] ?? 0) - (notesTasks ? tasks : 0),
    tasks,
    write: calls.total('write'),
    read: calls.total('read'),
  };
}

/** The newest score of each account, straight from the store's file. */
export function latestScores(loop: Loop): AccountScore[] {
  const db = new DatabaseSync(join(loop.dir, 'pulseback.db'), { readOnly: true });
  try {
    const rows = db.prepare('select account, score_json from scores order by as_of, id').all();
    return [...new Map(rows.map((row) => [row.account, JSON.parse(String(row.score_json))])).values()];
  } finally {
    db.close();
  }
}

/** How many rows a query finds in the store's file. */
export function count(loop: Loop, sql: string): number {
  const db = new DatabaseSync(join(loop.dir, 'pulseback.db'), { readOnly: true });
  try {
    return Number(db.prepare(sql).get()?.n ?? 0);
  } finally {
    db.close();
  }
}
