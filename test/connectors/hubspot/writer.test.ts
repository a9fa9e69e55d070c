import nock from 'nock';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { companyProperty } from '../../../connectors/hubspot/definitions.ts';
import { type Portal, portalOf } from '../../../connectors/hubspot/portal.ts';
import { writeFields } from '../../../connectors/hubspot/writer.ts';
import { ConnectorError, type FieldsIntent, InputError } from '../../../src/contract/index.ts';
import { collect, collectUntilError, HOST, makeCtx, shownProperty, stream } from './support.ts';

beforeAll(() => nock.disableNetConnect());
afterEach(() => {
  nock.abortPendingRequests();
  nock.cleanAll();
});

const UPDATE = '/crm/objects/2026-03/companies/batch/update';
interface Sent {
  inputs: { id: string; properties: Record<string, string>; objectWriteTraceId: string }[];
}

function makePortal(config: Record<string, unknown> = {}) {
  const { ctx, calls, waits } = makeCtx(config);
  return { portal: portalOf(ctx), calls, waits };
}
/** The portal lists our properties, `over` changed. */
function describeCompanies(over: Record<string, Record<string, unknown>> = {}): void {
  const { portal } = makePortal();
  const results = portal.ours.map((field) =>
    shownProperty(companyProperty(field, portal.mapping), over[field.name] ?? {}),
  );
  nock(HOST).get('/crm/properties/2026-03/companies').reply(200, { results });
}
const intent = (n: number, values: FieldsIntent['values'] = { score: n }): FieldsIntent => ({
  id: `i${n}`,
  account: String(9_000 + n),
  values,
});
const intents = (count: number): FieldsIntent[] => Array.from({ length: count }, (_, i) => intent(i + 1));
const write = (portal: Portal, list: FieldsIntent[]) => writeFields(portal, stream(list), async () => {});

const fine = ({ id, objectWriteTraceId }: Sent['inputs'][number]) => ({ id, properties: {}, objectWriteTraceId });
const answer = (results: unknown[], errors: unknown[] = []) =>
  errors.length === 0
    ? [200, { status: 'COMPLETE', results }]
    : [207, { status: 'COMPLETE', results, numErrors: errors.length, errors }];
const problem = (category: string, context: Record<string, string[]>, message = 'words') => ({
  status: 'error',
  category,
  message,
  context,
});
const refusal = (status: number, category: string, message = 'words') => [
  status,
  { status: 'error', category, message },
];

/** A portal that answers each batch as told; what was sent is handed back. */
function serve(reply: (sent: Sent, nth: number) => unknown[]): Sent[] {
  const sent: Sent[] = [];
  describeCompanies();
  nock(HOST)
    .persist()
    .post(UPDATE)
    .reply(async (request: Request) => {
      const body = (await request.json()) as Sent;
      sent.push(body);
      return reply(body, sent.length) as [number, Record<string, unknown>];
    });
  return sent;
}
const sizes = (sent: Sent[]): number[] => sent.map((s) => s.inputs.length);

