import type { App } from '../../app.ts';
import type { FieldValue } from '../../contract/index.ts';
import { counted } from '../../core/format.ts';
import { oneLine } from '../../core/text.ts';
import { loadPeople } from '../../pipeline/people.ts';
import type { FieldsPayload, StoredIntent, TaskPayload } from '../../store/types.ts';
import type { CommandContext } from '../context.ts';
import { fieldText } from '../field-text.ts';
import { findAccount, storedPlan } from '../find.ts';
import { dateText, pad, timeText, width } from '../format.ts';
import type { Io } from '../io.ts';

/** `plan show N`: every old → new and every task, by the names that people know. */
export async function planShow(
  context: CommandContext,
  options: { account?: string },
  [number = '']: string[],
): Promise<undefined> {
  const { io } = context;
  const app = await context.open();
  const head = await storedPlan(app, number);
  const only = options.account ? await findAccount(app, options.account) : null;
  const counts = await app.store.planCounts(head.number);
  const total = (type: 'fields' | 'task') => Object.values(counts[type]).reduce((sum, n) => sum + (n ?? 0), 0);
  const { timezone } = app.config;
  io.say(
    `Plan ${head.number} (${head.status}), as of ${timeText(head.asOf, timezone)} (${timezone}): ${counted(total('fields'), 'account')} to write, ${counted(total('task'), 'manager task')}`,
  );
  if (head.summary.held) io.say(`Held: ${String(head.summary.held)}`);
  const words = io.json ? null : await wordsOf(app, head.asOf);
  const intents: StoredIntent[] = [];
  for (const type of ['fields', 'task'] as const)
    for await (const chunk of app.store.intents(head.number, type))
      for (const intent of chunk) {
        if (only && intent.account !== only.account) continue;
        if (words) sayIntent(io, words, intent);
        else intents.push(intent);
      }
  io.result({ ok: true, plan: head, counts, intents });
  return undefined;
}

/** What ids and field names are called. */
interface Words {
  account(id: string): string;
  person(id: string): string;
  label(field: string): string;
  value(field: string, value: FieldValue | undefined): string;
  labelWidth: number;
}

async function wordsOf(app: App, asOf: number): Promise<Words> {
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

function sayIntent(io: Io, words: Words, intent: StoredIntent): void {
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
