import nock from 'nock';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { dealStages, ticketStages } from '../../../connectors/hubspot/pipelines.ts';
import { portalOf } from '../../../connectors/hubspot/portal.ts';
import { HOST, makeCtx } from './support.ts';

beforeAll(() => nock.disableNetConnect());
afterEach(() => {
  const pending = nock.pendingMocks();
  nock.cleanAll();
  expect(pending).toEqual([]);
});

const stage = (id: string, metadata: object, displayOrder = 0) => ({
  id,
  label: `Stage ${id}`,
  displayOrder,
  metadata,
});
/** A portal that has these pipelines, each given by its stages. */
function portalWith(type: string, ...pipelines: object[][]) {
  const results = pipelines.map((stages, n) => ({ id: String(n), label: `Pipeline ${n}`, stages }));
  nock(HOST).get(`/crm/pipelines/2026-03/${type}`).reply(200, { results });
  return portalOf(makeCtx().ctx);
}

describe('deal stages', () => {
  it('of all pipelines say by flags that travel as text whether a deal is closed, and by a probability of one that it is won', async () => {
    const portal = portalWith(
      'deals',
      [stage('1', { isClosed: 'false', probability: '0.8' }), stage('2', { isClosed: 'true', probability: '1.0' })],
      [stage('3', { isClosed: 'true', probability: '0.0' }), stage('4', { isClosed: 'false', probability: '1.0' })],
    );
    expect(Object.fromEntries(await dealStages(portal))).toEqual({
      1: { label: 'Stage 1', closed: false, won: false },
      2: { label: 'Stage 2', closed: true, won: true },
      3: { label: 'Stage 3', closed: true, won: false },
      4: { label: 'Stage 4', closed: false, won: false },
    });
  });

  it('leave it to the deal where they do not say', async () => {
    const portal = portalWith('deals', [stage('1', {}), stage('2', { probability: '1.0' })]);
    expect(Object.fromEntries(await dealStages(portal))).toEqual({
      1: { label: 'Stage 1', closed: null, won: null },
      2: { label: 'Stage 2', closed: null, won: true },
    });
  });
});

it('the first open stage of each ticket pipeline, in the order that people see, is the new one', async () => {
  const portal = portalWith(
    'tickets',
    [stage('3', { ticketState: 'CLOSED' }, 2), stage('2', { ticketState: 'OPEN' }, 1), stage('1', {}, 0)],
    [stage('5', { isClosed: 'true' }, 0), stage('4', { isClosed: 'false' }, 1)],
  );
  expect(Object.fromEntries(await ticketStages(portal))).toEqual({
    1: 'new',
    2: 'open',
    3: 'solved',
    4: 'new',
    5: 'solved',
  });
});
