import { z } from 'zod';
import type { Page } from '../../src/contract/index.ts';
import type { Fact } from '../../src/core/fact.ts';
import { type Client, isGone, STILL_AT_MOST, stuck } from './client.ts';
import type { Config } from './config.ts';
import { Merge, Organization, readRecords } from './wire.ts';

const SECOND = 1_000;

/** `t`: unix seconds, the export's own end time. `merged`: winner → losers, so that a change of the winner reaches them. */
export const OrganizationCursor = z.strictObject({
  t: z.int().nonnegative(),
  merged: z.record(z.string(), z.array(z.int())),
});
export type OrganizationCursor = z.infer<typeof OrganizationCursor>;

const Export = z.object({
  organizations: z.array(z.unknown()),
  end_time: z.int().nullish(),
  end_of_stream: z.boolean().nullish(),
  count: z.int().nullish(),
});
/** An older form of the answer does not say that it is the last. */
const FULL_PAGE = 1_000;

/** Account keys by which the CRM may know the organization: the configured places, in their order. */
export function keysOf(organization: Organization, accountKeys: Config['accountKeys']): string[] {
  const values = accountKeys.map((key) =>
    key === 'external_id' ? organization.external_id : organization.organization_fields?.[key],
  );
  return [
    ...new Set(values.flatMap((v) => (typeof v === 'string' || typeof v === 'number' ? [String(v).trim()] : []))),
  ].filter((v) => v !== '');
}

/** An organization as account; `loser` = the id of one that was merged into it and goes on under this one's name. */
export function accountFact(organization: Organization, config: Config, loser?: { id: number; since: number }): Fact {
  const id = String(loser?.id ?? organization.id);
  const stamp = organization.updated_at ?? organization.created_at ?? 0;
  const at = Math.max(stamp, loser?.since ?? 0);
  const gone = !loser && organization.deleted_at !== null;
  return {
    kind: 'account',
    id,
    account: id,
    at: gone ? Math.max(at, organization.deleted_at ?? 0) : at,
    knownAt: at,
    ...(gone ? { deleted: true } : {}),
    data: gone
      ? {}
      : {
          name: organization.name ?? null,
          domains: organization.domain_names ?? [],
          keys: keysOf(organization, config.accountKeys),
        },
  };
}

/** Time-based: pages repeat records at their edges, which are stored once. The last minute is never asked for. */
export async function* pullOrganizations(client: Client, from: OrganizationCursor | null): AsyncGenerator<Page> {
  const { config, now } = client.ctx;
  let cursor = from ?? { t: 0, merged: {} };
  for (let still = 0; ; ) {
    const start = Math.max(0, Math.min(cursor.t, Math.floor(now() / SECOND) - 61));
    const answer = await client.get({
      label: 'organizations.export',
      path: 'incremental/organizations',
      query: { start_time: start },
      bucket: 'export',
      schema: Export,
    });
    const { good, rejects } = readRecords('organization', answer.organizations, Organization);
    const facts: Fact[] = [];
    let { merged } = cursor;
    for (const organization of new Map(good.map((o) => [o.id, o])).values()) {
      const winner = organization.deleted_at === null ? null : await winnerOf(client, organization.id);
      if (winner) {
        const losers = [
          ...new Set([...(merged[winner.id] ?? []), ...(merged[organization.id] ?? []), organization.id]),
        ];
        merged = { ...merged, [winner.id]: losers };
        facts.push(accountFact(winner, config, { id: organization.id, since: organization.deleted_at ?? 0 }));
      } else {
        facts.push(accountFact(organization, config));
        for (const id of merged[organization.id] ?? []) facts.push(accountFact(organization, config, { id, since: 0 }));
      }
    }
    const t = Math.max(cursor.t, answer.end_time ?? 0);
    still = t === cursor.t ? still + 1 : 0;
    cursor = { t, merged };
    yield { facts, rejects, cursor };
    if (answer.end_of_stream ?? (answer.count ?? answer.organizations.length) < FULL_PAGE) return;
    if (still > STILL_AT_MOST) throw stuck('organizations.export');
  }
}

/** The organization that a deleted one was merged into, through any chain of merges; null = it was simply deleted. */
async function winnerOf(client: Client, id: number): Promise<Organization | null> {
  for (let loser = id, seen = new Set([id]); ; ) {
    const next = await mergedInto(client, loser);
    if (next === null || seen.has(next)) return null;
    const answer = await client.find({
      label: 'organizations.show',
      path: `organizations/${next}`,
      schema: z.object({ organization: Organization }),
    });
    if (answer && answer.organization.deleted_at === null) return answer.organization;
    seen = seen.add(next);
    loser = next;
  }
}

async function mergedInto(client: Client, id: number): Promise<number | null> {
  const list = { label: 'organizations.merges', path: `organizations/${id}/merges` };
  try {
    for await (const { records } of client.list(list, 'organization_merges')) {
      const merge = readRecords('merge', records, Merge).good.find(
        (m) => m.loser_id === id && (m.status ?? 'complete') === 'complete',
      );
      if (merge) return merge.winner_id;
    }
  } catch (error) {
    if (!isGone(error)) throw error;
  }
  return null;
}