describe('writing fields', () => {
  it('sends one batch with exact path and body: every value a text, an empty one clears', async () => {
    describeCompanies();
    nock(HOST)
      .post(UPDATE, {
        inputs: [
          {
            id: '9001',
            properties: {
              chs_health_score: '71',
              chs_health_band: 'Green',
              chs_health_change_30: '-2.5',
              chs_health_scored_at: '2026-11-25T09:00:00.000Z',
            },
            objectWriteTraceId: 'i1',
          },
          { id: '9002', properties: { chs_health_score: '', chs_health_reasons: '' }, objectWriteTraceId: 'i2' },
        ],
      })
      .reply(200, {
        status: 'COMPLETE',
        results: [
          { id: '9002', properties: {}, objectWriteTraceId: 'i2' },
          { id: '9001', properties: {}, objectWriteTraceId: 'i1' },
        ],
      });
    const outcomes = await collect(
      write(makePortal().portal, [
        intent(1, { score: 71, band: 'Green', change30: -2.5, scoredAt: '2026-11-25T09:00:00.000Z' }),
        intent(2, { score: null, reasons: '' }),
      ]),
    );
    expect(outcomes).toEqual([
      { intent: 'i1', result: 'written' },
      { intent: 'i2', result: 'written' },
    ]);
    expect(nock.isDone()).toBe(true);
  });

  it('takes as few calls as the portal allows, with one outcome for each intent', async () => {
    const sent = serve((s) => answer(s.inputs.map(fine)));
    const outcomes = await collect(write(makePortal().portal, intents(201)));
    expect(sizes(sent).toSorted((a, b) => a - b)).toEqual([1, 100, 100]);
    expect(outcomes.map((o) => o.intent).toSorted()).toEqual(
      intents(201)
        .map((i) => i.id)
        .toSorted(),
    );
    for (const { inputs } of sent) expect(new Set(inputs.map((i) => i.objectWriteTraceId)).size).toBe(inputs.length);
  });

  it('matches results and errors of a 207 to their own intent, in whatever order they come', async () => {
    serve(({ inputs }) =>
      answer(
        inputs
          .filter((i) => !['i2', 'i3'].includes(i.objectWriteTraceId))
          .map(fine)
          .toReversed(),
        [
          problem('VALIDATION_ERROR', { objectWriteTraceId: ['i3'] }, 'required by a rule'),
          problem('OBJECT_NOT_FOUND', { ids: ['9002'] }, 'no such company'),
        ],
      ),
    );
    const outcomes = await collect(write(makePortal().portal, intents(4)));
    expect(outcomes).toEqual([
      { intent: 'i1', result: 'written' },
      { intent: 'i2', result: 'rejected', reason: 'OBJECT_NOT_FOUND: no such company' },
      { intent: 'i3', result: 'rejected', reason: 'VALIDATION_ERROR: required by a rule' },
      { intent: 'i4', result: 'written' },
    ]);
  });

  it('does not take a merged company for the one that it was merged into', async () => {
    serve(({ inputs }) => answer(inputs.map((i) => ({ ...fine(i), id: i.id === '9002' ? '9001' : i.id }))));
    expect(await collect(write(makePortal().portal, intents(2)))).toEqual([
      { intent: 'i1', result: 'written' },
      { intent: 'i2', result: 'rejected', reason: 'record 9002 has been merged into 9001' },
    ]);
  });

  it('asks once more by itself for a company that results without trace ids do not name', async () => {
    const sent = serve(({ inputs }) =>
      answer(inputs.map(({ id }) => ({ id: id === '9002' ? '7777' : id, properties: {} }))),
    );
    expect(await collect(write(makePortal().portal, intents(3)))).toEqual([
      { intent: 'i1', result: 'written' },
      { intent: 'i3', result: 'written' },
      { intent: 'i2', result: 'rejected', reason: 'record 9002 has been merged into 7777' },
    ]);
    expect(sizes(sent)).toEqual([3, 1]);
  });

  it('does not call for nothing, and rejects what is no record id', async () => {
    const sent = serve(() => answer([]));
    const outcomes = await collect(
      write(makePortal().portal, [intent(1, {}), { ...intent(2), account: '001000000000001AAA' }]),
    );
    expect(outcomes).toEqual([
      { intent: 'i1', result: 'unchanged' },
      { intent: 'i2', result: 'rejected', reason: '"001000000000001AAA" is not a HubSpot record id' },
    ]);
    expect(sent).toEqual([]);
  });

  it('never has one company twice in a call', async () => {
    const sent = serve((s) => answer(s.inputs.map(fine)));
    const twice = { ...intent(3), account: intent(1).account };
    expect(await collect(write(makePortal().portal, [intent(1), intent(2), twice]))).toHaveLength(3);
    expect(sizes(sent).toSorted()).toEqual([1, 2]);
  });

  it('is not begun for a property that is missing, read-only or somebody else’s', async () => {
    describeCompanies({ score: { modificationMetadata: { readOnlyValue: true } } });
    const { got, error } = await collectUntilError(write(makePortal().portal, intents(2)));
    expect(got).toEqual([]);
    expect(error).toBeInstanceOf(InputError);
    expect(String(error)).toContain('chs_health_score is missing, of another type or read-only');
  });
});

