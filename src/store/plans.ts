import { type Kysely, type Selectable, sql } from 'kysely';
import type { StoreContext } from './dialect.ts';
import { writing } from './fence.ts';
import type { Tables } from './schema.ts';
import type { NewIntent, PlanHead, PlanStatus, WorkspaceStore } from './types.ts';
import { breathe, slices } from './walk.ts';

const CHUNK = 2_000;
const INTENT_COLUMNS = ['plan', 'type', 'account', 'payload_json', 'status'] as const;

type Part = Pick<WorkspaceStore, 'createPlan' | 'plan' | 'plans' | 'setPlan'>;

/** Plans: written down before anything is done, numbered from 1, newest replaces what was still waiting. */
export function planStore(ctx: StoreContext): Part {
  const { db, workspace } = ctx;
  const find = async (k: Kysely<Tables>, number: number) =>
    k
      .selectFrom('plans')
      .selectAll()
      .where('workspace', '=', workspace)
      .where('number', '=', number)
      .executeTakeFirst();

  return {
    createPlan: async (asOf, now, intents, summary) => {
      await discardBuilding(ctx);
      const row = { workspace, number: null, created_at: now, as_of: asOf, status: 'building', summary_json: '{}' };
      const { id } = await writing(ctx, (trx) =>
        trx.insertInto('plans').values(row).returning('id').executeTakeFirstOrThrow(),
      );
      try {
        for await (const chunk of intents)
          for (const part of slices(chunk, CHUNK)) {
            await addIntents(ctx, id, part);
            await breathe();
          }
        return await writing(ctx, (trx) => publish(trx, workspace, id, summary));
      } catch (error) {
        await discardBuilding(ctx, id);
        throw error;
      }
    },

    plan: async (number) => {
      const row = await find(db, number);
      return row ? toHead(row) : null;
    },

    plans: async (limit) => {
      const rows = await db
        .selectFrom('plans')
        .selectAll()
        .where('workspace', '=', workspace)
        .where('number', 'is not', null)
        .orderBy('number', 'desc')
        .limit(limit)
        .execute();
      return rows.map(toHead);
    },

    setPlan: (number, status, summary) =>
      writing(ctx, async (trx) => {
        const row = await find(trx, number);
        if (!row) throw new Error(`there is no plan ${number}`);
        if (row.status === 'superseded' && status !== 'superseded')
          throw new Error(`plan ${number} was superseded by a newer plan and can no longer become ${status}`);
        const change = summary === undefined ? { status } : { status, summary_json: JSON.stringify(summary) };
        await trx.updateTable('plans').set(change).where('id', '=', row.id).execute();
      }),
  };
}

/** Removes plans that never were finished: their process died, or their intents could not be read. */
async function discardBuilding(ctx: StoreContext, only?: number): Promise<void> {
  const { db, workspace } = ctx;
  let query = db.selectFrom('plans').select('id').where('workspace', '=', workspace).where('status', '=', 'building');
  if (only !== undefined) query = query.where('id', '=', only);
  for (const { id } of await query.execute())
    await writing(ctx, async (trx) => {
      if (!(await isBuilding(trx, id))) return; // it was finished meanwhile: now it is a plan
      for (let more = true; more; ) {
        const { numAffectedRows } = await sql`
          delete from intents where id in (select id from intents where plan = ${id} limit ${CHUNK})`.execute(trx);
        more = Number(numAffectedRows ?? 0) === CHUNK;
        if (more) await breathe();
      }
      await trx.deleteFrom('plans').where('id', '=', id).execute();
    });
}

async function addIntents(ctx: StoreContext, plan: number, intents: NewIntent[]): Promise<void> {
  await writing(ctx, async (trx) => {
    await stillBuilding(trx, plan);
    const rows = intents.map(({ account, payload }) => ({
      plan,
      type: payload.type,
      account,
      payload_json: JSON.stringify(payload),
      status: 'planned',
    }));
    await ctx.dialect.insertMany(trx, 'intents', INTENT_COLUMNS, rows);
  });
}

async function isBuilding(trx: Kysely<Tables>, id: number): Promise<boolean> {
  const row = await trx.selectFrom('plans').select('status').where('id', '=', id).executeTakeFirst();
  return row?.status === 'building';
}

async function stillBuilding(trx: Kysely<Tables>, id: number): Promise<void> {
  if (!(await isBuilding(trx, id)))
    throw new Error('another process started a newer plan while this one was being written');
}

/**
 * The moment at which a plan exists: everything that was waiting gives way, and it gets its number. That includes the rest of a
 * plan whose apply was broken off: it was decided from older data than this one.
 */
async function publish(
  trx: Kysely<Tables>,
  workspace: number,
  id: number,
  summary: Record<string, unknown>,
): Promise<PlanHead> {
  await stillBuilding(trx, id);
  const waiting = await trx
    .selectFrom('plans')
    .select('id')
    .where('workspace', '=', workspace)
    .where('status', 'in', ['open', 'held', 'applying'])
    .execute();
  for (const plan of waiting) await supersede(trx, plan.id);
  const { last } = await trx
    .selectFrom('plans')
    .select((e) => e.fn.max('number').as('last'))
    .where('workspace', '=', workspace)
    .executeTakeFirstOrThrow();
  const row = await trx
    .updateTable('plans')
    .set({ status: 'open', number: (last ?? 0) + 1, summary_json: JSON.stringify(summary) })
    .where('id', '=', id)
    .returningAll()
    .executeTakeFirstOrThrow();
  return toHead(row);
}

async function supersede(trx: Kysely<Tables>, plan: number): Promise<void> {
  for (const type of ['fields', 'task'])
    for (let after = 0, more = true; more; ) {
      const { rows } = await sql<{ id: number }>`
        select id from intents where plan = ${plan} and type = ${type} and id > ${after} order by id limit ${CHUNK}`.execute(
        trx,
      );
      const last = rows.at(-1)?.id ?? after;
      await sql`
        update intents set status = 'superseded'
        where plan = ${plan} and type = ${type} and id > ${after} and id <= ${last} and status in ('planned', 'retry')`.execute(
        trx,
      );
      after = last;
      more = rows.length === CHUNK;
      if (more) await breathe();
    }
  await trx.updateTable('plans').set({ status: 'superseded' }).where('id', '=', plan).execute();
}

function toHead(row: Selectable<Tables['plans']>): PlanHead {
  if (row.number === null) throw new Error(`plan row ${row.id} has no number yet`);
  return {
    number: row.number,
    createdAt: row.created_at,
    asOf: row.as_of,
    status: row.status as PlanStatus,
    summary: JSON.parse(row.summary_json) as Record<string, unknown>,
  };
}
