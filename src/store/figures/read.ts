import type { Ask } from '../../core/asks.ts';
import type { FactKind } from '../../core/fact.ts';
import type { Aggregated } from '../../core/figure.ts';
import type { ProjectedKind } from '../../core/projection.ts';
import type { StoreContext } from '../dialect.ts';
import { isState, KIND_CODE } from '../kinds.ts';
import { breathe } from '../walk.ts';
import { Answers, type Found } from './answers.ts';
import { castBit, type Pass, type Scope } from './columns.ts';
import { byKind, compileKind, type KindPlan, type Statement } from './compile.ts';
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
] as const;
const CASTS = [
  { name: 'place', type: 'bigint', key: true },
  { name: 'source', type: 'bigint', key: true },
  { name: 'part', type: 'bigint', key: true },
  { name: 'person', type: 'text', key: true },
  { name: 'role', type: 'bigint', key: true },
] as const;

/** Readers at work at the same moment have scratch tables of their own. */
let readers = 0;

/** See WorkspaceStore.figures. */
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
      const homes = accounts.flatMap((a, place) => a.homes.map(({ source, account }) => [place, source, account]));
      await dialect.scratch(
        session.db,
        members,
        MEMBER,
        homes.map((home, i) => [i, ...home]),
      );
      if (wantsCast) await dialect.scratch(session.db, casts, CASTS, castRows(accounts, sources));
      const answers = accounts.map(() => passes.map((pass) => new Answers(pass)));
      for (const plan of plans) {
        for (const statement of plan.statements) {
          const rows = accounts.map((): Found[] => []);
          const found = await dialect.lists(
            session.db,
            statementSql(plan, statement, passes, members, wantsCast ? casts : null),
          );
          for (const row of found as Found[]) rows[row[0]]?.push(row);
          for (const [place, own] of answers.entries())
            for (const [p, one] of own.entries()) one.add(plan, p, statement, rows[place] ?? []);
          await breathe();
        }
      }
      return answers;
    },
    close,
  };
}

function statementSql(
  plan: KindPlan,
  { shape, columns, mask, pass }: Statement,
  passes: readonly Pass[],
  members: string,
  casts: string | null,
): string {
  const code = KIND_CODE[plan.kind];
  const of = `f.source = m.source and f.account = m.account and f.kind = ${code}`;
  const at = passes[pass]?.at ?? 0;
  const held = `f.at <= ${at} and (f.until is null or f.until > ${at})`;
  const [first, present] = [plan.segments[0] ?? 0, (passes[0]?.at ?? 0) + 1];
  const among = isState(plan.kind) ? held : `f.at >= ${first} and f.at < ${present}`;
  const { head, rows, met, own } = rowsSql(
    `${of} and ${among}`,
    members,
    /f\.(who|known)/.test(`${mask}${columns}`) ? casts : null,
  );
  const select = (stretch: string, told: string): string =>
    `${head} select ${own}.place, ${stretch} as s, ${told} as mask${columns} from ${rows}`;
  switch (shape) {
    case 'groups':
      return `${select(stretchSql(plan.segments), mask)} where ${met} group by ${own}.i, ${own}.place, s, mask`;
    case 'states':
      return `${select('0', mask)} where ${met} group by ${own}.i, ${own}.place, mask`;
    case 'distinct':
      return `${select('0', '0')} where ${met} group by ${own}.place`;
    case 'people':
      return `${select('0', '0')} cross join people as p
        where ${met} and p.source = f.source and p.account = f.account and p.at = f.at and p.record = f.record
          and p.role = ${PERSON_ROLE.contact} group by ${own}.place`;
  }
}

/**
 * Rows of a kind under the name `f`. Who took part is worked out once for each row: a condition that is asked a dozen times would
 * look it up as often.
 */
function rowsSql(met: string, members: string, casts: string | null) {
  const found = `${members} as m cross join figures as f`;
  if (casts === null) return { head: '', rows: found, met, own: 'm' };
  const who = `(select coalesce(sum(bit), 0) from (select distinct c.role as bit
    from people as p cross join ${casts} as c
    where p.source = f.source and p.account = f.account and p.at = f.at and p.record = f.record
      and c.place = m.place and c.source = p.source and c.part = p.role and c.person = p.person) as bits)`;
  const known = `(select coalesce(sum(bit), 0) from (select distinct c.role as bit from ${casts} as c
    where c.place = m.place) as bits)`;
  const head = `with f as materialized (
    select m.i, m.place, f.*, cast(${who} as bigint) as who, cast(${known} as bigint) as known from ${found} where ${met})`;
  return { head, rows: 'f', met: 'true', own: 'f' };
}

/** Which stretch of time a row lies in. */
function stretchSql(segments: readonly number[]): string {
  const ends = segments.slice(1).map((at, i) => ` when f.at < ${at} then ${i}`);
  return ends.length === 0 ? '0' : `case${ends.join('')} else ${ends.length} end`;
}

function castRows(accounts: readonly Members[], sources: ReadonlyMap<string, number>): (string | number)[][] {
  const rows: (string | number)[][] = [];
  for (const [place, { cast }] of accounts.entries())
    for (const [day, who] of cast.entries())
      for (const role of ['executives', 'champions', 'renewals'] as const)
        for (const { source, id } of who[role]) {
          const number = sources.get(source);
          if (number !== undefined)
            rows.push([
              place,
              number,
              PERSON_ROLE[role === 'renewals' ? 'opportunity' : 'contact'],
              id,
              castBit(day, role),
            ]);
        }
  return rows;
}

/** Categories are few: names of features, types and states. */
async function wordsOf({ db }: StoreContext): Promise<{ id: number; text: string }[]> {
  return await db.selectFrom('words').select(['id', 'text']).execute();
}

async function sourceNumbers({ db, workspace }: StoreContext): Promise<Map<string, number>> {
  const rows = await db.selectFrom('sources').select(['id', 'name']).where('workspace', '=', workspace).execute();
  return new Map(rows.map((row) => [row.name, row.id]));
}
