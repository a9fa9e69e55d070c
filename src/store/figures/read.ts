import { sql } from 'kysely';
import type { Ask } from '../../core/asks.ts';
import type { FactKind } from '../../core/fact.ts';
import type { Aggregated } from '../../core/figure.ts';
import type { ProjectedKind } from '../../core/projection.ts';
import type { StoreContext } from '../dialect.ts';
import { isState, KIND_CODE } from '../kinds.ts';
import { breathe } from '../walk.ts';
import { Answers, type Found } from './answers.ts';
import { CAST, type Pass, type Scope } from './columns.ts';
import { byKind, compileKind, type KindPlan, type Statement } from './compile.ts';

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

/** An account with what its facts lie under: account numbers by source. */
export interface Members {
  lies: readonly { source: number; account: number }[];
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
  { name: 'role', type: 'bigint', key: true },
  { name: 'source', type: 'bigint', key: true },
  { name: 'person', type: 'text', key: true },
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
    get casts() {
      wantsCast = true;
      return casts;
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
  const run = async (plan: KindPlan, statement: Statement): Promise<Found[]> => {
    const text = statementSql(plan, statement, passes, members);
    const { rows } = await sql<Found>`${sql.raw(text)}`.execute(session.db);
    return rows;
  };

  return {
    kinds: new Set(plans.map((plan) => plan.kind)),
    wantsCast,
    async read(accounts) {
      const lies = accounts.flatMap((a, place) => a.lies.map((lie) => [place, lie.source, lie.account]));
      await dialect.scratch(
        session.db,
        members,
        MEMBER,
        lies.map((lie, i) => [i, ...lie]),
      );
      if (wantsCast) await dialect.scratch(session.db, casts, CASTS, castRows(accounts, sources));
      const answers = accounts.map(() => passes.map((pass) => new Answers(pass)));
      for (const plan of plans) {
        for (const statement of plan.statements) {
          const rows = accounts.map((): Found[] => []);
          for (const row of await run(plan, statement)) rows[row.place]?.push(row);
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
): string {
  const code = KIND_CODE[plan.kind];
  const of = `f.source = m.source and f.account = m.account and f.kind = ${code}`;
  const at = passes[pass]?.at ?? 0;
  const held = `f.at <= ${at} and (f.until is null or f.until > ${at})`;
  const [first, present] = [plan.segments[0] ?? 0, (passes[0]?.at ?? 0) + 1];
  const among = isState(plan.kind) ? held : `f.at >= ${first} and f.at < ${present}`;
  switch (shape) {
    case 'groups':
      return `select m.place, ${stretchSql(plan.segments)} as s, ${mask} as mask${columns}
        from ${members} as m cross join figures as f
        where ${of} and f.at >= ${first} and f.at < ${present} group by m.i, m.place, s, mask`;
    case 'states':
      return `select m.place, 0 as s, ${mask} as mask${columns} from ${members} as m cross join figures as f
        where ${of} and ${held} group by m.i, m.place, mask`;
    case 'distinct':
      return `select m.place, 0 as s, 0 as mask${columns} from ${members} as m cross join figures as f
        where ${of} and ${among} group by m.place`;
    case 'people':
      return `select m.place, 0 as s, 0 as mask${columns}
        from ${members} as m cross join people as p cross join figures as f
        where p.source = m.source and p.account = m.account and p.role = 1 and p.at >= ${first} and p.at < ${present}
          and ${of} and f.at = p.at and f.record = p.record group by m.place`;
  }
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
          if (number !== undefined) rows.push([place, 10 * day + CAST[role], number, id]);
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
