import { ConnectorError, InputError, type Outcome, type TaskIntent } from '../../src/contract/index.ts';
import { type Emit, jitter, type Pause, settleAll } from '../../src/kit/outcomes.ts';
import { batchesOf, inFlight, split } from '../../src/kit/parallel.ts';
import { codesOf, LOCK_ROUNDS, type RowResult, reasonOf, sendCollection } from './collections.ts';
import { isTooMuchAtOnce, isTransientRow } from './errors.ts';
import type { Org } from './org.ts';
import { pages } from './pager.ts';
import { required, str } from './rows.ts';
import { anyOf, isId, select, text } from './soql.ts';

const KEY = /^[A-Za-z0-9_-]{1,80}$/;
/** Characters of keys per look-up: the query travels in the address. */
const LOOKUP_CHARS = 6_000;

/**
 * Creates or finds each manager task by its key, one call at a time, since each insert locks its account. Keys are looked up first,
 * deleted and archived tasks included: what a person edited is not overwritten, what a person deleted is not made again. The rest
 * goes by upsert on the key field, and after a lost answer the keys are read back before anything is sent again.
 * @throws InputError where the key field is missing; ConnectorError where no further call makes sense, after every intent that was
 * taken has its outcome (`retry` where it is open)
 */
export async function* raiseTasks(
  org: Org,
  intents: AsyncIterable<TaskIntent>,
  pause: Pause = jitter,
): AsyncGenerator<Outcome> {
  const run = new TaskRun(org, await checkedTaskObject(org), pause);
  const batches = batchesOf(intents, org.ctx.config.batchSize, (i) => i.key);
  yield* inFlight<TaskIntent[], Outcome>(batches, 1, (batch, emit) =>
    settleAll(batch, emit, (told) => run.batch(batch, told)),
  );
}

/** @returns the priority values that the org's picklist has */
async function checkedTaskObject(org: Org): Promise<ReadonlySet<string>> {
  const task = await org.schema.object('Task');
  const key = task.fields.get(org.mapping.taskKey);
  if (!key || !(key.externalId || key.idLookup))
    throw new InputError(
      `Task.${org.mapping.taskKey} is missing, hidden or no external id, so tasks could be raised twice`,
      { hint: 'Run `npx pulseback setup`, then `npx pulseback check`.' },
    );
  return new Set(task.fields.get('Priority')?.picklistValues.flatMap((p) => (p.active ? [p.value] : [])));
}

class TaskRun {
  readonly #org: Org;
  readonly #priorities: ReadonlySet<string>;
  readonly #pause: Pause;

  constructor(org: Org, priorities: ReadonlySet<string>, pause: Pause) {
    this.#org = org;
    this.#priorities = priorities;
    this.#pause = pause;
  }

  async batch(batch: TaskIntent[], emit: Emit): Promise<void> {
    const sound: TaskIntent[] = [];
    for (const intent of batch) {
      const reason = unsound(intent);
      if (reason === null) sound.push(intent);
      else emit({ intent: intent.id, result: 'rejected', reason });
    }
    await this.#create(await this.#unknown(sound, emit, false), 0, emit);
  }

