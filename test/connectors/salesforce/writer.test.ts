import nock from 'nock';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { crmOf } from '../../../connectors/salesforce/crm.ts';
import type { Org } from '../../../connectors/salesforce/org.ts';
import { writeFields } from '../../../connectors/salesforce/writer.ts';
import { type FieldsIntent, InputError } from '../../../src/contract/index.ts';
import {
  ACCOUNT,
  allowLogin,
  collect,
  collectUntilError,
  DATA,
  describeOf,
  HOST,
  makeOrg,
  sfId,
  stream,
} from './support.ts';

beforeAll(() => nock.disableNetConnect());
afterEach(() => {
  nock.abortPendingRequests();
  nock.cleanAll();
});

const intent = (n: number, values: FieldsIntent['values'] = { score: n }): FieldsIntent => ({
  id: `i${n}`,
  account: sfId('001', n),
  values,
});
const intents = (count: number): FieldsIntent[] => Array.from({ length: count }, (_, i) => intent(i + 1));
const noPause = async (): Promise<void> => {};
const write = (org: Org, list: FieldsIntent[]) => writeFields(org, stream(list), noPause);

interface Sent {
  allOrNone: boolean;
  records: Record<string, unknown>[];
}
const idOf = (record: Record<string, unknown>): string => String(record.id);
const fine = (record: Record<string, unknown>) => ({ id: idOf(record), success: true, errors: [] });
const failed = (statusCode: string, message = 'words') => ({
  success: false,
  errors: [{ statusCode, message, fields: ['Health_Score__c'] }],
});

/** An org that answers each collections call as `answer` says, and records what was sent. */
function serve(answer: (sent: Sent, call: number) => [number, unknown]): Sent[] {
  const sent: Sent[] = [];
  allowLogin();
  describeOf(ACCOUNT);
  nock(HOST)
    .persist()
    .patch(`${DATA}/composite/sobjects`)
    .reply(async (request: Request) => {
      const body = (await request.json()) as Sent;
      sent.push(body);
      return answer(body, sent.length);
    });
  return sent;
}
const sizes = (sent: Sent[]): number[] => sent.map((s) => s.records.length);

describe('writing fields', () => {
  it('sends one collections call with exact path, headers and body', async () => {
    allowLogin();
    describeOf(ACCOUNT);
    nock(HOST, { reqheaders: { 'sforce-auto-assign': 'FALSE', 'sforce-duplicate-rule-header': 'allowSave=true' } })
      .patch(`${DATA}/composite/sobjects`, {
        allOrNone: false,
        records: [
          {
            attributes: { type: 'Account' },
            id: sfId('001', 1),
            Health_Score__c: 71,
            Health_Band__c: 'green',
            Health_Scored_At__c: '2026-11-25T09:00:00.000Z',
          },
          { attributes: { type: 'Account' }, id: sfId('001', 2), Health_Score__c: null, Health_Reasons__c: null },
        ],
      })
      .reply(200, [
        { id: sfId('001', 1), success: true, errors: [] },
        { id: sfId('001', 2), success: true, errors: [] },
      ]);
    const outcomes = await collect(
      write(makeOrg().org, [
        intent(2, { score: null, reasons: '' }),
        intent(1, { score: 71, band: 'green', scoredAt: '2026-11-25T09:00:00.400Z' }),
      ]),
    );
    expect(outcomes).toEqual([
      { intent: 'i1', result: 'written' },
      { intent: 'i2', result: 'written' },
    ]);
    expect(nock.isDone()).toBe(true);
  });

  it('takes as few calls as the org allows, with one outcome for each intent', async () => {
    const sent = serve((s) => [200, s.records.map(fine)]);
    const outcomes = await collect(write(makeOrg().org, intents(501)));
    expect(sizes(sent).sort((a, b) => a - b)).toEqual([101, 200, 200]);
    expect(outcomes.map((o) => o.intent).sort()).toEqual(
      intents(501)
        .map((i) => i.id)
        .sort(),
    );
    expect(new Set(outcomes.map((o) => o.result))).toEqual(new Set(['written']));
  });

  it('matches failures to their own intent and tells the vendor’s words', async () => {
    serve((s) => [
      200,
      s.records.map((r) => (idOf(r) === sfId('001', 3) ? failed('STRING_TOO_LONG', 'too long') : fine(r))),
    ]);
    const outcomes = await collect(
      write(
        makeOrg().org,
        [3, 2, 1].map((n) => intent(n)),
      ),
    );
    expect(outcomes).toEqual(
      expect.arrayContaining([
        { intent: 'i1', result: 'written' },
        { intent: 'i2', result: 'written' },
        { intent: 'i3', result: 'rejected', reason: 'STRING_TOO_LONG: too long (Health_Score__c)' },
      ]),
    );
  });

  it('does not call for nothing, and rejects what is no record id', async () => {
    const sent = serve((s) => [200, s.records.map(fine)]);
    const outcomes = await collect(
      write(makeOrg().org, [intent(1, {}), { id: 'x', account: 'acme', values: { score: 1 } }]),
    );
    expect(outcomes).toEqual([
      { intent: 'i1', result: 'unchanged' },
      { intent: 'x', result: 'rejected', reason: '"acme" is not a Salesforce record id' },
    ]);
    expect(sent).toEqual([]);
  });

  it('never has one account twice in a call', async () => {
    const sent = serve((s) => [200, s.records.map(fine)]);
    await collect(write(makeOrg({ concurrency: 1 }).org, [intent(1), { ...intent(1), id: 'again' }]));
    expect(sizes(sent)).toEqual([1, 1]);
  });
});

