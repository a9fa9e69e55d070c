import { z } from 'zod';
import { byId } from './facts.ts';
import { Gaps, refuseGaps } from './gaps.ts';
import type { ObjectType } from './paths.ts';
import type { Portal } from './portal.ts';

/** An associated record, and as what. */
export interface Link {
  id: string;
  /** The vendor's own "primary" association. */
  primary: boolean;
  /** Labels that the customer has made, in the order of their type ids. */
  labels: string[];
}

const MOST = 1_000;
/** Type ids of the primary company, for answers that leave the label out. */
const PRIMARY_COMPANY: Partial<Record<ObjectType, number>> = { contacts: 1, deals: 5, tickets: 26 };

const Id = z.union([z.string(), z.int()]).transform(String);
const Type = z.object({ category: z.string(), typeId: z.int(), label: z.string().nullish() });
const Answer = z.object({
  results: z.array(
    z.object({
      from: z.object({ id: Id }),
      to: z.array(z.object({ toObjectId: Id, associationTypes: z.array(Type).default([]) })),
      paging: z.object({ next: z.object({ after: z.string() }).nullish() }).nullish(),
    }),
  ),
  errors: Gaps,
});

/**
 * What each of `ids` is associated with, targets in ascending order; those with nothing are left out. Thousand records a call, further
 * calls for those with more targets than one answer holds.
 * https://developers.hubspot.com/docs/api-reference/crm-associations-v4/guide
 */
export async function linksOf(
  portal: Portal,
  from: ObjectType,
  ids: readonly string[],
  to: ObjectType,
): Promise<Map<string, Link[]>> {
  const found = new Map<string, Link[]>();
  let inputs: { id: string; after?: string }[] = ids.map((id) => ({ id }));
  while (inputs.length > 0) {
    const part = inputs.slice(0, MOST);
    const { results, errors } = await portal.client.json({
      label: `associations.${from}.${to}`,
      kind: 'read',
      idempotent: true,
      method: 'POST',
      path: portal.paths.associationsRead(from, to),
      body: { inputs: part },
      schema: Answer,
    });
    refuseGaps(`associations of ${from} with ${to}`, errors);
    const more: typeof inputs = [];
    for (const { from: source, to: targets, paging } of results) {
      const links = found.get(source.id) ?? [];
      for (const { toObjectId, associationTypes } of targets)
        links.push(linkOf(from, to, toObjectId, associationTypes));
      found.set(source.id, links);
      if (paging?.next) more.push({ id: source.id, after: paging.next.after });
    }
    inputs = [...more, ...inputs.slice(MOST)];
  }
  for (const links of found.values()) links.sort((a, b) => byId(a.id, b.id));
  return found;
}

function linkOf(from: ObjectType, to: ObjectType, id: string, types: z.infer<typeof Type>[]): Link {
  const own = types.filter((t) => t.category !== 'HUBSPOT_DEFINED' && t.label);
  const vendor = types.filter((t) => t.category === 'HUBSPOT_DEFINED');
  const primary = to === 'companies' ? PRIMARY_COMPANY[from] : undefined;
  return {
    id,
    primary: vendor.some((t) => t.typeId === primary || t.label === 'Primary'),
    labels: own.toSorted((a, b) => a.typeId - b.typeId).flatMap((t) => t.label ?? []),
  };
}

/** The company that a record counts for: its primary one, else the first by id. */
export const accountOf = (links: readonly Link[] | undefined): string | null =>
  (links?.find((link) => link.primary) ?? links?.[0])?.id ?? null;
