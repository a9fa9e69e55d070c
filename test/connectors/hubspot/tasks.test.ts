import nock from 'nock';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { taskKeyProperty } from '../../../connectors/hubspot/definitions.ts';
import { type Portal, portalOf } from '../../../connectors/hubspot/portal.ts';
import { companyId, ownerIds } from '../../../connectors/hubspot/sandbox/keys.ts';
import { applyPlan, planSetup } from '../../../connectors/hubspot/setup.ts';
import { findTasks, tasksByKey } from '../../../connectors/hubspot/task-lookup.ts';
import { raiseTasks } from '../../../connectors/hubspot/tasks.ts';
import { InputError, type TaskIntent } from '../../../src/contract/index.ts';
import { Served } from './served.ts';
import { collect, collectUntilError, HOST, makeCtx, shownProperty, stream } from './support.ts';

const intent = (n: number, over: Partial<TaskIntent> = {}): TaskIntent => ({
  id: `t${n}`,
  key: `42-${n}-low-h20270514`,
  account: companyId(n),
  ownerId: '101',
  subject: `Renewal at risk ${n}`,
  body: 'Usage fell <fast> & far\nCall "Priya"',
  dueOn: '2026-12-01',
  priority: 'high',
  ...over,
});
const noPause = async (): Promise<void> => {};
const raise = (portal: Portal, list: TaskIntent[]) => raiseTasks(portal, stream(list), noPause);
const refs = (list: TaskIntent[]) => list.map(({ key, account }) => ({ key, account }));

