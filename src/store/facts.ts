import { type RawBuilder, sql } from 'kysely';
import type { FactKind, StoredFact } from '../core/fact.ts';
import { storableKey } from './canonical.ts';
import type { StoreContext } from './dialect.ts';
import { expireTexts } from './expire.ts';
import { figureReader } from './figures/read.ts';
import { findSource } from './keys.ts';
import { KIND_CODE } from './kinds.ts';
import { parentLinks } from './parents.ts';
import { accountFacts, accounts, type ReadRow, toFact } from './read-facts.ts';
import { reconcile } from './reconcile.ts';
import { countAccountKeys, countFacts, kindsToldBy, loggingUsers, newestTold, toldSince } from './totals.ts';
import type { WorkspaceStore } from './types.ts';
import { walk } from './walk.ts';

const CHUNK = 1_000;

type Part = Pick<
  WorkspaceStore,
  | 'accounts'
  | 'accountFacts'
  | 'figures'
  | 'latest'
  | 'countFacts'
  | 'countAccountKeys'
  | 'kindsToldBy'
  | 'toldSince'
  | 'newestTold'
  | 'loggingUsers'
  | 'parentLinks'
  | 'sourceAccounts'
  | 'findAccounts'
  | 'reconcile'
  | 'expireTexts'
>;

/** Facts, read in the ways that scoring, matching and people need them. */
export function factStore(ctx: StoreContext): Part {
  return {
    accounts: (source, asOf, chunk) => accounts(ctx, source, asOf, chunk),
    accountFacts: (query) => accountFacts(ctx, query),
    figures: (query) => figureReader(ctx, query),
    latest: (source, kind, asOf) => latest(ctx, source, kind, asOf),
    countFacts: (upTo) => countFacts(ctx, upTo),
    countAccountKeys: (source) => countAccountKeys(ctx, source),
    kindsToldBy: (at) => kindsToldBy(ctx, at),
    toldSince: (source, kind, at) => toldSince(ctx, source, kind, at),
    newestTold: (source, kind) => newestTold(ctx, source, kind),
    loggingUsers: (source, spans) => loggingUsers(ctx, source, spans),
    parentLinks: (source, asOf) => parentLinks(ctx, source, asOf),
    sourceAccounts: (source) => sourceAccounts(ctx, source),
    findAccounts: (primary, text, limit) => findAccounts(ctx, primary, text, limit),
    reconcile: (...input) => reconcile(ctx, ...input),
    expireTexts: (now) => expireTexts(ctx, now),
  };
}

/** Deleted records are left out. */
async function* latest(ctx: StoreContext, source: string, kind: FactKind, asOf: number): AsyncGenerator<StoredFact[]> {
  const id = await findSource(ctx.db, ctx.workspace, source);
  if (id === null) return;
  const found = walk(
    'key',
    (row: LatestRow) => row.id,
    (unread) =>
      sql<LatestRow>`
        select r.key as id, ${source} as source, a.key as account, f.kind, f.at, f.known_at, f.deleted, f.data
        from (select id, key from record_keys
              where source = ${id} and kind = ${KIND_CODE[kind]} and ${unread} order by key limit ${CHUNK}) as r
        left join facts as f on f.record = r.id and f.version =
          (select v.version from facts as v where v.record = r.id and v.at <= ${asOf} order by v.version desc limit 1)
        left join account_keys as a on a.id = f.account
        order by r.key`.execute(ctx.db),
  );
  for await (const rows of found) {
    const live = rows.flatMap((row) => (row.kind === null || row.deleted ? [] : toFact({ ...row, kind: row.kind })));
    if (live.length > 0) yield live;
  }
}
type LatestRow = Omit<ReadRow, 'kind'> & { kind: number | null };

/** A deleted account comes with its deletion (`fact.deleted`), so that its history can still be linked. */
async function* sourceAccounts(ctx: StoreContext, source: string): AsyncGenerator<SourceAccount[]> {
  const id = await findSource(ctx.db, ctx.workspace, source);
  if (id === null) return;
  const found = walk(
    'key',
    (row: NewestRow) => row.account,
    (unread) => newestAccountFacts(ctx, { id, name: source }, unread),
  );
  for await (const rows of found) {
    const accounts = rows.filter((row) => row.kind !== null || row.used).map(sourceAccount);
    if (accounts.length > 0) yield accounts;
  }
}

type SourceAccount = { key: string; fact: StoredFact | null };
type NewestRow = Omit<ReadRow, 'kind' | 'account'> & { account: string; kind: number | null; used: number };

const sourceAccount = ({ kind, ...row }: NewestRow): SourceAccount => ({
  key: row.account,
  fact: kind === null ? null : toFact({ ...row, kind }),
});

/** Account keys of a source in order, each with its newest account fact, else whether it has any fact (`used`). */
async function newestAccountFacts(
  { db }: StoreContext,
  source: { id: number; name: string },
  which: RawBuilder<unknown>,
): Promise<{ rows: NewestRow[] }> {
  return await sql<NewestRow>`
    select a.key as account, ${source.name} as source, r.key as id, f.kind, f.at, f.known_at, f.deleted, f.data,
      case when f.kind is null then
        exists (select 1 from facts as u where u.source = ${source.id} and u.account = a.id) end as used
    from (select id, key from account_keys where source = ${source.id} and ${which} order by key limit ${CHUNK}) as a
    left join facts as f on f.source = ${source.id} and f.account = a.id and f.kind = ${KIND_CODE.account}
      and (f.at, f.record) = (select v.at, v.record from facts as v
        where v.source = ${source.id} and v.account = a.id and v.kind = ${KIND_CODE.account}
        order by v.at desc, v.record desc limit 1)
    left join record_keys as r on r.id = f.record
    order by a.key`.execute(db);
}

/** Ids win over names, whole names over beginnings. Names are compared without regard to case. */
async function findAccounts(
  ctx: StoreContext,
  primary: string,
  text: string,
  limit: number,
): Promise<{ account: string; name: string }[]> {
  const wanted = storableKey(text.trim());
  const id = await findSource(ctx.db, ctx.workspace, primary);
  if (!wanted || id === null) return [];
  // An 18-character id is its 15-character form plus a checksum.
  const byId =
    wanted.length === 15
      ? sql`(key = ${wanted} or (key > ${wanted} and key < ${`${wanted}\uFFFF`} and length(key) = 18))`
      : sql`key = ${wanted}`;
  const { rows } = await newestAccountFacts(ctx, { id, name: primary }, byId);
  if (rows.length > 0) return rows.map(sourceAccount).map(withName).slice(0, limit);

  const folded = fold(wanted);
  const whole: { account: string; name: string }[] = [];
  const begins: { account: string; name: string }[] = [];
  for await (const accounts of sourceAccounts(ctx, primary))
    for (const account of accounts.filter((found) => !found.fact?.deleted).map(withName)) {
      const own = fold(account.name);
      if (own === folded) whole.push(account);
      else if (own.startsWith(folded) && begins.length < limit) begins.push(account);
    }
  return (whole.length > 0 ? whole : begins).slice(0, limit);
}

const fold = (text: string): string => text.toLocaleLowerCase('en');
const withName = ({ key, fact }: SourceAccount): { account: string; name: string } => ({
  account: key,
  name: (fact?.kind === 'account' && fact.data.name) || key,
});
