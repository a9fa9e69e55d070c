import { type Measure, termsOf } from '../measure.ts';
import { enabledSignals, type Model, modelsOf, type Signal } from '../model.ts';

const BEGAN: Partial<Record<string, string>> = { account: 'createdOn', subscription: 'startOn' };
/** Fields that count days or months since the beginning, as exports call them. */
const AGE =
  /tenure|(account|customer|relationship)[ _-]?(age|length)|age[ _-]?in[ _-]?(days|months|years)|customer[ _-]?since/i;

/** `dimension.signal` of what measures how long an account has been there, whoever scores: that alone is no sign of health. */
export function agesIn(model: Model): Set<string> {
  const ages = new Set<string>();
  for (const { dimensions } of modelsOf(model))
    for (const dimension of dimensions)
      for (const signal of enabledSignals(dimension)) if (isAge(signal)) ages.add(`${dimension.key}.${signal.key}`);
  return ages;
}

const isAge = (signal: Signal): boolean =>
  termsOf(signal as Measure).every(({ kind, metric }) => {
    if (metric === undefined) return false;
    if (signal.aggregation === 'daysSince') return BEGAN[kind] === metric || AGE.test(metric);
    return kind === 'account' && AGE.test(metric);
  });
