import { type RawBuilder, sql } from 'kysely';
import type { AccountFacts, FactKind, StoredFact } from '../core/fact.ts';
import { storableKey } from './canonical.ts';
import { type Carried, carriedKinds } from './carried.ts';
import type { StoreContext } from './dialect.ts';
import { findSource } from './keys.ts';
import { isState, KIND_CODE, kindOf } from './kinds.ts';
import type { FactsQuery } from './types.ts';
import { breathe, walk } from './walk.ts';

/** Rows per statement that keep it, and reading what it brings, near 10 ms. */
const ROWS_AT_ONCE = 2_000;

export interface ReadRow {
  source: string;
  kind: number;
  id: string;
  account: string | null;
  at: number;
  known_at: number;
  deleted: number;
  data: string;
}

/** A stored row as the fact that it was. Data were validated before they were stored. */
export function toFact(row: ReadRow): StoredFact {
  const fact = {
    source: row.source,
    kind: kindOf(row.kind),
    id: row.id,
    account: row.account,
    at: row.at,
    knownAt: row.known_at,
    data: JSON.parse(row.data),
  };
  return (row.deleted ? { ...fact, deleted: true } : fact) as StoredFact;
}

/** See WorkspaceStore.accountFacts. Between chunks nothing is held: no transaction, no statement, no rows. */
export async function* accountFacts(ctx: StoreContext, query: FactsQuery): AsyncGenerator<AccountFacts[]> {
  const primary = await findSource(ctx.db, ctx.workspace, query.primary);
  if (primary === null) return;
  const live = await livePredicate(ctx, primary, query.asOf);
  const carried = await carriedKinds(ctx);
  const sizes: Sizes = new Map();
  const chunks = walk(
    'a.key',
    (account: AccountKey) => account.key,
    (unread) => nextAccounts(ctx, primary, query, live, unread),
  );
  for await (const accounts of chunks) yield await factsOf(ctx, primary, query, accounts, carried, sizes);
}

/** See WorkspaceStore.accounts. */
export async function* accounts(
  ctx: StoreContext,
  source: string,
  asOf: number,
  chunk: number,
): AsyncGenerator<string[]> {
  const primary = await findSource(ctx.db, ctx.workspace, source);
  if (primary === null) return;
  const live = await livePredicate(ctx, primary, asOf);
  const found = walk(
    'a.key',
    (account: AccountKey) => account.key,
    (unread) => nextAccounts(ctx, primary, { chunk }, live, unread),
  );
  for await (const rows of found) yield rows.map(({ key }) => key);
}

/** Which account keys `a` count: those with a live account fact, or, where the source has no account facts at all, any fact. */
async function livePredicate({ db, dialect }: StoreContext, primary: number, asOf: number) {
  const records = await db
    .selectFrom('record_keys')
    .select('id')
    .where('source', '=', primary)
    .where('kind', '=', KIND_CODE.account)
    .limit(1)
    .execute();
  if (records.length > 0)
    // A single value, not `exists`: that one may be turned round, and all facts be read for each account.
    return sql`(select 1 from facts as f
      where f.source = a.source and f.account = a.id and f.kind = ${KIND_CODE.account} and f.at <= ${asOf} and f.deleted = 0
        and not exists (select 1 from facts as n where n.record = f.record and n.version > f.version and n.version <= ${asOf})
      limit 1) = 1`;
  const kinds = dialect.numbers(
    Object.values(KIND_CODE).map((code) => [code]),
    1,
  );
  return sql`(select 1 from ${kinds} as k cross join facts as f
    where f.source = a.source and f.account = a.id and f.kind = k.c0 and f.at <= ${asOf} limit 1) = 1`;
}

interface AccountKey {
  id: number;
  key: string;
}

