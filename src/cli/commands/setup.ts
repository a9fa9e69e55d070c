import type { ProvisionOutcome } from '../../contract/index.ts';
import { bindOrg } from '../../pipeline/org.ts';
import type { CommandContext } from '../context.ts';
import { cut } from '../format.ts';
import { EXIT } from '../io.ts';

/** `setup`: shows what would be created in the CRM; carries it out with --yes (or where writing is on). Never deletes. */
export async function setup({ io, open }: CommandContext, options: { yes?: boolean }): Promise<number> {
  const app = await open();
  const crm = app.crm();
  await bindOrg(app, crm); // fields must not be created in somebody else's org
  const plan = await crm.provision.plan();
  const todo = plan.steps.filter((step) => step.action !== 'keep' && step.action !== 'conflict');
  const conflicts = plan.steps.filter((step) => step.action === 'conflict');
  for (const step of plan.steps.filter((s) => s.action !== 'keep'))
    io.say(cut(`  ${step.action.padEnd(8)} ${step.what}${step.detail ? `: ${step.detail}` : ''}`, 140));
  io.say(
    `${todo.length} to do, ${plan.steps.length - todo.length - conflicts.length} in place, ${conflicts.length} in conflict.`,
  );
  if (conflicts.length)
    io.note('A field in conflict exists and is not ours: rename ours in the CRM mapping file, it is never adopted.');
  const carryOut = todo.length > 0 && (options.yes === true || app.config.write.enabled);
  const outcomes: ProvisionOutcome[] = [];
  if (carryOut) for await (const outcome of crm.provision.apply(plan)) outcomes.push(outcome);
  else if (todo.length) io.say('Nothing was changed. To carry it out: npx pulseback setup --yes');
  const what = new Map(plan.steps.map((step) => [step.id, step.what]));
  const failed = outcomes.filter((o) => !o.ok);
  for (const o of outcomes) if (o.ok && o.reason) io.say(`  – ${what.get(o.step) ?? o.step}: ${o.reason}`);
  for (const o of failed) io.say(`  ✗ ${what.get(o.step) ?? o.step}: ${o.reason ?? 'failed'}`);
  if (carryOut) io.say(`${outcomes.length - failed.length} done, ${failed.length} failed.`);
  io.result({ ok: failed.length === 0 && conflicts.length === 0, steps: plan.steps, applied: carryOut, outcomes });
  return failed.length ? EXIT.failed : conflicts.length ? EXIT.held : EXIT.done;
}
