import { ConnectorError, type FieldsIntent, InputError, type Outcome } from '../../src/contract/index.ts';
import { type Emit, jitter, type Pause, rejected, settleAll } from '../../src/kit/outcomes.ts';
import { batchesOf, inFlight, split } from '../../src/kit/parallel.ts';
import { codesOf, LOCK_ROUNDS, type RowResult, reasonOf, sendCollection } from './collections.ts';
import { isTooMuchAtOnce, isTransientRow } from './errors.ts';
import type { OurField } from './mapping.ts';
import type { Org } from './org.ts';
import { isId } from './soql.ts';
import { fits, toOrg } from './values.ts';

interface Pending {
  intent: FieldsIntent;
  record: Record<string, unknown>;
}

/** Single records refused by a trigger, with none accepted, after which size is no longer taken for the cause. */
const HOPELESS_SINGLES = 10;
/** Whole calls given up in a row, after which the org is taken to be down. */
const HOPELESS_CALLS = 3;

const HEADERS = { 'Sforce-Auto-Assign': 'FALSE', 'Sforce-Duplicate-Rule-Header': 'allowSave=true' };

/**
 * Writes our fields of accounts, `batchSize` a call and `concurrency` calls in flight, and yields one outcome for each intent as it
 * becomes known. A row that was locked is tried again in smaller company; rows that a trigger or a governor limit refused are sent in
 * halves down to one (W14). Field updates are idempotent, so a lost answer is asked again.
 * @throws InputError for a field that the org lacks; ConnectorError where no further call makes sense, after every intent that was
 * taken has its outcome (`retry` where it is open)
 */
export async function* writeFields(
  org: Org,
  intents: AsyncIterable<FieldsIntent>,
  pause: Pause = jitter,
): AsyncGenerator<Outcome> {
  const writable = await writableFields(org);
  const { batchSize, concurrency } = org.ctx.config;
  const run = new WriteRun(org, pause);
  const batches = batchesOf(intents, batchSize, (i) => i.account.slice(0, 15));
  yield* inFlight<FieldsIntent[], Outcome>(batches, concurrency, async (batch, emit) => {
    const pending: Pending[] = [];
    for (const intent of batch) {
      if (!isId(intent.account)) emit(rejected(intent, `"${intent.account}" is not a Salesforce record id`));
      else if (Object.keys(intent.values).length === 0) emit({ intent: intent.id, result: 'unchanged' });
      else pending.push({ intent, record: recordOf(intent, writable, org) });
    }
    pending.sort((a, b) => (a.intent.account < b.intent.account ? -1 : 1)); // neighbours lock the same parents
    await run.batch(pending, emit);
  });
}

async function writableFields(org: Org): Promise<Map<string, OurField>> {
  const account = await org.schema.object('Account');
  return new Map(
    org.ours
      .filter((f) => {
        const info = account.fields.get(f.api);
        return info?.updateable && fits(f, info);
      })
      .map((f) => [f.name, f]),
  );
}

function recordOf(intent: FieldsIntent, writable: Map<string, OurField>, org: Org): Record<string, unknown> {
  const record: Record<string, unknown> = { id: intent.account };
  for (const [name, value] of Object.entries(intent.values)) {
    const field = writable.get(name);
    if (!field) {
      const api = org.ours.find((f) => f.name === name)?.api;
      throw new InputError(
        api
          ? `Account.${api} is missing, hidden or read-only for the integration user`
          : `there is no write-back field called "${name}"`,
        {
          hint: 'Run `npx pulseback setup`, which creates the fields and grants them (permission set Pulseback Runtime), then `npx pulseback check`.',
        },
      );
    }
    record[field.api] = toOrg(field, value);
  }
  return record;
}

class WriteRun {
  readonly #org: Org;
  readonly #pause: Pause;
  #singlesRefused = 0;
  #singlesTaken = 0;
  #failedCalls = 0;

  constructor(org: Org, pause: Pause) {
    this.#org = org;
    this.#pause = pause;
  }

  /** Every pending row gets its outcome, even where this throws. */
  batch(rows: Pending[], emit: Emit): Promise<void> {
    const intents = rows.map((row) => row.intent);
    return settleAll(intents, emit, (told) => this.#settle(rows, 0, told));
  }

  async #settle(rows: Pending[], round: number, emit: Emit): Promise<void> {
    if (rows.length === 0) return;
    const results = await this.#send(rows, emit);
    if (results === null) return;
    if (results === 'too much') return this.#smaller(rows, round, emit, rows);
    const locked: Pending[] = [];
    const heavy: Pending[] = [];
    const words = new Map<Pending, string>();
    for (const [i, row] of rows.entries()) {
      const result = results[i] as RowResult;
      if (result.success) {
        if (rows.length === 1) this.#singlesTaken += 1;
        emit({ intent: row.intent.id, result: 'written' });
        continue;
      }
      words.set(row, reasonOf(result));
      if (result.errors.some((e) => isTooMuchAtOnce(e.statusCode, e.message))) heavy.push(row);
      else if (codesOf(result).some(isTransientRow)) locked.push(row);
      else emit(rejected(row.intent, reasonOf(result)));
    }
    await this.#smaller(heavy, round, emit, rows, words);
    if (locked.length === 0) return;
    if (round >= LOCK_ROUNDS) {
      for (const row of locked) emit({ intent: row.intent.id, result: 'retry', reason: words.get(row) ?? 'locked' });
      return;
    }
    await this.#pause(round, this.#org.ctx.signal);
    for (const part of split(locked, Math.max(1, Math.ceil(locked.length / 2))))
      await this.#settle(part, round + 1, emit);
  }

  /** Rows refused for what the whole call did to the org: again in half its size, and for good when alone. */
  async #smaller(
    rows: Pending[],
    round: number,
    emit: Emit,
    sent: Pending[],
    words?: Map<Pending, string>,
  ): Promise<void> {
    if (rows.length === 0) return;
    const hopeless = this.#singlesTaken === 0 && this.#singlesRefused >= HOPELESS_SINGLES;
    if (sent.length === 1 || hopeless) {
      if (sent.length === 1) this.#singlesRefused += 1;
      for (const row of rows) emit(rejected(row.intent, words?.get(row) ?? this.#lastRefusal));
      return;
    }
    this.#org.ctx.log.warn(
      { sent: sent.length, refused: rows.length },
      'a trigger or governor limit refused rows; sending them in halves',
    );
    for (const part of split(rows, Math.max(1, Math.floor(sent.length / 2)))) await this.#settle(part, round, emit);
  }

  #lastRefusal = '';

  /** Results in order; null = the call was given up and its rows have their outcome. */
  async #send(rows: Pending[], emit: Emit): Promise<RowResult[] | 'too much' | null> {
    try {
      const results = await sendCollection(this.#org.client, {
        label: 'collections.update',
        method: 'PATCH',
        idempotent: true,
        type: 'Account',
        records: rows.map((r) => r.record),
        headers: HEADERS,
      });
      this.#failedCalls = 0;
      return results;
    } catch (error) {
      if (!(error instanceof ConnectorError)) throw error;
      if (error.code === 'GOVERNOR_LIMIT') {
        this.#lastRefusal = error.message;
        return 'too much';
      }
      if (error.action !== 'retry') throw error;
      this.#failedCalls += 1;
      if (this.#failedCalls >= HOPELESS_CALLS) throw error;
      for (const row of rows) emit({ intent: row.intent.id, result: 'retry', reason: error.message });
      return null;
    }
  }
}
