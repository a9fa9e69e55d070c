import type { OrganizationStory } from './homes.ts';
import type { Kept } from './kept.ts';
import { mergeId } from './keys.ts';
import { iso } from './show.ts';

type Row = Record<string, unknown>;

export function showOrganization({ story, updated }: Kept<OrganizationStory>, now: number, base: string): Row {
  const churned = story.churnedAt !== null && story.churnedAt <= now;
  return {
    url: `${base}/organizations/${story.id}.json`,
    id: story.id,
    name: story.name,
    external_id: story.externalId,
    domain_names: story.domains,
    details: null,
    notes: null,
    group_id: null,
    shared_tickets: false,
    shared_comments: false,
    tags: churned ? ['churned'] : [],
    organization_fields: { crm_id: story.crmId, tier: story.segment },
    created_at: iso(story.createdAt),
    updated_at: iso(updated * 1000),
  };
}

/** The merges that an organization took part in so far, as winner or loser. */
export function showMerges(story: OrganizationStory, now: number, base: string): Row[] {
  const found: Row[] = [];
  const add = (loser: number, winner: number) => {
    const id = mergeId(loser);
    const url = `${base}/organization_merges/${id}.json`;
    found.push({ id, url, loser_id: loser, winner_id: winner, status: 'complete' });
  };
  if (story.absorbed && story.absorbed.at <= now) add(story.absorbed.loser, story.id);
  if (story.merged && story.merged.at <= now) add(story.id, story.merged.into);
  return found;
}

/** Fields of organizations that an admin added. */
export const showOrganizationFields = (base: string): Row[] =>
  [
    { id: 1, key: 'crm_id', title: 'CRM id', type: 'text' },
    { id: 2, key: 'tier', title: 'Tier', type: 'text' },
  ].map((field) => ({
    ...field,
    url: `${base}/organization_fields/${field.id}.json`,
    description: '',
    raw_title: field.title,
    raw_description: '',
    position: field.id,
    active: true,
    system: false,
    regexp_for_validation: null,
    created_at: '2019-03-04T09:00:00Z',
    updated_at: '2019-03-04T09:00:00Z',
  }));
