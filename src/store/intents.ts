import { type Selectable, sql } from 'kysely';
import type { StoreContext } from './dialect.ts';
import { writing } from './fence.ts';
import { recordOutcomes } from './outcomes.ts';
import type { Tables } from './schema.ts';
import type { IntentPayload, IntentStatus, StoredIntent, WorkspaceStore } from './types.ts';
import { slices, walk } from './walk.ts';

const CHUNK = 1_000;
/** Whole intents a page: two calls' worth. Their texts are the largest thing in memory while a plan is carried out. */
const WHOLE = 200;
type IntentRow = Selectable<Tables['intents']>;
type StatusRow = { id: number; status: IntentStatus };

type Part = Pick<WorkspaceStore, 'planCounts' | 'intents' | 'markSent' | 'recordOutcomes'>;

/** The outbox: planned → sent → written | unchanged | rejected, or retry → sent again. */
export function intentStore(ctx: StoreContext): Part {
  const { db, dialect, workspace } = ctx;
  const planId = async (number: number): Promise<number | null> => {
    const row = await db
      .selectFrom('plans')
      .select('id')
      .where('workspace', '=', workspace)
      .where('number', '=', number)
      .executeTakeFirst();
    return row?.id ?? null;
  };

  return {
    planCounts: async (number) => {
      const counts: Awaited<ReturnType<WorkspaceStore['planCounts']>> = { fields: {}, task: {} };
      const plan = await planId(number);
      if (plan === null) return counts;
      for (const type of ['fields', 'task'] as const) {
        const found = walk(
          'id',
          (row: StatusRow) => row.id,
          (unread) =>
            sql<StatusRow>`
              select id, status from intents where plan = ${plan} and type = ${type} and ${unread}
              order by id limit ${CHUNK}`.execute(db),
        );
        for await (const rows of found)
          for (const { status } of rows) counts[type][status] = (counts[type][status] ?? 0) + 1;
      }
      return counts;
    },

    async *intents(number, type, statuses) {
      const plan = await planId(number);
      if (plan === null) return;
      const wanted = statuses ? sql`status in ${dialect.list(statuses)}` : sql`true`;
      const found = walk(
        'id',
        (row: IntentRow) => row.id,
        (unread) =>
          sql<IntentRow>`
            select * from intents where plan = ${plan} and type = ${type} and ${wanted} and ${unread}
            order by id limit ${WHOLE}`.execute(db),
      );
      // Taken out of the list that waits here meanwhile: a plan's rows are large, and so do not outlive their reading.
      for await (const rows of found) yield rows.splice(0).map((row) => toIntent(row, number));
    },

    markSent: (intents, now) =>
      writing(ctx, async (trx) => {
        for (const part of slices(intents, CHUNK)) {
          const { rows } = await sql<{ id: number }>`
            update intents set status = 'sent', sent_at = ${now}
            where id in (select cast(value as bigint) from ${dialect.list(part)} as wanted)
              and status in ('planned', 'retry', 'sent')
              and plan in (select id from plans where workspace = ${workspace})
            returning id`.execute(trx);
          const sent = new Set(rows.map((row) => String(row.id)));
          const refused = part.filter((id) => !sent.has(id));
          if (refused.length > 0)
            throw new Error(`these intents may not be sent, they are unknown, decided or superseded: ${some(refused)}`);
        }
      }),

    recordOutcomes: (outcomes, now, sent) => recordOutcomes(ctx, outcomes, now, sent),
  };
}

const some = (ids: string[]): string =>
  ids.slice(0, 5).join(', ') + (ids.length > 5 ? `, and ${ids.length - 5} more` : '');

function toIntent(row: IntentRow, plan: number): StoredIntent {
  return {
    id: String(row.id),
    plan,
    account: row.account,
    payload: JSON.parse(row.payload_json) as IntentPayload,
    status: row.status as IntentStatus,
    reason: row.reason,
    recordId: row.record_id,
    created: row.created === null ? null : row.created === 1,
    decidedAt: row.decided_at,
  };
}
