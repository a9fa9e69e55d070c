import { domainOf, domainStem } from './match-keys.ts';

export interface Suggestion {
  account: string;
  name: string;
  why: string;
}
interface Named {
  account: string;
  name: string;
  domains: string[];
}

/** Legal forms and filler say nothing about which company it is. */
const FILLER = new Set(
  'the and of und et y inc incorporated ltd limited llc llp lp plc corp corporation co company gmbh ag kg ug sa sas sarl spa srl bv nv ab as asa oy oyj aps pty pvt sro zoo kk kft'.split(
    ' ',
  ),
);
/** A word that more accounts than this share tells nothing and would make the search slow. */
const COMMON = 200;
/** Accounts indexed without a break: some milliseconds. */
const PART = 500;

export type Suggester = (name: string, domains: string[], limit: number) => Suggestion[];

/**
 * Up to `limit` CRM accounts that a person should look at for an account that could not be matched. Candidates come from an
 * index of name words and domain stems, never from comparing all pairs; rarer words in common count for more. Yields between parts of
 * the index, so that whoever drives it can let other work run.
 */
export function* indexSuggester(
  crm: readonly Named[],
  specific: (domain: string | null) => domain is string,
): Generator<void, Suggester> {
  const index = new Map<string, number[]>();
  for (const [at, account] of crm.entries()) {
    if (at % PART === PART - 1) yield;
    for (const term of termsOf(account.name, account.domains.map(domainOf).filter(specific))) {
      const holders = index.get(term);
      if (!holders) index.set(term, [at]);
      // One beyond the limit marks the word as common; more would only cost memory.
      else if (holders.length <= COMMON) holders.push(at);
    }
  }
  return (name, domains, limit) => {
    const scores = new Map<number, number>();
    const wanted = termsOf(name, domains);
    for (const term of wanted) {
      const holders = index.get(term);
      if (!holders || holders.length > COMMON) continue;
      const rarity = 1 / (1 + Math.log(holders.length));
      for (const at of holders) scores.set(at, (scores.get(at) ?? 0) + rarity);
    }
    return [...scores]
      .flatMap(([at, score]) => {
        const account = crm[at];
        return account ? [{ account, score: score / Math.sqrt(termsOf(account.name, []).size + wanted.size) }] : [];
      })
      .sort((a, b) => b.score - a.score || compare(a.account.account, b.account.account))
      .slice(0, limit)
      .map(({ account }) => ({
        account: account.account,
        name: account.name,
        why: why(name, domains, account, specific),
      }));
  };
}

/** Words of the name without accents and legal forms, the name written as one word, and the domains' stems. */
function termsOf(name: string, domains: readonly string[]): Set<string> {
  const words = wordsOf(name);
  return new Set([...words, words.join(''), ...domains.map((d) => domainStem(d).replaceAll('-', ''))]).difference(
    new Set(['']),
  );
}

function wordsOf(name: string): string[] {
  const words = name
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .split(/[^\p{L}\p{N}]+/u)
    .filter((w) => w !== '');
  const telling = words.filter((w) => w.length > 1 && !FILLER.has(w));
  return telling.length > 0 ? telling : words;
}

function why(name: string, domains: string[], account: Named, specific: (d: string | null) => d is string): string {
  const [mine, theirs] = [wordsOf(name), wordsOf(account.name)];
  if (mine.length > 0 && mine.join(' ') === theirs.join(' ')) return `same name but for case, accents or legal form`;
  const shared = mine.filter((w) => theirs.includes(w));
  if (shared.length > 0) return `both names contain "${shared.join(' ')}"`;
  const stems = new Map(domains.map((d) => [domainStem(d).replaceAll('-', ''), d]));
  for (const domain of account.domains.map(domainOf).filter(specific)) {
    const like = stems.get(domainStem(domain).replaceAll('-', ''));
    if (like !== undefined) return `its domain ${domain} resembles ${like}`;
  }
  const like = stems.get(theirs.join('')) ?? account.domains[0];
  return like === undefined ? `its name resembles "${name}"` : `its name or domain resembles ${like}`;
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
