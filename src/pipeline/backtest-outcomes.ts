import type { Moment, OutcomeKind, StoryOf } from '../core/backtest/outcome.ts';
import { subscriptionStory } from '../core/backtest/outcome-churn.ts';
import { ColumnSeen, columnStory } from '../core/backtest/outcome-column.ts';
import { ACTIVE_DAYS, inactivityStory } from '../core/backtest/outcome-inactive.ts';
import { accountsOf, logStory, type OutcomeLog } from '../core/backtest/outcome-log.ts';
import { renewalStory } from '../core/backtest/outcome-renewal.ts';
import { AccountNumbers, Outcomes } from '../core/backtest/outcomes.ts';
import { DAY_MS } from '../core/days.ts';
import type { AccountFacts, FactKind } from '../core/fact.ts';
import { loadHierarchy, membersOf } from './family.ts';
import type { ScoreDeps } from './score.ts';

const CHUNK = 200;
/** Fields of an account that many systems keep the day of leaving in. */
const CHURN_FIELD =
  /^(?!.*renew).*(churn|cancel|terminat|offboard).*(date|day|_on|on__c|_at|at__c)|^(churn|cancel)l?ed_?(on|at|date)?$/i;

const STORIES: Record<OutcomeKind, { story: StoryOf; kinds: FactKind[] }> = {
  renewal: { story: renewalStory, kinds: ['account', 'opportunity'] },
  'churn-date': { story: subscriptionStory, kinds: ['account', 'subscription'] },
  inactivity: { story: inactivityStory, kinds: ['usage'] },
};

/** One way to tell who left, read for every account. */
export interface Told {
  kind: OutcomeKind | 'column' | 'file';
  /** The column or the file, where it is one. */
  field: string | null;
  outcomes: Outcomes;
  /** Dates (positions) after which the data tell what came. */
  known: ReadonlySet<number>;
  /** Labels as of the end of the data, of which it is not known since when. */
  snapshot: boolean;
  /** Accounts that a file names and that there are none of here. */
  unknown: number;
  /** Accounts whose day of leaving is still to come. */
  leaveLater: number;
  /** Accounts of whose column nobody can read what it says, and such a text. */
  unread: { accounts: number; example: string } | null;
}

export interface OutcomesRead {
  numbers: AccountNumbers;
  told: Told[];
  /** Fields of account records, for who misspelt one. */
  fields: Set<string>;
  seen: ColumnSeen | null;
}

export interface OutcomesQuery {
  moments: readonly Moment[];
  horizon: number;
  /** Ways to tell who left, one column of the account, or what a file says. */
  outcome: readonly OutcomeKind[] | { column: string } | { log: OutcomeLog };
  /** Last day of which the data tell, in all and of use alone. */
  end: number;
  usageEnd: number;
  /** Day number of now. */
  today: number;
}

/** Reads what became of every account: one pass over facts up to now, of which scores know nothing. Memory stays flat. */
export async function readOutcomes(deps: ScoreDeps, query: OutcomesQuery): Promise<OutcomesRead> {
  const { moments, outcome, horizon } = query;
  const column = 'column' in outcome ? outcome.column : null;
  const log = 'log' in outcome ? outcome.log : null;
  const wanted = 'column' in outcome || 'log' in outcome ? [] : outcome;
  const seen = column === null ? null : new ColumnSeen();
  const read = {
    numbers: new AccountNumbers(),
    fields: new Set<string>(),
    byKind: wanted.map((kind) => ({ kind, outcomes: new Outcomes(moments), ...STORIES[kind] })),
    byColumn: new Outcomes(moments),
    byLog: new Outcomes(moments),
    dates: new ColumnsOfDates(moments),
  };
  let [found, leaveLater] = [0, 0];
  const bar = deps.progress.start('read outcomes');
  for await (const facts of accountsNow(deps, query, wanted)) {
    read.numbers.of(facts.account);
    collectFields(facts, deps.primary.name, read.fields);
    const context = { primary: deps.primary.name, end: query.end, today: query.today, horizon };
    for (const { kind, story, outcomes } of read.byKind)
      outcomes.add(story(facts, kind === 'inactivity' ? { ...context, end: query.usageEnd } : context));
    if (column !== null && seen) read.byColumn.add(columnStory(column, seen, facts, context));
    if (log !== null) {
      const story = logStory(log, facts);
      read.byLog.add(story);
      if ((story.left ?? 0) > query.today) leaveLater += 1;
      if (accountsOf(log).has(facts.account)) found += 1;
    }
    if (wanted.includes('churn-date')) read.dates.add(facts, read.fields, context);
    bar.update(read.numbers.size);
  }
  bar.done(`${read.numbers.size} accounts`);
  const until = (end: number) => new Set(moments.flatMap((m, date) => (m.until <= end ? [date] : [])));
  const told = read.byKind.map(({ kind, outcomes }): Told => {
    const found = kind === 'churn-date' ? read.dates.best() : null;
    return {
      kind,
      field: found?.field ?? null,
      outcomes: found?.outcomes ?? outcomes,
      known: until(kind === 'inactivity' ? query.usageEnd : query.end),
      snapshot: false,
      unknown: 0,
      leaveLater: found?.leaveLater ?? 0,
      unread: null,
    };
  });
  if (column !== null && seen) told.push(columnTold(column, seen, read.byColumn, moments, until(query.end)));
  if (log !== null) {
    const known = log.kind === 'days' ? until(query.end) : new Set(moments.keys());
    const unknown = accountsOf(log).size - found;
    told.push({
      ...{ kind: 'file', field: log.file, outcomes: read.byLog, known, snapshot: false, unknown },
      ...{ leaveLater, unread: null },
    });
  }
  return { numbers: read.numbers, fields: read.fields, told, seen };
}

