import type { FieldSpec, FieldValue } from './fields.ts';
import type { Action } from './playbook.ts';
import { type AccountScore, NOT_SCORED, POINT, type Trend } from './result.ts';
import { cutAtWord, joinWithin, sentenceCase } from './text.ts';

const TREND_ORDER: Trend[] = ['new', 'declining fast', 'declining', 'stable', 'improving', 'improving fast'];
const TEXT = 255;
const REASONS = 2000;
const MODEL = 80;

/** Logical name of a dimension's field. */
export const dimensionField = (key: string): string => `dim_${key}`;

/**
 * W1: every field of the account record that the write-back uses. Help texts speak to account managers.
 * @param bands the model's band keys, best first
 */
export function fieldSpecs(
  dimensions: readonly { key: string; label: string }[],
  actions: readonly Action[],
  bands: readonly string[] = ['green', 'yellow', 'red'],
): FieldSpec[] {
  const bandValues = bands.map(sentenceCase);
  const ours = (name: string, label: string, type: FieldSpec['type'], help: string, more: Partial<FieldSpec> = {}) => ({
    name,
    label,
    help,
    type,
    ...more,
    direction: 'ours' as const,
  });
  const theirs = (
    name: string,
    label: string,
    type: FieldSpec['type'],
    help: string,
    more: Partial<FieldSpec> = {},
  ) => ({
    ...ours(name, label, type, help, more),
    direction: 'theirs' as const,
  });
  return [
    ours('score', 'Health score', 'integer', 'Account health from 0 to 100. Empty where too little is known to score.'),
    ours('band', 'Health band', 'picklist', 'Where the score stands. Not scored means too little data, not bad news.', {
      values: [...bandValues, sentenceCase(NOT_SCORED)],
    }),
    ours(
      'trend',
      'Health trend',
      'picklist',
      'How the score moved over the last 30 days. New: no 30 days of history yet.',
      {
        values: TREND_ORDER.map(sentenceCase),
      },
    ),
    ours('change30', 'Health change 30 days', 'decimal', 'Score points gained or lost in the last 30 days.'),
    ours('actionCode', 'Health action', 'picklist', 'The kind of next step that is advised. You decide.', {
      values: actions.map((a) => a.label),
    }),
    ours('actionText', 'Health next step', 'text', 'The advised next step: what, with whom, by when. You decide.', {
      length: TEXT,
    }),
    ours('reasons', 'Health reasons', 'longText', 'What moves the score most, with figures.', { length: REASONS }),
    ...dimensions.map(({ key, label }) =>
      ours(
        dimensionField(key),
        `Health ${label.toLowerCase()}`,
        'integer',
        `${sentenceCase(label)} part of the score, 0 to 100. Empty: no data.`,
      ),
    ),
    ours('riskFlags', 'Health risk flags', 'text', 'Risks that the score alone does not show.', { length: TEXT }),
    ours('confidence', 'Health confidence', 'integer', 'Share of the score inputs that have data, in percent.'),
    ours(
      'coverage',
      'Health data coverage',
      'text',
      'Which sources are missing or out of date, so what the score does not rest on.',
      {
        length: TEXT,
      },
    ),
    ours(
      'scoredAt',
      'Health scored at',
      'datetime',
      'When the values beside this were worked out. Refreshed when something changes, at least every two weeks.',
    ),
    ours('modelVersion', 'Health model', 'text', 'Name and version of the scoring model.', { length: MODEL }),
    theirs('pulse', 'CSM pulse', 'picklist', 'Your own feeling about this account. It counts in the score.', {
      values: ['Very good', 'Good', 'Fair', 'Poor'],
    }),
    theirs(
      'overrideBand',
      'Health override band',
      'picklist',
      'Set this when you know better than the score. The computed score is kept.',
      {
        values: bandValues,
      },
    ),
    theirs(
      'overrideScore',
      'Health override score',
      'integer',
      'A score from 0 to 100 that stands instead of the computed one.',
    ),
    theirs(
      'overrideReason',
      'Health override reason',
      'text',
      'What you know that the score does not. Without a reason an override does not hold.',
      {
        length: TEXT,
      },
    ),
    theirs(
      'overrideUntil',
      'Health override until',
      'date',
      'Last day on which your override holds. Empty: 90 days from when you set it.',
    ),
    theirs('context', 'Health context', 'text', 'A passing situation, for example a migration or a leave.', {
      length: TEXT,
    }),
    theirs('contextUntil', 'Health context until', 'date', 'Last day of the passing situation.'),
  ];
}

/** What our fields of an account should hold: exactly the fields of `specs` that are ours. */
export function fieldValues(
  score: AccountScore,
  specs: readonly FieldSpec[],
  actions: readonly Action[],
): Record<string, FieldValue> {
  const values: Record<string, FieldValue> = {
    score: score.score,
    band: sentenceCase(score.band),
    trend: score.score === null ? null : sentenceCase(score.trend),
    change30: score.change30 === null ? null : oneDigit(score.change30 / POINT),
    actionCode: actions.find((a) => a.code === score.action?.code)?.label ?? null,
    actionText: orNull(cutAtWord(score.action?.text ?? '', TEXT)),
    reasons: orNull(joinWithin(score.reasons, '\n', REASONS)),
    riskFlags: orNull(joinWithin(score.flags.map(flagText), '; ', TEXT)),
    confidence: Math.round(score.confidence * 100),
    coverage: orNull(cutAtWord(score.coverage, TEXT)),
    // CRMs keep whole seconds.
    scoredAt: new Date(Math.floor(score.asOf / 1000) * 1000).toISOString(),
    modelVersion: `${score.model} ${score.modelHash.slice(0, 12)}`.slice(0, MODEL),
  };
  for (const { dimension, score: points } of score.dimensions)
    values[dimensionField(dimension)] = points === null ? null : Math.round(points / POINT);
  const ours = specs.filter((s) => s.direction === 'ours');
  return Object.fromEntries(ours.map(({ name }) => [name, values[name] ?? null]));
}

/** "no-executive-contact" → "No executive contact" */
const flagText = (code: string): string => sentenceCase(code.replace(/[-_]+/g, ' '));
const orNull = (text: string): string | null => (text === '' ? null : text);
/** Half away from zero, and never -0. */
const oneDigit = (n: number): number => (Math.sign(n) * Math.round(Math.abs(n) * 10)) / 10 || 0;
