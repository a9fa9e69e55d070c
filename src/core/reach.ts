import { type Measure, type Term, termsOf } from './measure.ts';
import { KINDS, type SimpleAggregation } from './vocabulary.ts';

/** The least and the most that something can measure; null = texts, which have no order. */
export interface Reach {
  least: number;
  most: number;
}
const ANY: Reach = { least: Number.NEGATIVE_INFINITY, most: Number.POSITIVE_INFINITY };
const PERCENT: Reach = { least: 0, most: 100 };

/** What a measure can come to, whatever the account; of several sources the widest. */
export function reachOf(measure: Measure): Reach | null {
  const reaches = termsOf(measure).map((term) => reachOfTerm(measure, term));
  const numbers = reaches.filter((r) => r !== null);
  if (numbers.length === 0) return null;
  const least = Math.min(...numbers.map((r) => r.least));
  const most = Math.max(...numbers.map((r) => r.most));
  return measure.empty === undefined
    ? { least, most }
    : { least: Math.min(least, measure.empty), most: Math.max(most, measure.empty) };
}

function reachOfTerm(measure: Measure, term: Term): Reach | null {
  const { aggregation } = measure;
  switch (aggregation) {
    case 'share':
      return PERCENT;
    case 'ratio': {
      const top = simpleReach(term, measure.using ?? 'sum', measure.windowDays);
      const least = top && top.least >= 0 ? 0 : Number.NEGATIVE_INFINITY;
      return { least, most: measure.ceiling ?? Number.POSITIVE_INFINITY };
    }
    case 'trend':
    case 'deviation':
      return { least: -100, most: Number.POSITIVE_INFINITY };
    default: {
      const reach = simpleReach(term, aggregation, measure.windowDays);
      if (!reach || measure.perDays === undefined || measure.windowDays === undefined) return reach;
      const scale = measure.perDays / measure.windowDays;
      return { least: reach.least * scale, most: reach.most * scale };
    }
  }
}

function simpleReach(term: Term, using: SimpleAggregation, windowDays: number | undefined): Reach | null {
  if (using === 'count') return { ...ANY, least: 0 };
  if (using === 'daysSince') return { least: term.kind === 'account' ? ANY.least : 0, most: windowDays ?? ANY.most };
  if (using === 'distinct') {
    const weeks = term.metric === 'week' && windowDays !== undefined ? Math.ceil(windowDays / 7) : ANY.most;
    return { least: 0, most: weeks };
  }
  const field = KINDS[term.kind].fields[term.metric ?? ''];
  if (!field) return ANY;
  if (field.type === 'text') return null;
  const of = field.type === 'flag' ? { least: 0, most: 1 } : { ...ANY, ...bounds(field) };
  return using === 'sum' ? { least: of.least >= 0 ? 0 : ANY.least, most: ANY.most } : of;
}

const bounds = ({ least, most }: { least?: number; most?: number }): Partial<Reach> => ({
  ...(least === undefined ? {} : { least }),
  ...(most === undefined ? {} : { most }),
});