describe.each(['accepted', 'refused', 'ignored'] as const)('tasks where unique properties are %s', (uniqueTasks) => {
  let served: Served;
  let owner: string;
  beforeEach(async () => {
    served = await Served.start({ customers: 12, uniqueTasks });
    owner = activeOwner(served);
    const portal = served.portal();
    for (const { ok, reason } of await collect(applyPlan(portal, await planSetup(portal))))
      expect(ok, reason).toBe(true);
  });
  afterEach(() => served.close());

  const ours = () => served.sandbox.rows('tasks').filter((row) => row.chs_health_task_key !== undefined);
  const some = (count: number, over: Partial<TaskIntent> = {}): TaskIntent[] =>
    Array.from({ length: count }, (_, n) => intent(n, { ownerId: owner, ...over }));

  it('are created once, with all that they are born with, and found again', async () => {
    const portal = served.portal();
    const first = await collect(raise(portal, some(3)));
    expect(first.map((o) => [o.intent, o.result, o.created])).toEqual([
      ['t0', 'written', true],
      ['t1', 'written', true],
      ['t2', 'written', true],
    ]);
    const [task] = ours();
    expect(task).toMatchObject({
      chs_health_task_key: '42-0-low-h20270514',
      hs_task_subject: 'Renewal at risk 0',
      hs_task_body: 'Usage fell &lt;fast&gt; &amp; far<br>Call &quot;Priya&quot;',
      hs_task_status: 'NOT_STARTED',
      hs_task_priority: 'HIGH',
      hs_task_type: 'TODO',
      hs_timestamp: '2026-12-01T09:00:00Z',
      hubspot_owner_id: owner,
      company: [companyId(0)],
    });
    const again = await collect(raise(served.portal(), some(4)));
    expect(again.map((o) => [o.result, o.created])).toEqual([
      ['unchanged', false],
      ['unchanged', false],
      ['unchanged', false],
      ['written', true],
    ]);
    expect(again.slice(0, 3).map((o) => o.recordId)).toEqual(first.map((o) => o.recordId));
    expect(ours()).toHaveLength(4);
  });

  it('stay as people made them, and are not made again when people delete them', async () => {
    const [kept, gone] = await collect(raise(served.portal(), some(2)));
    await served.api('PATCH', `tasks/${kept?.recordId}`, {
      properties: { hs_task_subject: 'Mine now', hs_task_status: 'COMPLETED' },
    });
    await served.api('DELETE', `tasks/${gone?.recordId}`);
    const again = await collect(raise(served.portal(), some(2)));
    expect(again).toEqual([
      { intent: 't0', result: 'unchanged', created: false, recordId: kept?.recordId },
      { intent: 't1', result: 'unchanged', created: false, recordId: gone?.recordId },
    ]);
    expect(ours().filter((row) => row.archived !== true)).toEqual([
      expect.objectContaining({ hs_task_subject: 'Mine now', hs_task_status: 'COMPLETED' }),
    ]);
    const found = await tasksByKey(served.portal(), refs(some(3)));
    expect([...found.values()]).toEqual([kept?.recordId, gone?.recordId]);
  });

  it.each(['502-after-commit', '504-after-commit', 'reset-after-commit', '503-after-commit', '502-before'])(
    'exist once whatever the edge does: %s',
    async (name) => {
      served.sandbox.faults.add({ name, on: 'tasks.batch.create' });
      const outcomes = await collect(raise(served.portal(), some(3)));
      expect(served.sandbox.faults.fired()[name]).toBe(1);
      expect(outcomes.map((o) => [o.result, o.created])).toEqual(Array(3).fill(['written', true]));
      expect(ours()).toHaveLength(3);
    },
  );

  it('reject what the portal refuses, in its words, and no other', async () => {
    const list = [...some(2), intent(2, { ownerId: '999999' }), intent(3, { ownerId: owner, account: '1' })];
    const outcomes = await collect(raise(served.portal(), list));
    expect(outcomes.filter((o) => o.result === 'written').map((o) => o.intent)).toEqual(['t0', 't1']);
    expect(outcomes.find((o) => o.intent === 't2')).toMatchObject({
      result: 'rejected',
      reason: expect.stringContaining('999999'),
    });
    expect(outcomes.find((o) => o.intent === 't3')).toMatchObject({ result: 'rejected' });
    expect(ours()).toHaveLength(2);
  });

  it('are told as created, and rejected one by one, where batches know no trace ids', async () => {
    served.sandbox.faults.add({ name: 'no-trace-ids' });
    const outcomes = await collect(raise(served.portal(), [...some(4), intent(4, { ownerId: '999999' })]));
    expect(
      outcomes
        .filter((o) => o.created)
        .map((o) => o.intent)
        .toSorted(),
    ).toEqual(['t0', 't1', 't2', 't3']);
    expect(outcomes.filter((o) => o.result === 'rejected').map((o) => o.intent)).toEqual(['t4']);
    expect(ours()).toHaveLength(4);
    for (const { intent: id, recordId } of outcomes.filter((o) => o.created))
      expect(ours().find((row) => row.id === recordId)?.chs_health_task_key).toBe(`42-${id.slice(1)}-low-h20270514`);
  });

  it('are due at nine in the company’s own time zone', async () => {
    const list = [
      intent(0, { ownerId: owner, dueOn: '2026-07-01', priority: 'normal' }),
      intent(1, { ownerId: owner, dueOn: '2026-12-01' }),
    ];
    await collect(raise(served.portal({}, { timezone: 'America/New_York' }), list));
    expect(ours().map((row) => [row.hs_timestamp, row.hs_task_priority])).toEqual([
      ['2026-07-01T13:00:00Z', 'MEDIUM'],
      ['2026-12-01T14:00:00Z', 'HIGH'],
    ]);
  });

  it('stand although the note on the company could not be made', async () => {
    served.sandbox.faults.add({ name: '500-before', on: 'companies.batch.update', times: 50 });
    const outcomes = await collect(raise(served.portal(), some(2)));
    expect(outcomes.map((o) => o.result)).toEqual(['written', 'written']);
  });

  it('are noted on the company by whoever finds them, where the one that raised them died before it could', async () => {
    served.sandbox.faults.add({ name: '500-before', on: 'companies.batch.update', times: 50 });
    const [, gone] = await collect(raise(served.portal(), some(2)));
    served.sandbox.faults.clear();
    const found = await findTasks(served.portal(), refs(some(3)));
    expect(found.size).toBe(2);
    expect(served.calls.filter((label) => label === 'companies.update')).toHaveLength(1);
    await findTasks(served.portal(), refs(some(3)));
    expect(served.calls.filter((label) => label === 'companies.update')).toHaveLength(0); // noted already
    await served.api('DELETE', `tasks/${gone?.recordId}`);
    expect((await collect(raise(served.portal(), some(2)))).map((o) => o.result)).toEqual(['unchanged', 'unchanged']);
  });

  it('cost a call to create a hundred, where keys are unique: the rest are reads and one note', async () => {
    const portal = served.portal();
    await collect(raise(portal, some(5)));
    expect(served.calls.filter((label) => label === 'tasks.create')).toHaveLength(1);
    expect(served.calls.filter((label) => label === 'companies.update')).toHaveLength(1);
  });
});

