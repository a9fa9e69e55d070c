import { z } from 'zod';
import { Curve, runs } from './curves.ts';
import type { FactKind } from './fact.ts';
import { hashOf } from './hash.ts';
import { type Measure, measureIssues, measureShape, type NameIssue, templateIssues, termsOf } from './measure.ts';
import { Condition } from './rules.ts';
import { COVERAGE_KEYS } from './vocabulary.ts';

/** The schema of a model file: dimensions → signals with weights → 0–100, bands, segments, caps. Anything unknown is refused. */

const Key = z.string().regex(/^[a-z][a-z0-9-]*$/, 'expected lower-case letters, digits and hyphens');
/** Relative to its siblings; three decimals, so that weights are exact integers inside. */
const Weight = z
  .number()
  .min(0)
  .max(1000)
  .refine((w) => Math.abs(w * 1000 - Math.round(w * 1000)) < 1e-6, 'expected at most three decimals');

const Band = z.strictObject({
  key: Key,
  from: z.int().min(0).max(100).describe('The lowest rounded score of the band.'),
});
const Bands = z
  .array(Band)
  .min(2)
  .superRefine((bands, ctx) => {
    for (const [i, band] of bands.entries()) {
      const above = bands[i - 1];
      if (above && band.from >= above.from)
        ctx.addIssue({ code: 'custom', path: [i, 'from'], message: 'bands go from the best down' });
    }
    if (bands.at(-1)?.from !== 0) ctx.addIssue({ code: 'custom', message: 'the last band starts at 0' });
  });

const Signal = z.strictObject({
  key: Key,
  label: z.string().min(1),
  unit: z.string().describe('How the figure is written: "%", "days", "tickets"; "money" formats an amount.'),
  weight: Weight,
  tag: z
    .enum(['leading', 'lagging'])
    .describe('Whether it moves before a customer decides, or only shows what was decided.'),
  direction: z
    .enum(['higher is better', 'lower is better', 'middle is best'])
    .describe('The way in which the curve has to run.'),
  enabled: z
    .boolean()
    .default(true)
    .describe('false = offered only: described here, measured once a person switches it on.'),
  ...measureShape,
  curve: Curve.describe('What the figure is worth, 0 (bad) to 100 (good).'),
  needs: z
    .array(z.enum(COVERAGE_KEYS))
    .optional()
    .describe('Streams that must demonstrably cover the account, beside the one that is read.'),
  text: z
    .string()
    .min(1)
    .describe(
      'The reason in plain words, with figures in braces: {value} {top} {bottom} {rows} {on} {window} {since}.',
    ),
  changeText: z
    .string()
    .min(1)
    .optional()
    .describe('The same where it moved within 30 days; {then.value} and so on are the earlier figures.'),
  emptyText: z.string().min(1).optional().describe('The reason where the figure is that of `empty`.'),
});
export type Signal = z.infer<typeof Signal>;

const Dimension = z.strictObject({
  key: Key,
  label: z.string().min(1),
  weight: Weight,
  signals: z.array(Signal).min(1),
});
export type Dimension = z.infer<typeof Dimension>;

const CapTest = z.strictObject({ ...measureShape, atLeast: z.number().optional(), below: z.number().optional() });
const Cap = z.strictObject({
  key: Key,
  label: z.string().min(1).describe('A plain fact: "An invoice is 60 or more days overdue".'),
  bandAtMost: Key.describe('The best band that is left.'),
  when: z.array(CapTest).min(1).describe('Applies when every test holds; a figure that is missing holds nothing.'),
});
export type Cap = z.infer<typeof Cap>;

const Segment = z.strictObject({
  weights: z.record(z.string(), Weight).optional().describe('Dimension → weight; those not named keep theirs.'),
  signals: z
    .record(z.string(), z.strictObject({ weight: Weight.optional(), curve: Curve.optional() }))
    .optional()
    .describe('Signal → its weight or curve here.'),
  bands: Bands.optional(),
});
export type Segment = z.infer<typeof Segment>;

/** Whole words of a title, or of an opportunity or account role, that mark a person. */
const Marks = z.strictObject({
  titles: z.array(z.string().min(2)).default([]).describe('Whole words of a title.'),
  roles: z.array(z.string().min(2)).default([]).describe('Whole words of a role on an account or opportunity.'),
});
const People = z.strictObject({
  executive: Marks.default({
    titles: ['chief', 'ceo', 'cfo', 'cio', 'coo', 'cto', 'cmo', 'cro', 'president', 'vp', 'svp', 'evp', 'founder'],
    roles: ['executive sponsor', 'economic buyer', 'economic decision maker', 'decision maker'],
  }),
  champion: Marks.default({ titles: ['champion'], roles: ['champion'] }),
  left: Condition.optional().describe('A contact that left the company, beside those whose mail bounces.'),
});
export type People = z.infer<typeof People>;

const ModelObject = z.strictObject({
  name: Key,
  version: z.int().min(1).describe('Raised with every change, so that scores tell by what they were made.'),
  description: z.string().optional(),
  bands: Bands.describe('From the best down; the rounded score decides.'),
  floor: z
    .number()
    .min(0)
    .max(1)
    .default(0.4)
    .describe('Least confidence to be scored; below it the account is "not scored", never red.'),
  lowest: z
    .int()
    .min(0)
    .max(99)
    .optional()
    .describe('The lowest score that is shown: 1 for a scale from 1 to 100. Absent = 0.'),
  dimensions: z.array(Dimension).min(1).describe('What the score is made of; weights are relative to each other.'),
  segments: z
    .record(z.string(), Segment)
    .default({})
    .describe('What differs for a segment; the account rules say which accounts are in it.'),
  caps: z.array(Cap).default([]).describe('Critical conditions that hold the band down, whatever the rest says.'),
  people: People.prefault({}).describe('Who counts as an executive, a champion, or as gone.'),
});
export type Model = z.infer<typeof ModelObject>;

