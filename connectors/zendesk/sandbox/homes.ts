import type { World, WorldAccount } from '../../../src/sandbox/world.types.ts';
import { organizationId } from './keys.ts';

const DAY = 86_400_000;

/** How an account's organization can be recognised as the account. */
export type Mark =
  | 'external id'
  | 'external id in other case'
  | 'field'
  | 'domain'
  | 'domains and a mail provider'
  | 'requesters only';
const MARKS: readonly Mark[] = [
  'external id',
  'domain',
  'external id',
  'field',
  'external id in other case',
  'external id',
  'domains and a mail provider',
  'external id',
  'requesters only',
  'external id',
  'field',
  'external id',
];

/** An organization of the help desk, from beginning to end. */
export interface OrganizationStory {
  id: number;
  account: number;
  name: string;
  externalId: string | null;
  crmId: string | null;
  domains: string[];
  segment: string;
  createdAt: number;
  churnedAt: number | null;
  /** Merged away then, into that one. */
  merged: { at: number; into: number } | null;
  /** Took that one in, then. */
  absorbed: { at: number; loser: number } | null;
}

/** Which mark an account has: nobody's domain may decide where two accounts share one. */
export function markOf(account: WorldAccount, sharedDomains: ReadonlySet<string>): Mark {
  const mark = MARKS[account.index % MARKS.length] ?? 'external id';
  const byDomain = mark === 'domain' || mark === 'domains and a mail provider' || mark === 'requesters only';
  return byDomain && sharedDomains.has(account.domain) ? 'external id' : mark;
}

/** Domains that more than one account of the world ever had. */
export function sharedDomains(world: World): Set<string> {
  const seen = new Set<string>();
  const shared = new Set<string>();
  for (const { domain } of world.accounts()) (seen.has(domain) ? shared : seen).add(domain);
  return shared;
}

/** The account's organizations: none, one, or a main one and its duplicate that somebody merges away. */
export function organizationsOf(world: World, account: WorldAccount, mark: Mark): OrganizationStory[] {
  const firstTicket = account.tickets[0]?.openedAt;
  if (firstTicket === undefined || mark === 'requesters only') return [];
  const since = account.status.find(({ value }) => value === 'customer' || value === 'test')?.at ?? account.createdAt;
  const slug = account.domain.split('.')[0] ?? account.domain;
  const marked = mark.startsWith('external id');
  const main: OrganizationStory = {
    id: organizationId(account.index),
    account: account.index,
    name: account.name,
    externalId: marked ? (mark === 'external id' ? account.externalKey : account.externalKey.toLowerCase()) : null,
    crmId: mark === 'field' || account.index % 4 === 0 ? account.externalKey : null,
    domains:
      mark === 'field'
        ? []
        : mark === 'domains and a mail provider'
          ? [`${slug}-group.example`, account.domain, 'gmail.com']
          : [account.domain],
    segment: account.segment,
    createdAt: Math.min(since, firstTicket),
    churnedAt: account.churnedAt,
    merged: null,
    absorbed: null,
  };
  const duplicate = duplicateOf(world, account, main);
  return duplicate ? [{ ...main, absorbed: { at: duplicate.at, loser: duplicate.story.id } }, duplicate.story] : [main];
}

/** Every ninth of the marked organizations had a duplicate: half merged 20 days before the world's start, half 3 days after. */
function duplicateOf(
  world: World,
  account: WorldAccount,
  main: OrganizationStory,
): { at: number; story: OrganizationStory } | null {
  if (account.index % 9 !== 0 || main.externalId === null) return null;
  const at = world.options.now + (account.index % 2 ? 3 : -20) * DAY;
  if (at <= main.createdAt) return null;
  const story: OrganizationStory = {
    ...main,
    id: organizationId(account.index, true),
    name: `${main.name} - old`,
    externalId: null,
    crmId: account.externalKey,
    domains: [],
    merged: { at, into: main.id },
  };
  return { at, story };
}

/** When the record changes. */
export const organizationChanges = (o: OrganizationStory): number[] =>
  [o.createdAt, o.churnedAt, o.absorbed?.at, o.merged?.at].flatMap((at) =>
    at === null || at === undefined ? [] : [at],
  );
