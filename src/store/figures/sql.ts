import { type Kysely, sql } from 'kysely';
import type { FactKind } from '../../core/fact.ts';
import type { ProjectedKind } from '../../core/projection.ts';
import type { SqlDialect } from '../dialect.ts';
import { isState, KIND_CODE, kindOf } from '../kinds.ts';
import type { Tables } from '../schema.ts';
import { castBits, type Pass } from './columns.ts';
import type { KindPlan } from './compile.ts';
import type { Statement } from './statement.ts';
import { PERSON_ROLE } from './write.ts';

/** What the statements of one reader rest on. */
export interface Asked {
  plans: readonly KindPlan[];
  passes: readonly Pass[];
  since: number;
  /** The numbers of the sources that have told of a kind: the others need not be looked into account by account. */
  carriers: ReadonlyMap<number, readonly number[]>;
  /** Names of the scratch tables. */
  members: string;
  casts: string;
}

/** From the kinds that each source carries. */
export function carriersOf(carried: ReadonlyMap<number, ReadonlySet<number>>): Map<number, number[]> {
  const carriers = new Map<number, number[]>();
  for (const [source, kinds] of carried)
    for (const kind of kinds) carriers.set(kind, [...(carriers.get(kind) ?? []), source]);
  return carriers;
}

const ofMember = 'f.source = m.source and f.account = m.account';
/**
 * Accounts that may have facts of the kind, as a condition on the scratch table of members. Not on its bare column: a planner that
 * knows the one source would read all of it rather than account by account.
 */
function carrying({ carriers }: Asked, kinds: readonly ProjectedKind[]): string {
  const sources = new Set(kinds.flatMap((kind) => carriers.get(KIND_CODE[kind]) ?? []));
  return sources.size === 0 ? 'false' : `m.source + 0 in (${[...sources].join()})`;
}

/**
 * A statement's text. Its rows begin with one integer that tells account, stretch of time and class: sorting by a single one is what
 * makes grouping cheap. `span` = how many of them an account has.
 */
export function statementSql(asked: Asked, statement: Statement): { text: string; span: number } {
  const { kind, shape, instants, bits, mask, columns, met } = statement;
  const looked = shape === 'groups' ? [instants[0] ?? 0, instants.at(-1) ?? 0] : periodOf(asked);
  const among = isState(kind) ? heldIn(asked) : `f.at >= ${looked[0]} and f.at < ${looked[1]}`;
  const all = `${carrying(asked, [kind])} and ${ofMember} and f.kind = ${KIND_CODE[kind]} and ${among}`;
  const people = `p.source = f.source and p.account = f.account and p.at = f.at and p.record = f.record and p.role = ${PERSON_ROLE.contact}`;
  const named = shape === 'people';
  const { head, from, where, own } = rowsSql(asked, all, met, `${mask}${columns}${met}${named ? people : ''}`);
  const span = 2 ** bits * Math.max(1, instants.length);
  const stretch = instants.length > 2 ? [stretchSql(instants.slice(0, -1), 2 ** bits)] : [];
  const group = [`${own}.place * ${span}`, ...stretch, mask].join(' + ');
  const rows = named ? `${from} cross join people as p where ${where} and ${people}` : `${from} where ${where}`;
  return { text: `${head}select ${group} as g${columns} from ${rows} group by g`, span };
}

/** All that is looked at of events and series. */
const periodOf = ({ passes, since }: Asked): [number, number] => [since, (passes[0]?.at ?? 0) + 1];

/** Versions of states that hold on any of the days. */
function heldIn({ passes }: Asked): string {
  const days = passes.map((pass) => pass.at);
  return `f.at <= ${Math.max(...days)} and (f.until is null or f.until > ${Math.min(...days)})`;
}

/**
 * Rows of a kind under the name `f`. Who took part is worked out once for each row: a condition that is asked a dozen times would
 * look it up as often.
 */
