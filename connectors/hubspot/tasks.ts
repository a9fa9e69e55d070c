import { ConnectorError, InputError, type Outcome, type TaskIntent, type TaskRef } from '../../src/contract/index.ts';
import { atTime } from '../../src/kit/dates.ts';
import { type Emit, jitter, type Pause, settleAll } from '../../src/kit/outcomes.ts';
import { batchesOf, inFlight } from '../../src/kit/parallel.ts';
import {
  type BatchCall,
  HOPELESS_SINGLES,
  halves,
  isId,
  oneSpoilsAll,
  ROUNDS,
  type RowResult,
  sendBatch,
} from './batch.ts';
import { ApiError } from './errors.ts';
import type { Portal } from './portal.ts';
import { rememberTasks, tasksByKey } from './task-lookup.ts';

const KEY = /^[A-Za-z0-9_-]{1,80}$/;
const TASK_TO_COMPANY = 192;
const DUE_HOUR = 9;
const PRIORITY = { high: 'HIGH', normal: 'MEDIUM' };
const NO_RESULT = { reason: 'no result', transient: false, taken: false };

/**
 * Creates or finds each manager task by its key. Keys are looked up first, deleted tasks included: what a person edited is not
 * overwritten, what a person deleted is not made again. The rest is created together with its association, and after a lost answer
 * the keys are read back before anything is sent again. Where tasks take a unique property, the portal itself refuses a second one.
 * @throws InputError where the key property is missing; ConnectorError where no further call makes sense, after every intent that was
 * taken has its outcome (`retry` where it is open)
 */
export async function* raiseTasks(
  portal: Portal,
  intents: AsyncIterable<TaskIntent>,
  pause: Pause = jitter,
): AsyncGenerator<Outcome> {
  const property = (await portal.schema.properties('tasks')).get(portal.mapping.taskKey);
  if (!property)
    throw new InputError(`the task property ${portal.mapping.taskKey} is missing, so tasks could be raised twice`, {
      hint: 'Run `npx pulseback setup`, then `npx pulseback check`.',
    });
  const run = new TaskRun(portal, property.hasUniqueValue, pause);
  const batches = batchesOf(intents, portal.ctx.config.batchSize, (intent) => intent.key);
  yield* inFlight<TaskIntent[], Outcome>(batches, 1, (batch, emit) =>
    settleAll(batch, emit, (told) => run.batch(batch, told)),
  );
}

class TaskRun {
  readonly #portal: Portal;
  /** Whether the portal itself refuses a second task of a key. */
  readonly #unique: boolean;
  readonly #pause: Pause;
  #created = 0;
  #singlesRefused = 0;

  constructor(portal: Portal, unique: boolean, pause: Pause) {
    this.#portal = portal;
    this.#unique = unique;
    this.#pause = pause;
  }

  async batch(batch: TaskIntent[], emit: Emit): Promise<void> {
    const sound: TaskIntent[] = [];
    for (const intent of batch) {
      const reason = unsound(intent);
      if (reason === null) sound.push(intent);
      else emit({ intent: intent.id, result: 'rejected', reason });
    }
    const raised: (TaskRef & { recordId: string })[] = [];
    const noting: Emit = (outcome) => {
      const intent = sound.find((one) => one.id === outcome.intent);
      if (intent && outcome.recordId !== undefined)
        raised.push({ key: intent.key, account: intent.account, recordId: outcome.recordId });
      emit(outcome);
    };
    try {
      await this.#create(await this.#unknown(sound, noting, false), 0, noting);
    } finally {
      await rememberTasks(this.#portal, raised);
    }
  }

  /** Those whose key the portal does not know; the others get their outcome, `created` as the caller knows it. */
  async #unknown(intents: TaskIntent[], emit: Emit, created: boolean): Promise<TaskIntent[]> {
    const known = await tasksByKey(this.#portal, intents);
    return intents.filter((intent) => {
      const recordId = known.get(intent.key);
      if (recordId) emit({ intent: intent.id, result: created ? 'written' : 'unchanged', recordId, created });
      return recordId === undefined;
    });
  }

  async #create(intents: TaskIntent[], round: number, emit: Emit): Promise<void> {
    if (intents.length === 0) return;
    const results = await this.#send(intents, round, emit);
    if (results === null) return;
    const failed: TaskIntent[] = [];
    for (const intent of intents) {
      const result = results.get(intent.id);
      if (result?.ok) {
        this.#created += 1;
        emit({ intent: intent.id, result: 'written', recordId: result.id, created: true });
      } else failed.push(intent);
    }
    // Refused for a key that exists: another worker was faster, or the batch had been carried out before.
    const again: TaskIntent[] = [];
    for (const intent of await this.#unknown(failed, emit, false)) {
      const result = results.get(intent.id);
      const { reason, transient, taken } = result?.ok === false ? result : NO_RESULT;
      if (!transient) emit({ intent: intent.id, result: 'rejected', reason });
      else if (round < ROUNDS) again.push(intent);
      // A key that is taken by what nobody can see, a deleted task, will be so tomorrow: no reason to ask every night.
      else emit({ intent: intent.id, result: taken ? 'rejected' : 'retry', reason });
    }
    if (again.length === 0) return;
    await this.#pause(round, this.#portal.ctx.signal);
    await this.#create(again, round + 1, emit);
  }

