import { sql } from 'kysely';
import type { FieldValue, Held } from '../contract/index.ts';
import type { StoreContext } from './dialect.ts';
import type { KnownTask, WorkspaceStore } from './types.ts';
import { walk } from './walk.ts';

const CHUNK = 1_000;
type HeldRow = { account: string; values_json: string };
type WrittenRow = { account: string; written_at: number };
type TaskRow = { key: string; account: string; record_id: string; created_at: number };

type Part = Pick<WorkspaceStore, 'held' | 'lastWrites' | 'knownTasks'>;

/** What we know of the CRM's side: our fields' values, when we wrote them, and the tasks that exist. */
export function memoryStore({ db, dialect, workspace }: StoreContext): Part {
  return {
    async *held(accounts) {
      const only = accounts ? sql`account in ${dialect.list(accounts)}` : sql`true`;
      const found = walk(
        'account',
        (row: HeldRow) => row.account,
        (unread) =>
          sql<HeldRow>`
            select account, values_json from held
            where workspace = ${workspace} and values_json is not null and ${only} and ${unread}
            order by account limit ${CHUNK}`.execute(db),
      );
      for await (const rows of found)
        yield rows.map(
          (row): Held => ({ account: row.account, values: JSON.parse(row.values_json) as Record<string, FieldValue> }),
        );
    },

    lastWrites: async () => {
      const found = walk(
        'account',
        (row: WrittenRow) => row.account,
        (unread) =>
          sql<WrittenRow>`
            select account, written_at from held
            where workspace = ${workspace} and written_at is not null and ${unread}
            order by account limit ${CHUNK}`.execute(db),
      );
      const written = new Map<string, number>();
      for await (const rows of found) for (const row of rows) written.set(row.account, row.written_at);
      return written;
    },

    knownTasks: async () => {
      const found = walk(
        'key',
        (row: TaskRow) => row.key,
        (unread) =>
          sql<TaskRow>`
            select key, account, record_id, created_at from tasks
            where workspace = ${workspace} and ${unread} order by key limit ${CHUNK}`.execute(db),
      );
      const tasks = new Map<string, KnownTask>();
      for await (const rows of found)
        for (const { key, account, record_id: recordId, created_at: createdAt } of rows)
          tasks.set(key, { key, account, recordId, createdAt });
      return tasks;
    },
  };
}
