import type { Aggregated, Window } from './figure.ts';
import type { Term } from './measure.ts';
import type { SimpleAggregation } from './vocabulary.ts';

/** One figure that measuring asks for, whatever the account. */
export interface Ask {
  term: Term;
  using: SimpleAggregation;
  /** Days before (negative) today, [from, to); null = all that is known. */
  window: Window | null;
  /** The day for which it is asked; absent = every day. */
  today?: number;
}

const keys = new WeakMap<Term, Partial<Record<SimpleAggregation, string>>>();

/** What a term and an aggregation mean, as text: equal for terms that say the same. */
export function askKey(term: Term, using: SimpleAggregation): string {
  const known = keys.get(term);
  const key = known?.[using];
  if (key !== undefined) return key;
  const { kind, metric, where, date } = term;
  const made = JSON.stringify([using, kind, metric, where, date]);
  if (known) known[using] = made;
  else keys.set(term, { [using]: made });
  return made;
}

/** An ask of fewer accounts is one account's own (the days since it began, say). */
const FEWEST = 2;
/** More asks would cost every account more than they spare some. */
const MOST = 400;

/**
 * What measuring asks for is learned by watching it measure some accounts from their rows: conditions, first-of-several sources and
 * flags ask for different figures in different accounts, and of the past less is asked than of the present. What was not learned yet
 * is taken from rows, and learned then.
 */
export class Asks {
  readonly #known = new Map<string, { ask: Ask; accounts: number }>();

  /** What several accounts asked for, in the order in which it was first asked. */
  get list(): Ask[] {
    const shared = [...this.#known.values()].filter(({ accounts }) => accounts >= FEWEST);
    return shared.slice(0, MOST).map(({ ask }) => ask);
  }

  /** For one account on one day: answers nothing, and remembers what was asked. */
  recorder(today: number): Aggregated {
    const asked = new Set<string>();
    return {
      figure: (term, using, window) => {
        const relative = window && { from: window.from - today, to: window.to - today };
        const key = `${today} ${askKey(term, using)} ${relative?.from} ${relative?.to}`;
        if (asked.has(key)) return undefined;
        asked.add(key);
        const known = this.#known.get(key);
        if (known) known.accounts += 1;
        else this.#known.set(key, { ask: { term, using, window: relative, today }, accounts: 1 });
        return undefined;
      },
      firstDay: () => undefined,
    };
  }
}
