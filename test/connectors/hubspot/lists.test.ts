import { describe, expect, it } from 'vitest';
import { archivedPages } from '../../../connectors/hubspot/archived.ts';
import { listIds } from '../../../connectors/hubspot/ids.ts';
import { readBatch } from '../../../connectors/hubspot/lists.ts';
import { streamNamed } from '../../../connectors/hubspot/pull.ts';
import { answered } from './answered.ts';
import { collect, NOW, refusal } from './support.ts';

const HOUR = 3_600_000;
const iso = (at: number): string => new Date(at).toISOString();
const row = (id: string, more: object = {}) => ({
  id,
  properties: { name: `Company ${id}` },
  createdAt: iso(NOW - 900 * HOUR),
  updatedAt: iso(NOW - 800 * HOUR),
  ...more,
});
const nothing = { properties: ['name'], history: [] };

describe('a read by ids', () => {
  const gone = { category: 'OBJECT_NOT_FOUND', message: 'Could not get some COMPANY objects', context: { ids: ['2'] } };

  it('leaves out what is gone', async () => {
    const { portal } = answered(() => ({ results: [row('1')], errors: [gone] }));
    const { records, rejects } = await readBatch(portal, 'companies', ['1', '2'], nothing);
    expect([records.map((record) => record.id), rejects]).toEqual([['1'], []]);
  });

  it('fails where a part could not be read: it would pass for gone', async () => {
    const failed = { category: 'INTERNAL_ERROR', message: 'a shard did not answer' };
    const { portal } = answered(() => ({ results: [row('1')], errors: [gone, failed] }));
    const error = await refusal(readBatch(portal, 'companies', ['1', '2', '3'], nothing));
    expect(error).toMatchObject({ action: 'fail', code: 'INTERNAL_ERROR' });
    expect(error.message).toContain('a shard did not answer');
  });
});

it('ids of all that exists are not told where one row cannot be read: it would pass for deleted', async () => {
  const { portal } = answered(() => ({ results: [row('1'), { id: 2, properties: null }] }));
  const error = await refusal(collect(listIds(portal, 'accounts')));
  expect(error).toMatchObject({ code: 'UNEXPECTED_ANSWER' });
  expect(error.message).toMatch(/companies 2/);
});

it('what was deleted counts from its deletion on, however long ago it last changed', async () => {
  const { portal, calls } = answered(() => ({
    results: [row('1', { archivedAt: iso(NOW - HOUR) }), row('2', { archivedAt: iso(NOW - 3 * HOUR) })],
  }));
  const reader = { ...nothing, to: [], facts: () => [] };
  const work = { portal, stream: streamNamed(portal, 'accounts'), reader };
  const pages = await collect(archivedPages(work, NOW - 2 * HOUR, { t: NOW }));
  expect(pages.flatMap((page) => page.facts)).toMatchObject([
    { kind: 'account', id: '1', deleted: true, at: NOW - HOUR },
  ]);
  expect(calls.map((call) => call.query)).toMatchObject([{ archived: true }]);
});
