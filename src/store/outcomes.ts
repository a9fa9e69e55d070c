import { type Kysely, type Selectable, sql } from 'kysely';
import type { FieldValue, Outcome } from '../contract/index.ts';
import type { StoreContext } from './dialect.ts';
import { writing } from './fence.ts';
import type { Tables } from './schema.ts';
import type { FieldsPayload, IntentPayload } from './types.ts';
import { breathe, slices } from './walk.ts';

const CHUNK = 500;
/** Without its payload, which most outcomes do not need: it is most of the row. */
type IntentRow = Omit<Selectable<Tables['intents']>, 'payload_json' | 'sent_at'>;
type Values = Readonly<Record<string, FieldValue>>;
/** What accounts hold by what was written to them, in the order of the outcomes. */
type Written = Map<string, Values[]>;
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
/** The rows exist: this is an update of many rows at once, which leaves the payload as it is. */
const DECIDE = `on conflict (id) do update set ${['status', 'reason', 'record_id', 'created', 'decided_at']
  .map((column) => `${column} = excluded.${column}`)
  .join(', ')}`;

/**
 * Outcomes, with what they prove, in one transaction: what the CRM now holds, when we wrote it, and which task exists.
 * The same outcome again changes nothing. Throws, and records none of them, where an intent was never sent or already has
 * another outcome: then outcomes were matched to the wrong intents, and nothing that they claim can be trusted.
 */
export async function recordOutcomes(
  ctx: StoreContext,
  outcomes: Outcome[],
  now: number,
  sent: ReadonlyMap<string, Values> = new Map(),
): Promise<void> {
  await writing(ctx, async (trx) => {
    for (const part of slices(outcomes, CHUNK)) {
      await recordPart(trx, ctx, part, now, sent);
      if (part.length < outcomes.length) await breathe();
    }
  });
}

async function recordPart(
  trx: Kysely<Tables>,
  ctx: StoreContext,
  outcomes: Outcome[],
  now: number,
  sent: ReadonlyMap<string, Values>,
): Promise<void> {
  const written: Written = new Map();
  const settled = await settlePlain(trx, ctx, outcomes, now, sent, written);
  const others = outcomes.filter((outcome) => !settled.has(outcome));
  if (others.length > 0) await settleEach(trx, ctx, others, now, sent, written);
  await rememberWrites(trx, ctx, written, now);
}

/**
 * Most outcomes say nothing but what came of fields that the caller still has: those of one kind are one statement, and no row is
 * read. Only what was sent is settled so; all else is looked at one by one. Returns what was settled.
 */
async function settlePlain(
  trx: Kysely<Tables>,
  { dialect, workspace }: StoreContext,
  outcomes: Outcome[],
  now: number,
  sent: ReadonlyMap<string, Values>,
  written: Written,
): Promise<Set<Outcome>> {
  const plain = outcomes.filter(
    (o) => o.reason === undefined && o.recordId === undefined && o.created === undefined && sent.has(o.intent),
  );
  const settled = new Set<Outcome>();
  for (const result of new Set(plain.map((o) => o.result))) {
    const alike = plain.filter((o) => o.result === result);
    const { rows } = await sql<{ id: number; account: string }>`
      update intents set status = ${result}, reason = null, created = null, decided_at = ${now}
      where id in (select cast(value as bigint) from ${dialect.list(alike.map((o) => o.intent))} as decided)
        and type = 'fields' and status = 'sent' and record_id is null
        and plan in (select id from plans where workspace = ${workspace})
      returning id, account`.execute(trx);
    const accounts = new Map(rows.map((row) => [String(row.id), row.account]));
    for (const outcome of alike) {
      const account = accounts.get(outcome.intent);
      if (account === undefined) continue;
      settled.add(outcome);
      note(written, account, outcome, sent.get(outcome.intent));
    }
  }
  return settled;
}

/** What an outcome proves that the CRM now holds. */
function note(written: Written, account: string, { intent, result }: Outcome, values: Values | undefined): void {
  if (result !== 'written' && result !== 'unchanged') return;
  if (!values) throw new Error(`nobody knows the values of intent ${intent}`);
  const earlier = written.get(account);
  if (earlier) earlier.push(values);
  else written.set(account, [values]);
}

async function settleEach(
  trx: Kysely<Tables>,
  ctx: StoreContext,
  outcomes: Outcome[],
  now: number,
  sent: ReadonlyMap<string, Values>,
  written: Written,
): Promise<void> {
  const ids = outcomes.map((outcome) => outcome.intent);
  const { rows } = await sql<IntentRow>`
    select id, plan, type, account, status, reason, record_id, created, decided_at from intents
    where id in (select cast(value as bigint) from ${ctx.dialect.list(ids)} as wanted)
      and plan in (select id from plans where workspace = ${ctx.workspace})`.execute(trx);
  const intents = new Map(rows.map((row) => [String(row.id), row]));

  const payloads = await payloadsOf(
    trx,
    ctx,
    rows.filter((row) => row.type === 'task' || !sent.has(String(row.id))),
  );
  const decided = new Set<IntentRow>();
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

    const payload = payloads.get(intent.id);
    if (payload?.type === 'task') {
      if (outcome.recordId !== undefined)
        await rememberTask(trx, ctx, payload.key, intent.account, outcome.recordId, now);
    } else note(written, intent.account, outcome, payload ? newValues(payload) : sent.get(outcome.intent));
  }
  await decide(trx, ctx, [...decided], now);
}

async function payloadsOf(
  trx: Kysely<Tables>,
  { dialect }: StoreContext,
  intents: IntentRow[],
): Promise<Map<number, IntentPayload>> {
  if (intents.length === 0) return new Map();
  const ids = dialect.numbers(
    intents.map((i) => [i.id]),
    1,
  );
  const { rows } = await sql<{ id: number; payload_json: string }>`
    select id, payload_json from intents where id in (select c0 from ${ids} as undecided)`.execute(trx);
  return new Map(rows.map((row) => [row.id, JSON.parse(row.payload_json) as IntentPayload]));
}

function newValues({ changes }: FieldsPayload): Values {
  const values: Record<string, FieldValue> = {};
  for (const name in changes) values[name] = changes[name]?.to ?? null;
  return values;
}

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
  const rows = told.map((row) => ({ ...row, payload_json: '' }));
  await dialect.insertMany(trx, 'intents', COLUMNS, rows, DECIDE);
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
  written: Written,
  now: number,
): Promise<void> {
  if (written.size === 0) return;
  const known = await sql<{ account: string; values_json: string | null }>`
    select account, values_json from held
    where workspace = ${workspace} and account in ${dialect.list([...written.keys()])}`.execute(trx);
  const before = new Map(known.rows.map((row) => [row.account, row.values_json]));
  const rows = [...written].map(([account, changes]) => {
    const values: Record<string, FieldValue> = JSON.parse(before.get(account) ?? '{}');
    for (const change of changes) for (const field in change) values[field] = change[field] ?? null;
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
