import { linksOf } from './associations.ts';
import { MERGED, mergedInto } from './facts-accounts.ts';
import { readBatch } from './lists.ts';
import type { Work } from './pages.ts';
import { changedBetween, search } from './search.ts';

/**
 * Ids of records to be read again although their own stamp stands still, in batches: those of open deals, whose associations change
 * without a trace, and those of companies that others were merged into between two instants.
 */
export async function* relinked(work: Work, from: number, to: number, size: number): AsyncGenerator<string[]> {
  const { portal, stream } = work;
  let ids: string[] = [];
  if (stream.relink === 'open deals')
    for await (const hits of search(portal, 'deals', [
      { propertyName: 'hs_is_closed', operator: 'EQ', value: 'false' },
    ])) {
      ids.push(...hits.map((hit) => hit.id));
      if (ids.length < size) continue;
      yield ids;
      ids = [];
    }
  if (stream.object !== 'companies') ids.push(...(await inherited(work, from, to)));
  const unique = [...new Set(ids)];
  for (let n = 0; n < unique.length; n += size) yield unique.slice(n, n + size);
}

/** What came to companies by a merge. */
async function inherited({ portal, stream }: Work, from: number, to: number): Promise<string[]> {
  const filters = [
    ...changedBetween('companies', from, to),
    { propertyName: MERGED, operator: 'HAS_PROPERTY' as const },
  ];
  const winners: string[] = [];
  for await (const hits of search(portal, 'companies', filters)) {
    const ids = hits.map((hit) => hit.id);
    const { records } = await readBatch(portal, 'companies', ids, { properties: [MERGED], history: [MERGED] });
    winners.push(...records.filter((r) => mergedInto(r).some((loser) => loser.at >= from)).map((r) => r.id));
  }
  const links = winners.length === 0 ? new Map() : await linksOf(portal, 'companies', winners, stream.object);
  return [...links.values()].flat().map((link: { id: string }) => link.id);
}
