import { z } from 'zod';
import { FACT_KINDS, FACTS, type FactKind } from '../../src/core/fact.ts';
import { AccountRules, Condition } from '../../src/core/rules.ts';
import { readWhen } from '../../src/kit/read-date.ts';
import { loadYaml } from '../../src/kit/yaml.ts';
import { FIELDS, type FieldType, HAS_ATTRIBUTES, isChoices, NEEDS_OBSERVED_AT, REQUIRED } from './fields.ts';

const Column = z.string().min(1);
const OneChar = z.string().length(1);
const Zone = z.string().refine(isZone, 'expected an IANA time zone like Europe/London');
const Scalar = z.union([z.string(), z.number(), z.boolean()]);

/** A column, with what it takes to read it; `usage: active_users` is short for `usage: { column: active_users }`. */
const FieldRef = z.strictObject({
  column: z
    .union([Column, z.array(Column).min(1)])
    .optional()
    .describe(
      'Several columns only for lists (domains, keys, contactIds, seniorities), and for an account that is known by them together.',
    ),
  const: Scalar.optional().describe('The same value for every row, instead of a column.'),
  map: z
    .record(z.string(), Scalar)
    .optional()
    .describe(
      'What is written → what it means: { Yes: true, P1: urgent }. Other values are bad rows unless `otherwise` is given.',
    ),
  otherwise: z.union([Scalar, z.null()]).optional(),
  scale: z
    .union([z.number(), z.string().regex(/^\d+\/[1-9]\d*$/, 'expected a fraction like 1/60')])
    .optional()
    .describe('Factor: 0.01, or a fraction like "1/60" (seconds → minutes).'),
  range: z
    .tuple([z.number(), z.number()])
    .optional()
    .describe("[worst, best] of the source's scale, brought to 0…100."),
  pattern: z
    .string()
    .optional()
    .describe(
      'Pattern of a date that is not ISO 8601: dd/MM/yyyy. https://moment.github.io/luxon/#/parsing?id=table-of-tokens',
    ),
  zone: Zone.optional(),
  unit: z
    .enum(['major', 'minor'])
    .optional()
    .describe('Money: whether amounts are pounds (major, the default) or pence (minor).'),
  currency: Column.optional().describe('Money: the column that names the currency.'),
  separator: z.string().min(1).optional().describe('Lists: what stands between the values of one cell: ";".'),
  as: z
    .enum(['domain', 'email domain'])
    .optional()
    .describe('What a key is taken from: the domain of a web address, or of an e-mail address.'),
});
export type FieldRef = z.infer<typeof FieldRef>;
const short = <T extends z.ZodType>(ref: T) => z.union([Column, ref]);

/** When a row was true: a column, a fixed date, or the time at which the file was last modified. */
const ObservedAt = z.union([
  Column,
  z.strictObject({ column: Column, pattern: z.string().optional(), zone: Zone.optional() }),
  z.strictObject({
    constant: z.string().refine((text) => readWhen(text, 'UTC') !== null, 'expected an ISO date like 2026-11-25'),
  }),
]);

const Entry = {
  file: z
    .string()
    .refine(staysInside, 'expected a name or pattern inside the folder, without .. and not absolute')
    .describe('Name or pattern (usage-*.csv) inside the folder.'),
  format: z.enum(['csv', 'jsonl']).optional(),
  mode: z
    .enum(['snapshot', 'upsert', 'append'])
    .default('snapshot')
    .describe(
      'How new content of the same file relates to the old: it replaces it, it updates by id, or it adds to it.',
    ),
  optional: z.boolean().default(false).describe('The folder may lack this file.'),
  account: short(FieldRef).optional(),
  link: z
    .strictObject({ via: z.string(), column: Column })
    .optional()
    .describe(
      'The account is that of a record in another entry: a usage row names a subscription, the subscription its account.',
    ),
  id: z.union([Column, z.array(Column).min(1)]).optional(),
  observedAt: ObservedAt.optional(),
  deleted: short(FieldRef).optional().describe('The column that marks a deleted record.'),
  where: Condition.optional().describe(
    "Rows that are read; the rest is counted and left out. Fields are the file's own columns.",
  ),
  attributes: z
    .union([z.literal('all'), z.array(Column)])
    .optional()
    .describe('Columns kept under their own names for rules and roles.'),
  metrics: z.record(z.string().min(1), short(FieldRef)).optional().describe('Usage: figure → column.'),
  combine: z
    .enum(['last', 'sum', 'max'])
    .optional()
    .describe('Usage: what becomes of several rows of one account, feature and day.'),
  endKnownFrom: z
    .enum(['start', 'end'])
    .optional()
    .describe(
      'Subscriptions: whether the end date was agreed at the start (a term) or only known when it came (a cancellation).',
    ),
  skipAfterHeader: z
    .int()
    .nonnegative()
    .default(0)
    .describe('Lines between the header and the first row that are not data (some survey exports have two).'),
  delimiter: OneChar.optional(),
  encoding: z.enum(['utf-8', 'windows-1252']).optional(),
};

