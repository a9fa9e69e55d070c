import { counted } from '../../core/format.ts';
import type { StoredIntent } from '../../store/types.ts';
import type { CommandContext } from '../context.ts';
import { findAccount, storedPlan } from '../find.ts';
import { timeText } from '../format.ts';
import { sayIntent, wordsOf } from '../plan-text.ts';

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
