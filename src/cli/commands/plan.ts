import { InputError } from '../../contract/index.ts';
import { withRun } from '../../pipeline/run.ts';
import { applyPlan, makePlan } from '../../pipeline/sync.ts';
import type { PlanHead, StoredIntent } from '../../store/types.ts';
import { wholeNumber } from '../arguments.ts';
import type { CommandContext } from '../context.ts';
import { EXIT, type Io } from '../io.ts';
import { sayPortfolio } from '../portfolio.ts';

/** `plan`: scores and decides from what has been pulled, stores the plan and shows its head. */
export async function plan({ io, open }: CommandContext): Promise<number> {
  const app = await open();
  app.crm(); // a plan without a CRM to write to would be nobody's
  return withRun(app, 'plan', async () => {
    const made = await makePlan(app);
    sayPortfolio(io, made.score);
    io.say();
    const { decided } = made;
    io.say(
      `Plan ${made.plan.number}: ${decided.fields} accounts to write, ${decided.tasks} manager tasks, about ${decided.calls} calls.`,
    );
    if (decided.tasksWaiting) io.say(`${decided.tasksWaiting} manager tasks wait: ${decided.tasksWhy}`);
    for (const note of decided.notes) io.say(note);
    if (made.plan.status === 'held') io.say(`Held: ${String(made.plan.summary.held)}`);
    io.say(
      `See it with \`npx pulseback plan show ${made.plan.number}\`, carry it out with \`npx pulseback apply ${made.plan.number} --yes\`.`,
    );
    const result = { ok: true, plan: made.plan, decided, score: made.score };
    io.result(result);
    return {
      summary: { plan: made.plan.number },
      value: made.plan.status === 'held' ? EXIT.held : EXIT.done,
      ok: true,
    };
  });
}

async function storedPlan(context: CommandContext, text: string): Promise<PlanHead> {
  const app = await context.open();
  const number = wholeNumber('plan number', text, 1);
  const found = await app.store.plan(number);
  if (found) return found;
  const known = (await app.store.plans(5)).map((p) => `${p.number} (${p.status})`);
  throw new InputError(`there is no plan ${number}`, {
    hint: known.length ? `The latest are ${known.join(', ')}.` : 'Run `npx pulseback plan` to make one.',
  });
}

/** `plan show N`: every old → new and every task. */
export async function planShow(
  context: CommandContext,
  options: { account?: string },
  [number = '']: string[],
): Promise<undefined> {
  const { io } = context;
  const app = await context.open();
  const head = await storedPlan(context, number);
  const only = options.account ? await findAccount(app, options.account) : null;
  const intents: StoredIntent[] = [];
  io.say(`Plan ${head.number}, ${head.status}, as of ${new Date(head.asOf).toISOString()}`);
  if (head.summary.held) io.say(`Held: ${String(head.summary.held)}`);
  for (const type of ['fields', 'task'] as const)
    for await (const chunk of app.store.intents(head.number, type))
      for (const intent of chunk) {
        if (only && intent.account !== only.account) continue;
        sayIntent(io, intent);
        if (io.json) intents.push(intent);
      }
  io.result({ ok: true, plan: head, counts: await app.store.planCounts(head.number), intents });
  return undefined;
}

function sayIntent(io: Io, intent: StoredIntent): void {
  const state = intent.status === 'planned' ? '' : ` [${intent.status}${intent.reason ? `: ${intent.reason}` : ''}]`;
  if (intent.payload.type === 'task') {
    io.say(
      `${intent.account}  task for ${intent.payload.ownerId}, due ${intent.payload.dueOn}: ${intent.payload.subject}${state}`,
    );
    return;
  }
  io.say(`${intent.account}${state}`);
  for (const [field, change] of Object.entries(intent.payload.changes))
    io.say(`    ${field}: ${shown(change.from)} → ${shown(change.to)}`);
}
const shown = (value: unknown): string =>
  value === null || value === undefined || value === '' ? '(empty)' : String(value).replaceAll('\n', ' / ');

/** An account named by id or by name. @throws InputError where none or several fit. */
export async function findAccount(
  app: Awaited<ReturnType<CommandContext['open']>>,
  text: string,
): Promise<{ account: string; name: string }> {
  const found = await app.store.findAccounts(app.primary.name, text, 6);
  const [first] = found;
  if (!first)
    throw new InputError(`no account is called "${text}"`, {
      hint: 'Give its id, its name or the beginning of its name; only pulled accounts are known.',
    });
  if (found.length > 1)
    throw new InputError(`"${text}" fits ${found.length > 5 ? 'more than 5' : found.length} accounts`, {
      problems: found.slice(0, 5).map((a) => `${a.account}  ${a.name}`),
      hint: 'Give the id.',
    });
  return first;
}

/** `apply N`: carries out a stored plan, also one that a crash cut off. */
export async function apply(
  context: CommandContext,
  options: { yes?: boolean; release?: boolean },
  [number = '']: string[],
): Promise<number> {
  const { io } = context;
  const app = await context.open();
  const head = await storedPlan(context, number);
  if (!options.yes && !app.config.write.enabled)
    throw new InputError('writing is off', {
      hint: `Set \`write.enabled: true\` in ${app.config.path}, or say \`npx pulseback apply ${head.number} --yes\` for this once.`,
    });
  if (head.status === 'applied') {
    io.say(`Plan ${head.number} has been applied already; nothing was done.`);
    io.result({ ok: true, plan: head.number, written: 0, rejected: 0, tasks: 0, writeCalls: 0 });
    return EXIT.done;
  }
  return withRun(app, 'apply', async () => {
    const done = await applyPlan(app, head, options.release === true);
    io.say(
      `Written: ${done.written} accounts in ${done.writeCalls} calls; ${done.tasks} tasks created, ${done.tasksFound} found; ${done.rejected} rejected, ${done.retry} left.`,
    );
    for (const r of done.rejections.slice(0, 5))
      io.note(`  rejected ×${r.count}: ${r.reason} (for example ${r.example})`);
    if (done.retry) io.note(`  → run \`npx pulseback apply ${head.number} --yes\` again for the rest`);
    const result = { ok: done.retry === 0, ...done, calls: app.calls.summary() };
    io.result(result);
    return { summary: result, value: done.retry ? EXIT.failed : EXIT.done, ok: done.retry === 0 };
  });
}