describe('two workers', () => {
  it('make one task where keys are unique: the slower one finds the other’s', async () => {
    const served = await Served.start({ customers: 6 });
    try {
      const owner = activeOwner(served);
      const portal = served.portal();
      await collect(applyPlan(portal, await planSetup(portal)));
      const list = Array.from({ length: 4 }, (_, n) => intent(n, { ownerId: owner }));
      const both = await Promise.all([
        collect(raise(served.portal(), list)),
        collect(raise(served.portal(), list)),
        collect(raise(served.portal(), list)),
      ]);
      const outcomes = both.flat();
      expect(outcomes.filter((o) => o.created === true)).toHaveLength(4);
      expect(outcomes.filter((o) => o.result === 'unchanged')).toHaveLength(8);
      for (const { key } of list)
        expect(served.sandbox.rows('tasks').filter((row) => row.chs_health_task_key === key)).toHaveLength(1);
    } finally {
      await served.close();
    }
  });
});

describe('task calls', () => {
  beforeAll(() => nock.disableNetConnect());
  afterEach(() => {
    nock.cleanAll();
  });
  const OBJECTS = '/crm/objects/2026-03';
  const key = (n: number) => intent(n).key;
  const mine = (unique = true) => {
    const { ctx, lines } = makeCtx();
    const portal = portalOf(ctx);
    const results = [shownProperty({ ...taskKeyProperty(portal.mapping), hasUniqueValue: unique })];
    nock(HOST).get('/crm/properties/2026-03/tasks').reply(200, { results });
    nock(HOST).persist().get('/crm/properties/2026-03/companies').reply(200, { results: [] });
    return { portal, lines };
  };
  const row = (n: number) => ({
    id: String(700 + n),
    properties: { chs_health_task_key: key(n) },
    createdAt: '2026-11-25T09:00:00Z',
    updatedAt: '2026-11-25T09:00:00Z',
  });
  const lookUp = (archived: boolean, numbers: number[], found: number[]) =>
    nock(HOST)
      .post(`${OBJECTS}/tasks/batch/read`, {
        idProperty: 'chs_health_task_key',
        inputs: numbers.map((n) => ({ id: key(n) })),
        properties: ['chs_health_task_key'],
        propertiesWithHistory: [],
      })
      .query(archived ? { archived: 'true' } : {})
      .reply(200, { status: 'COMPLETE', results: found.map(row) });
  const noLogs = () => nock(HOST).persist().post(`${OBJECTS}/companies/batch/read`).reply(200, { results: [] });

  it('create key and association in one, with exact path and body', async () => {
    const { portal } = mine();
    lookUp(false, [1, 2], [1]);
    lookUp(true, [2], []);
    noLogs();
    nock(HOST)
      .post(`${OBJECTS}/tasks/batch/create`, {
        inputs: [
          {
            properties: {
              chs_health_task_key: key(2),
              hs_timestamp: '2026-12-01T09:00:00.000Z',
              hs_task_subject: 'Renewal at risk 2',
              hs_task_body: 'Usage fell &lt;fast&gt; &amp; far<br>Call &quot;Priya&quot;',
              hs_task_status: 'NOT_STARTED',
              hs_task_priority: 'HIGH',
              hs_task_type: 'TODO',
              hubspot_owner_id: '101',
            },
            associations: [
              {
                to: { id: companyId(2) },
                types: [{ associationCategory: 'HUBSPOT_DEFINED', associationTypeId: 192 }],
              },
            ],
            objectWriteTraceId: 't2',
          },
        ],
      })
      .reply(201, { status: 'COMPLETE', results: [{ ...row(2), objectWriteTraceId: 't2' }] });
    expect(await collect(raise(portal, [intent(1), intent(2)]))).toEqual([
      { intent: 't1', result: 'unchanged', recordId: '701', created: false },
      { intent: 't2', result: 'written', recordId: '702', created: true },
    ]);
  });

  it('find a deleted task by its key where the portal tells it', async () => {
    const { portal } = mine();
    lookUp(false, [1], []);
    lookUp(true, [1], [1]);
    expect(await collect(raise(portal, [intent(1)]))).toEqual([
      { intent: 't1', result: 'unchanged', recordId: '701', created: false },
    ]);
  });

  it('look among the company’s own tasks where the portal does not find by a key that it calls unique', async () => {
    const { portal, lines } = mine();
    nock(HOST)
      .post(`${OBJECTS}/tasks/batch/read`, (body: { idProperty?: string }) => body.idProperty !== undefined)
      .reply(400, { status: 'error', category: 'VALIDATION_ERROR', message: 'no unique property of tasks' });
    nock(HOST)
      .post('/crm/associations/2026-03/companies/tasks/batch/read', { inputs: [{ id: companyId(1) }] })
      .reply(200, {
        results: [
          {
            from: { id: companyId(1) },
            to: [{ toObjectId: 701, associationTypes: [{ category: 'HUBSPOT_DEFINED', typeId: 191, label: null }] }],
          },
        ],
      });
    nock(HOST)
      .post(`${OBJECTS}/tasks/batch/read`, (body: { idProperty?: string }) => body.idProperty === undefined)
      .reply(200, { results: [row(1)] });
    expect(await collect(raise(portal, [intent(1)]))).toEqual([
      { intent: 't1', result: 'unchanged', recordId: '701', created: false },
    ]);
    expect(lines.filter((line) => line.level === 'warn')).toHaveLength(1);
  });

  it('give up on a key that is taken by what nobody can see: it would be so every night', async () => {
    const { portal } = mine();
    nock(HOST).persist().post(`${OBJECTS}/tasks/batch/read`).query(true).reply(200, { results: [] });
    noLogs();
    nock(HOST)
      .persist()
      .post(`${OBJECTS}/tasks/batch/create`)
      .reply(207, {
        results: [],
        numErrors: 1,
        errors: [{ category: 'CONFLICT', message: 'key taken', context: { objectWriteTraceId: ['t1'] } }],
      });
    expect(await collect(raise(portal, [intent(1)]))).toEqual([
      { intent: 't1', result: 'rejected', reason: 'CONFLICT: key taken' },
    ]);
  });

  it('leave every intent that was taken open where the day is used up', async () => {
    const { portal } = mine();
    nock(HOST)
      .post(`${OBJECTS}/tasks/batch/read`)
      .reply(429, { status: 'error', errorType: 'RATE_LIMIT', policyName: 'DAILY', message: 'daily' });
    const { got, error } = await collectUntilError(raise(portal, [intent(1), intent(2)]));
    expect(error).toMatchObject({ action: 'wait' });
    expect(got.map((o) => o.result)).toEqual(['retry', 'retry']);
  });

  it('are not made for what is no key and no record', async () => {
    const { portal } = mine();
    const outcomes = await collect(
      raise(portal, [intent(1, { key: 'a b' }), intent(2, { account: 'x' }), intent(3, { ownerId: '' })]),
    );
    expect(outcomes.map((o) => [o.intent, o.result])).toEqual([
      ['t1', 'rejected'],
      ['t2', 'rejected'],
      ['t3', 'rejected'],
    ]);
  });

  it('are not begun without the key property: a task could be raised twice', async () => {
    const { ctx } = makeCtx();
    nock(HOST).get('/crm/properties/2026-03/tasks').reply(200, { results: [] });
    const { error } = await collectUntilError(raise(portalOf(ctx), [intent(1)]));
    expect(error).toBeInstanceOf(InputError);
  });
});

function activeOwner(served: Served): string {
  const user = served.world.users.find((u) => u.active);
  return ownerIds(served.world).get(user?.key ?? '') ?? '';
}