describe('rows that fail for a while', () => {
  it('are sent again in smaller company when locked, and the rest is not', async () => {
    const locks = new Map<string, number>();
    const sent = serve((s) => [
      200,
      s.records.map((r) => {
        const tries = (locks.get(idOf(r)) ?? 0) + 1;
        locks.set(idOf(r), tries);
        return Number(r.Health_Score__c) % 2 === 0 && tries <= 2 ? failed('UNABLE_TO_LOCK_ROW') : fine(r);
      }),
    ]);
    const outcomes = await collect(write(makeOrg().org, intents(8)));
    expect(outcomes.filter((o) => o.result === 'written')).toHaveLength(8);
    expect(sizes(sent)).toEqual([8, 2, 1, 1, 2, 1, 1]);
  });

  it('end as retry when they stay locked', async () => {
    const sent = serve((s) => [
      200,
      s.records.map((r) => (idOf(r) === sfId('001', 1) ? failed('UNABLE_TO_LOCK_ROW', 'locked') : fine(r))),
    ]);
    const outcomes = await collect(write(makeOrg().org, intents(2)));
    expect(outcomes).toContainEqual({
      intent: 'i1',
      result: 'retry',
      reason: 'UNABLE_TO_LOCK_ROW: locked (Health_Score__c)',
    });
    expect(outcomes).toContainEqual({ intent: 'i2', result: 'written' });
    expect(sent).toHaveLength(6);
  });
});

