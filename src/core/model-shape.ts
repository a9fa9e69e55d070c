import { z } from 'zod';
import { BEGINNINGS } from './beginning.ts';
import { Curve } from './curves.ts';
import { measureShape } from './measure.ts';
import { Condition } from './rules.ts';
import { COVERAGE_KEYS } from './vocabulary.ts';

/** The shape of a model file, before what its names mean is checked: dimensions → signals with weights → 0–100, bands, segments, caps. Anything unknown is refused. */

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

const Ramp = z
  .array(z.tuple([z.int().min(0), z.number().positive()]))
  .min(2)
  .superRefine((ramp, ctx) => {
    for (const [i, [day]] of ramp.entries())
      if (day <= (ramp[i - 1]?.[0] ?? -1))
        ctx.addIssue({ code: 'custom', path: [i], message: 'days must rise from point to point' });
  });
export type Ramp = z.infer<typeof Ramp>;

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
  ramp: Ramp.optional().describe(
    'What is normal on day N of an account in onboarding, [day, figure]; until the last day its figure is judged against that.',
  ),
  needs: z
    .array(z.enum(COVERAGE_KEYS))
    .optional()
    .describe('Streams that must demonstrably cover the account, beside the one that is read.'),
  text: z
    .string()
    .min(1)
    .describe(
      'The reason in plain words, with figures in braces: {value} {top} {bottom} {rows} {on} {window} {since}; with what is counted, of one and of several: {value ticket|tickets}.',
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

const Onboarding = z.strictObject({
  days: z.int().min(1).max(365).default(90).describe('So many days after it began an account is in onboarding.'),
  from: z
    .array(z.enum(BEGINNINGS))
    .min(1)
    .default([...BEGINNINGS])
    .describe('What makes its beginning: the first that is known.'),
});
export type Onboarding = z.infer<typeof Onboarding>;

const Context = z.strictObject({
  label: z.string().min(1).describe('What an account manager calls it, beside its key.'),
  holds: z
    .array(z.string())
    .min(1)
    .describe('Dimensions or signals that keep the figures of the day on which it began, until it ends.'),
});

export const PlainSegment = z.strictObject({
  weights: z.record(z.string(), Weight).optional().describe('Dimension → weight; those not named keep theirs.'),
  signals: z
    .record(z.string(), z.strictObject({ weight: Weight.optional(), curve: Curve.optional() }))
    .optional()
    .describe('Signal → its weight or curve here.'),
  bands: Bands.optional(),
});
export type Segment = z.infer<typeof PlainSegment>;

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

export const PlainModel = z.strictObject({
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
    .record(z.string(), PlainSegment)
    .default({})
    .describe('What differs for a segment; the account rules say which accounts are in it.'),
  shrinkage: z
    .strictObject({ accounts: z.int().min(1).max(1_000_000) })
    .optional()
    .describe(
      'A segment of n accounts weighs (n × its own + accounts × the general) ÷ (n + accounts), so that few accounts move little.',
    ),
  onboarding: Onboarding.prefault({}).describe('How long an account counts as new.'),
  contexts: z
    .record(Key, Context)
    .default({})
    .describe('What an account manager may say of an account for a time; its signals are held meanwhile.'),
  caps: z.array(Cap).default([]).describe('Critical conditions that hold the band down, whatever the rest says.'),
  people: People.prefault({}).describe('Who counts as an executive, a champion, or as gone.'),
});
/** A model by itself: none of its segments has another. */
export type PlainModel = z.infer<typeof PlainModel>;

export const enabledSignals = (dimension: Dimension): Signal[] => dimension.signals.filter((s) => s.enabled);
