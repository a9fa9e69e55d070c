import type { Crm, FieldsIntent, Log, Outcome, TaskIntent } from '../contract/index.ts';
import { letHeapsGrow } from '../kit/heaps.ts';
import type { IntentStatus, PlanHead, StoredIntent, WorkspaceStore } from '../store/types.ts';
import type { CallCounter } from './calls.ts';
import type { Progress } from './progress.ts';

export interface WriteBackDeps {
  store: WorkspaceStore;
  crm: Crm;
  calls: CallCounter;
  log: Log;
  progress: Progress;
  now: () => number;
  signal: AbortSignal;
}

export interface WriteBackSummary {
  plan: number;
  written: number;
  unchanged: number;
  rejected: number;
  /** Left for the next run: the vendor asked to wait. */
  retry: number;
  /** Tasks that were created; `tasksFound` existed already. */
  tasks: number;
  tasksFound: number;
  /** Calls that wrote account fields. */
  writeCalls: number;
  taskCalls: number;
  /** From the first field write to its last outcome. */
  fieldsSeconds: number;
  /** The vendor's words and how many records they hit, most frequent first. */
  rejections: { reason: string; count: number; example: string }[];
}

/** Statuses that a crash or a `retry` leaves behind: sending these again is safe (fields are set, tasks have a key). */
const OPEN: IntentStatus[] = ['planned', 'sent', 'retry'];
/** Outcomes per transaction: one call's answer, unless calls are large. */
const MOST_OUTCOMES = 200;

/**
 * Carries out a stored plan: fields first, tasks after them (inserting a task locks its account). Every intent is marked sent
 * before its call leaves and gets exactly one outcome; what a crash cut off is sent again by the next apply.
 */
export async function writeBack(deps: WriteBackDeps, plan: PlanHead): Promise<WriteBackSummary> {
  const summary: WriteBackSummary = {
    plan: plan.number,
    written: 0,
    unchanged: 0,
    rejected: 0,
    retry: 0,
    tasks: 0,
    tasksFound: 0,
    writeCalls: 0,
    taskCalls: 0,
    fieldsSeconds: 0,
    rejections: [],
  };
  const rejections = new Map<string, { count: number; example: string }>();
  const count = (outcome: Outcome, account: string): void => {
    if (outcome.result !== 'rejected') return;
    summary.rejected += 1;
    const entry = rejections.get(outcome.reason ?? '') ?? { count: 0, example: account };
    entry.count += 1;
    rejections.set(outcome.reason ?? '', entry);
  };
  await deps.store.setPlan(plan.number, 'applying');
  const counts = await deps.store.planCounts(plan.number);

  const startedAt = performance.now();
  const before = deps.calls.total('write');
  await run(
    deps,
    plan.number,
    'fields',
    openCount(counts.fields),
    asFields,
    (stream) => deps.crm.write(stream),
    (outcome, account) => {
      if (outcome.result === 'written') summary.written += 1;
      else if (outcome.result === 'unchanged') summary.unchanged += 1;
      else if (outcome.result === 'retry') summary.retry += 1;
      count(outcome, account);
    },
  );
  summary.fieldsSeconds = Math.round(performance.now() - startedAt) / 1000;
  const between = deps.calls.total('write');
  summary.writeCalls = between - before;
  await run(
    deps,
    plan.number,
    'task',
    openCount(counts.task),
    asTask,
    (stream) => deps.crm.tasks(stream),
    (outcome, account) => {
      if (outcome.created) summary.tasks += 1;
      else if (outcome.result === 'written' || outcome.result === 'unchanged') summary.tasksFound += 1;
      else if (outcome.result === 'retry') summary.retry += 1;
      count(outcome, account);
    },
  );
  summary.taskCalls = deps.calls.total('write') - between;
  summary.rejections = [...rejections].map(([reason, r]) => ({ reason, ...r })).sort((a, b) => b.count - a.count);
  await deps.store.setPlan(plan.number, summary.retry ? 'applying' : 'applied');
  return summary;
}

/** Feeds intents to the CRM and stores outcomes in batches; memory stays flat whatever the plan's size. */
async function run<I extends FieldsIntent | TaskIntent>(
  deps: WriteBackDeps,
  plan: number,
  type: 'fields' | 'task',
  total: number,
  convert: (intent: StoredIntent) => I,
  send: (stream: AsyncIterable<I>) => AsyncIterable<Outcome>,
  observe: (outcome: Outcome, account: string) => void,
): Promise<void> {
  if (!total) return;
  const waiting = new Map<string, I>();
  const stream = async function* (): AsyncIterable<I> {
    for await (const chunk of deps.store.intents(plan, type, OPEN)) {
      if (deps.signal.aborted) return; // what is under way ends and is recorded; the rest stays planned
      const intents = chunk.splice(0).map(convert); // all else that a plan says of them need not be kept while they wait
      await deps.store.markSent(
        intents.map((intent) => intent.id),
        deps.now(),
      );
      for (const intent of intents) {
        waiting.set(intent.id, intent);
        yield intent;
      }
    }
  };
  // In a small heap every tenth call waits for a full collection, which takes as long as ten calls.
  const keepSmall = letHeapsGrow();
  const bar = deps.progress.start(type === 'fields' ? 'write account fields' : 'raise manager tasks');
  const batch = Math.min(MOST_OUTCOMES, deps.crm.writeBatch);
  let done = 0;
  let outcomes: Outcome[] = [];
  const sent = new Map<string, FieldsIntent['values']>();
  const flush = async () => {
    await deps.store.recordOutcomes(outcomes, deps.now(), sent);
    done += outcomes.length;
    bar.update(done, total);
    outcomes = [];
    sent.clear();
  };
  try {
    for await (const outcome of send(stream())) {
      const intent = waiting.get(outcome.intent);
      if (intent === undefined) throw new Error(`outcome for intent ${outcome.intent}, which is not under way`);
      waiting.delete(outcome.intent);
      observe(outcome, intent.account);
      if ('values' in intent) sent.set(intent.id, intent.values);
      outcomes.push(outcome);
      if (outcomes.length >= batch) await flush();
    }
  } finally {
    keepSmall();
    await flush(); // what the vendor confirmed before a failure is known
  }
  deps.signal.throwIfAborted();
  if (waiting.size) throw new Error(`${waiting.size} intents got no outcome; they are still open in plan ${plan}`);
  bar.done(`${done} records`);
}

function asFields(intent: StoredIntent): FieldsIntent {
  if (intent.payload.type !== 'fields') throw new Error(`intent ${intent.id} is not a field change`);
  const { changes } = intent.payload;
  const values: FieldsIntent['values'] = {};
  for (const name in changes) values[name] = changes[name]?.to ?? null;
  return { id: intent.id, account: intent.account, values };
}

function asTask(intent: StoredIntent): TaskIntent {
  if (intent.payload.type !== 'task') throw new Error(`intent ${intent.id} is not a task`);
  const { key, ownerId, subject, body, dueOn, priority } = intent.payload;
  return { id: intent.id, account: intent.account, key, ownerId, subject, body, dueOn, priority };
}

const openCount = (counts: Partial<Record<IntentStatus, number>>): number =>
  OPEN.reduce((sum, status) => sum + (counts[status] ?? 0), 0);
