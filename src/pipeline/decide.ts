import type { FieldSpec } from '../contract/index.ts';
import type { Rates } from '../core/currency.ts';
import { decideFields, type WriteRules } from '../core/decide.ts';
import { counted } from '../core/format.ts';
import type { Playbook } from '../core/playbook.ts';
import { leavers } from '../core/population.ts';
import { type AccountScore, toNumber } from '../core/result.ts';
import { isTaskCandidate, type TaskDecision, type Triggers, taskSteps } from '../core/tasks.ts';
import { joinWithin } from '../core/text.ts';
import { fieldValues } from '../core/writeback-fields.ts';
import { todayIn } from '../kit/dates.ts';
import type { NewIntent, PlanHead, WorkspaceStore } from '../store/types.ts';
import { converter, rateTables } from './currency.ts';
import { inSteps } from './pause.ts';
import { loadPeople } from './people.ts';
import type { Source } from './pull.ts';

/** State of the workspace's tasks: `started` = instant of the command. */
export const TASKS_STATE = 'tasks';
/** State of the workspace's CRM: `org` = the pinned org, `baseline` = when the first plan had been applied. */
export const CRM_STATE = 'crm';

export interface DecideDeps {
  store: WorkspaceStore;
  primary: Source;
  playbook: Playbook;
  triggers: Triggers;
  now: () => number;
  config: {
    timezone: string;
    currency: string;
    rates: Rates;
    crm?: { org?: string | undefined } | undefined;
    tasks: { start: string; fallbackOwner?: string | undefined };
  };
}

export interface DecideSummary {
  /** Accounts with field changes. */
  fields: number;
  tasks: number;
  /** Manager tasks that wait until tasks are started (A6), and why. */
  tasksWaiting: number;
  tasksWhy: string;
  /** Accounts that left the population: our fields are blanked. */
  blanked: number;
  /** Accounts whose band in the CRM would change, where the CRM shows one by the same model. */
  bandChanges: number;
  /** Vendor calls that carrying it out needs, without retries. */
  calls: number;
  notes: string[];
}

/** Compares what should stand in the CRM with what does, and stores the difference as the workspace's next plan. */
export async function decide(
  deps: DecideDeps,
  input: { asOf: number; scored: ReadonlySet<string>; outside: ReadonlySet<string> },
): Promise<{ decided: DecideSummary; plan: PlanHead }> {
  const { store, triggers } = deps;
  const fields = deps.primary.ctx.fields;
  const now = deps.now();
  const summary: DecideSummary = {
    fields: 0,
    tasks: 0,
    tasksWaiting: 0,
    tasksWhy: '',
    blanked: 0,
    bandChanges: 0,
    calls: 0,
    notes: [],
  };
  const candidates: { score: AccountScore }[] = [];
  let taskDecision: TaskDecision | null = null;

  const intents = async function* (): AsyncIterable<NewIntent[]> {
    yield* fieldIntents(deps, {
      ...input,
      now,
      fields,
      summary,
      onScore: (score) => isTaskCandidate(score, triggers.managerTask) && candidates.push({ score }),
    });
    yield await leaverIntents(store, input, fields, summary);
    const started = await tasksStarted(store, deps.config.tasks.start, deps.config.timezone, now);
    const options = {
      rules: triggers.managerTask,
      org: (await store.state(CRM_STATE).get('org')) ?? '',
      today: todayIn(deps.config.timezone, input.asOf),
      now,
      fallbackOwner: deps.config.tasks.fallbackOwner ?? null,
      people: await loadPeople(store, deps.primary.name, input.asOf),
      toReporting: converter(deps.config.currency, await rateTables(deps), todayIn(deps.config.timezone, input.asOf)),
      started: started.now,
    };
    taskDecision = await inSteps(taskSteps(candidates, (await store.knownTasks()).values(), options));
    summary.tasks = taskDecision.intents.length;
    summary.tasksWaiting = taskDecision.heldBack;
    summary.tasksWhy = started.why;
    summary.notes = taskNotes(taskDecision);
    yield taskDecision.intents;
  };
  const head = await store.createPlan(input.asOf, now, intents(), {});
  const batch = deps.primary.connector.crm?.(deps.primary.ctx).writeBatch ?? 1;
  summary.calls = Math.ceil(summary.fields / batch) + Math.ceil(summary.tasks / batch);
  const plan = { ...head, summary: { ...summary } };
  await store.setPlan(head.number, head.status, plan.summary);
  return { decided: summary, plan };
}

