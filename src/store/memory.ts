import { sql } from 'kysely';
import type { FieldValue, Held } from '../contract/index.ts';
import type { StoreContext } from './dialect.ts';
import type { KnownTask, WorkspaceStore } from './types.ts';
import { walk } from './walk.ts';

const CHUNK = 1_000;
type HeldRow = { account: string; values_json: string };

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
      const rows = await db
        .selectFrom('held')
        .select(['account', 'written_at'])
        .where('workspace', '=', workspace)
        .where('written_at', 'is not', null)
        .$narrowType<{ written_at: number }>()
        .execute();
      return new Map(rows.map((row) => [row.account, row.written_at]));
    },

    knownTasks: async () => {
      const rows = await db.selectFrom('tasks').selectAll().where('workspace', '=', workspace).execute();
      return new Map(
        rows.map((row): [string, KnownTask] => [
          row.key,
          { key: row.key, account: row.account, recordId: row.record_id, createdAt: row.created_at },
        ]),
      );
    },
  };
}
