import { z } from 'zod';
import { alternatives, listed } from './format.ts';
import { domainOf, emailDomainOf, foldKey, recordId } from './match-keys.ts';
import { finish } from './steps.ts';
import { indexSuggester, type Suggester, type Suggestion } from './suggest.ts';

const DomainName = z.string().regex(/^[a-z0-9-]+(\.[a-z0-9-]+)+$/, 'expected a bare lower-case domain like gmail.com');

/** mappings/match.yaml: which domains say nothing about who an account is. */
export const MatchRules = z.strictObject({
  publicMailDomains: z.array(DomainName).describe('Mail providers anyone can use.'),
  sharedDomains: z
    .array(DomainName)
    .default([])
    .describe('Sites that host pages of many companies, often typed into a website field (facebook.com/acme).'),
  suggestions: z.int().min(0).max(10).default(3).describe('Suggestions listed for an unmatched account.'),
});
export type MatchRules = z.infer<typeof MatchRules>;

export interface CrmAccount {
  account: string;
  name: string;
  domains: string[];
  keys: string[];
}
export interface OtherAccount {
  key: string;
  name: string;
  domains: string[];
  keys: string[];
  /** E-mail addresses of the account's people, one entry per person. */
  emails: string[];
}
export interface MatchLink {
  sourceAccount: string;
  account: string;
  reason: string;
}
export interface NotMatched {
  sourceAccount: string;
  reason: string;
  suggestions: Suggestion[];
}
export interface Matches {
  links: MatchLink[];
  unmatched: NotMatched[];
}

/**
 * P3: an account of another system is the CRM account that it names by id (own key or a listed key), else the one that shares its
 * domain, else the one that shares the most common e-mail domain of its people. The first kind of evidence that finds anything
 * decides; where it finds several accounts, nothing is linked and all of them are listed.
 */
export function matchAccounts(crm: readonly CrmAccount[], others: Iterable<OtherAccount>, rules: MatchRules): Matches {
  const matcher = finish(indexMatcher(crm, rules));
  const result: Matches = { links: [], unmatched: [] };
  for (const other of others) {
    const found = matcher.find(other);
    if ('account' in found) result.links.push(found);
    else result.unmatched.push(finish(matcher.explain(found)));
  }
  return result;
}

/** Found nothing, or too much. `like` = what similar accounts are to be looked for. */
export type NotFound = NotMatched & { like?: { name: string; domains: string[] } };

export interface Matcher {
  find(other: OtherAccount): MatchLink | NotFound;
  /** Adds the suggestions. Their index is built by the first that needs it. */
  explain(found: NotFound): Generator<void, NotMatched>;
}

/** Accounts indexed without a break. */
const PART = 1_000;

/**
 * The same, one account at a time, for sources that are read in chunks. The CRM accounts are indexed once, in steps, so that whoever
 * drives them can let other work run in between.
 */