describe('governor limits', () => {
  it('halve the batch down to what passes', async () => {
    const sent = serve((s) =>
      s.records.length > 50
        ? [
            200,
            s.records.map(() =>
              failed('CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY', 'System.LimitException: Apex CPU time limit exceeded'),
            ),
          ]
        : [200, s.records.map(fine)],
    );
    const outcomes = await collect(write(makeOrg().org, intents(200)));
    expect(outcomes.filter((o) => o.result === 'written')).toHaveLength(200);
    expect(sizes(sent)).toEqual([200, 100, 50, 50, 100, 50, 50]);
  });

  it('of a whole call do the same', async () => {
    const sent = serve((s) =>
      s.records.length > 1
        ? [500, [{ errorCode: 'UNKNOWN_EXCEPTION', message: 'System.LimitException: Too many SOQL queries: 101' }]]
        : [200, s.records.map(fine)],
    );
    const outcomes = await collect(write(makeOrg().org, intents(4)));
    expect(outcomes.map((o) => o.result)).toEqual(['written', 'written', 'written', 'written']);
    expect(sizes(sent)).toEqual([4, 2, 1, 1, 2, 1, 1]);
  });

  it('reject the one record that breaks its trigger alone, and no other', async () => {
    serve((s) => {
      const poisoned = s.records.some((r) => idOf(r) === sfId('001', 3));
      return [
        200,
        s.records.map((r) =>
          poisoned ? failed('CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY', 'AccountTrigger: boom') : fine(r),
        ),
      ];
    });
    const outcomes = await collect(write(makeOrg().org, intents(8)));
    expect(outcomes.filter((o) => o.result === 'written')).toHaveLength(7);
    expect(outcomes).toContainEqual({
      intent: 'i3',
      result: 'rejected',
      reason: expect.stringContaining('AccountTrigger: boom'),
    });
  });

  it('do not burn the quota where size is not the cause', async () => {
    const sent = serve((s) => [
      200,
      s.records.map(() => failed('CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY', 'AccountTrigger: always')),
    ]);
    const outcomes = await collect(write(makeOrg({ concurrency: 1 }).org, intents(400)));
    expect(outcomes.filter((o) => o.result === 'rejected')).toHaveLength(400);
    expect(sent.length).toBeLessThan(60);
  });
});

describe('calls that fail', () => {
  it('are repeated where the answer was lost, since field updates are idempotent', async () => {
    const sent = serve((s, call) =>
      call === 1 ? [503, [{ errorCode: 'SERVER_UNAVAILABLE', message: 'x' }]] : [200, s.records.map(fine)],
    );
    expect(await collect(write(makeOrg().org, intents(2)))).toHaveLength(2);
    expect(sent[1]).toEqual(sent[0]);
  });

  it('with a result too few are an error, and every intent stays open', async () => {
    serve((s) => [200, s.records.slice(1).map(fine)]);
    const { got, error } = await collectUntilError(write(makeOrg().org, intents(3)));
    expect(error).toMatchObject({ code: 'RESULT_MISMATCH' });
    expect(got.map((o) => o.result)).toEqual(['retry', 'retry', 'retry']);
  });

  it.each([
    ['too few', (n: number) => n - 1],
    ['too many', (n: number) => n + 1],
  ])('with refusals %s are an error too, though these name no record', async (_name, count) => {
    serve((s) => [200, Array.from({ length: count(s.records.length) }, () => failed('STRING_TOO_LONG'))]);
    const { got, error } = await collectUntilError(write(makeOrg().org, intents(3)));
    expect(error).toMatchObject({ code: 'RESULT_MISMATCH' });
    expect(got.map((o) => o.result)).toEqual(['retry', 'retry', 'retry']);
  });

  it('whose results name other records are an error', async () => {
    serve((s) => [200, [...s.records].reverse().map(fine)]);
    const { error } = await collectUntilError(write(makeOrg().org, intents(2)));
    expect(error).toMatchObject({ code: 'RESULT_MISMATCH' });
  });

  it('stop the run where the quota is used up, with an outcome for all that was taken', async () => {
    serve((s, call) =>
      call > 2
        ? [403, [{ errorCode: 'REQUEST_LIMIT_EXCEEDED', message: 'TotalRequests Limit exceeded.' }]]
        : [200, s.records.map(fine)],
    );
    const taken = new Set<string>();
    async function* counted() {
      for (const i of intents(100)) {
        taken.add(i.id);
        yield i;
      }
    }
    const { got, error } = await collectUntilError(
      writeFields(makeOrg({ batchSize: 10, concurrency: 1 }).org, counted(), noPause),
    );
    expect(error).toMatchObject({ action: 'wait' });
    expect(got.filter((o) => o.result === 'written')).toHaveLength(20);
    expect(got.filter((o) => o.result === 'retry')).toHaveLength(10);
    expect(taken.size).toBeLessThanOrEqual(41);
  });

  it('that are given up leave their records for later; three in a row end the run', async () => {
    serve(() => [503, [{ errorCode: 'SERVER_UNAVAILABLE', message: 'down' }]]);
    const { got, error } = await collectUntilError(write(makeOrg({ batchSize: 1, concurrency: 1 }).org, intents(9)));
    expect(error).toMatchObject({ action: 'retry', code: 'SERVER_UNAVAILABLE' });
    expect(got.map((o) => o.result)).toEqual(['retry', 'retry', 'retry']);
  });

  it('are not made for a field that is hidden: the person learns what to run', async () => {
    allowLogin();
    describeOf({
      ...ACCOUNT,
      fields: ACCOUNT.fields.map((f) => (f.name === 'Health_Score__c' ? { ...f, updateable: false } : f)),
    });
    const { got, error } = await collectUntilError(write(makeOrg().org, [intent(1)]));
    expect(error).toBeInstanceOf(InputError);
    expect(String(error)).toMatch(/Account\.Health_Score__c/);
    expect(got).toEqual([]);
  });
});