  /** Those whose key the org does not know; the others get their outcome, `created` as the caller knows it. */
  async #unknown(intents: TaskIntent[], emit: Emit, created: boolean): Promise<TaskIntent[]> {
    const known = await tasksByKey(
      this.#org,
      intents.map((i) => i.key),
    );
    return intents.filter((intent) => {
      const recordId = known.get(intent.key);
      if (recordId) emit({ intent: intent.id, result: created ? 'written' : 'unchanged', recordId, created });
      return recordId === undefined;
    });
  }

  async #create(intents: TaskIntent[], round: number, emit: Emit): Promise<void> {
    if (intents.length === 0) return;
    const results = await this.#send(intents, round, emit);
    if (!results) return;
    const locked: TaskIntent[] = [];
    const heavy: TaskIntent[] = [];
    const duplicates: TaskIntent[] = [];
    const words = new Map<string, string>();
    for (const [i, intent] of intents.entries()) {
      const result = results[i] as RowResult;
      words.set(intent.id, reasonOf(result));
      const codes = codesOf(result);
      if (result.success) emit(success(intent, result));
      else if (codes.includes('DUPLICATE_VALUE')) duplicates.push(intent);
      else if (intents.length > 1 && result.errors.some((e) => isTooMuchAtOnce(e.statusCode, e.message)))
        heavy.push(intent);
      else if (codes.some(isTransientRow)) locked.push(intent);
      else emit({ intent: intent.id, result: 'rejected', reason: reasonOf(result) });
    }
    for (const intent of await this.#unknown(duplicates, emit, false))
      emit({ intent: intent.id, result: 'rejected', reason: words.get(intent.id) ?? 'DUPLICATE_VALUE' });
    for (const part of split(heavy, Math.max(1, Math.floor(intents.length / 2)))) await this.#create(part, round, emit);
    if (locked.length === 0) return;
    if (round >= LOCK_ROUNDS) {
      for (const intent of locked)
        emit({ intent: intent.id, result: 'retry', reason: words.get(intent.id) ?? 'locked' });
      return;
    }
    await this.#pause(round, this.#org.ctx.signal);
    for (const part of split(locked, Math.max(1, Math.ceil(locked.length / 2))))
      await this.#create(part, round + 1, emit);
  }

  /** Results in order; null = the intents have been dealt with in another way. */
  async #send(intents: TaskIntent[], round: number, emit: Emit): Promise<RowResult[] | null> {
    const { client, mapping, ctx } = this.#org;
    try {
      return await sendCollection(client, {
        label: 'collections.upsert',
        method: 'PATCH',
        path: `/Task/${mapping.taskKey}`,
        idempotent: false, // sent again it would overwrite what a person changed meanwhile: read back first
        type: 'Task',
        records: intents.map((i) => this.#record(i)),
      });
    } catch (error) {
      if (!(error instanceof ConnectorError)) throw error;
      if (error.ambiguous && round < LOCK_ROUNDS) {
        ctx.log.warn({ code: error.code }, 'the answer to a task call was lost; reading the keys back');
        await this.#pause(round, ctx.signal);
        await this.#create(await this.#unknown(intents, emit, true), round + 1, emit);
        return null;
      }
      if (error.code !== 'GOVERNOR_LIMIT') throw error;
      if (intents.length === 1)
        for (const intent of intents) emit({ intent: intent.id, result: 'rejected', reason: error.message });
      else for (const part of split(intents, Math.ceil(intents.length / 2))) await this.#create(part, round, emit);
      return null;
    }
  }

  /** Only what a task is born with; Status stays the org's default. */
  #record(intent: TaskIntent): Record<string, unknown> {
    const priority = this.#org.ctx.config.taskObject[intent.priority];
    return {
      [this.#org.mapping.taskKey]: intent.key,
      WhatId: intent.account,
      OwnerId: intent.ownerId,
      Subject: intent.subject,
      Description: intent.body,
      ActivityDate: intent.dueOn,
      ...(this.#priorities.has(priority) ? { Priority: priority } : {}),
    };
  }
}

function unsound(intent: TaskIntent): string | null {
  if (!KEY.test(intent.key))
    return `the task key "${intent.key.slice(0, 80)}" must be 1–80 letters, digits, "_" or "-"`;
  const wrong = [intent.account, intent.ownerId].find((id) => !isId(id));
  return wrong === undefined ? null : `"${wrong}" is not a Salesforce record id`;
}

/** Task id by key; tasks in the recycle bin and archived ones too. */
export async function tasksByKey(org: Org, keys: string[]): Promise<Map<string, string>> {
  const field = org.mapping.taskKey;
  const found = new Map<string, string>();
  const longest = Math.max(1, ...keys.map((key) => key.length + 3));
  for (const part of split(keys, Math.max(1, Math.floor(LOOKUP_CHARS / longest)))) {
    const soql = select({ fields: ['Id', field, 'IsDeleted'], from: 'Task', where: anyOf(field, part.map(text)) });
    for await (const page of pages(org.client, { label: 'query.Task', soql: () => soql, all: true }))
      for (const row of page.rows) {
        const key = str(row, field);
        // A living task is named before a deleted one of the same key.
        if (key && (row.IsDeleted !== true || !found.has(key))) found.set(key, required(row, 'Id'));
      }
  }
  return found;
}

/** `created: false` of an upsert whose key was unknown a moment ago: another worker was faster. */
function success(intent: TaskIntent, result: RowResult): Outcome {
  const created = result.created ?? true;
  return {
    intent: intent.id,
    result: created ? 'written' : 'unchanged',
    created,
    ...(result.id ? { recordId: result.id } : {}),
  };
}
