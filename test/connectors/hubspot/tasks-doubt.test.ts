import nock from 'nock';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { taskKeyProperty } from '../../../connectors/hubspot/definitions.ts';
import { portalOf } from '../../../connectors/hubspot/portal.ts';
import { tasksByKey } from '../../../connectors/hubspot/task-lookup.ts';
import { raiseTasks } from '../../../connectors/hubspot/tasks.ts';
import { ConnectorError, type TaskIntent } from '../../../src/contract/index.ts';
import { collect, collectUntilError, HOST, makeCtx, refusal, shownProperty, stream } from './support.ts';

const OBJECTS = '/crm/objects/2026-03';
const LINKS = '/crm/associations/2026-03/companies/tasks/batch/read';
const noPause = async (): Promise<void> => {};
const intent = (n: number): TaskIntent => ({
  id: `t${n}`,
  key: `42-${n}-low-h20270514`,
  account: String(1000 + n),
  ownerId: '101',
  subject: 'Renewal at risk',
  body: '',
  dueOn: '2026-12-01',
  priority: 'high',
});
const some = (count: number): TaskIntent[] => Array.from({ length: count }, (_, n) => intent(n));
const problem = (category: string, context: object = {}) => ({ status: 'error', category, message: 'said', context });
const nothing = { results: [] };
const noLinks = {
  results: [],
  errors: [{ ...problem('OBJECT_NOT_FOUND'), subCategory: 'crm.associations.NO_ASSOCIATIONS_FOUND' }],
};

beforeAll(() => nock.disableNetConnect());
afterEach(() => {
  nock.cleanAll();
});

function mine(unique: boolean) {
  const { ctx } = makeCtx();
  const portal = portalOf(ctx);
  const key = { ...taskKeyProperty(portal.mapping), hasUniqueValue: unique };
  nock(HOST)
    .get('/crm/properties/2026-03/tasks')
    .reply(200, { results: [shownProperty(key)] });
  nock(HOST).persist().get('/crm/properties/2026-03/companies').reply(200, nothing);
  return portal;
}
const raise = (unique: boolean, list: TaskIntent[]) => raiseTasks(mine(unique), stream(list), noPause);

interface Sent {
  objectWriteTraceId: string;
}
/** Answers every creation, and counts them. */
function creations(answer: (inputs: Sent[]) => [number, object]): { count: number } {
  const seen = { count: 0 };
  nock(HOST)
    .persist()
    .post(`${OBJECTS}/tasks/batch/create`)
    .reply(async (request: Request) => {
      seen.count += 1;
      return answer(((await request.json()) as { inputs: Sent[] }).inputs);
    });
  return seen;
}

