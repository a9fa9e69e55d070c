import nock from 'nock';
import { afterEach, beforeAll, expect, it } from 'vitest';
import { owners } from '../../../connectors/hubspot/owners.ts';
import { portalOf } from '../../../connectors/hubspot/portal.ts';
import { collect, HOST, makeCtx } from './support.ts';

beforeAll(() => nock.disableNetConnect());
afterEach(() => {
  const pending = nock.pendingMocks();
  nock.cleanAll();
  expect(pending).toEqual([]);
});

const owner = (id: string, more: object = {}) => ({ id, updatedAt: '2026-11-01T00:00:00Z', ...more });

it('owners are read to the last page, then those who have left', async () => {
  const page = (query: object, results: object[], after?: string) =>
    nock(HOST)
      .get('/crm/owners/2026-03')
      .query({ limit: '100', ...query })
      .reply(200, { results, ...(after ? { paging: { next: { after } } } : {}) });
  page({ archived: 'false' }, [owner('101', { firstName: 'Ann', email: '', userId: 9_001 })], 'c1');
  page({ archived: 'false', after: 'c1' }, [owner('102', { teams: [{ id: '7', name: 'East', primary: true }] })]);
  page({ archived: 'true' }, [owner('99')], 'c2');
  page({ archived: 'true', after: 'c2' }, [owner('98')]);
  const all = (await collect(owners(portalOf(makeCtx().ctx)))).flat();
  expect(all.map(({ id, archived }) => [id, archived])).toEqual([
    ['101', false],
    ['102', false],
    ['99', true],
    ['98', true],
  ]);
  expect(all[0]).toMatchObject({ firstName: 'Ann', lastName: null, email: null, teams: [] });
  expect(all[1]?.teams).toEqual([{ id: '7', primary: true }]);
});
