import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { Ajv, type ValidateFunction } from 'ajv';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { COMMAND, FOLDER, schemaFiles } from './schemas.ts';

/** JSON Schemas help editors; they must be those of the loader, and must not underline what it accepts. */

const MAPPINGS = resolve(FOLDER, '..');
const files = schemaFiles();
const compiled = new Map<string, ValidateFunction>();
function validator(name: string): ValidateFunction {
  const known = compiled.get(name);
  if (known) return known;
  const made = new Ajv({ allErrors: true, strict: false, formats: { ends_with: true } }).compile(
    JSON.parse(files[name] ?? ''),
  );
  compiled.set(name, made);
  return made;
}

test.each(Object.entries(files))('%s is the one of the loader', (name, text) => {
  const path = join(FOLDER, name);
  const kept = existsSync(path) ? readFileSync(path, 'utf8') : '';
  expect(kept === text, `${name} is older than its schema: run \`${COMMAND}\` and commit what it writes`).toBe(true);
});

test('no other schema lies there', () => expect(readdirSync(FOLDER).sort()).toEqual(Object.keys(files).sort()));

const shipped = readdirSync(MAPPINGS, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.yaml'));

describe('every YAML file that is shipped', () => {
  test.each(shipped)('%s names its schema in the first line, and keeps to it', (name) => {
    const path = join(MAPPINGS, name);
    const text = readFileSync(path, 'utf8');
    const [, at = ''] = /^# yaml-language-server: \$schema=(\S+)\n/.exec(text) ?? [];
    const schema = relative(FOLDER, resolve(dirname(path), at));
    expect(Object.keys(files)).toContain(schema);
    const validate = validator(schema);
    expect(validate(parse(text)), JSON.stringify(validate.errors)).toBe(true);
  });
});

describe('what the loader refuses by its shape is underlined', () => {
  test.each([
    ['model', 'misspelt-key'],
    ['model', 'weight-negative'],
    ['model', 'aggregation-unknown'],
    ['model', 'needs-unknown'],
    ['model', 'curve-linear-above-100'],
    ['model', 'segment-misspelt-key'],
    ['model', 'cap-label-missing'],
    ['salesforce', 'account-misspelt-key'],
    ['hubspot', 'prefix-in-capitals'],
    ['files', 'kind-in-plural'],
    ['playbook', 'trend-unknown'],
    ['match', 'domain-in-capitals'],
    ['triggers', 'days-in-words'],
  ])('%s: %s', (kind, name) => {
    const text = readFileSync(join(import.meta.dirname, 'invalid', kind, `${name}.yaml`), 'utf8');
    expect(validator(`${kind}.schema.json`)(parse(text))).toBe(false);
  });
});

test('every key of a model and of its signals says what it means', () => {
  const model = JSON.parse(files['model.schema.json'] ?? '');
  const signal = model.properties.dimensions.items.properties.signals.items.properties;
  const silent = Object.entries({ ...model.properties, ...signal } as Record<string, { description?: string }>)
    .filter(([, schema]) => !schema.description)
    .map(([key]) => key);
  expect(silent).toEqual(['name', 'description', 'key', 'label', 'weight']);
});
