import type { z } from 'zod';
import { adviceOn, nearest, oneOfText } from './nearest.ts';
import { childOf, keysAt, schemasAt, unionOptions } from './schema-walk.ts';

/** One thing that is wrong with a value, in words for the person who wrote it. */
export interface Problem {
  path: PropertyKey[];
  /** The key itself is wrong (point at the key), or its value is. */
  at: 'key' | 'value';
  text: string;
}

type Schema = z.core.$ZodType;
type Issue = z.core.$ZodIssue;

/** zod issues → problems: unknown keys with the nearest valid one, unions by the branch that fits best. */
export function problemsOf(schema: Schema, value: unknown, issues: readonly Issue[]): Problem[] {
  const misspelt = issues.flatMap((issue) =>
    issue.code === 'unrecognized_keys'
      ? issue.keys.map((key) => ({ at: issue.path, meant: nearest(key, keysAt(schema, issue.path, value)) ?? '' }))
      : [],
  );
  // A misspelt key is one mistake, although the schema sees two: one key too many, one missing.
  const follows = (issue: Issue, problem: Problem): boolean =>
    misspelt.some(({ at, meant }) =>
      issue.code === 'custom'
        ? begins(problem.path, at) && new RegExp(`\\b${meant}\\b`).test(problem.text) && meant !== ''
        : problem.text.startsWith('missing') && same(problem.path, [...at, meant]),
    );
  return issues.flatMap((issue) => describe(schema, value, issue).filter((problem) => !follows(issue, problem)));
}

const begins = (path: readonly PropertyKey[], start: readonly PropertyKey[]): boolean =>
  start.every((key, i) => String(path[i]) === String(key));
const same = (a: readonly PropertyKey[], b: readonly PropertyKey[]): boolean => a.length === b.length && begins(a, b);

function describe(schema: Schema, value: unknown, issue: Issue): Problem[] {
  const path = [...issue.path];
  const found = path.reduce<unknown>(childOf, value);
  const at = (text: string): Problem[] => [{ path, at: 'value', text }];
  switch (issue.code) {
    case 'unrecognized_keys': {
      const names = keysAt(schema, path, value);
      return issue.keys.map((key) => ({
        path: [...path, key],
        at: 'key',
        text: `unknown key; ${adviceOn(key, names)}`,
      }));
    }
    case 'invalid_value': {
      const names = issue.values.map(String);
      if (found === undefined) return at(`missing; ${oneOfText(names)}`);
      return at(
        `found ${show(found, path)}; ${typeof found === 'object' ? oneOfText(names) : adviceOn(String(found), names)}`,
      );
    }
    case 'invalid_type': {
      const expected = typeName(issue.expected);
      return at(
        found === undefined ? `missing; expected ${expected}` : `found ${show(found, path)}; expected ${expected}`,
      );
    }
    case 'invalid_union':
      return describeUnion(schema, value, issue, found);
    case 'invalid_key':
      return issue.issues.flatMap((inner) =>
        describe(schema, value, { ...inner, path }).map((p) => ({
          ...p,
          at: 'key',
          text: p.text.replace(/^found [^;]*/, `found the key \`${String(path.at(-1))}\``),
        })),
      );
    case 'invalid_element':
      return issue.issues.flatMap((inner) => describe(schema, value, { ...inner, path: [...path, ...inner.path] }));
    case 'too_small':
    case 'too_big':
      return at(
        `found ${Array.isArray(found) ? `${found.length} in the list` : show(found, path)}; expected ${limitOf(issue)}`,
      );
    case 'custom':
      return at(customText(issue, found, path));
    default:
      return at(`found ${show(found, path)}; ${lowerFirst(issue.message)}`);
  }
}

/** "at least 0", "a text of at most 60 characters" */
function limitOf(issue: z.core.$ZodIssueTooSmall | z.core.$ZodIssueTooBig): string {
  const [limit, bound] = issue.code === 'too_small' ? [issue.minimum, 'at least'] : [issue.maximum, 'at most'];
  const strictly = issue.inclusive === false ? (issue.code === 'too_small' ? 'more than' : 'less than') : bound;
  if (issue.origin === 'string')
    return issue.code === 'too_small' && limit === 1
      ? 'a text that is not empty'
      : `a text of ${issue.exact ? 'exactly' : bound} ${limit} ${limit === 1 ? 'character' : 'characters'}`;
  return `${strictly} ${limit}`;
}

