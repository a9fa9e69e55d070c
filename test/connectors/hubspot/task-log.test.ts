import { afterEach, describe, expect, it } from 'vitest';
import { companyId, ownerIds } from '../../../connectors/hubspot/sandbox/keys.ts';
import { applyPlan, planSetup } from '../../../connectors/hubspot/setup.ts';
import { readLog, writeLog } from '../../../connectors/hubspot/task-log.ts';
import { raiseTasks } from '../../../connectors/hubspot/tasks.ts';
import type { TaskIntent } from '../../../src/contract/index.ts';
import { Served } from './served.ts';
import { collect, stream } from './support.ts';

let served: Served | undefined;
afterEach(async () => {
  await served?.close();
  served = undefined;
});

describe('the log of a company', () => {
  it('keeps the earlier tasks when another is raised: none of them comes back, whichever a person deletes', async () => {
    const portal = await Served.start({ uniqueTasks: 'refused' });
    served = portal;
    await collect(applyPlan(portal.portal(), await planSetup(portal.portal())));
    const active = portal.world.users.find((user) => user.active)?.key ?? '';
    const task = (n: number): TaskIntent => ({
      id: `t${n}`,
      key: `42-${n}-low-h20270514`,
      account: companyId(0),
      ownerId: ownerIds(portal.world).get(active) ?? '',
      subject: `Renewal at risk ${n}`,
      body: '',
      dueOn: '2026-12-01',
      priority: 'high',
    });
    const raise = (...list: TaskIntent[]) => collect(raiseTasks(portal.portal(), stream(list), async () => {}));
    const raised = [...(await raise(task(1))), ...(await raise(task(2), task(3)))];
    expect(raised.map((o) => o.created)).toEqual([true, true, true]);
    for (const { recordId } of raised) await portal.api('DELETE', `tasks/${recordId}`);
    const again = await raise(task(1), task(2), task(3));
    expect(again.map((o) => [o.result, o.recordId])).toEqual(raised.map((o) => ['unchanged', o.recordId]));
  });

  it('reads what it writes, keeps the newest, and passes over what people spoiled', () => {
    const log = new Map(Array.from({ length: 50 }, (_, n) => [`k${n}`, String(n)] as const));
    const read = readLog(writeLog(log));
    expect(read.size).toBe(40);
    expect([...read][0]).toEqual(['k10', '10']);
    expect(readLog('k1 5\nplease keep this\n\nk2 six\r\nk3 7')).toEqual(
      new Map([
        ['k1', '5'],
        ['k3', '7'],
      ]),
    );
    expect(readLog(null).size).toBe(0);
  });
});
