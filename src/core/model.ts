import { z } from 'zod';
import type { FactKind } from './fact.ts';
import { hashOf } from './hash.ts';
import { type Measure, type NameIssue, termsOf, YEAR_DAYS } from './measure.ts';
import { modelIssues } from './model-checks.ts';
import { type Dimension, enabledSignals, PlainModel, PlainSegment } from './model-shape.ts';
import { OPEN_ENDED_DAYS } from './override.ts';

export {
  type Cap,
  type Dimension,
  enabledSignals,
  type Onboarding,
  type People,
  type PlainModel,
  type Ramp,
  type Segment,
  type Signal,
} from './model-shape.ts';

/** The schema of a model file. Anything unknown is refused. */

/** A model by itself: none of its segments has another. */
export const WholeModel: z.ZodType<PlainModel> = PlainModel.superRefine((model, ctx) => {
  for (const issue of modelIssues(model)) ctx.addIssue({ code: 'custom', ...issue });
});

const ModelObject = PlainModel.extend({
  segments: z
    .record(
      z.string(),
      PlainSegment.extend({
        model: z
          .union([z.string().min(1), WholeModel])
          .optional()
          .describe('Another whole model for this segment: its file, seen from this one.'),
      }),
    )
    .default({})
    .describe('What differs for a segment; the account rules say which accounts are in it.'),
});
/** A model as it scores: the files of its segments' models are read (see kit/model-file.ts). */
export type Model = z.infer<typeof ModelObject>;

export const Model: z.ZodType<Model> = ModelObject.superRefine((model, ctx) => {
  for (const issue of [...modelIssues(model), ...segmentModelIssues(model)]) ctx.addIssue({ code: 'custom', ...issue });
});

/** Segments' models are told apart by their names. */
function segmentModelIssues(model: Model): NameIssue[] {
  const hashes = new Map([[model.name, 'general']]);
  return Object.entries(model.segments).flatMap(([key, segment]) => {
    const path = ['segments', key];
    if (segment.model === undefined) return [];
    const beside = (['weights', 'signals', 'bands'] as const).filter((part) => segment[part] !== undefined);
    const issues: NameIssue[] = beside.map((part) => ({
      path: [...path, part],
      message: `\`${part}\` has no place beside \`model\`: the segment’s own model says it`,
    }));
    if (typeof segment.model === 'string') return issues;
    const hash = hashOf(segment.model);
    if ((hashes.get(segment.model.name) ?? hash) !== hash)
      issues.push({
        path: [...path, 'model'],
        message: `another model here is called ${segment.model.name} too; expected a name of its own`,
      });
    hashes.set(segment.model.name, hash);
    return issues;
  });
}

/** The model that scores a segment: its own whole one, else the general one. */
export function modelFor(model: Model, segment: string | null): Model {
  const own = segment === null ? undefined : model.segments[segment]?.model;
  if (typeof own === 'string') throw new Error(`the model ${own} of segment ${segment} was not read from its file`);
  return own ?? model;
}

/** The general model, then the whole models of segments, each once. */
export function modelsOf(model: Model): Model[] {
  const own = Object.keys(model.segments).map((segment) => modelFor(model, segment));
  return [...new Map([model, ...own].map((m) => [m.name, m])).values()];
}

/** The dimensions of all its models, those of the general one first: fields of the CRM are for all of them. */
export function allDimensions(model: Model): Dimension[] {
  const found = new Map<string, Dimension>();
  for (const dimension of modelsOf(model).flatMap((m) => m.dimensions))
    if (!found.has(dimension.key)) found.set(dimension.key, dimension);
  return [...found.values()];
}

/** The bands of all its models, those of the general one first. */
export const allBands = (model: Model): string[] => [
  ...new Set(modelsOf(model).flatMap((m) => m.bands.map((b) => b.key))),
];

/** Changes when anything changes that can move a score, in segments' own models too; the same on every machine. */
export const modelHash = (model: Model): string => hashOf(model);

const measuresOf = (model: Model): Measure[] =>
  modelsOf(model).flatMap((own) => [...own.dimensions.flatMap(enabledSignals), ...own.caps.flatMap((c) => c.when)]);

/**
 * Whether the model reads the tone of tickets, which needs each ticket's every version. Flags use it only then, since reading all
 * versions for them alone would slow down every scoring.
 */
export function readsTone(model: Model): boolean {
  let reads = tones.get(model);
  if (reads === undefined) {
    const terms = measuresOf(model).flatMap((measure) => termsOf(measure));
    reads = terms.some(
      (term) => term.kind === 'ticket' && /"(sentiment|frustrated|toneAt)"/.test(JSON.stringify(term)),
    );
    tones.set(model, reads);
  }
  return reads;
}
const tones = new WeakMap<Model, boolean>();

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
  'pulse',
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

/**
 * How far back events and series are needed: the longest window with what it is compared to, 30 days ago; where a context may hold it,
 * for as long as one without an end lasts. At least 13 months.
 */
export function lookBackDays(model: Model): number {
  const reach = (m: Measure): number =>
    Math.max(
      (m.windowDays ?? 0) * (m.aggregation === 'trend' ? 2 : 1) + (m.baselineDays ?? 0),
      m.against === 'year before' ? YEAR_DAYS + Math.max(m.windowDays ?? 0, m.baselineDays ?? 0) : 0,
      ...(m.to ?? []).map((a) => ('kind' in a ? (a.windowDays ?? 0) : 0)),
    );
  const held = modelsOf(model)
    .flatMap(heldMeasures)
    .map((m) => reach(m) + OPEN_ENDED_DAYS);
  return Math.max(365, ...measuresOf(model).map(reach), ...held) + 31;
}

function heldMeasures({ contexts, dimensions }: Model): Measure[] {
  const names = new Set(Object.values(contexts).flatMap(({ holds }) => holds));
  return dimensions.flatMap((d) => enabledSignals(d).filter((s) => names.has(s.key) || names.has(d.key)));
}
