import { z } from 'zod';
import type { Lifecycle, Outlook, Trend } from './result.ts';

const TRENDS = [
  'declining fast',
  'declining',
  'stable',
  'improving',
  'improving fast',
  'new',
] as const satisfies Trend[];

const OUTLOOKS = ['recovery possible', 'urgent', 'early warning'] as const satisfies Outlook[];
const LIFECYCLES = ['onboarding', 'mature'] as const satisfies Lifecycle[];

const Range = z
  .strictObject({ below: z.number().optional(), atLeast: z.number().optional() })
  .refine((r) => r.below !== undefined || r.atLeast !== undefined, 'expected below, atLeast, or both');
export type Range = z.infer<typeof Range>;
const Names = z.array(z.string().min(1)).min(1);

/** What must all hold for a play. What is unknown (a dimension without data, no renewal date) never satisfies a condition. */
const When = z.strictObject({
  scored: z.boolean().optional().describe('false = accounts that could not be scored; absent = scored ones.'),
  trend: z.array(z.enum(TRENDS)).min(1).optional(),
  band: Names.optional().describe('One of these bands of the model.'),
  score: Range.optional().describe('Composite score, 0–100.'),
  dimension: z.record(z.string(), Range).optional().describe('Dimension → range of its score, 0–100.'),
  signal: z
    .record(z.string(), Range)
    .optional()
    .describe("Signal → range of what it measured, in the signal's own unit."),
  cap: Names.optional().describe('Any of these caps applied.'),
  flag: Names.optional().describe('Any of these hidden-risk flags is raised.'),
  outlook: z
    .array(z.enum(OUTLOOKS))
    .min(1)
    .optional()
    .describe('What band and trend mean together, in whatever bands the model has.'),
  lifecycle: z.enum(LIFECYCLES).optional().describe('Whether the account is in onboarding, as the model says.'),
  renewalDays: Range.optional().describe('Days to the renewal; overdue ones are negative.'),
  segment: Names.optional(),
});
export type When = z.infer<typeof When>;

/** What a play's text may name. `{contact}` is the customer's key person, or the account where none is known. */
export const PLACEHOLDERS = ['csm', 'manager', 'contact', 'name', 'date', 'renewalDate', 'arr', 'score'] as const;
export type Placeholder = (typeof PLACEHOLDERS)[number];

const Play = z.strictObject({
  code: z.string().describe('A code of `actions`.'),
  when: When.optional().describe('Absent only in the last play: it takes every scored account that no other took.'),
  text: z
    .string()
    .min(1)
    .max(200)
    .describe('One verb, one person, one date: "Call {contact} by {date}: what changed?"'),
  owner: z.enum(['csm', 'manager']).default('csm'),
  why: z.string().min(1).max(200).describe('Why this is advised, one short sentence.'),
  withinDays: z
    .int()
    .min(1)
    .max(90)
    .default(7)
    .describe(
      'How soon it should be done, in calendar days; the date given is a working day, before the renewal where that is near.',
    ),
});
export type Play = z.infer<typeof Play>;

const Action = z.strictObject({
  code: z.string().regex(/^[a-z][a-z0-9-]*$/, 'expected lower-case words joined by hyphens'),
  label: z.string().min(1).max(60).describe("What the CRM's picklist shows."),
});
export type Action = z.infer<typeof Action>;

const Shape = z.strictObject({ actions: z.array(Action).min(1), plays: z.array(Play).min(1) });
/** A1: mappings/playbook.yaml, in order; the first play whose conditions hold gives the account's one action. */
export type Playbook = z.infer<typeof Shape>;

/** Names that a model defines, for the check of conditions; an absent list is not checked. */
export interface ModelNames {
  dimensions?: readonly string[];
  signals?: readonly string[];
  bands?: readonly string[];
  caps?: readonly string[];
  flags?: readonly string[];
  segments?: readonly string[];
}