/** A check written beside a schema may say what it found and which names are valid: `params: { found, names }`. */
function customText(issue: z.core.$ZodIssueCustom, value: unknown, path: readonly PropertyKey[]): string {
  const { found, names } = issue.params ?? {};
  const message = issue.message === 'Invalid input' ? 'unknown name' : issue.message;
  if (typeof found !== 'string' || !Array.isArray(names)) {
    const told = message.startsWith('expected ') && ['string', 'number', 'boolean'].includes(typeof value);
    return told ? `found ${show(value, path)}; ${message}` : message;
  }
  const what = message.includes(found) ? message : `${message} \`${found}\``;
  return `${what}; ${adviceOn(found, names.map(String))}`;
}

/** The branch of a union that the writer most likely meant: the one with the most right keys. */
function describeUnion(schema: Schema, value: unknown, issue: z.core.$ZodIssueInvalidUnion, found: unknown): Problem[] {
  const path = [...issue.path];
  const at = (text: string): Problem[] => [{ path, at: 'value', text }];
  const what = found === undefined ? 'missing' : `found ${show(found, path)}`;
  const options = schemasAt(schema, path, value).map(unionOptions);
  const branches = options.find((o) => o.length === issue.errors.length) ?? [];
  const fits = issue.errors.flatMap((errors, i) => {
    const option = branches[i];
    const [mismatch, strange] = costOf(errors);
    if (option === undefined || mismatch > 0) return [];
    const problems = problemsOf(option, found, errors);
    return [{ problems, cost: [mismatch, strange, problems.length] satisfies Cost }];
  });
  if (fits.length === 0) return at(`${what}; ${expectedOfAll(issue, found)}`);
  const best = fits.reduce((a, b) => (compare(b.cost, a.cost) < 0 ? b : a));
  return best.problems.map((p) => ({ ...p, path: [...path, ...p.path] }));
}

/** No branch takes this kind of value: say what all of them take. */
function expectedOfAll(issue: z.core.$ZodIssueInvalidUnion, found: unknown): string {
  const discriminators = issue.errors.length === 0 ? (('options' in issue && issue.options) || []).map(String) : [];
  const roots = issue.errors.flat().flatMap((e) => (e.code === 'invalid_union' ? e.errors.flat() : [e]));
  const values = [...discriminators, ...roots.flatMap((e) => (e.code === 'invalid_value' ? e.values.map(String) : []))];
  const types = roots.flatMap((e) => (e.code === 'invalid_type' ? [typeName(e.expected)] : []));
  const near = typeof found === 'string' ? nearest(found, values) : null;
  if (near !== null && values.length > 12) return `nearest is \`${near}\``;
  const expected = [...new Set([...values.map((v) => `\`${v}\``), ...types])].join(' or ');
  return `expected ${expected || 'another kind of value'}${near === null ? '' : `; nearest is \`${near}\``}`;
}

/** [wrong kind of value altogether, keys that do not fit, all issues]: compared in this order. */
type Cost = [number, number, number];
const compare = (a: Cost, b: Cost): number => a[0] - b[0] || a[1] - b[1] || a[2] - b[2];

function costOf(issues: readonly Issue[]): Cost {
  const cost: Cost = [0, 0, 0];
  for (const issue of issues) {
    const depth = issue.path.length;
    if (issue.code === 'invalid_union' && depth === 0 && issue.errors.length > 0) {
      const best = issue.errors.map(costOf).reduce((a, b) => (compare(b, a) < 0 ? b : a));
      for (const i of [0, 1, 2] as const) cost[i] += best[i];
      continue;
    }
    cost[2] += 1;
    if (depth === 0 && (issue.code === 'invalid_type' || issue.code === 'invalid_value')) cost[0] += 1;
    if (depth === 0 && issue.code === 'unrecognized_keys') cost[1] += issue.keys.length;
    const missing = issue.code === 'invalid_type' && issue.input === undefined;
    const otherLiteral = issue.code === 'invalid_value' && (issue.values.length === 1 || issue.input === undefined);
    if (depth === 1 && (missing || otherLiteral)) cost[1] += 1;
  }
  return cost;
}

const TYPES: Record<string, string> = {
  object: 'a mapping',
  record: 'a mapping',
  array: 'a list',
  tuple: 'a list',
  string: 'a text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  null: 'nothing',
};
const typeName = (type: string): string => TYPES[type] ?? type;

/** A found value for a message: short, and never one that a key name says is secret. */
export function show(value: unknown, path: readonly PropertyKey[]): string {
  if (value === null || value === undefined) return 'nothing';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object') return 'a mapping';
  if (/secret|password|passphrase|token|api_?key|private_?key/i.test(String(path.at(-1)))) return 'a value (not shown)';
  const text = JSON.stringify(value);
  return text.length > 60 ? `${text.slice(0, 59)}…` : text;
}

const lowerFirst = (text: string): string => text.charAt(0).toLowerCase() + text.slice(1);
