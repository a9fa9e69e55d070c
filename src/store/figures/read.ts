import { sql } from 'kysely';
import type { Ask } from '../../core/asks.ts';
import type { FactKind } from '../../core/fact.ts';
import type { Aggregated } from '../../core/figure.ts';
import type { ProjectedKind } from '../../core/projection.ts';
import { carriedKinds } from '../carried.ts';
import type { StoreContext } from '../dialect.ts';
import { breathe } from '../walk.ts';
import { AnswerBook, Answers, type Found } from './answers.ts';
import { castBit, type Pass, type Scope } from './columns.ts';
import { byKind, compileKind, type KindPlan } from './compile.ts';
import { type Asked, carriersOf, type Marks, marksOf, noteOdd, statementSql } from './sql.ts';
import type { Statement } from './statement.ts';
import { PERSON_ROLE } from './write.ts';

/** Who is who in an account on one day, by source and contact or opportunity id. */
export interface CastOf {
  executives: Iterable<Person>;
  champions: Iterable<Person>;
  renewals: Iterable<Person>;
}
type Person = { source: string; id: string };

export interface FiguresQuery {
  asks: readonly Ask[];
  /** The days to answer for; the first is the present. */
  days: readonly Omit<Pass, 'cast'>[];
  /** Events and series before this instant are not looked at. */
  since: number;
  /** Kinds that are to be read row by row whatever is asked of them. */
  except: ReadonlySet<FactKind>;
}

/** An account: under which account numbers of which sources its facts are kept, and who is who in it. */
export interface Members {
  homes: readonly { source: number; account: number }[];
  /** By day. */
  cast: readonly CastOf[];
}

/** Reads figures of accounts, some hundred at a time. */
export interface FigureReader {
  /** Kinds whose rows nobody needs, as long as no value is odd. */
  kinds: ReadonlySet<FactKind>;
  /** Whether anything asks who took part: only then `cast` matters. */
  wantsCast: boolean;
  /** For each account its figures by day. */
  read(members: readonly Members[]): Promise<Aggregated[][]>;
  close(): Promise<void>;
}

const MEMBER = [
  { name: 'i', type: 'bigint', key: true },
  { name: 'place', type: 'bigint' },
  { name: 'source', type: 'bigint' },
  { name: 'account', type: 'bigint' },
  { name: 'known', type: 'bigint' },
] as const;
const CASTS = [
  { name: 'place', type: 'bigint', key: true },
  { name: 'source', type: 'bigint', key: true },
  { name: 'part', type: 'bigint', key: true },
  { name: 'person', type: 'text', key: true },
  { name: 'role', type: 'bigint' },
] as const;

/** Several readers may be open on one connection. */
let readers = 0;