const entryOf = (kind: FactKind) =>
  z.strictObject({
    kind: z.literal(kind),
    ...Entry,
    fields: z
      .strictObject(Object.fromEntries(Object.keys(FIELDS[kind]).map((name) => [name, short(FieldRef).optional()])))
      .default({}),
  });
const [first, ...others] = FACT_KINDS.map(entryOf);
const AnyEntry = z.discriminatedUnion('kind', [first as ReturnType<typeof entryOf>, ...others]);
export type Entry = z.infer<typeof AnyEntry>;

const Defaults = z.strictObject({
  timezone: Zone.optional(),
  currency: z
    .string()
    .regex(/^[A-Z]{3}$/, 'expected an ISO 4217 code like GBP')
    .optional(),
  delimiter: OneChar.default(','),
  encoding: z.enum(['utf-8', 'windows-1252']).default('utf-8'),
  nulls: z.array(z.string()).default(['', 'NULL']).describe('Texts that mean "unknown".'),
  decimal: z.enum(['.', ',']).default('.'),
  thousands: z.enum([',', '.', ' ', "'"]).nullable().default(null),
  marker: z
    .string()
    .min(1)
    .optional()
    .describe('A file is read only when a file of its name plus this ending (usage.csv.done) stands beside it.'),
  settleSeconds: z
    .number()
    .nonnegative()
    .default(0)
    .describe('A file is read only when it has not changed for so many seconds.'),
});
export type Defaults = z.infer<typeof Defaults>;

/** The mapping file: which column of which file is which field. */
export const Mapping = z
  .strictObject({
    version: z.literal(1),
    defaults: Defaults.default(Defaults.parse({})),
    accounts: AccountRules.default(AccountRules.parse({})).describe(
      'Who is a customer, and how accounts are segmented, renewed and owned. Default: every account is scored.',
    ),
    files: z.record(z.string().regex(/^[A-Za-z0-9_-]+$/, 'expected letters, digits, - and _'), AnyEntry),
  })
  .superRefine((mapping, ctx) => {
    const say = (path: (string | number)[], message: string, names?: { found: string; names: string[] }): void => {
      ctx.addIssue({ code: 'custom', path: ['files', ...path], message, params: names });
    };
    const entries = Object.entries(mapping.files);
    if (entries.length === 0) say([], 'expected at least one file');
    const accounts = entries.filter(([, e]) => e.kind === 'account').map(([name]) => name);
    if (accounts.length > 1)
      say(
        [accounts[1] ?? ''],
        `only one entry may bring accounts, and \`${accounts[0]}\` does; name several files by a pattern`,
      );
    for (const [name, entry] of entries)
      for (const p of entryProblems(entry, mapping.files)) say([name, ...p.path], p.text, p.names);
  });
export type Mapping = z.infer<typeof Mapping>;

/** Reads and checks a mapping file. Throws InputError that names every problem with line and column. */
export const loadMapping = (path: string): Mapping => loadYaml(path, Mapping);

export const refOf = (ref: string | FieldRef): FieldRef => (typeof ref === 'string' ? { column: ref } : ref);
export const columnsOf = (ref: FieldRef): string[] => [ref.column ?? []].flat();

interface EntryProblem {
  path: string[];
  text: string;
  names?: { found: string; names: string[] };
}