it('keeps so many calls in flight as configured, and no more', async () => {
  let now = 0;
  let most = 0;
  allowLogin();
  describeOf(ACCOUNT);
  nock(HOST)
    .persist()
    .patch(`${DATA}/composite/sobjects`)
    .delay(15)
    .reply(async (request: Request) => {
      now += 1;
      most = Math.max(most, now);
      setTimeout(() => {
        now -= 1;
      }, 10);
      return [200, ((await request.json()) as Sent).records.map(fine)];
    });
  expect(await collect(write(makeOrg({ batchSize: 5, concurrency: 4 }).org, intents(60)))).toHaveLength(60);
  expect(most).toBeLessThanOrEqual(4);
  expect(most).toBeGreaterThan(1);
});

describe('reading back', () => {
  it('asks by id in chunks and leaves out accounts that are gone', async () => {
    allowLogin();
    describeOf(ACCOUNT);
    const asked: string[] = [];
    nock(HOST)
      .get(`${DATA}/query`)
      .query((q) => {
        asked.push(String(q.q));
        return true;
      })
      .twice()
      .reply(200, { totalSize: 1, done: true, records: [{ Id: sfId('001', 1), Health_Score__c: 55 }] });
    const held = await collect(
      crmOf(makeOrg().org).read(Array.from({ length: 301 }, (_, i) => sfId('001', i + 1)).concat('nonsense')),
    );
    expect(asked).toHaveLength(2);
    expect(asked[1]).toBe(
      `SELECT Id, Health_Score__c, Health_Band__c, Health_Change_30__c, Health_Reasons__c, Health_Scored_At__c, Health_Csm_Pulse__c FROM Account WHERE Id IN ('${sfId('001', 301)}') ORDER BY Id`,
    );
    expect(held[0]).toMatchObject({ account: sfId('001', 1), values: { score: 55, band: null } });
  });
  it('says which org this is, what its calls are, and where a record is', async () => {
    allowLogin();
    nock(HOST)
      .get(`${DATA}/query`)
      .query({ q: 'SELECT Id, Name, IsSandbox FROM Organization LIMIT 1' })
      .reply(200, { totalSize: 1, done: true, records: [{ Id: sfId('00D', 1), Name: 'Acme', IsSandbox: true }] });
    nock(HOST)
      .get(`${DATA}/limits`)
      .reply(200, { DailyApiRequests: { Max: 15000, Remaining: 14000 } });
    const crm = crmOf(makeOrg().org);
    expect(await crm.describe()).toEqual({ id: sfId('00D', 1), name: 'Acme', kind: 'sandbox' });
    expect(await crm.quota()).toEqual({ used: 1000, limit: 15000 });
    expect(await crm.link('account', sfId('001', 1))).toBe(`${HOST}/lightning/r/Account/${sfId('001', 1)}/view`);
  });
});