async function nextAccounts(
  { db, dialect }: StoreContext,
  primary: number,
  { chunk, accounts }: Pick<FactsQuery, 'chunk' | 'accounts'>,
  live: RawBuilder<unknown>,
  unread: RawBuilder<unknown>,
): Promise<{ rows: AccountKey[] }> {
  const only = accounts ? sql`a.key in ${dialect.list(accounts.map(storableKey))}` : sql`true`;
  return await sql<AccountKey>`
    select a.id, a.key from account_keys as a
    where a.source = ${primary} and ${unread} and ${only} and ${live} order by a.key limit ${chunk}`.execute(db);
}

async function factsOf(
  ctx: StoreContext,
  primary: number,
  query: FactsQuery,
  accounts: AccountKey[],
  carried: Carried,
  sizes: Sizes,
): Promise<AccountFacts[]> {
  const places = new Map(accounts.map(({ key }, i) => [key, i]));
  const out = accounts.map(({ key }) => ({ account: key, facts: [] as StoredFact[], sources: new Set<string>() }));
  const own = { source: primary, name: query.primary };
  const members = accounts.map(({ id, key }, place): Member => ({ ...own, place, account: id, key }));
  for (const { place, key, id } of await joinedIn(ctx, primary, query, accounts)) {
    places.set(key, place);
    members.push({ ...own, place, account: id, key });
  }
  for (const link of await linksTo(ctx, [...places.keys()])) {
    const place = places.get(link.account);
    if (place === undefined) continue;
    out[place]?.sources.add(link.name);
    const { source, name, key } = link;
    if (link.id !== null) members.push({ place, source, name, account: link.id, key });
  }

  for (const [source, own] of Map.groupBy(members, (member) => member.source)) {
    const read = kindsOf(query, carried.get(source));
    if (read.length > 0) await readMembers(ctx, query, { source, spans: read, sizes }, own, out);
  }
  let sorted = 0;
  for (const { facts } of out) {
    facts.sort(byTime);
    sorted += facts.length;
    if (sorted < ROWS_AT_ONCE) continue;
    sorted = 0;
    await breathe();
  }
  const homes = accounts.map((): { source: number; account: number }[] => []);
  for (const { place, source, account } of members) homes[place]?.push({ source, account });
  return out.map(({ account, facts, sources }, place) => ({
    account,
    facts,
    sources: [...sources].sort(),
    homes: homes[place] ?? [],
  }));
}

/** Oldest first; ties in an order that does not depend on how facts arrived. */
function byTime(a: StoredFact, b: StoredFact): number {
  return (
    a.at - b.at || order(a.source, b.source) || order(a.kind, b.kind) || order(a.id, b.id) || ending(b) - ending(a)
  );
}
/** A record that moved within a family ends in one account as it begins in the other. */
const ending = (fact: StoredFact): number => (fact.deleted ? 1 : 0);
const order = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/** Further accounts of the primary source that belong to these. */
async function joinedIn(
  { db, dialect }: StoreContext,
  primary: number,
  { members }: FactsQuery,
  accounts: AccountKey[],
): Promise<{ place: number; key: string; id: number }[]> {
  const places = new Map<string, number>();
  for (const [place, { key }] of accounts.entries())
    for (const member of members?.get(key) ?? []) places.set(storableKey(member), place);
  if (places.size === 0) return [];
  const { rows } = await sql<AccountKey>`
    select id, key from account_keys where source = ${primary} and key in ${dialect.list([...places.keys()])}
    order by key`.execute(db);
  return rows.map(({ id, key }) => ({ place: places.get(key) ?? 0, key, id }));
}

/** Where facts of the account at a place lie: under which account of which source. */
interface Member {
  place: number;
  source: number;
  name: string;
  /** account_keys.id and its key. */
  account: number;
  key: string;
}

type Linked = { account: string; source: number; name: string; id: number | null; key: string };
async function linksTo({ db, dialect, workspace }: StoreContext, accounts: string[]): Promise<Linked[]> {
  const { rows } = await sql<Linked>`
    select l.account, l.source, s.name, k.id, l.source_account as key
    from ${dialect.list(accounts)} as a cross join links as l
    join sources as s on s.id = l.source and s.workspace = ${workspace}
    left join account_keys as k on k.source = l.source and k.key = l.source_account
    where l.account = a.value`.execute(db);
  return rows;
}