export function* indexMatcher(crm: readonly CrmAccount[], rules: MatchRules): Generator<void, Matcher> {
  const unspecific = new Set([...rules.publicMailDomains, ...rules.sharedDomains]);
  const specific = (domain: string | null): domain is string => domain !== null && !unspecific.has(domain);
  const names = new Map<string, string>();
  const byId: Index = new Map();
  const byKey: Index = new Map();
  const byDomain: Index = new Map();
  for (const [at, { account, name, keys, domains }] of crm.entries()) {
    if (at % PART === PART - 1) yield;
    names.set(account, name);
    add(byId, recordId(account), account);
    for (const key of keys) if (foldKey(key) !== '') add(byKey, foldKey(key), account);
    for (const domain of domains.map(domainOf)) if (specific(domain)) add(byDomain, domain, account);
  }
  let suggest: Suggester | null = null;

  const ambiguous = (other: OtherAccount, accounts: Set<string>, shared: string): NotMatched => ({
    sourceAccount: other.key,
    reason: `ambiguous: ${accounts.size} accounts share ${shared}`,
    suggestions: [...accounts].map((account) => ({ account, name: names.get(account) ?? '', why: `has ${shared}` })),
  });
  const link = (other: OtherAccount, accounts: Set<string>, reason: string, shared: string): MatchLink | NotFound => {
    const [account] = accounts;
    return account !== undefined && accounts.size === 1
      ? { sourceAccount: other.key, account, reason }
      : ambiguous(other, accounts, shared);
  };

  const find = (other: OtherAccount): MatchLink | NotFound => {
    const ids = [other.key, ...other.keys].map((id) => id.trim()).filter((id) => id !== '');
    const named = union(byId, ids.map(recordId));
    if (named.size > 0) return link(other, named, 'account id', `the ids of ${other.key}`);
    const keyed = union(byKey, ids.map(foldKey));
    const keysHit = ids.filter((id) => byKey.has(foldKey(id)));
    if (keyed.size > 0) return link(other, keyed, 'external key', `the key ${listed([...new Set(keysHit)])}`);

    const domains = [...new Set(other.domains.map(domainOf).filter(specific))];
    const sited = union(byDomain, domains);
    const shown = listed(domains.filter((d) => byDomain.has(d)));
    if (sited.size > 0) return link(other, sited, `domain ${shown}`, `the domain ${shown}`);

    const mail = mostCommon(other.emails.map(emailDomainOf).filter(specific));
    const mailed = mail.tied ? new Set<string>() : union(byDomain, mail.domains);
    if (mailed.size > 0)
      return link(other, mailed, `e-mail domain ${mail.domains[0]}`, `the e-mail domain ${mail.domains[0]}`);
    return {
      sourceAccount: other.key,
      reason: noMatch(other, domains, mail),
      suggestions: [],
      like: { name: other.name, domains: [...domains, ...mail.domains] },
    };
  };
  return {
    find,
    *explain({ like, ...found }) {
      if (!like || rules.suggestions === 0) return found;
      suggest ??= yield* indexSuggester(crm, specific);
      return { ...found, suggestions: suggest(like.name, like.domains, rules.suggestions) };
    },
  };
}

/** What was looked at in vain, so that a person knows what to add where. */
function noMatch(other: OtherAccount, domains: string[], mail: { domains: string[]; tied: boolean }): string {
  if (mail.tied) return `no match: people use ${listed(mail.domains)} equally often`;
  const tried = [
    other.keys.length > 0 ? 'id' : '',
    domains.length > 0 ? `domain ${domains[0]}` : '',
    mail.domains.length > 0 ? `e-mail domain ${mail.domains[0]}` : '',
  ].filter((t) => t !== '');
  return tried.length > 0
    ? `no match: no CRM account has its ${alternatives(tried)}`
    : 'no match: it has no id, company domain or company e-mail address that could be compared';
}

function mostCommon(domains: string[]): { domains: string[]; tied: boolean } {
  const counts = new Map<string, number>();
  for (const domain of domains) counts.set(domain, (counts.get(domain) ?? 0) + 1);
  const most = Math.max(0, ...counts.values());
  const top = [...counts].filter(([, n]) => n === most).map(([domain]) => domain);
  return { domains: top.sort(), tied: top.length > 1 };
}

/** Accounts by what they have: nearly always one, for which a set of its own would take most of the memory. */
type Index = Map<string, string | Set<string>>;

function add(index: Index, key: string, account: string): void {
  const held = index.get(key);
  if (held === undefined) index.set(key, account);
  else if (typeof held !== 'string') held.add(account);
  else if (held !== account) index.set(key, new Set([held, account]));
}

function union(index: Index, keys: Iterable<string>): Set<string> {
  const all = new Set<string>();
  for (const key of keys) {
    const held = index.get(key);
    if (typeof held === 'string') all.add(held);
    else for (const account of held ?? []) all.add(account);
  }
  return all;
}