/** What a schema cannot say: which settings belong to which kind and which type of field. */
function entryProblems(entry: Entry, files: Record<string, Entry>): EntryProblem[] {
  const { kind } = entry;
  const problems: EntryProblem[] = [];
  const say = (path: string[], text: string, names?: EntryProblem['names']): void => {
    problems.push(names ? { path, text, names } : { path, text });
  };
  if (kind !== 'user' && !entry.account && !entry.link)
    say(['account'], 'missing; expected the column with the account’s key');
  if (entry.account && entry.link) say(['link'], 'expected either `account` or `link`, not both');
  if (entry.link && !files[entry.link.via])
    say(['link', 'via'], 'unknown entry', { found: entry.link.via, names: Object.keys(files) });
  if (entry.link && files[entry.link.via]?.id === undefined && files[entry.link.via] !== undefined)
    say(['link', 'via'], `entry \`${entry.link.via}\` has no \`id\` to be found by`);
  if (NEEDS_OBSERVED_AT.includes(kind) && !entry.observedAt)
    say(['observedAt'], `missing; expected the column that dates ${kind} rows`);
  for (const field of REQUIRED[kind] ?? [])
    if (!entry.fields[field]) say(['fields', field], 'missing; expected a column');
  if (kind === 'usage' && !entry.metrics)
    say(['metrics'], 'missing; expected figures, like { activeUsers: active_users }');
  if (kind === 'usage' && entry.id)
    say(['id'], 'usage is identified by account, feature and day; use `combine` to say what several rows mean');
  if (['user', 'contact', 'opportunity'].includes(kind) && !entry.id)
    say(['id'], 'missing; expected the column by which other records refer to these');
  if (kind === 'account' && entry.id) say(['id'], 'an account is identified by `account`');
  if (kind === 'pulse' && entry.id) say(['id'], 'an account has one judgement, identified by `account`');
  for (const [key, kinds] of Object.entries(ONLY_FOR))
    if (entry[key as keyof Entry] !== undefined && !kinds.includes(kind)) say([key], `only for ${kinds.join(' and ')}`);
  const refs: [string[], string | FieldRef, FieldType][] = [
    ...Object.entries(entry.fields).flatMap(([f, r]): [string[], string | FieldRef, FieldType][] =>
      r ? [[['fields', f], r, FIELDS[kind][f] ?? 'text']] : [],
    ),
    ...Object.entries(entry.metrics ?? {}).map(([f, r]): [string[], string | FieldRef, FieldType] => [
      ['metrics', f],
      r,
      'number',
    ]),
    ...(entry.account ? [[['account'], entry.account, 'text'] as [string[], string | FieldRef, FieldType]] : []),
    ...(entry.deleted ? [[['deleted'], entry.deleted, 'flag'] as [string[], string | FieldRef, FieldType]] : []),
  ];
  for (const [path, ref, type] of refs)
    for (const text of refProblems(refOf(ref), type, path[0] === 'account')) say(path, text);
  return problems;
}

const ONLY_FOR: Record<string, readonly FactKind[]> = {
  attributes: HAS_ATTRIBUTES,
  metrics: ['usage'],
  combine: ['usage'],
  endKnownFrom: ['subscription'],
  deleted: FACT_KINDS.filter((kind) => FACTS[kind].shape !== 'series'),
};

const OPTIONS: Record<string, readonly string[]> = {
  text: ['map', 'otherwise', 'as'],
  list: ['as', 'separator'],
  choices: ['map', 'otherwise', 'separator'],
  number: ['map', 'otherwise', 'scale', 'range'],
  flag: ['map', 'otherwise'],
  date: ['pattern', 'zone'],
  instant: ['pattern', 'zone'],
  money: ['unit', 'currency', 'scale'],
};

function refProblems(ref: FieldRef, type: FieldType, isKey: boolean): string[] {
  const name = typeof type === 'string' ? type : isChoices(type) ? 'choices' : 'flag';
  const names = typeof type === 'string' ? null : isChoices(type) ? type.each : type;
  const problems = Object.keys(ref)
    .filter((key) => key !== 'column' && key !== 'const' && !OPTIONS[name]?.includes(key))
    .map((key) => `\`${key}\` does not go with a ${names === null ? type : name === 'choices' ? 'list' : 'choice'}`);
  if ((ref.column === undefined) === (ref.const === undefined)) problems.push('expected either `column` or `const`');
  if (names && ref.const !== undefined && !names.includes(String(ref.const)))
    problems.push(`found \`${ref.const}\`; expected one of ${names.join(', ')}`);
  if (Array.isArray(ref.column) && type !== 'list' && name !== 'choices' && !isKey)
    problems.push('expected one column');
  return problems;
}

function staysInside(pattern: string): boolean {
  return pattern !== '' && !/^([/\\~]|[A-Za-z]:)/.test(pattern) && !pattern.split(/[/\\]/).includes('..');
}

function isZone(zone: string): boolean {
  return Intl.supportedValuesOf('timeZone').includes(zone) || zone === 'UTC';
}
