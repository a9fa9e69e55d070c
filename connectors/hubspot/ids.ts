import { ConnectorError, type Reject } from '../../src/contract/index.ts';
import type { FactKind } from '../../src/core/fact.ts';
import { linksOf } from './associations.ts';
import { roleFacts } from './facts-deals.ts';
import { list } from './lists.ts';
import type { Portal } from './portal.ts';
import { streamNamed } from './pull.ts';
import type { CrmRecord } from './record.ts';

const BATCH = 1_000;

/** Ids of all records that exist now, of every object that the stream's kinds come from; with deals those of their contacts' roles. */
export async function* listIds(portal: Portal, name: string): AsyncGenerator<{ kind: FactKind; ids: string[] }> {
  const { idsOf, kinds } = streamNamed(portal, name);
  const [kind] = kinds;
  if (!kind) return;
  for (const object of idsOf) {
    let batch: CrmRecord[] = [];
    for await (const page of list(portal, object, { properties: ['hs_object_id'], history: [] })) {
      const { records, rejects, next } = page;
      // What is listed but cannot be read must not pass for deleted.
      if (rejects[0]) throw unreadable(object, rejects[0]);
      batch = [...batch, ...records];
      if (next !== null && batch.length < BATCH) continue;
      yield { kind, ids: batch.map((record) => record.id) };
      if (kinds.includes('opportunityRole')) yield { kind: 'opportunityRole', ids: await roleIds(portal, batch) };
      batch = [];
    }
  }
}

async function roleIds(portal: Portal, deals: CrmRecord[]): Promise<string[]> {
  const links = await linksOf(
    portal,
    'deals',
    deals.map((deal) => deal.id),
    'contacts',
  );
  return deals.flatMap((deal) =>
    roleFacts(deal, null, links.get(deal.id) ?? [], portal.mapping).map((role) => role.id),
  );
}

const unreadable = (object: string, { where, reason }: Reject): ConnectorError =>
  new ConnectorError(`${object}.list: ${where} has an unexpected shape: ${reason}`, {
    action: 'fail',
    code: 'UNEXPECTED_ANSWER',
    hint: 'Nothing was removed. HubSpot may have changed its API; report this with the label of the call.',
  });