/** The schema of a playbook, checked against a model's names where they are given. */
export const playbookSchema = (model: ModelNames = {}): z.ZodType<Playbook> =>
  Shape.superRefine((playbook, ctx) => {
    for (const { path, message, found, names } of checkPlaybook(playbook, model))
      ctx.addIssue({ code: 'custom', path, message, ...(found === undefined ? {} : { params: { found, names } }) });
  });
export const Playbook = playbookSchema();

export interface PlaybookProblem {
  path: (string | number)[];
  message: string;
  /** The unknown name, with the names that are valid there. */
  found?: string;
  names?: readonly string[];
}

/** What no schema sees: unknown codes, placeholders and names, plays that can never be reached, accounts that none would take. */
export function checkPlaybook(playbook: Playbook, model: ModelNames = {}): PlaybookProblem[] {
  const codes = playbook.actions.map((a) => a.code);
  const problems: PlaybookProblem[] = [...duplicates(playbook)];
  playbook.plays.forEach((play, at) => {
    const unknown = (path: (string | number)[], what: string, found: string, names: readonly string[]): void => {
      problems.push({ path: ['plays', at, ...path], message: `unknown ${what}`, found, names });
    };
    if (!codes.includes(play.code)) unknown(['code'], 'action code', play.code, codes);
    for (const [whole, name = ''] of play.text.matchAll(/\{([^{}]*)\}?/g))
      if (!isPlaceholder(name) || !whole.endsWith('}')) unknown(['text'], 'placeholder', name, PLACEHOLDERS);
    for (const [key, what, found, names] of namesIn(play.when ?? {}, model))
      if (names && !names.includes(found)) unknown(['when', key], what, found, names);
  });
  return [...problems, ...reach(playbook.plays)];
}

export const isPlaceholder = (name: string): name is Placeholder => (PLACEHOLDERS as readonly string[]).includes(name);

type NameUse = [key: string, what: string, found: string, names: readonly string[] | undefined];
function namesIn(when: When, model: ModelNames): NameUse[] {
  const uses = (key: string, names: readonly string[] | undefined, found: string[] = []): NameUse[] =>
    found.map((f) => [key, key, f, names]);
  return [
    ...uses('band', model.bands, when.band),
    ...uses('cap', model.caps, when.cap),
    ...uses('flag', model.flags, when.flag),
    ...uses('segment', model.segments, when.segment),
    ...uses('dimension', model.dimensions, Object.keys(when.dimension ?? {})),
    ...uses('signal', model.signals, Object.keys(when.signal ?? {})),
  ];
}

function duplicates(playbook: Playbook): PlaybookProblem[] {
  return (['code', 'label'] as const).flatMap((part) => {
    const seen = new Set<string>();
    return playbook.actions.flatMap((action, at) => {
      if (!seen.has(action[part])) {
        seen.add(action[part]);
        return [];
      }
      return [{ path: ['actions', at, part], message: `${part} ${action[part]} is used twice` }];
    });
  });
}

/** Each kind of account, scored and not scored, needs a play that takes all that is left, and nothing of its kind after it. */
function reach(plays: readonly Play[]): PlaybookProblem[] {
  const problems: PlaybookProblem[] = [];
  for (const scored of [true, false]) {
    const kind = scored ? 'scored accounts' : 'accounts that are not scored';
    const own = [...plays.entries()].filter(([, play]) => (play.when?.scored ?? true) === scored);
    const catchAll = own.find(([, play]) => Object.keys(play.when ?? {}).every((key) => key === 'scored'));
    if (!catchAll) {
      const cure = scored ? 'end with a play without `when`' : 'add a play with only `when: { scored: false }`';
      problems.push({ path: ['plays'], message: `some ${kind} would have no action; ${cure}` });
      continue;
    }
    for (const [at] of own)
      if (at > catchAll[0])
        problems.push({
          path: ['plays', at],
          message: `never reached: play ${catchAll[0] + 1} already takes all ${kind}`,
        });
  }
  return problems;
}
