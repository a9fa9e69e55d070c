import { sql } from 'kysely';
import type { StateStore } from '../contract/index.ts';
import type { StoreContext } from './dialect.ts';
import { writing } from './fence.ts';
import { findSource, sourceId } from './keys.ts';
import type { RunRecord, WorkspaceStore } from './types.ts';

type Part = Pick<
  WorkspaceStore,
  'state' | 'startRun' | 'endRun' | 'runs' | 'lease' | 'renewLease' | 'leaseHolder' | 'release'
>;

/** The run log, leases, and the small durable values of connectors. */
export function runStore(ctx: StoreContext): Part {
  const { db, dialect, workspace } = ctx;
  return {
    state: (source) => stateStore(ctx, source),

    startRun: (command, now) =>
      writing(ctx, async (trx) => {
        const row = { workspace, command, started_at: now, ended_at: null, status: 'running', summary_json: '{}' };
        return (await trx.insertInto('runs').values(row).returning('id').executeTakeFirstOrThrow()).id;
      }),

    endRun: (id, status, summary, now) =>
      writing(ctx, async (trx) => {
        const { numUpdatedRows } = await trx
          .updateTable('runs')
          .set({ status, summary_json: JSON.stringify(summary), ended_at: now })
          .where('workspace', '=', workspace)
          .where('id', '=', id)
          .executeTakeFirstOrThrow();
        if (numUpdatedRows === 0n) throw new Error(`there is no run ${id}`);
      }),

    runs: async (limit) => {
      const rows = await db
        .selectFrom('runs')
        .selectAll()
        .where('workspace', '=', workspace)
        .orderBy('id', 'desc')
        .limit(limit)
        .execute();
      return rows.map((row) => ({
        id: row.id,
        command: row.command,
        startedAt: row.started_at,
        endedAt: row.ended_at,
        status: row.status as RunRecord['status'],
        summary: JSON.parse(row.summary_json) as Record<string, unknown>,
      }));
    },

    lease: (name, holder, now, ttlMs) =>
      dialect.writing(db, workspace, async (trx) => {
        // One statement decides, so that of two processes only one can win.
        const { numAffectedRows } = await sql`
          insert into leases (workspace, name, holder, expires_at) values (${workspace}, ${name}, ${holder}, ${now + ttlMs})
          on conflict (workspace, name) do update set holder = excluded.holder, expires_at = excluded.expires_at
          where leases.holder = excluded.holder or leases.expires_at <= ${now}`.execute(trx);
        return numAffectedRows === 1n;
      }),

    renewLease: (name, holder, now, ttlMs) =>
      dialect.writing(db, workspace, async (trx) => {
        const { numUpdatedRows } = await trx
          .updateTable('leases')
          .set({ expires_at: now + ttlMs })
          .where('workspace', '=', workspace)
          .where('name', '=', name)
          .where('holder', '=', holder)
          .executeTakeFirstOrThrow();
        return numUpdatedRows === 1n;
      }),

    leaseHolder: async (name) => {
      const row = await db
        .selectFrom('leases')
        .select('holder')
        .where('workspace', '=', workspace)
        .where('name', '=', name)
        .executeTakeFirst();
      return row?.holder ?? null;
    },

    release: (name, holder) =>
      dialect.writing(db, workspace, async (trx) => {
        await trx
          .deleteFrom('leases')
          .where('workspace', '=', workspace)
          .where('name', '=', name)
          .where('holder', '=', holder)
          .execute();
      }),
  };
}

function stateStore(ctx: StoreContext, source: string): StateStore {
  const { db, workspace } = ctx;
  return {
    get: async (key) => {
      const id = await findSource(db, workspace, source);
      if (id === null) return null;
      const row = await db
        .selectFrom('connector_state')
        .select('value')
        .where('source', '=', id)
        .where('key', '=', key)
        .executeTakeFirst();
      return row?.value ?? null;
    },

    set: (key, expected, value) =>
      writing(ctx, async (trx) => {
        const id = await sourceId(trx, ctx, source);
        const row = await trx
          .selectFrom('connector_state')
          .select('value')
          .where('source', '=', id)
          .where('key', '=', key)
          .executeTakeFirst();
        if ((row?.value ?? null) !== expected) return false;
        if (value === null)
          await trx.deleteFrom('connector_state').where('source', '=', id).where('key', '=', key).execute();
        else
          await trx
            .insertInto('connector_state')
            .values({ source: id, key, value })
            .onConflict((c) => c.columns(['source', 'key']).doUpdateSet({ value }))
            .execute();
        return true;
      }),
  };
}
