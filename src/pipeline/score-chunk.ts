import { inPopulation } from '../core/population.ts';
import { viewAt } from '../core/view.ts';
import type { WorkspaceStore } from '../store/types.ts';
import { viewOf } from './family.ts';
import { pauses } from './pause.ts';
import type { ReadAccount, Reading } from './read-accounts.ts';
import { readingOf } from './reading.ts';
import { scoreOne } from './score-one.ts';
import { type Scored, scoredOf } from './scored.ts';
import type { ScoredChunk, Scorers, ScoringOrder } from './scorers.ts';
import { type Setting, settingFrom } from './setting.ts';

/** Some accounts are read with their rows, most are not: none names its source records. See evidence.ts, where one is asked for. */
const NO_EVIDENCE = 0;

/** Scores accounts by an order, one list after the other, in the thread that asks. */
export class ChunkScorer implements Scorers {
  readonly atOnce = 1;
  readonly #order: ScoringOrder;
  readonly #setting: Setting;
  readonly #reading: Reading;

  constructor(store: WorkspaceStore, order: ScoringOrder) {
    this.#order = order;
    this.#setting = settingFrom(order.setting);
    const { members, primary } = order;
    this.#reading = readingOf({ ...order, store, primary: { name: primary } }, this.#setting, members);
  }

  async score(accounts: string[]): Promise<ScoredChunk> {
    const outside: string[] = [];
    const found = new Map<string, Scored>();
    const pause = pauses();
    const visit = async (account: ReadAccount): Promise<void> => {
      await pause();
      const scored = this.#scoreOne(account);
      if (scored) found.set(account.facts.account, scored);
      else outside.push(account.facts.account);
    };
    for await (const chunk of this.#reading.chunks(accounts)) await this.#reading.visit(chunk, visit);
    // In the order of the accounts, whichever way each was read.
    const rows = accounts.flatMap((account) => found.get(account) ?? []);
    return { rows, outside, withoutRate: [...this.#setting.withoutRate] };
  }

  /** Reads what scoring these accounts needs, and does nothing with it: what reading alone takes. @returns how many there are */
  async read(accounts: string[]): Promise<number> {
    let read = 0;
    for await (const chunk of this.#reading.chunks(accounts)) read += chunk.length;
    return read;
  }

  /** null = no customer. */
  #scoreOne(account: ReadAccount): Scored | null {
    const { primary, rules } = this.#order;
    const deps = { ...this.#order, primary: { name: primary } };
    const view = viewOf(deps, viewAt(account.facts, primary, this.#setting.asOf), this.#setting);
    if (!inPopulation(view, rules).member) return null;
    const { stored, rolesFilled } = scoreOne(deps, this.#setting, account, view, NO_EVIDENCE);
    for (const cap of stored.score.caps) cap.evidence = [];
    return scoredOf(stored, rolesFilled);
  }

  close(): Promise<void> {
    return this.#reading.close();
  }
}