describe('rows that were in somebody’s way', () => {
  it('are sent again in smaller company, and the rest is not', async () => {
    const sent = serve(({ inputs }, nth) =>
      nth === 1
        ? answer(inputs.slice(3).map(fine), [
            problem('CONFLICT', { objectWriteTraceId: inputs.slice(0, 3).map((i) => i.objectWriteTraceId) }),
          ])
        : answer(inputs.map(fine)),
    );
    const pauses: { round: number; sent: number }[] = [];
    const pause = async (round: number): Promise<void> => void pauses.push({ round, sent: sent.length });
    const outcomes = await collect(writeFields(makePortal().portal, stream(intents(10)), pause));
    expect(sizes(sent)).toEqual([10, 2, 1]);
    expect(pauses).toEqual([{ round: 0, sent: 1 }]); // after the first call, before the next
    expect(outcomes).toHaveLength(10);
    expect(new Set(outcomes.map((o) => o.result))).toEqual(new Set(['written']));
  });

  it('end as retry when they stay so, and so do those that the answer passes over', async () => {
    serve(({ inputs }) =>
      answer(
        [],
        inputs.some((i) => i.objectWriteTraceId === 'i1')
          ? [problem('LOCKED', { objectWriteTraceId: ['i1'] }, 'busy')]
          : [],
      ),
    );
    expect(await collect(write(makePortal().portal, intents(2)))).toEqual(
      expect.arrayContaining([
        { intent: 'i1', result: 'retry', reason: 'LOCKED: busy' },
        { intent: 'i2', result: 'retry', reason: 'the answer names neither a result nor an error' },
      ]),
    );
  });
});

describe('a batch that is refused as a whole', () => {
  it('is halved down to the rows at fault, and no other is rejected', async () => {
    const bad = new Set(['i17', 'i93']);
    const sent = serve(({ inputs }) =>
      inputs.some((i) => bad.has(i.objectWriteTraceId))
        ? refusal(400, 'VALIDATION_ERROR', 'one is wrong')
        : answer(inputs.map(fine)),
    );
    const outcomes = await collect(write(makePortal().portal, intents(100)));
    expect(outcomes).toHaveLength(100);
    expect(outcomes.filter((o) => o.result !== 'written').map((o) => [o.intent, o.result])).toEqual(
      expect.arrayContaining([
        ['i17', 'rejected'],
        ['i93', 'rejected'],
      ]),
    );
    expect(outcomes.filter((o) => o.result === 'written')).toHaveLength(98);
    expect(outcomes.find((o) => o.intent === 'i17')?.reason).toMatch(/400 VALIDATION_ERROR: one is wrong/);
    expect(sent.length).toBeLessThan(30);
  });

  it('rejects no good row although the first rows of a run are all bad', async () => {
    const bad = new Set(intents(12).map((i) => i.id));
    serve(({ inputs }) =>
      inputs.some((i) => bad.has(i.objectWriteTraceId))
        ? refusal(404, 'OBJECT_NOT_FOUND', 'gone')
        : answer(inputs.map(fine)),
    );
    const outcomes = await collect(write(makePortal().portal, intents(40)));
    expect(outcomes.filter((o) => o.result === 'written')).toHaveLength(28);
    expect(outcomes.filter((o) => o.result === 'rejected')).toHaveLength(12);
  });

  it('does not burn the quota where the cause lies in the portal', async () => {
    const sent = serve(() => refusal(400, 'VALIDATION_ERROR', 'nothing may be written'));
    const outcomes = await collect(write(makePortal({ concurrency: 1 }).portal, intents(500)));
    expect(outcomes).toHaveLength(500);
    expect(outcomes.every((o) => o.result === 'rejected' && o.reason?.includes('nothing may be written'))).toBe(true);
    expect(sent.length).toBeLessThan(60);
  });

  it('by an address that does not exist ends the run: no record is to blame', async () => {
    const sent = serve(() => [404, '<html>HTTP ERROR 404</html>']);
    const { got, error } = await collectUntilError(write(makePortal().portal, intents(3)));
    expect(error).toBeInstanceOf(ConnectorError);
    expect(got.map((o) => o.result)).toEqual(['retry', 'retry', 'retry']);
    expect(sent).toHaveLength(1);
  });
});

