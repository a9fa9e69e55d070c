import type { Page } from '../../src/contract/index.ts';
import { type Link, linksOf } from './associations.ts';
import type { Batch } from './lists.ts';
import type { ObjectType } from './paths.ts';
import type { Portal } from './portal.ts';
import { mapRecords } from './record.ts';
import type { Reader, Stream } from './streams.ts';

/** One stream under way. */
export interface Work {
  portal: Portal;
  stream: Stream;
  reader: Reader;
}

const NONE: readonly Link[] = [];

/** Records with their associations → facts, held values and rejects. */
export async function pageOf({ portal, stream, reader }: Work, batch: Batch): Promise<Omit<Page, 'cursor'>> {
  const ids = batch.records.map((record) => record.id);
  const known = new Map<ObjectType, Map<string, Link[]>>(
    await Promise.all(reader.to.map(async (to) => [to, await linksOf(portal, stream.object, ids, to)] as const)),
  );
  const { mapped, rejects } = mapRecords(stream.object, batch.records, (record) => ({
    facts: reader.facts(record, (to) => known.get(to)?.get(record.id) ?? NONE),
    held: reader.held?.(record),
  }));
  return {
    facts: mapped.flatMap((m) => m.facts),
    rejects: [...batch.rejects, ...rejects],
    ...childrenOf({ portal, stream, reader }, ids),
    ...(reader.held ? { held: mapped.flatMap((m) => m.held ?? []) } : {}),
  };
}

/** What these records tell of their children ends now for those that are not told. */
export function childrenOf({ portal, reader: { children } }: Work, ids: readonly string[]): Pick<Page, 'children'> {
  if (!children || ids.length === 0) return {};
  const { kind, prefix } = children;
  const at = portal.ctx.now();
  return { children: ids.map((id) => ({ kind, prefix: prefix(id), at })) };
}