function columnTold(
  field: string,
  seen: ColumnSeen,
  outcomes: Outcomes,
  moments: readonly Moment[],
  known: ReadonlySet<number>,
): Told {
  if (seen.dated) outcomes.fillEmpty();
  const { snapshot } = seen;
  return {
    ...{ kind: 'column', field, outcomes, known: snapshot ? new Set(moments.keys()) : known, snapshot, unknown: 0 },
    leaveLater: seen.later,
    unread: seen.unread > 0 ? { accounts: seen.unread, example: seen.example } : null,
  };
}

/** Fields of the account record that look like the day of leaving, each followed from the first account on. */
class ColumnsOfDates {
  readonly #moments: readonly Moment[];
  readonly #columns = new Map<string, { seen: ColumnSeen; outcomes: Outcomes }>();
  #before = 0;
  #looked = 0;

  constructor(moments: readonly Moment[]) {
    this.#moments = moments;
  }

  add(facts: AccountFacts, fields: ReadonlySet<string>, context: Parameters<typeof columnStory>[3]): void {
    if (fields.size > this.#looked)
      for (const field of fields) if (CHURN_FIELD.test(field)) this.#column(field, context);
    this.#looked = fields.size;
    for (const [field, { seen, outcomes }] of this.#columns) outcomes.add(columnStory(field, seen, facts, context));
    this.#before += 1;
  }

  /** The one that holds most dates; null = none holds dates alone. */
  best(): { field: string; outcomes: Outcomes; leaveLater: number } | null {
    const dated = [...this.#columns].filter(([, { seen }]) => seen.dated && seen.unread === 0);
    const [best] = dated.sort(([, a], [, b]) => b.seen.dates - a.seen.dates);
    if (!best) return null;
    best[1].outcomes.fillEmpty();
    return { field: best[0], outcomes: best[1].outcomes, leaveLater: best[1].seen.later };
  }

  /** Accounts that came before the field was first met had nothing in it. */
  #column(field: string, context: Parameters<typeof columnStory>[3]): void {
    if (this.#columns.has(field)) return;
    const [seen, outcomes] = [new ColumnSeen(), new Outcomes(this.#moments)];
    const nobody = { account: '', facts: [], sources: [] };
    for (let i = 0; i < this.#before; i++) outcomes.add(columnStory(field, seen, nobody, context));
    this.#columns.set(field, { seen, outcomes });
  }
}

function collectFields({ account, facts }: AccountFacts, primary: string, fields: Set<string>): void {
  for (const fact of facts)
    if (fact.kind === 'account' && fact.source === primary && fact.id === account)
      for (const name in fact.data.attributes) fields.add(name);
}

/** All facts that tell of outcomes, also those later than any date that is scored. */
async function* accountsNow(
  deps: ScoreDeps,
  { moments }: OutcomesQuery,
  wanted: readonly OutcomeKind[],
): AsyncGenerator<AccountFacts> {
  const asOf = deps.now();
  const first = Math.min(...moments.map((m) => m.at)) - (ACTIVE_DAYS + 1) * DAY_MS;
  const members = membersOf(deps, await loadHierarchy(deps, asOf));
  const kinds = [...new Set<FactKind>(['account', ...wanted.flatMap((kind) => STORIES[kind].kinds)])];
  const query = { primary: deps.primary.name, asOf, lookBackMs: Math.max(0, asOf - first), kinds, chunk: CHUNK };
  for await (const chunk of deps.store.accountFacts({ ...query, ...(members ? { members } : {}) })) {
    deps.signal.throwIfAborted();
    yield* chunk;
  }
}
