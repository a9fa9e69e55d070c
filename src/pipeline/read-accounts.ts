import { Asks } from '../core/asks.ts';
import { castOfView } from '../core/cast.ts';
import { DAY_MS, dayOf } from '../core/days.ts';
import type { AccountFacts, FactKind } from '../core/fact.ts';
import type { Aggregated } from '../core/figure.ts';
import type { People } from '../core/model.ts';
import { TREND_DAYS } from '../core/trend.ts';
import { type AccountView, RowsNeeded, viewAt } from '../core/view.ts';
import type { FigureReader } from '../store/figures/read.ts';
import type { WorkspaceStore } from '../store/types.ts';

/** Accounts in memory at once: with all their rows, and where figures spare most of these. */
const IN_FULL = 100;
const AGGREGATED = 400;

/** One account with what scoring needs: rows, and the figures of kinds whose rows are absent. */
export interface ReadAccount {
  facts: AccountFacts;
  now: Aggregated;
  before: Aggregated;
}

export interface ReadingOptions {
  primary: string;
  asOf: number;
  /** The company's date at `asOf`, and the instant at which it starts. */
  today: string;
  dayStart: number;
  lookBackMs: number;
  kinds: readonly FactKind[];
  /** Who counts as an executive or a champion of an account. */
  people: (view: AccountView) => People;
  /** Kinds of which a source is stale: their figures are of another day. */
  stale: ReadonlySet<FactKind>;
  /** Account → accounts whose facts are joined in; absent = none. */
  members?: ReadonlyMap<string, readonly string[]> | undefined;
}

/**
 * Reads accounts for scoring. The first ones come with all their rows, by which is learned what measuring asks for; from then on
 * what can be aggregated is aggregated by the store, and only the rest comes as rows. Memory stays flat.
 */
export class Reading {
  readonly #store: WorkspaceStore;
  readonly #options: ReadingOptions;
  readonly #asks = new Asks();
  #reader: FigureReader | null = null;
  #learned = 0;

  constructor(store: WorkspaceStore, options: ReadingOptions) {
    this.#store = store;
    this.#options = options;
  }

  /** All accounts, or only some. */
  async *chunks(accounts?: string[]): AsyncGenerator<ReadAccount[]> {
    const { primary, asOf, lookBackMs, kinds } = this.#options;
    const reader = (): FigureReader | null => this.#reader;
    const query = {
      primary,
      asOf,
      lookBackMs,
      ...this.#which(accounts),
      get kinds() {
        return kinds.filter((kind) => !reader()?.kinds.has(kind));
      },
      get chunk() {
        return reader() === null ? IN_FULL : AGGREGATED;
      },
    };
    for await (const chunk of this.#store.accountFacts(query)) {
      yield this.#reader === null
        ? chunk.map((facts) => this.#inFull(facts))
        : await this.#aggregated(chunk, this.#reader);
      await this.#learn();
    }
  }

  async close(): Promise<void> {
    await this.#reader?.close();
    this.#reader = null;
  }

  #which(accounts: string[] | undefined) {
    const { members } = this.#options;
    return { ...(accounts ? { accounts } : {}), ...(members ? { members } : {}) };
  }

  /** Visits the accounts of a chunk; one that turns out to need its rows is read in full, and visited again after the others. */
  async visit(chunk: ReadAccount[], visitor: (account: ReadAccount) => Promise<void>): Promise<void> {
    const needed: string[] = [];
    for (const account of chunk) {
      try {
        await visitor(account);
      } catch (error) {
        if (!(error instanceof RowsNeeded)) throw error;
        needed.push(account.facts.account);
      }
    }
    if (needed.length > 0) for (const account of (await this.#inFullAgain(needed)).values()) await visitor(account);
  }

  /** Accounts again with all their rows, in the order given: figures of them were odd, or asked for something new. */
  async #inFullAgain(accounts: string[]): Promise<Map<string, ReadAccount>> {
    const { primary, asOf, lookBackMs, kinds } = this.#options;
    const query = { primary, asOf, lookBackMs, kinds: [...kinds], chunk: IN_FULL, ...this.#which(accounts) };
    const out = new Map<string, ReadAccount>();
    for await (const chunk of this.#store.accountFacts(query))
      for (const facts of chunk) out.set(facts.account, this.#inFull(facts));
    return out;
  }

  #inFull(facts: AccountFacts): ReadAccount {
    const today = dayOf(this.#options.today);
    return { facts, now: this.#asks.recorder(today), before: this.#asks.recorder(today - TREND_DAYS) };
  }

  async #aggregated(chunk: AccountFacts[], reader: FigureReader): Promise<ReadAccount[]> {
    const { people, primary } = this.#options;
    const [now, then] = this.#days();
    const accounts = chunk.map((facts) => ({ ...facts, absent: reader.kinds }));
    const members = accounts.map((facts) => {
      const view = reader.wantsCast ? viewAt(facts, primary, now.at) : null;
      return {
        homes: facts.homes ?? [],
        cast: view ? castsOf(view, then.at, people(view)) : [],
      };
    });
    const figures = await reader.read(members);
    const none: Aggregated = { figure: () => undefined, firstDay: () => undefined };
    return accounts.map((facts, i) => ({ facts, now: figures[i]?.[0] ?? none, before: figures[i]?.[1] ?? none }));
  }

  #days() {
    const { asOf, today, dayStart } = this.#options;
    const past = dayStart - TREND_DAYS * DAY_MS;
    return [
      { at: asOf, today: dayOf(today), dayStart },
      { at: past, today: dayOf(today) - TREND_DAYS, dayStart: past },
    ] as const;
  }

  /** Whatever was asked for anew since the reader was made, the next one tells too. */
  async #learn(): Promise<void> {
    const { asOf, lookBackMs, stale } = this.#options;
    const asks = this.#asks.list;
    if (asks.length === this.#learned) return;
    this.#learned = asks.length;
    await this.#reader?.close();
    this.#reader = await this.#store.figures({ asks, days: this.#days(), since: asOf - lookBackMs, except: stale });
  }
}

const castsOf = (view: AccountView, then: number, people: People) => [
  castOfView(view, people),
  castOfView(view.earlier(then), people),
];
