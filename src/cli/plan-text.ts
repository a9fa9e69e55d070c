import type { App } from '../app.ts';
import type { FieldValue } from '../contract/index.ts';
import { oneLine } from '../core/text.ts';
import { loadPeople } from '../pipeline/people.ts';
import type { FieldsPayload, PlanHead, StoredIntent, TaskPayload } from '../store/types.ts';
import { fieldText } from './field-text.ts';
import { dateText, pad, width } from './format.ts';
import type { Io } from './io.ts';

/** What ids and field names are called. */
export interface Words {
  account(id: string): string;
  person(id: string): string;
  label(field: string): string;
  value(field: string, value: FieldValue | undefined): string;
  labelWidth: number;
}

export async function wordsOf(app: App, asOf: number): Promise<Words> {
  const accounts = new Map<string, string>();
  for await (const rows of app.store.latestScores(asOf))
    for (const { score } of rows) accounts.set(score.account, oneLine(score.name));
  const people = await loadPeople(app.store, app.primary.name, asOf);
  const fields = new Map(app.primary.ctx.fields.map((f) => [f.name, f]));
  const { timezone } = app.config;
  return {
    account: (id) => (accounts.has(id) ? `${accounts.get(id)} (${id})` : id),
    person: (id) => people.get(id)?.name ?? id,
    label: (name) => fields.get(name)?.label ?? name,
    labelWidth: Math.max(...[...fields.values()].map((f) => width(f.label))),
    value: (name, value) => fieldText(fields.get(name)?.type, value, timezone)?.replaceAll('\n', ' / ') ?? '(empty)',
  };
}

/** One account's changes, or its task. */
export function sayIntent(io: Io, words: Words, intent: StoredIntent): void {
  const state = intent.status === 'planned' ? '' : `  [${intent.status}${intent.reason ? `: ${intent.reason}` : ''}]`;
  io.say(`\n${words.account(intent.account)}${state}`);
  if (intent.payload.type === 'task') sayTask(io, words, intent.payload);
  else sayChanges(io, words, intent.payload);
}

function sayTask(io: Io, words: Words, task: TaskPayload): void {
  io.say(`    task for ${words.person(task.ownerId)}, due ${dateText(task.dueOn)}, priority ${task.priority}`);
  io.say(`    ${task.subject}`);
}

function sayChanges(io: Io, words: Words, payload: FieldsPayload): void {
  for (const [field, change] of Object.entries(payload.changes))
    io.say(
      `    ${pad(words.label(field), words.labelWidth)}  ${words.value(field, change.from)} → ${words.value(field, change.to)}`,
    );
}

/** The first changes of a plan, for a look before the whole. */
export async function sayExcerpt(io: Io, app: App, plan: PlanHead, most: number): Promise<void> {
  if (io.json) return;
  const words = await wordsOf(app, plan.asOf);
  let left = most;
  for (const type of ['task', 'fields'] as const)
    for await (const chunk of app.store.intents(plan.number, type))
      for (const intent of chunk) {
        if (left === 0) return io.say(`\n… and more; the whole: \`npx pulseback plan show ${plan.number}\`.`);
        left -= 1;
        sayIntent(io, words, intent);
      }
}
