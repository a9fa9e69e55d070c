import {
  ConnectorError,
  type FieldsIntent,
  type FieldValue,
  InputError,
  type Outcome,
} from '../../src/contract/index.ts';
import { type Emit, jitter, type Pause, rejected, settleAll } from '../../src/kit/outcomes.ts';
import { batchesOf, inFlight, split } from '../../src/kit/parallel.ts';
import { HOPELESS_SINGLES, halves, isId, oneSpoilsAll, ROUNDS, type RowResult, sendBatch } from './batch.ts';
import { fits } from './held.ts';
import type { OurField } from './mapping.ts';
import type { Portal } from './portal.ts';

interface Pending {
  intent: FieldsIntent;
  properties: Record<string, string>;
}

/** Whole calls given up in a row, after which the portal is taken to be down. */
const HOPELESS_CALLS = 3;

/**
 * Writes our properties of companies, `batchSize` a call and `concurrency` calls in flight, and yields one outcome for each intent as
 * it becomes known. Rows succeed and fail each for itself; where the portal refuses a whole batch nevertheless, it is sent in halves
 * down to the row at fault. Updates are idempotent, so a lost answer is asked again.
 * @throws InputError for a property that the portal lacks; ConnectorError where no further call makes sense, after every intent that
 * was taken has its outcome (`retry` where it is open)
 */
export async function* writeFields(
  portal: Portal,
  intents: AsyncIterable<FieldsIntent>,
  pause: Pause = jitter,
): AsyncGenerator<Outcome> {
  const writable = await writableFields(portal);
  const { batchSize, concurrency } = portal.ctx.config;
  const run = new WriteRun(portal, pause);
  const batches = batchesOf(intents, batchSize, (i) => i.account);
  yield* inFlight<FieldsIntent[], Outcome>(batches, concurrency, async (batch, emit) => {
    const pending: Pending[] = [];
    for (const intent of batch) {
      if (!isId(intent.account)) emit(rejected(intent, `"${intent.account}" is not a HubSpot record id`));
      else if (Object.keys(intent.values).length === 0) emit({ intent: intent.id, result: 'unchanged' });
      else pending.push({ intent, properties: propertiesOf(intent, writable, portal) });
    }
    await run.batch(pending, emit);
  });
}

async function writableFields(portal: Portal): Promise<Map<string, OurField>> {
  const companies = await portal.schema.properties('companies');
  return new Map(
    portal.ours
      .filter((field) => {
        const property = companies.get(field.api);
        return property !== undefined && !property.readOnly && fits(field, property);
      })
      .map((field) => [field.name, field]),
  );
}

function propertiesOf(
  intent: FieldsIntent,
  writable: ReadonlyMap<string, OurField>,
  portal: Portal,
): Record<string, string> {
  const properties: Record<string, string> = {};
  for (const [name, value] of Object.entries(intent.values)) {
    const field = writable.get(name);
    if (!field) {
      const api = portal.ours.find((f) => f.name === name)?.api;
      throw new InputError(
        api
          ? `the company property ${api} is missing, of another type or read-only`
          : `there is no write-back field called "${name}"`,
        { hint: 'Run `npx pulseback setup`, which creates the properties, then `npx pulseback check`.' },
      );
    }
    properties[field.api] = toPortal(value);
  }
  return properties;
}

/** Every value travels as text; an empty one clears. Instants and dates are ISO already. */
export const toPortal = (value: FieldValue): string => (value === null ? '' : String(value));

class WriteRun {
  readonly #portal: Portal;
  readonly #pause: Pause;
  #singlesRefused = 0;
  #accepted = 0;
  #failedCalls = 0;

  constructor(portal: Portal, pause: Pause) {
    this.#portal = portal;
    this.#pause = pause;
  }

  /** Every pending row gets its outcome, even where this throws. */
  batch(rows: Pending[], emit: Emit): Promise<void> {
    const intents = rows.map((row) => row.intent);
    return settleAll(intents, emit, (told) => this.#settle(rows, 0, told));
  }

  async #settle(rows: Pending[], round: number, emit: Emit): Promise<void> {
    if (rows.length === 0) return;
    const results = await this.#send(rows, round, emit);
    if (results === null) return;
    const again: Pending[] = [];
    for (const row of rows) {
      const result = results.get(row.intent.id);
      if (result?.ok) {
        this.#accepted += 1;
        emit({ intent: row.intent.id, result: 'written' });
      } else if (result?.transient && round < ROUNDS) again.push(row);
      else if (result?.transient) emit({ intent: row.intent.id, result: 'retry', reason: result.reason });
      else emit(rejected(row.intent, result?.reason ?? 'no result'));
    }
    if (again.length === 0) return;
    await this.#pause(round, this.#portal.ctx.signal);
    for (const part of split(again, Math.max(1, Math.ceil(again.length / 2))))
      await this.#settle(part, round + 1, emit);
  }

  /** Results by intent; null = the rows have their outcome. */
  async #send(rows: Pending[], round: number, emit: Emit): Promise<Map<string, RowResult> | null> {
    try {
      const results = await sendBatch(this.#portal, {
        type: 'companies',
        what: 'update',
        idempotent: true,
        inputs: rows.map(({ intent, properties }) => ({
          trace: intent.id,
          body: { id: intent.account, properties },
        })),
      });
      this.#failedCalls = 0;
      return results;
    } catch (error) {
      if (!(error instanceof ConnectorError)) throw error;
      if (oneSpoilsAll(error)) {
        await this.#halves(rows, round, error.message, emit);
        return null;
      }
      if (error.action === 'retry') return this.#giveUp(rows, error, emit);
      throw error;
    }
  }

  /** The row at fault is found in about log2(n) calls; a cause in the portal itself refuses all of them, and the search ends. */
  async #halves(rows: Pending[], round: number, reason: string, emit: Emit): Promise<void> {
    const hopeless = this.#accepted === 0 && this.#singlesRefused >= HOPELESS_SINGLES;
    if (rows.length === 1 || hopeless) {
      if (rows.length === 1) this.#singlesRefused += 1;
      for (const row of rows) emit(rejected(row.intent, reason));
      return;
    }
    this.#portal.ctx.log.warn({ sent: rows.length }, 'the portal refused a whole batch; sending it in halves');
    for (const part of halves(rows)) await this.#settle(part, round, emit);
  }

  /** A call whose tries are used up: its rows stay open for the next run. @throws the error where nothing gets through any more */
  #giveUp(rows: Pending[], error: Error, emit: Emit): null {
    this.#failedCalls += 1;
    if (this.#failedCalls >= HOPELESS_CALLS) throw error;
    for (const row of rows) emit({ intent: row.intent.id, result: 'retry', reason: error.message });
    return null;
  }
}