/** How many accounts of a source are read at once: adapts, since they differ a thousandfold in their number of facts. */
type Sizes = Map<number, number>;

/** Kinds that are read together: the same span of time is looked at. */
interface Span {
  kinds: FactKind[];
  since: number;
}

function kindsOf({ kinds, asOf, lookBackMs }: FactsQuery, carried: ReadonlySet<number> | undefined): Span[] {
  const own = kinds.filter((kind) => carried?.has(KIND_CODE[kind]));
  const spans = [
    { kinds: own.filter(isState), since: Number.MIN_SAFE_INTEGER },
    { kinds: own.filter((kind) => !isState(kind)), since: asOf - lookBackMs },
  ];
  return spans.filter((span) => span.kinds.length > 0);
}

/** Adds the facts of a source's accounts to those of the accounts that they belong to. */
async function readMembers(
  ctx: StoreContext,
  query: FactsQuery,
  { source, spans, sizes }: { source: number; spans: readonly Span[]; sizes: Sizes },
  members: readonly Member[],
  out: readonly { facts: StoredFact[] }[],
): Promise<void> {
  for (let from = 0; from < members.length; ) {
    const part = members.slice(from, from + (sizes.get(source) ?? 4));
    const byAccount = Map.groupBy(part, (member) => member.account);
    let read = 0;
    for (const span of spans) {
      const rows = await memberFacts(ctx, query.asOf, span, source, [...byAccount.keys()]);
      read += rows.length;
      for (const row of rows)
        for (const { place, name, key } of byAccount.get(row[0]) ?? []) addFact(out[place]?.facts, name, key, row);
    }
    from += part.length;
    sizes.set(source, Math.max(1, Math.min(1_000, Math.round((part.length * ROWS_AT_ONCE) / Math.max(read, 1)))));
    await breathe();
  }
}

type MemberRow = [
  account: number,
  kind: number,
  id: string,
  at: number,
  knownAt: number,
  deleted: number,
  data: string,
  movedAt: number | null,
];

function addFact(facts: StoredFact[] | undefined, source: string, account: string, row: MemberRow): void {
  const [, kind, id, at, known_at, deleted, data, movedAt] = row;
  const fact = toFact({ source, kind, id, account, at, known_at, deleted, data });
  facts?.push(fact);
  // A record that moved to another account has ended here.
  if (movedAt !== null) facts?.push({ ...fact, at: movedAt, knownAt: movedAt, deleted: true, moved: true });
}

async function memberFacts(
  { db, dialect }: StoreContext,
  asOf: number,
  { kinds, since }: Span,
  source: number,
  accounts: number[],
): Promise<MemberRow[]> {
  const given = accounts.map((account) => [account]);
  const moved = isState(kinds[0] as FactKind)
    ? sql`case when f.deleted = 0 then
        (select case when n.account <> f.account and n.at <= ${asOf} then n.at end from facts as n
         where n.record = f.record and n.version > f.version order by n.version limit 1)
      end`
    : sql`null`;
  // The source as if each account brought its own: of one that is named a planner may read all, and then look for the accounts.
  const query = sql`
    select f.account, f.kind, r.key, f.at, f.known_at, f.deleted, f.data, ${moved} as moved_at
    from ${dialect.numbers(given, 1)} as m
    cross join facts as f
    cross join record_keys as r
    where f.source = m.c0 * 0 + ${sql.lit(source)} and f.account = m.c0 and f.kind in (${sql.join(kinds.map((kind) => KIND_CODE[kind]))})
      and f.at between ${since} and ${asOf} and r.id = f.record`;
  return (await dialect.lists(db, query)) as MemberRow[];
}