/** See WorkspaceStore.figures. Between two reads nothing is held but empty tables of this connection's own. */
export async function figureReader(ctx: StoreContext, query: FiguresQuery): Promise<FigureReader> {
  const { db, dialect } = ctx;
  readers = (readers + 1) % 1_000_000;
  const name = (what: string): string => `${what}_${readers}`;
  const [members, casts] = [name('members'), name('casts')];
  const words = await wordsOf(ctx);
  const sources = await sourceNumbers(ctx);
  const passes = query.days.map((day, cast) => ({ ...day, cast }));
  const now = passes[0];
  if (!now) throw new Error('figures were asked for no day');
  let wantsCast = false;
  const scopeOf = (kind: ProjectedKind, pass: Pass): Scope => ({
    kind,
    pass,
    words: (accepts) => words.filter((word) => accepts(word.text)).map((word) => word.id),
    onCast: () => {
      wantsCast = true;
    },
  });
  const plans: KindPlan[] = [];
  for (const [kind, asks] of byKind(query.asks)) {
    const plan = query.except.has(kind) ? null : compileKind(kind, asks, passes, query.since, scopeOf);
    if (plan) plans.push(plan);
  }
  const book = new AnswerBook(plans);
  const asked: Asked = {
    plans,
    passes,
    since: query.since,
    carriers: carriersOf(await carriedKinds(ctx)),
    members,
    casts,
  };
  const statements = plans.flatMap((plan) =>
    plan.statements.map((statement) => ({ statement, ...statementSql(asked, statement) })),
  );
  const odd = plans.filter((plan) => plan.odd.length > 0);
  const scratch = [members, casts];
  const session = await dialect.session(db);
  const close = async (): Promise<void> => {
    try {
      for (const table of scratch) await dialect.dropScratch(session.db, table);
    } finally {
      await session.end();
    }
  };
  return {
    kinds: new Set(plans.map((plan) => plan.kind)),
    wantsCast,
    async read(accounts) {
      const people = castRows(wantsCast ? accounts : [], sources);
      const homes: number[][] = [];
      for (const [place, account] of accounts.entries())
        for (const home of account.homes)
          homes.push([homes.length, place, home.source, home.account, people.known[place] ?? 0]);
      await dialect.scratch(session.db, members, MEMBER, homes);
      if (wantsCast) await dialect.scratch(session.db, casts, CASTS, people.rows);
      const marks = await marksOf(session.db, dialect, asked);
      const found = new Map<Statement, Found[][]>();
      for (const { statement, text, span } of statements) {
        const rows: Found[][] = [];
        found.set(statement, rows);
        for (const row of (await dialect.lists(session.db, sql.raw(text))) as Found[]) {
          const place = Math.floor(row[0] / span);
          row[0] -= place * span;
          const own = rows[place];
          if (own) own.push(row);
          else rows[place] = [row];
        }
        rows.forEach(inOrder);
        await breathe();
      }
      for (const plan of odd) markOdd(plan, found, marks);
      const findings = { rows: found, ...marks };
      return accounts.map((_, place) => passes.map((pass) => new Answers(book, findings, place, pass)));
    },
    close,
  };
}

/** Rows by stretch of time, as a database that sorts to group brings them anyway. */
function inOrder(rows: Found[]): void {
  for (let i = 1; i < rows.length; i++)
    if ((rows[i - 1]?.[0] ?? 0) > (rows[i]?.[0] ?? 0)) {
      rows.sort((a, b) => a[0] - b[0]);
      return;
    }
}

/** Values that the day makes odd. */
function markOdd(plan: KindPlan, found: ReadonlyMap<Statement, Found[][]>, { odd }: Marks): void {
  for (const { statement, bits } of plan.odd)
    for (const [place, rows] of (found.get(statement) ?? []).entries())
      if (rows?.some((row) => (row[0] & bits) === bits)) noteOdd(odd, place, plan.kind);
}

function castRows(accounts: readonly Members[], sources: ReadonlyMap<string, number>) {
  const rows: [place: number, source: number, part: number, person: string, role: number][] = [];
  const known: number[] = [];
  for (const [place, { cast }] of accounts.entries()) {
    const own = new Map<string, (typeof rows)[number]>();
    let bits = 0;
    for (const [day, who] of cast.entries())
      for (const role of ['executives', 'champions', 'renewals'] as const)
        for (const { source, id } of who[role]) {
          const number = sources.get(source);
          if (number === undefined) continue;
          const part = PERSON_ROLE[role === 'renewals' ? 'opportunity' : 'contact'];
          const bit = castBit(day, role);
          bits |= bit;
          const key = `${number} ${part} ${id}`;
          const row = own.get(key);
          if (row) row[4] |= bit;
          else own.set(key, [place, number, part, id, bit]);
        }
    known[place] = bits;
    rows.push(...own.values());
  }
  return { rows, known };
}

/** Categories are few: names of features, types and states. */
async function wordsOf({ db }: StoreContext): Promise<{ id: number; text: string }[]> {
  return await db.selectFrom('words').select(['id', 'text']).execute();
}

async function sourceNumbers({ db, workspace }: StoreContext): Promise<Map<string, number>> {
  const rows = await db.selectFrom('sources').select(['id', 'name']).where('workspace', '=', workspace).execute();
  return new Map(rows.map((row) => [row.name, row.id]));
}
