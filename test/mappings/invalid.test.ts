import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parseDocument } from 'yaml';
import { z } from 'zod';
import { Curve } from '../../src/core/curves.ts';
import { Model } from '../../src/core/model.ts';
import { AGGREGATIONS } from '../../src/core/vocabulary.ts';
import { loadModel } from '../../src/kit/model-file.ts';
import { loaders } from './loaders.ts';

/** Every file of `invalid` says in its first lines what the loader must say of it, line by line and to the letter. */

const INVALID = join(import.meta.dirname, 'invalid');
const SHIPPED = join(import.meta.dirname, '../../mappings/models');
const filesIn = (kind: string): string[] => readdirSync(join(INVALID, kind)).map((name) => join(INVALID, kind, name));
const expectations = (file: string): string[] =>
  [...readFileSync(file, 'utf8').matchAll(/^# expect: (.*)$/gm)].map((m) => m[1] ?? '');

test('every kind of file that has a loader has mistakes here', () => {
  expect(readdirSync(INVALID).sort()).toEqual(Object.keys(loaders).sort());
});

describe.each(readdirSync(INVALID))('%s', (kind) => {
  test.each(filesIn(kind).map((file) => [basename(file), file]))('%s', (_, file) => {
    const told = loaders[kind]?.(file);
    expect(expectations(file)).not.toEqual([]);
    expect(told).toEqual(expectations(file));
  });
});

/** Where the mistakes of the model files are, by the keys that lead there: "dimensions", 0, "signals", 2, "curve". */
interface Mistake {
  path: (string | number)[];
  text: string;
  /** The whole file as it is written. */
  file: unknown;
}
const mistakes: Mistake[] = filesIn('model').flatMap((path) => {
  const doc = parseDocument(readFileSync(path, 'utf8'));
  const file: unknown = doc.errors.length === 0 ? doc.toJS() : null;
  return expectations(path).map((expectation) => {
    const [, at = '', text = ''] = /^line \d+: (.*?): (.*)$/.exec(expectation) ?? [];
    const keys = at.split(/[.[\]]+/).filter((key) => key !== '');
    return { path: keys.map((key) => (/^\d+$/.test(key) ? Number(key) : key)), text, file };
  });
});
const at = (value: unknown, path: (string | number)[]): unknown =>
  path.reduce<unknown>((v, key) => (v as Record<string, unknown> | null | undefined)?.[key], value);
/** The signal that a mistake is in, as it is written. */
const signalOf = ({ path, file }: Mistake): Record<string, unknown> | null =>
  path[0] === 'dimensions' && path[2] === 'signals' && typeof path[3] === 'number'
    ? (at(file, path.slice(0, 4)) as Record<string, unknown>)
    : null;
const has = (found: Set<unknown>, all: readonly string[]): string[] => all.filter((name) => !found.has(name));

describe('each has a mistake at least:', () => {
  test('every signal that is shipped', () => {
    const shipped = readdirSync(SHIPPED).flatMap((name) =>
      loadModel(join(SHIPPED, name)).dimensions.flatMap((d) => d.signals.map((s) => s.key)),
    );
    const found = new Set(mistakes.map((m) => String(signalOf(m)?.key).toLowerCase()));
    expect(has(found, [...new Set(shipped)])).toEqual([]);
  });

  test('every curve', () => {
    const found = new Set(
      mistakes.filter((m) => m.path.includes('curve')).flatMap((m) => Object.keys(signalOf(m)?.curve ?? {})),
    );
    expect(has(found, Object.keys(Curve.shape))).toEqual([]);
  });

  test('every aggregation', () => {
    const about = (m: Mistake): boolean => m.text.includes(String(signalOf(m)?.aggregation));
    const found = new Set(mistakes.filter(about).map((m) => signalOf(m)?.aggregation));
    expect(has(found, AGGREGATIONS)).toEqual([]);
  });

  test('every key of a model, of its signals, segments and caps', () => {
    const schema = z.toJSONSchema(Model, { io: 'input', unrepresentable: 'any' }) as Shape;
    const signal = schema.properties?.dimensions?.items?.properties?.signals?.items;
    const parts: [string, Shape | undefined, (m: Mistake) => unknown][] = [
      ['model', schema, (m) => m.path[0]],
      ['dimension', schema.properties?.dimensions?.items, (m) => (m.path[0] === 'dimensions' ? keyAt(m, 2) : null)],
      ['signal', signal, (m) => (signalOf(m) ? keyAt(m, 4) : null)],
      [
        'segment',
        schema.properties?.segments?.additionalProperties,
        (m) => (m.path[0] === 'segments' ? keyAt(m, 2) : null),
      ],
      ['cap', schema.properties?.caps?.items, (m) => (m.path[0] === 'caps' ? keyAt(m, 2) : null)],
    ];
    const lacking = parts.flatMap(([part, shape, keyOf]) => {
      const keys = Object.keys(shape?.properties ?? {});
      expect(keys.length, part).toBeGreaterThan(3);
      return has(new Set(mistakes.map(keyOf)), keys).map((key) => `${part}: ${key}`);
    });
    expect(lacking).toEqual([]);
  });
});

interface Shape {
  properties?: Record<string, Shape>;
  items?: Shape;
  additionalProperties?: Shape;
}
/** The key of a part that a mistake is about; where the whole part lacks something, the one in backticks. */
const keyAt = ({ path, text }: Mistake, depth: number): unknown => path[depth] ?? /`(\w+)`/.exec(text)?.[1];
