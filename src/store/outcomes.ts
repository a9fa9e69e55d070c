import { type Kysely, type Selectable, sql } from 'kysely';
import type { FieldValue, Outcome } from '../contract/index.ts';
import type { StoreContext } from './dialect.ts';
import { writing } from './fence.ts';
import type { Tables } from './schema.ts';
import type { FieldsPayload, IntentPayload } from './types.ts';
import { breathe, slices } from './walk.ts';

const CHUNK = 500;
type IntentRow = Selectable<Tables['intents']>;
const COLUMNS = [
  'id',
  'plan',
  'type',
  'account',
  'payload_json',
  'status',
  'reason',
  'record_id',
  'created',
  'decided_at',
] as const;
/** The rows exist: this is an update of many rows at once. */
const DECIDE = `on conflict (id) do update set ${['status', 'reason', 'record_id', 'created', 'decided_at']
  .map((column) => `${column} = excluded.${column}`)
  .join(', ')}`;

/**
 * Outcomes, with what they prove, in one transaction: what the CRM now holds, when we wrote it, and which task exists.
 * The same outcome again changes nothing. Throws, and records none of them, where an intent was never sent or already has
 * another outcome: then outcomes were matched to the wrong intents, and nothing that they claim can be trusted.
 */
export async function recordOutcomes(ctx: StoreContext, outcomes: Outcome[], now: number): Promise<void> {
  await writing(ctx, async (trx) => {
    for (const part of slices(outcomes, CHUNK)) {
      await recordPart(trx, ctx, part, now);
      if (part.length < outcomes.length) await breathe();
    }
  });
}

async function recordPart(trx: Kysely<Tables>, ctx: StoreContext, outcomes: Outcome[], now: number): Promise<void> {
  const ids = outcomes.map((outcome) => outcome.intent);
  const { rows } = await sql<IntentRow>`
    select * from intents
    where id in (select cast(value as bigint) from ${ctx.dialect.list(ids)} as wanted)
      and plan in (select id from plans where workspace = ${ctx.workspace})`.execute(trx);
  const intents = new Map(rows.map((row) => [String(row.id), row]));

  const decided = new Set<IntentRow>();
  const written = new Map<string, FieldsPayload['changes'][]>();
  for (const outcome of outcomes) {
    const intent = intents.get(outcome.intent);
    if (!intent) throw new Error(`there is no intent ${outcome.intent} to record an outcome of`);
    if (isRecorded(intent, outcome)) continue;
    if (intent.status !== 'sent' && intent.status !== 'retry')
      throw new Error(
        `intent ${outcome.intent} is ${intent.status}: it cannot become ${outcome.result}, since only what was sent has an outcome`,
      );
    decided.add(intent);
    // In place, so that a second outcome of the same intent in one call meets this one.
    Object.assign(intent, {
      status: outcome.result,
      reason: outcome.reason ?? null,
      record_id: outcome.recordId ?? intent.record_id,
      created: outcome.created === undefined ? null : Number(outcome.created),
      decided_at: now,
    });

    const payload = JSON.parse(intent.payload_json) as IntentPayload;
    if (payload.type === 'task') {
      if (outcome.recordId !== undefined)
        await rememberTask(trx, ctx, payload.key, intent.account, outcome.recordId, now);
    } else if (outcome.result === 'written' || outcome.result === 'unchanged') {
      const changes = written.get(intent.account);
      if (changes) changes.push(payload.changes);
      else written.set(intent.account, [payload.changes]);
    }
  }
  await decide(trx, ctx, [...decided], now);
  await rememberWrites(trx, ctx, written, now);
}

/** Most outcomes say nothing but what came of it: those of one kind are one statement, without their payloads. */
async function decide(
  trx: Kysely<Tables>,
  { dialect }: StoreContext,
  intents: IntentRow[],
  now: number,
): Promise<void> {
  const plain = intents.filter((i) => i.reason === null && i.record_id === null && i.created === null);
  for (const status of new Set(plain.map((i) => i.status))) {
    const ids = dialect.numbers(
      plain.flatMap((i) => (i.status === status ? [[i.id]] : [])),
      1,
    );
    await sql`
      update intents set status = ${status}, reason = null, created = null, decided_at = ${now}
      where id in (select c0 from ${ids} as decided)`.execute(trx);
  }
  const simple = new Set(plain);
  const told = intents.filter((i) => !simple.has(i));
  await dialect.insertMany(trx, 'intents', COLUMNS, told, DECIDE);
}

const isRecorded = (intent: IntentRow, outcome: Outcome): boolean =>
  intent.status === outcome.result &&
  intent.reason === (outcome.reason ?? null) &&
  (outcome.recordId === undefined || intent.record_id === outcome.recordId);

async function rememberTask(
  trx: Kysely<Tables>,
  { workspace }: StoreContext,
  key: string,
  account: string,
  recordId: string,
  now: number,
): Promise<void> {
  await trx
    .insertInto('tasks')
    .values({ workspace, key, account, record_id: recordId, created_at: now })
    .onConflict((c) => c.columns(['workspace', 'key']).doUpdateSet({ account, record_id: recordId }))
    .execute();
}

async function rememberWrites(
  trx: Kysely<Tables>,
  { dialect, workspace }: StoreContext,
  written: Map<string, FieldsPayload['changes'][]>,
  now: number,
): Promise<void> {
  if (written.size === 0) return;
  const known = await sql<{ account: string; values_json: string | null }>`
    select account, values_json from held
    where workspace = ${workspace} and account in ${dialect.list([...written.keys()])}`.execute(trx);
  const before = new Map(known.rows.map((row) => [row.account, row.values_json]));
  const rows = [...written].map(([account, changes]) => {
    const values: Record<string, FieldValue> = JSON.parse(before.get(account) ?? '{}');
    for (const change of changes) for (const [field, { to }] of Object.entries(change)) values[field] = to;
    return { workspace, account, values_json: JSON.stringify(values), written_at: now };
  });
  await dialect.insertMany(
    trx,
    'held',
    ['workspace', 'account', 'values_json', 'written_at'],
    rows,
    'on conflict (workspace, account) do update set values_json = excluded.values_json, written_at = excluded.written_at',
  );
}