  /** Results by intent; null = the intents have been dealt with in another way. */
  async #send(intents: TaskIntent[], round: number, emit: Emit): Promise<Map<string, RowResult> | null> {
    const { ctx } = this.#portal;
    try {
      return await sendBatch(this.#portal, {
        type: 'tasks',
        what: 'create',
        idempotent: false, // sent again it could make a second task: read back first
        by: this.#portal.mapping.taskKey,
        inputs: intents.map((intent) => ({ trace: intent.id, body: this.#body(intent) })),
      });
    } catch (error) {
      if (!(error instanceof ConnectorError)) throw error;
      if (error.ambiguous && round < ROUNDS) {
        ctx.log.warn({ code: error.code }, 'the answer to a task call was lost; reading the keys back');
        await this.#pause(round, ctx.signal);
        const missing = await this.#unknown(intents, emit, true);
        if (this.#unique || hasEnded(error)) await this.#create(missing, round + 1, emit);
        else for (const intent of missing) emit({ intent: intent.id, result: 'retry', reason: error.message });
        return null;
      }
      if (!oneSpoilsAll(error)) throw error;
      await this.#halves(intents, round, error.message, emit);
      return null;
    }
  }

  /** Where trace ids are not honoured: down to the one at fault, unless the cause lies in the portal and refuses all of them. */
  async #halves(intents: TaskIntent[], round: number, reason: string, emit: Emit): Promise<void> {
    const hopeless = this.#created === 0 && this.#singlesRefused >= HOPELESS_SINGLES;
    if (intents.length > 1 && !hopeless) {
      for (const part of halves(intents)) await this.#create(part, round, emit);
      return;
    }
    for (const intent of await this.#unknown(intents, emit, false)) {
      if (intents.length === 1) this.#singlesRefused += 1;
      emit({ intent: intent.id, result: 'rejected', reason });
    }
  }

  /** Only what a task is born with. https://developers.hubspot.com/docs/api-reference/crm-tasks-v3/guide */
  #body(intent: TaskIntent): BatchCall['inputs'][number]['body'] {
    const { mapping, ctx } = this.#portal;
    return {
      properties: {
        [mapping.taskKey]: intent.key,
        hs_timestamp: new Date(atTime(intent.dueOn, DUE_HOUR, ctx.timezone)).toISOString(),
        hs_task_subject: intent.subject,
        hs_task_body: html(intent.body),
        hs_task_status: 'NOT_STARTED',
        hs_task_priority: PRIORITY[intent.priority],
        hs_task_type: 'TODO',
        hubspot_owner_id: intent.ownerId,
      },
      associations: [
        {
          to: { id: intent.account },
          types: [{ associationCategory: 'HUBSPOT_DEFINED', associationTypeId: TASK_TO_COMPANY }],
        },
      ],
    };
  }
}

/**
 * Whether a failed call is surely over. After silence, or a gateway that would not wait, it may be carried out yet: where keys are not
 * unique, what is not found a moment later is left to the next run, which looks again.
 */
const hasEnded = (error: ConnectorError): boolean => error instanceof ApiError && error.status !== 504;

function unsound(intent: TaskIntent): string | null {
  if (!KEY.test(intent.key))
    return `the task key "${intent.key.slice(0, 80)}" must be 1–80 letters, digits, "_" or "-"`;
  const wrong = [intent.account, intent.ownerId].find((id) => !isId(id));
  return wrong === undefined ? null : `"${wrong}" is not a HubSpot record id`;
}

const ESCAPES: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };
/** A task's body is HTML. */
const html = (text: string): string => text.replace(/[&<>"]/g, (c) => ESCAPES[c] ?? c).replace(/\r?\n/g, '<br>');