describe('calls', () => {
  it('that meet a lock wait two seconds at least before they are repeated', async () => {
    const sent = serve(({ inputs }, nth) => (nth === 1 ? refusal(423, 'LOCKED') : answer(inputs.map(fine))));
    const { portal, waits } = makePortal();
    expect((await collect(write(portal, intents(3)))).map((o) => o.result)).toEqual(['written', 'written', 'written']);
    expect(sent).toHaveLength(2);
    expect(Math.max(...waits)).toBeGreaterThanOrEqual(2_000);
  });

  it('are repeated where the answer was lost, since updates are idempotent', async () => {
    const sent = serve(({ inputs }, nth) => (nth === 1 ? [502, '<html>'] : answer(inputs.map(fine))));
    expect((await collect(write(makePortal().portal, intents(2)))).map((o) => o.result)).toEqual([
      'written',
      'written',
    ]);
    expect(sent).toHaveLength(2);
  });

  it.each([
    ['name strangers', [{ id: '1', properties: {}, objectWriteTraceId: 'stranger' }]],
    ['are more than was sent', [9001, 9002, 1].map((id) => ({ id: String(id), properties: {} }))],
  ])('whose results %s are an error, and every intent stays open', async (_, results) => {
    serve(() => answer(results));
    const { got, error } = await collectUntilError(write(makePortal().portal, intents(2)));
    expect(error).toMatchObject({ code: 'RESULT_MISMATCH' });
    expect(got.map((o) => o.result)).toEqual(['retry', 'retry']);
  });

  it('stop where the day is used up, with an outcome for all that was taken', async () => {
    serve(({ inputs }, nth) =>
      nth === 1
        ? answer(inputs.map(fine))
        : [429, { status: 'error', errorType: 'RATE_LIMIT', policyName: 'DAILY', message: 'daily limit' }],
    );
    const { got, error } = await collectUntilError(
      write(makePortal({ concurrency: 1, batchSize: 2 }).portal, intents(10)),
    );
    expect(error).toMatchObject({ action: 'wait', code: 'DAILY' });
    expect(got.map((o) => o.result)).toEqual(['written', 'written', 'retry', 'retry']);
  });

  it('that are given up now and then end no run', async () => {
    serve(({ inputs }) =>
      inputs.some((i) => Number(i.id) % 2 === 0)
        ? [503, { status: 'error', message: 'down' }]
        : answer(inputs.map(fine)),
    );
    const outcomes = await collect(write(makePortal({ concurrency: 1, batchSize: 1 }).portal, intents(10)));
    expect(outcomes.filter((o) => o.result === 'written')).toHaveLength(5);
    expect(outcomes.filter((o) => o.result === 'retry')).toHaveLength(5);
  });

  it('that are given up leave their records for later; three in a row end the run', async () => {
    serve(() => [503, { status: 'error', message: 'down' }]);
    const { got, error } = await collectUntilError(
      write(makePortal({ concurrency: 1, batchSize: 1 }).portal, intents(10)),
    );
    expect(error).toMatchObject({ action: 'retry' });
    expect(got.map((o) => o.result)).toEqual(['retry', 'retry', 'retry']);
  });
});

it.each(['v3', '2026-09'])('writes by the addresses of %s', async (apiVersion) => {
  const at = apiVersion === 'v3' ? ['v3/properties', 'v3/objects'] : ['properties/2026-09', 'objects/2026-09'];
  const { portal } = makePortal({ apiVersion });
  const results = portal.ours.map((field) => shownProperty(companyProperty(field, portal.mapping)));
  nock(HOST).get(`/crm/${at[0]}/companies`).reply(200, { results });
  nock(HOST)
    .post(`/crm/${at[1]}/companies/batch/update`)
    .reply(200, { results: [{ id: '9001', objectWriteTraceId: 'i1' }] });
  expect(await collect(write(portal, intents(1)))).toEqual([{ intent: 'i1', result: 'written' }]);
});
