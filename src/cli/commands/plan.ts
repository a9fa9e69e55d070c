import { InputError } from '../../contract/index.ts';
import { unwritten } from '../../pipeline/result.ts';
import { withRun } from '../../pipeline/run.ts';
import { applyPlan, makePlan } from '../../pipeline/sync.ts';
import type { CommandContext } from '../context.ts';
import { storedPlan } from '../find.ts';
import { EXIT } from '../io.ts';
import { sayPortfolio } from '../portfolio.ts';
import { reportUndone, sayDecided, sayHowToApply, sayWritten } from './sync.ts';

/** `plan`: scores and decides from what has been pulled, stores the plan and shows its head. */
export async function plan({ io, open }: CommandContext): Promise<number> {
  const app = await open();
  app.crm(); // a plan without a CRM to write to would be nobody's
  return withRun(app, 'plan', async (app) => {
    const made = await makePlan(app);
    sayPortfolio(io, made.score);
    io.say();
    const { decided } = made;
    sayDecided(io, made.plan, decided);
    if (decided.fields + decided.tasks) sayHowToApply(io, made.plan);
    const result = { ok: true, plan: made.plan, decided, score: made.score };
    io.result(result);
    return {
      summary: { plan: made.plan.number },
      value: made.plan.status === 'held' ? EXIT.held : EXIT.done,
      ok: true,
    };
  });
}

/** `apply N`: carries out a stored plan, also one that a crash cut off. */
export async function apply(
  context: CommandContext,
  options: { yes?: boolean; release?: boolean },
  [number = '']: string[],
): Promise<number> {
  const { io } = context;
  const app = await context.open();
  const head = await storedPlan(app, number);
  if (head.status === 'applied') {
    io.say(`Plan ${head.number} has been applied already; nothing was done.`);
    io.result({ ok: true, plan: head.number, written: 0, rejected: 0, tasks: 0, writeCalls: 0 });
    return EXIT.done;
  }
  if (!options.yes && !app.config.write.enabled)
    throw new InputError('writing is off', {
      hint: `Set \`write.enabled: true\` in ${app.config.path}, or say \`npx pulseback apply ${head.number} --yes\` for this once.`,
    });
  return withRun(app, 'apply', async (app) => {
    const done = await applyPlan(app, head, options.release === true);
    sayWritten(io, done);
    const problem = unwritten(done);
    if (problem) reportUndone(io, problem);
    const ok = problem === null;
    const result = {
      ok,
      ...(ok ? {} : { exit: EXIT.failed, error: problem }),
      ...done,
      calls: app.calls.summary(),
    };
    io.result(result);
    return { summary: result, value: ok ? EXIT.done : EXIT.failed, ok };
  });
}
