import { type Term, termsOf } from './measure.ts';
import { enabledSignals, type Model, type Segment, type Signal } from './model.ts';
import { reachOf } from './reach.ts';
import type { Condition } from './rules.ts';
import { KINDS } from './vocabulary.ts';

/** Something worth knowing about a model that loads. */
export interface Finding {
  level: 'warning' | 'info';
  /** Where in the file. */
  path: PropertyKey[];
  text: string;
}

/** Parts of a model that mislead, that never apply, or that do not say what their writer may think. */
export function findingsOf(model: Model): Finding[] {
  return [...signalFindings(model), ...capFindings(model), ...segmentFindings(model), ...weightFindings(model)];
}

const warning = (path: PropertyKey[], text: string): Finding => ({ level: 'warning', path, text });
const info = (path: PropertyKey[], text: string): Finding => ({ level: 'info', path, text });

function signalFindings(model: Model): Finding[] {
  return model.dimensions.flatMap((dimension, d) =>
    dimension.signals.flatMap((signal, s) => {
      if (!signal.enabled || dimension.weight === 0) return [];
      const path = ['dimensions', d, 'signals', s];
      const vain = vanity(signal);
      return [
        ...(vain === null ? [] : [warning(path, `signal ${signal.key} ${vain}`)]),
        ...curveFindings(signal, path),
      ];
    }),
  );
}

const SIZES: Record<string, string> = {
  logins: 'total logins',
  uses: 'total uses',
  basicUses: 'total uses',
  minutes: 'total minutes',
  activeUsers: 'users',
};

/** S13: figures that grow with the size of a customer or with our own doing, and say nothing of how it fares. null = none of these. */
function vanity(signal: Signal): string | null {
  const { aggregation } = signal;
  if (signal.direction !== 'higher is better' || aggregation === 'daysSince') return null;
  const plain =
    aggregation === 'sum' || aggregation === 'count' || aggregation === 'average' || aggregation === 'latest';
  if (!plain) return null;
  for (const { kind, metric, where } of termsOf(signal)) {
    const size = kind === 'usage' ? (metric === undefined ? 'days of use' : SIZES[metric]) : undefined;
    if (size) return `counts ${size} alone; a share of seats or a trend says more`;
    if (kind === 'account' && aggregation === 'latest' && (metric === 'arr' || metric === 'seats'))
      return `measures how large the customer is, not how it fares; its trend says more`;
    if (kind === 'activity' && aggregation === 'count' && !names(where, TOLD_APART))
      return 'counts everything that is logged, our own notes and tasks included; name the types that are touchpoints';
  }
  return null;
}
const TOLD_APART = ['type', 'named', 'contact', 'withExecutive', 'withChampion', 'onRenewal'];

function names(where: Condition | undefined, fields: string[]): boolean {
  if (!where) return false;
  if ('field' in where) return fields.includes(where.field);
  return Object.values(where)
    .flat()
    .some((part) => names(part as Condition, fields));
}

/** Curves over figures that cannot be. */
function curveFindings(signal: Signal, path: PropertyKey[]): Finding[] {
  const at = [...path, 'curve'];
  const knots = signal.curve.linear ?? signal.curve.steps;
  const reach = reachOf(signal);
  if (reach === null)
    return !signal.curve.lookup
      ? [warning(at, `signal ${signal.key} measures ${textOf(signal)}, a text, which only a lookup curve can judge`)]
      : [];
  if (!knots) return [];
  const [first, last] = [knots[0]?.[0] ?? 0, knots.at(-1)?.[0] ?? 0];
  const inPercent =
    ['ratio', 'share', 'trend', 'deviation'].includes(signal.aggregation) && (signal.per ?? 100) === 100;
  if (inPercent && knots.length > 1 && first >= -1 && last > 0 && last <= 1)
    return [
      warning(
        at,
        `signal ${signal.key} is measured in percent (0 to 100), and its curve ends at ${last}; write ${last * 100} instead of ${last}`,
      ),
    ];
  if (knots.length > 1 && (first >= reach.most || last <= reach.least)) {
    const range = first >= reach.most ? `never above ${reach.most}` : `never below ${reach.least}`;
    return [warning(at, `signal ${signal.key} is ${range}, so its curve always gives the same score`)];
  }
  return [];
}
const textOf = (signal: Signal): string => {
  const term: Term | undefined = termsOf(signal)[0];
  return term ? `\`${term.metric}\` of ${KINDS[term.kind].plural}` : 'nothing';
};