interface FieldsInput {
  asOf: number;
  scored: ReadonlySet<string>;
  now: number;
  fields: FieldSpec[];
  summary: DecideSummary;
  onScore: (score: AccountScore) => void;
}

async function* fieldIntents(deps: DecideDeps, input: FieldsInput): AsyncIterable<NewIntent[]> {
  const lastWrites = await deps.store.lastWrites();
  const rules: WriteRules = { fields: input.fields };
  for await (const rows of deps.store.latestScores(input.asOf)) {
    const current = rows.map((row) => row.score).filter((score) => input.scored.has(score.account));
    const held = await heldOf(
      deps.store,
      current.map((score) => score.account),
    );
    const chunk: NewIntent[] = [];
    for (const score of current) {
      input.onScore(score);
      const desired = fieldValues(score, input.fields, deps.playbook.actions);
      const payload = decideFields({
        account: score.account,
        desired,
        exactScore: score.points === null ? null : toNumber(score.points),
        held: held.get(score.account) ?? null,
        lastWrittenAt: lastWrites.get(score.account) ?? null,
        now: input.now,
        rules,
      });
      if (!payload) continue;
      input.summary.fields += 1;
      const band = payload.changes.band;
      if (band?.from && held.get(score.account)?.modelVersion === desired.modelVersion) input.summary.bandChanges += 1;
      chunk.push({ account: score.account, payload });
    }
    yield chunk;
  }
}

/** P5: accounts that are no longer customers hold our values until these are blanked, once. */
async function leaverIntents(
  store: WorkspaceStore,
  input: { outside: ReadonlySet<string> },
  fields: FieldSpec[],
  summary: DecideSummary,
): Promise<NewIntent[]> {
  const intents: NewIntent[] = [];
  for await (const chunk of store.held())
    for (const left of leavers(
      chunk.filter((h) => input.outside.has(h.account)),
      new Set(),
      fields,
    )) {
      const values = chunk.find((h) => h.account === left.account)?.values ?? {};
      const changes = Object.fromEntries(
        Object.keys(left.values).map((name) => [name, { from: values[name] ?? null, to: null }]),
      );
      intents.push({
        account: left.account,
        payload: { type: 'fields', changes, why: 'no longer a customer by the population rule' },
      });
    }
  summary.blanked = intents.length;
  summary.fields += intents.length;
  return intents;
}

async function heldOf(store: WorkspaceStore, accounts: string[]) {
  const held = new Map<string, Record<string, string | number | boolean | null>>();
  for await (const chunk of store.held(accounts)) for (const { account, values } of chunk) held.set(account, values);
  return held;
}

/** Whether manager tasks are raised (A6): never on the first run; then from the command or the configured day on. */
export async function tasksStarted(
  store: WorkspaceStore,
  start: string,
  timezone: string,
  now: number,
): Promise<{ now: boolean; why: string }> {
  if (!(await store.state(CRM_STATE).get('baseline'))) return { now: false, why: 'the first run is a silent baseline' };
  if (await store.state(TASKS_STATE).get('started')) return { now: true, why: 'started by command' };
  if (start === 'manual')
    return { now: false, why: 'they begin with `npx pulseback tasks start`, once you have looked at the book' };
  const today = todayIn(timezone, now);
  return today >= start ? { now: true, why: `started on ${start}` } : { now: false, why: `they begin on ${start}` };
}

function taskNotes(decision: TaskDecision): string[] {
  const { raised, overCap, unresolved, unscored } = decision;
  const notes: string[] = [];
  const have = (n: number) => (n === 1 ? 'has its' : 'have their');
  const qualify = (n: number) => (n === 1 ? 'qualifies' : 'qualify');
  if (raised) notes.push(`${counted(raised, 'account')} ${have(raised)} manager task already.`);
  if (overCap.length)
    notes.push(
      `${counted(overCap.length, 'more account', 'more accounts')} ${qualify(overCap.length)}, beyond the cap per manager; they follow on later days, largest ARR first.`,
    );
  if (unresolved.length)
    notes.push(
      `${counted(unresolved.length, 'account')} ${qualify(unresolved.length)}, but nobody can be given the task: ${joinWithin(
        unresolved.map((t) => t.name),
        ', ',
        120,
      )} (${[...new Set(unresolved.map((t) => t.why))].join('; ')}). Set \`tasks.fallbackOwner\`.`,
    );
  if (unscored.length)
    notes.push(
      `${counted(unscored.length, 'account')} near renewal could not be scored: ${joinWithin(
        unscored.map((t) => t.name),
        ', ',
        120,
      )}.`,
    );
  return notes;
}