describe('where nothing is found', () => {
  beforeEach(() => {
    nock(HOST).persist().post(LINKS).reply(207, noLinks);
    nock(HOST).persist().post(`${OBJECTS}/companies/batch/read`).reply(200, nothing);
    nock(HOST).persist().post(`${OBJECTS}/tasks/batch/read`).query(true).reply(200, nothing);
  });
  /** The answer is lost once; then tasks are made. */
  const lostOnce = (lose: (create: nock.Interceptor) => nock.Scope) => {
    lose(nock(HOST).post(`${OBJECTS}/tasks/batch/create`));
    return nock(HOST)
      .post(`${OBJECTS}/tasks/batch/create`)
      .reply(201, { results: [{ id: '700', objectWriteTraceId: 't0' }] });
  };
  const silence = (create: nock.Interceptor) =>
    create.replyWithError(Object.assign(new Error('reset'), { code: 'ECONNRESET' }));

  it.each([
    ['silence', silence],
    ['a gateway that would not wait', (create: nock.Interceptor) => create.reply(504, 'gateway timeout')],
  ] as const)(
    'a key that is not unique is not sent again after %s: the call may be carried out yet',
    async (_, lose) => {
      const second = lostOnce(lose);
      expect(await collect(raise(false, some(1)))).toMatchObject([{ intent: 't0', result: 'retry' }]);
      expect(second.isDone()).toBe(false);
    },
  );

  it('a key that is not unique is sent again after a call that has ended', async () => {
    const second = lostOnce((create) => create.reply(500, problem('INTERNAL_ERROR')));
    expect(await collect(raise(false, some(1)))).toMatchObject([{ intent: 't0', result: 'written', recordId: '700' }]);
    expect(second.isDone()).toBe(true);
  });

  it('a unique key is sent again after silence: the portal refuses a second task', async () => {
    const second = lostOnce(silence);
    expect(await collect(raise(true, some(1)))).toMatchObject([{ intent: 't0', result: 'written', recordId: '700' }]);
    expect(second.isDone()).toBe(true);
  });

  it('one bad task does not keep the others from being made, where a portal knows no trace ids', async () => {
    const seen = creations((inputs) =>
      inputs.some((input) => input.objectWriteTraceId === 't3')
        ? [400, problem('VALIDATION_ERROR')]
        : [201, { results: inputs.map((input) => ({ ...input, id: `7${input.objectWriteTraceId.slice(1)}` })) }],
    );
    const outcomes = await collect(raise(true, some(20)));
    expect(outcomes.filter((o) => o.result === 'written')).toHaveLength(19);
    expect(outcomes.filter((o) => o.result === 'rejected').map((o) => o.intent)).toEqual(['t3']);
    expect(seen.count).toBeLessThan(12);
  });

  it('a portal that refuses every task is not asked for each of them', async () => {
    const seen = creations(() => [400, problem('VALIDATION_ERROR')]);
    const outcomes = await collect(raise(true, some(250)));
    expect(outcomes).toHaveLength(250);
    expect(new Set(outcomes.map((o) => o.result))).toEqual(new Set(['rejected']));
    expect(seen.count).toBeLessThan(60);
  });
});

describe('a look-up that tells a part only', () => {
  const broken = { results: [], errors: [problem('INTERNAL_ERROR', { ids: ['701'] })] };
  const linked = (n: number) => ({
    from: { id: String(1000 + n) },
    to: [{ toObjectId: 701, associationTypes: [{ category: 'HUBSPOT_DEFINED', typeId: 191, label: null }] }],
  });

  it.each([true, false])('is no proof that there is no task (unique keys: %s)', async (unique) => {
    nock(HOST)
      .post(LINKS)
      .reply(200, { results: [linked(0)] });
    nock(HOST).persist().post(`${OBJECTS}/tasks/batch/read`).query(true).reply(207, broken);
    const create = nock(HOST).post(`${OBJECTS}/tasks/batch/create`).reply(201, nothing);
    const { got, error } = await collectUntilError(raise(unique, some(1)));
    expect(got).toMatchObject([{ intent: 't0', result: 'retry' }]);
    expect(error).toBeInstanceOf(ConnectorError);
    expect(create.isDone()).toBe(false);
  });

  it('is told as what it is, associations too', async () => {
    nock(HOST).post(LINKS).reply(207, broken);
    expect(await refusal(tasksByKey(mine(false), [intent(0)]))).toMatchObject({ code: 'INTERNAL_ERROR' });
  });

  it('asks once for a task of two companies', async () => {
    nock(HOST)
      .post(LINKS)
      .reply(200, { results: [linked(0), linked(1)] });
    nock(HOST)
      .post(`${OBJECTS}/tasks/batch/read`, {
        inputs: [{ id: '701' }],
        properties: ['chs_health_task_key'],
        propertiesWithHistory: [],
      })
      .reply(200, {
        results: [
          {
            id: '701',
            properties: { chs_health_task_key: intent(1).key },
            createdAt: '2026-11-25T09:00:00Z',
            updatedAt: '2026-11-25T09:00:00Z',
          },
        ],
      });
    nock(HOST).post(`${OBJECTS}/companies/batch/read`).reply(200, nothing);
    expect(await tasksByKey(mine(false), some(2))).toEqual(new Map([[intent(1).key, '701']]));
  });
});
