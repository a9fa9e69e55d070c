import type { Aggregated, Window } from './figure.ts';
import type { Term } from './measure.ts';
import type { SimpleAggregation } from './vocabulary.ts';

/** One figure that measuring asks for, whatever the account. */
export interface Ask {
  term: Term;
  using: SimpleAggregation;
  /** Days before (negative) today, [from, to); null = all that is known. */
  window: Window | null;
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

/**
 * What measuring asks for is learned by watching it measure some accounts from their rows: conditions, first-of-several sources and
 * flags ask for different figures in different accounts. What was not learned yet is taken from rows, and learned then.
 */
export class Asks {
  readonly #known = new Map<string, Ask>();

  get list(): Ask[] {
    return [...this.#known.values()];
  }

  /** Answers nothing, and remembers what was asked. */
  recorder(today: number): Aggregated {
    return {
      figure: (term, using, window) => {
        const relative = window && { from: window.from - today, to: window.to - today };
        const key = `${askKey(term, using)} ${relative?.from} ${relative?.to}`;
        if (!this.#known.has(key)) this.#known.set(key, { term, using, window: relative });
        return undefined;
      },
      firstDay: () => undefined,
    };
  }
}
