import { linksOf } from './associations.ts';
import { MERGED, mergedInto } from './facts-accounts.ts';
import { readBatch } from './lists.ts';
import type { Work } from './pages.ts';
import { changedBetween, type Filter, search } from './search.ts';

/** When something was last logged with a company; what we write moves the stamp, but not this. */
const LAST_ACTIVITY = 'notes_last_updated';
const OPEN: Filter[] = [{ propertyName: 'hs_is_closed', operator: 'EQ', value: 'false' }];
const COMPANIES = 1_000;

/**
 * Ids of records to be read again although their own stamp stands still, in batches: associations change without a trace. Open deals
 * in every pull; contacts of companies that something happened with between two instants; whatever came to a company by a merge.
 */
export async function* relinked(work: Work, from: number, to: number, size: number): AsyncGenerator<string[]> {
  let ids = new Set<string>();
  for await (const some of sources(work, from, to)) {
    for (const id of some) ids.add(id);
    if (ids.size < size) continue;
    yield* inBatches([...ids], size);
    ids = new Set();
  }
  if (ids.size > 0) yield* inBatches([...ids], size);
}

async function* sources(work: Work, from: number, to: number): AsyncGenerator<string[]> {
  const { portal, stream } = work;
  if (stream.relink === 'open deals')
    for await (const hits of search(portal, 'deals', OPEN)) yield hits.map((hit) => hit.id);
  if (stream.relink === 'active companies') yield* linkedWith(work, activeCompanies(work, from, to));
  if (stream.object !== 'companies') yield* linkedWith(work, winners(work, from, to));
}

function* inBatches(ids: string[], size: number): Generator<string[]> {
  for (let n = 0; n < ids.length; n += size) yield ids.slice(n, n + size);
}

/** The stream's records that are associated with companies, as many companies at once as one call takes. */
async function* linkedWith({ portal, stream }: Work, companies: AsyncIterable<string[]>): AsyncGenerator<string[]> {
  let waiting: string[] = [];
  const linked = async (): Promise<string[]> => {
    const links = await linksOf(portal, 'companies', waiting, stream.object);
    waiting = [];
    return [...links.values()].flatMap((targets) => targets.map((link) => link.id));
  };
  for await (const some of companies) {
    waiting.push(...some);
    if (waiting.length >= COMPANIES) yield await linked();
  }
  if (waiting.length > 0) yield await linked();
}

async function* activeCompanies({ portal }: Work, from: number, to: number): AsyncGenerator<string[]> {
  const filters: Filter[] = [
    { propertyName: LAST_ACTIVITY, operator: 'GTE', value: String(from) },
    { propertyName: LAST_ACTIVITY, operator: 'LTE', value: String(to) },
  ];
  for await (const hits of search(portal, 'companies', filters)) yield hits.map((hit) => hit.id);
}

/** Companies that others went into. */
async function* winners({ portal }: Work, from: number, to: number): AsyncGenerator<string[]> {
  const filters: Filter[] = [
    ...changedBetween('companies', from, to),
    { propertyName: MERGED, operator: 'HAS_PROPERTY' },
  ];
  for await (const hits of search(portal, 'companies', filters)) {
    const ids = hits.map((hit) => hit.id);
    const { records } = await readBatch(portal, 'companies', ids, { properties: [MERGED], history: [MERGED] });
    yield records.filter((record) => mergedInto(record).some((loser) => loser.at >= from)).map((record) => record.id);
  }
}
