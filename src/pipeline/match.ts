import type { FactData, StoredFact } from '../core/fact.ts';
import { type CrmAccount, indexMatcher, type MatchRules, type OtherAccount } from '../core/match.ts';
import type { Link, Unmatched, WorkspaceStore } from '../store/types.ts';
import { inSteps, pauses } from './pause.ts';
import type { Source } from './pull.ts';

export interface MatchDeps {
  store: WorkspaceStore;
  sources: Source[];
  primary: Source;
  matchRules: MatchRules;
  now: () => number;
}

export interface MatchSummary {
  source: string;
  matched: number;
  unmatched: number;
}

/** Links every other source's accounts to the primary source's (P3). Recomputed from facts each time. */
export async function matchSources(deps: MatchDeps): Promise<MatchSummary[]> {
  const others = deps.sources.filter((s) => s.name !== deps.primary.name);
  if (!others.length) return [];
  const matcher = await inSteps(indexMatcher(await primaryAccounts(deps.store, deps.primary.name), deps.matchRules));
  const summaries: MatchSummary[] = [];
  for (const { name } of others) {
    const emails = await emailsByAccount(deps.store, name, deps.now());
    const links: Link[] = [];
    const unmatched: Unmatched[] = [];
    const pause = pauses();
    for await (const chunk of deps.store.sourceAccounts(name))
      for (const { key, fact } of chunk) {
        await pause();
        const found = matcher.find(asOther(key, fact, emails.get(key) ?? []));
        if ('account' in found) links.push({ source: name, ...found });
        else unmatched.push({ source: name, ...(await inSteps(matcher.explain(found))) });
      }
    await deps.store.replaceLinks(name, links, unmatched);
    summaries.push({ source: name, matched: links.length, unmatched: unmatched.length });
  }
  return summaries;
}

async function primaryAccounts(store: WorkspaceStore, primary: string): Promise<CrmAccount[]> {
  const accounts: CrmAccount[] = [];
  for await (const chunk of store.sourceAccounts(primary))
    for (const { key, fact } of chunk) {
      const data = accountData(fact);
      if (data)
        accounts.push({ account: key, name: data.name ?? '', domains: data.domains ?? [], keys: data.keys ?? [] });
    }
  return accounts;
}

const accountData = (fact: StoredFact | null): FactData<'account'> | null =>
  fact?.kind === 'account' && !fact.deleted ? fact.data : null;

function asOther(key: string, fact: StoredFact | null, emails: string[]): OtherAccount {
  const data = accountData(fact);
  return { key, name: data?.name ?? '', domains: data?.domains ?? [], keys: data?.keys ?? [], emails };
}

async function emailsByAccount(store: WorkspaceStore, source: string, asOf: number): Promise<Map<string, string[]>> {
  const emails = new Map<string, string[]>();
  for await (const chunk of store.latest(source, 'contact', asOf))
    for (const fact of chunk) {
      if (fact.kind !== 'contact' || fact.account === null || !fact.data.email) continue;
      const list = emails.get(fact.account);
      if (list) list.push(fact.data.email);
      else emails.set(fact.account, [fact.data.email]);
    }
  return emails;
}