export const Model: z.ZodType<Model> = ModelObject.superRefine((model, ctx) => {
  for (const issue of modelIssues(model)) ctx.addIssue({ code: 'custom', ...issue });
});

function modelIssues(model: Model): NameIssue[] {
  const issues: NameIssue[] = [];
  const dimensionKeys = model.dimensions.map((d) => d.key);
  const signalKeys = model.dimensions.flatMap((d) => d.signals.map((s) => s.key));
  const bandKeys = model.bands.map((b) => b.key);
  const known = (what: string, found: string, names: string[], path: PropertyKey[]): void => {
    if (!names.includes(found)) issues.push({ path, message: `unknown ${what}`, params: { found, names } });
  };
  const unique = (what: string, key: string, seen: Set<string>, path: PropertyKey[]): void => {
    if (seen.has(key)) issues.push({ path, message: `the ${what} \`${key}\` is there twice` });
    seen.add(key);
  };

  const [dimensions, signals, caps] = [new Set<string>(), new Set<string>(), new Set<string>()];
  for (const [d, dimension] of model.dimensions.entries()) {
    unique('dimension', dimension.key, dimensions, ['dimensions', d, 'key']);
    for (const [s, signal] of dimension.signals.entries()) {
      const path = ['dimensions', d, 'signals', s];
      unique('signal', signal.key, signals, [...path, 'key']);
      issues.push(...signalIssues(signal).map((issue) => ({ ...issue, path: [...path, ...issue.path] })));
    }
    if (dimension.weight > 0 && enabledWeight(dimension) === 0)
      issues.push({ path: ['dimensions', d, 'signals'], message: 'no signal with a weight is switched on' });
  }
  if (model.dimensions.every((d) => d.weight === 0))
    issues.push({ path: ['dimensions'], message: 'no dimension has a weight' });

  for (const [c, cap] of model.caps.entries()) {
    unique('cap', cap.key, caps, ['caps', c, 'key']);
    known('band', cap.bandAtMost, bandKeys, ['caps', c, 'bandAtMost']);
    for (const [t, test] of cap.when.entries()) {
      const path = ['caps', c, 'when', t];
      if (test.atLeast === undefined && test.below === undefined)
        issues.push({ path, message: 'a test needs `atLeast` or `below`' });
      issues.push(...measureIssues(test).map((issue) => ({ ...issue, path: [...path, ...issue.path] })));
    }
  }
  for (const [key, segment] of Object.entries(model.segments)) {
    const path = ['segments', key];
    for (const name of Object.keys(segment.weights ?? {}))
      known('dimension', name, dimensionKeys, [...path, 'weights', name]);
    for (const name of Object.keys(segment.signals ?? {}))
      known('signal', name, signalKeys, [...path, 'signals', name]);
    for (const [b, band] of (segment.bands ?? []).entries())
      known('band', band.key, bandKeys, [...path, 'bands', b, 'key']);
    if (model.dimensions.every((d) => (segment.weights?.[d.key] ?? d.weight) === 0))
      issues.push({ path: [...path, 'weights'], message: 'no dimension has a weight' });
  }
  return issues;
}

function signalIssues(signal: Signal): NameIssue[] {
  const issues = [...measureIssues(signal), ...templateIssues(signal.text, ['text'])];
  for (const key of ['changeText', 'emptyText'] as const) issues.push(...templateIssues(signal[key] ?? '', [key]));
  if (!runs(signal.curve, signal.direction))
    issues.push({ path: ['curve'], message: `the curve does not run as the direction says (${signal.direction})` });
  return issues;
}

export const enabledSignals = (dimension: Dimension): Signal[] => dimension.signals.filter((s) => s.enabled);
const enabledWeight = (dimension: Dimension): number => enabledSignals(dimension).reduce((sum, s) => sum + s.weight, 0);

/** Changes when anything changes that can move a score; the same on every machine. */
export const modelHash = (model: Model): string => hashOf(model);

const measuresOf = (model: Model): Measure[] => [
  ...model.dimensions.flatMap((d) => enabledSignals(d)),
  ...model.caps.flatMap((c) => c.when),
];

const ALWAYS_READ = [
  'account',
  'contact',
  'opportunity',
  'opportunityRole',
  'activity',
  'subscription',
  'usage',
  'ticket',
  'invoice',
] as const satisfies FactKind[];

/** Fact kinds that scoring by this model reads, with those that coverage, roles, renewals and flags rest on. */
export function kindsOf(model: Model): FactKind[] {
  const kinds = new Set<FactKind>(ALWAYS_READ);
  const add = (kind: FactKind | 'renewal'): void => {
    if (kind !== 'renewal') kinds.add(kind);
  };
  for (const measure of measuresOf(model)) {
    for (const term of termsOf(measure)) add(term.kind);
    for (const against of measure.to ?? []) if ('kind' in against) add(against.kind);
  }
  return [...kinds];
}

/** How far back events and series are needed: the longest window with what it is compared to, 30 days ago. At least 13 months. */
export function lookBackDays(model: Model): number {
  const reach = (m: Measure): number =>
    Math.max(
      (m.windowDays ?? 0) * (m.aggregation === 'trend' ? 2 : 1) + (m.baselineDays ?? 0),
      ...(m.to ?? []).map((a) => ('kind' in a ? (a.windowDays ?? 0) : 0)),
    );
  return Math.max(365, ...measuresOf(model).map(reach)) + 31;
}
