import type { AccountFacts, FactData, FactKind, FactOf, StoredFact } from './fact.ts';

type Stored<K extends FactKind> = FactOf<K> & { source: string; moved?: boolean };

/** What was known about one account at an instant. Nothing later than `at` can be reached through it. */
export interface AccountView {
  account: string;
  at: number;
  /** The primary source's account record; null = not known then, or deleted. */
  record: FactData<'account'> | null;
  /** Sources with an account linked to this one. */
  sources: string[];
  /** The version of each live record of a kind that held at `at`. */
  states<K extends FactKind>(kind: K): Stored<K>[];
  /** Records of a kind that have ended by `at`: what was said last, when they ended, and whether another account has them now. */
  ended<K extends FactKind>(kind: K): { last: Stored<K>; at: number; moved: boolean }[];
  /** The record's version that held at an earlier instant, over the same facts; null = not known then. */
  stateAt<K extends FactKind>(kind: K, source: string, id: string, at: number): Stored<K> | null;
  /** Events and series rows in (from, at], oldest first. */
  since<K extends FactKind>(kind: K, from: number): Stored<K>[];
  /** A canonical or raw field of the account record, then of linked sources' account records; undefined = missing. */
  field(name: string): unknown;
  /** The same account earlier. */
  earlier(at: number): AccountView;
}

/** Rows of a kind are asked for that were not read, since figures of it come aggregated. The account must be read in full. */
export class RowsNeeded extends Error {
  constructor(kind: FactKind) {
    super(`rows of ${kind} are needed`);
  }
}

/** Groups an account's facts once; each `earlier` shares the groups. */
export function viewAt(facts: AccountFacts, primary: string, at: number): AccountView {
  const byKind = new Map<FactKind, OfKind>();
  for (const fact of facts.facts) {
    const own = byKind.get(fact.kind);
    if (own) own.facts.push(fact);
    else byKind.set(fact.kind, { facts: [fact], single: null });
  }
  return makeView(facts, primary, byKind, at);
}

/** Facts of a kind, oldest first, and whether each is the only one of its record; null = not looked at yet. */
interface OfKind {
  facts: StoredFact[];
  single: boolean | null;
}
const NONE: OfKind = { facts: [], single: true };
/** Of more it is not worth comparing each with each. */
const FEW = 8;

function areSingle(facts: readonly StoredFact[]): boolean {
  if (facts.length > FEW) return false;
  return facts.every(({ id, source }, i) => !facts.some((f, j) => j < i && f.id === id && f.source === source));
}

/** The last version of each record until an instant, in the order in which the records came. */
function latestOf(facts: readonly StoredFact[], at: number): StoredFact[] {
  const latest = new Map<string, StoredFact>();
  for (const f of facts) if (f.at <= at) latest.set(`${f.source}\n${f.id}`, f);
  return [...latest.values()];
}

function makeView(facts: AccountFacts, primary: string, byKind: Map<FactKind, OfKind>, at: number): AccountView {
  const ofKind = (kind: FactKind): OfKind => {
    if (facts.absent?.has(kind)) throw new RowsNeeded(kind);
    return byKind.get(kind) ?? NONE;
  };
  const all = <K extends FactKind>(kind: K) => ofKind(kind).facts as unknown as Stored<K>[];
  // Signals ask for the same kinds again and again; a view never changes, so each answer is kept.
  const held = new Map<FactKind, StoredFact[]>();
  const states = <K extends FactKind>(kind: K): Stored<K>[] => {
    const known = held.get(kind);
    if (known) return known as unknown as Stored<K>[];
    const own = ofKind(kind);
    own.single ??= areSingle(own.facts);
    const live = (own.single ? own.facts.filter((f) => f.at <= at) : latestOf(own.facts, at)).filter((f) => !f.deleted);
    held.set(kind, live);
    return live as unknown as Stored<K>[];
  };
  const accounts = states('account');
  // Of a family that is scored as one, several records are the primary source's.
  const own =
    accounts.find((f) => f.source === primary && f.id === facts.account) ?? accounts.find((f) => f.source === primary);
  const records = [own, ...accounts.filter((f) => f !== own)].flatMap((f) => (f ? [f.data] : []));
  return {
    account: facts.account,
    at,
    record: own?.data ?? null,
    sources: facts.sources,
    states,
    ended: (kind) => {
      if (!all(kind).some((f) => f.deleted)) return [];
      const last = new Map<string, Stored<typeof kind>>();
      const ends = new Map<string, { last: Stored<typeof kind>; at: number; moved: boolean }>();
      for (const f of all(kind)) {
        if (f.at > at) continue;
        const key = `${f.source}\n${f.id}`;
        const before = last.get(key);
        if (!f.deleted) ends.delete(key);
        else if (before && !ends.has(key)) ends.set(key, { last: before, at: f.at, moved: f.moved === true });
        if (!f.deleted) last.set(key, f);
      }
      return [...ends.values()];
    },
    stateAt: (kind, source, id, when) => {
      let found: Stored<typeof kind> | null = null;
      for (const f of all(kind)) if (f.source === source && f.id === id && f.at <= Math.min(at, when)) found = f;
      return found && !found.deleted ? found : null;
    },
    since: (kind, from) => all(kind).filter((f) => f.at > from && f.at <= at && !f.deleted),
    field: (name) => {
      for (const record of records) {
        const value = (record as Record<string, unknown>)[name] ?? record.attributes?.[name];
        if (value !== undefined && value !== null) return value;
      }
      return undefined;
    },
    earlier: (when) => makeView(facts, primary, byKind, Math.min(at, when)),
  };
}
