import type { Crm, Held } from '../../src/contract/index.ts';
import { split } from '../../src/kit/parallel.ts';
import { isId } from './batch.ts';
import { describePortal, quota, recordLink } from './describe.ts';
import { heldValues, readable } from './held.ts';
import { readBatch } from './lists.ts';
import type { Portal } from './portal.ts';
import { valuesOf } from './record.ts';
import { applyPlan, planSetup } from './setup.ts';
import { findTasks } from './task-lookup.ts';
import { raiseTasks } from './tasks.ts';
import { writeFields } from './writer.ts';

/** Companies asked for at once: ten calls. */
const READ_CHUNK = 1_000;

export function crmOf(portal: Portal): Crm {
  return {
    describe: () => describePortal(portal),
    quota: () => quota(portal),
    read: (accounts) => readHeld(portal, accounts),
    write: (intents) => writeFields(portal, intents),
    writeBatch: portal.ctx.config.batchSize,
    tasks: (intents) => raiseTasks(portal, intents),
    findTasks: (tasks) => findTasks(portal, tasks),
    provision: { plan: () => planSetup(portal), apply: (plan) => applyPlan(portal, plan) },
    link: (kind, id) => recordLink(portal, kind, id),
  };
}

/** What the portal holds in our properties now; companies that are gone are left out, merged ones too: their id finds the other. */
async function* readHeld(portal: Portal, accounts: string[]): AsyncGenerator<Held> {
  const ours = readable(portal.ours, await portal.schema.properties('companies'));
  const wanted = { properties: ours.map((field) => field.api), history: [] };
  for (const part of split(accounts.filter(isId), READ_CHUNK)) {
    const asked = new Set(part);
    const { records } = await readBatch(portal, 'companies', part, wanted);
    for (const record of records)
      if (asked.has(record.id)) yield { account: record.id, values: heldValues(ours, valuesOf(record)) };
  }
}
