import type { Cursor, Page } from '../../src/contract/index.ts';
import { tombstone } from './facts.ts';
import { list } from './lists.ts';
import { childrenOf, type Work } from './pages.ts';

/** The ends of records that were deleted since an instant (epoch ms). Search does not show them, and their list knows no filter. */
export async function* archivedPages(work: Work, since: number, cursor: Cursor): AsyncGenerator<Page> {
  const { portal, stream } = work;
  const [kind] = stream.kinds;
  if (!kind) return;
  const wanted = { properties: ['hs_object_id'], history: [] };
  for await (const { records } of list(portal, stream.object, wanted, { archived: true })) {
    const facts = records.flatMap(({ id, archivedAt, updatedAt }) => {
      const at = archivedAt ?? updatedAt;
      return at < since ? [] : [tombstone(kind, id, Math.max(at, updatedAt))];
    });
    const ids = facts.map((fact) => fact.id);
    if (facts.length > 0) yield { facts, rejects: [], ...childrenOf(work, ids), cursor };
  }
}