/** Caps that no account can meet, and caps that take nothing where they hold. */
function capFindings(model: Model): Finding[] {
  return model.caps.flatMap((cap, c) => {
    const path = ['caps', c];
    const found: Finding[] = [];
    if (cap.bandAtMost === model.bands[0]?.key)
      found.push(
        warning([...path, 'bandAtMost'], `cap ${cap.key} takes nothing: ${cap.bandAtMost} is the best band there is`),
      );
    for (const [key, { bands }] of Object.entries(model.segments))
      if (bands && bands.findIndex((b) => b.key === cap.bandAtMost) <= 0)
        found.push(
          warning(
            ['segments', key, 'bands'],
            `cap ${cap.key} takes nothing in segment ${key}: no band there is better than ${cap.bandAtMost}`,
          ),
        );
    for (const [t, test] of cap.when.entries()) {
      const never = neverHolds(test);
      if (never !== null) found.push(warning([...path, 'when', t], `cap ${cap.key} never applies: ${never}`));
    }
    return found;
  });
}

function neverHolds(test: Model['caps'][number]['when'][number]): string | null {
  const { atLeast, below } = test;
  if (atLeast !== undefined && below !== undefined && below <= atLeast)
    return `nothing is at least ${atLeast} and below ${below}`;
  const reach = reachOf(test);
  if (reach === null) return 'a text is neither above nor below a number; use `where` and count';
  if (atLeast !== undefined && atLeast > reach.most) return `the figure is never above ${reach.most}`;
  if (below !== undefined && below <= reach.least) return `the figure is never below ${reach.least}`;
  return null;
}

/** What a segment says about signals that are off, and segments that are not there. */
function segmentFindings(model: Model): Finding[] {
  if (model.shrinkage && Object.keys(model.segments).length === 0)
    return [warning(['shrinkage'], 'shrinkage changes nothing: the model has no segments')];
  const off = new Set(model.dimensions.flatMap((d) => d.signals.filter((s) => !s.enabled).map((s) => s.key)));
  return Object.entries(model.segments).flatMap(([key, segment]) =>
    Object.keys(segment.signals ?? {})
      .filter((signal) => off.has(signal))
      .map((signal) =>
        warning(
          ['segments', key, 'signals', signal],
          `segment ${key} changes nothing of ${signal}, which is switched off`,
        ),
      ),
  );
}

const TOTALS = [1, 10, 100, 1000];

function weightFindings(model: Model): Finding[] {
  const odd = (segment: Segment): number | null => {
    const sum = model.dimensions.reduce((all, d) => all + (segment.weights?.[d.key] ?? d.weight), 0);
    const total = Math.round(sum * 1000) / 1000;
    const even = model.dimensions.every((d) => d.weight === model.dimensions[0]?.weight) && !segment.weights;
    return even || TOTALS.includes(total) ? null : total;
  };
  const found: Finding[] = [];
  const own = odd({});
  if (own !== null)
    found.push(info(['dimensions'], `the weights of the dimensions add up to ${own}; shares of that count`));
  for (const [key, segment] of Object.entries(model.segments)) {
    const total = segment.weights ? odd(segment) : null;
    if (total !== null)
      found.push(info(['segments', key, 'weights'], `the weights of segment ${key} add up to ${total}`));
  }
  for (const [d, dimension] of model.dimensions.entries()) {
    const weighs = [dimension.weight, ...Object.values(model.segments).map((s) => s.weights?.[dimension.key] ?? 0)];
    if (weighs.every((w) => w === 0))
      found.push(info(['dimensions', d], `dimension ${dimension.key} has no weight: it is shown, and does not count`));
    else
      for (const signal of enabledSignals(dimension))
        if (signal.weight === 0)
          found.push(
            info(
              ['dimensions', d, 'signals', dimension.signals.indexOf(signal)],
              `signal ${signal.key} has no weight: it is shown, and does not count`,
            ),
          );
  }
  return found;
}