function rowsSql({ members, casts }: Asked, all: string, met: string, used: string) {
  const found = `${members} as m cross join figures as f`;
  if (!/f\.(who|known)/.test(used)) return { head: '', from: found, where: `${all} and ${met}`, own: 'm' };
  const bits = castBits(used).map((bit) => `max(c.role & ${bit})`);
  const who = `(select ${bits.join(' + ') || 'null'} from people as p cross join ${casts} as c
    where p.source = f.source and p.account = f.account and p.at = f.at and p.record = f.record
      and c.place = m.place and c.source = p.source and c.part = p.role and c.person = p.person)`;
  const columns = ['f.at', ...new Set(used.match(/f\.([nw]\d+|source|account|record)/g))].join();
  const head = `with f as materialized (
    select m.place, ${columns}, m.known, cast(coalesce(case when m.known <> 0 then ${who} end, 0) as bigint) as who from ${found} where ${all}) `;
  return { head, from: 'f', where: met, own: 'f' };
}

/** Which stretch of time a row lies in, times a number, by halves: there may be a hundred. */
function stretchSql(begins: readonly number[], times: number, from = 0, to = begins.length - 1): string {
  if (from >= to) return `${from * times}`;
  const middle = Math.ceil((from + to) / 2);
  return `case when f.at < ${begins[middle]} then ${stretchSql(begins, times, from, middle - 1)} else ${stretchSql(begins, times, middle, to)} end`;
}

/** By place: the first row's instant of each event and series, and which kinds have a value that cannot be. */
export interface Marks {
  first: Map<FactKind, Map<number, number>>;
  odd: Map<number, Set<FactKind>>;
}

export function noteOdd(odd: Map<number, Set<FactKind>>, place: number, kind: FactKind): void {
  const known = odd.get(place);
  if (known) known.add(kind);
  else odd.set(place, new Set([kind]));
}

/** What has to be known of each account whatever its rows say: two looks into an index. */
export async function marksOf(db: Kysely<Tables>, dialect: SqlDialect, asked: Asked): Promise<Marks> {
  const kinds = asked.plans.map((plan) => plan.kind);
  const events = kinds.filter((kind) => !isState(kind));
  const states = kinds.filter(isState);
  const [since, end] = periodOf(asked);
  const first = new Map<FactKind, Map<number, number>>(events.map((kind) => [kind, new Map()]));
  if (events.length > 0) {
    const begun = events.map(
      (kind) => `case when ${carrying(asked, [kind])} then (select f.at from figures as f
        where ${ofMember} and f.kind = ${KIND_CODE[kind]} and f.at >= ${since} and f.at < ${end} order by f.at limit 1) end`,
    );
    const rows = await dialect.lists(
      db,
      sql.raw(
        `select m.place, ${begun.map((one, i) => `${one} as c${i}`).join()} from ${asked.members} as m where ${carrying(asked, events)}`,
      ),
    );
    for (const [place, ...ats] of rows as [number, ...(number | null)[]][])
      for (const [i, at] of ats.entries()) {
        const own = first.get(events[i] as FactKind);
        if (at !== null && at < (own?.get(place) ?? Number.POSITIVE_INFINITY)) own?.set(place, at);
      }
  }
  const codes = (some: readonly FactKind[]): string => some.map((kind) => KIND_CODE[kind]).join() || '0';
  const odd = new Map<number, Set<FactKind>>();
  const found = await dialect.lists(
    db,
    sql.raw(`select m.place, f.kind from ${asked.members} as m cross join figures as f
      where f.odd = 1 and ${ofMember} and (f.kind in (${codes(events)}) and f.at >= ${since} and f.at < ${end}
        or f.kind in (${codes(states)}) and ${heldIn(asked)})`),
  );
  for (const [place, code] of found as [number, number][]) noteOdd(odd, place, kindOf(code));
  return { first, odd };
}
