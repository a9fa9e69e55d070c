import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { sharesOf, withShares } from '../../src/core/calibrate/weights.ts';
import type { Model } from '../../src/core/model.ts';
import { writeEdited } from '../../src/kit/model-edit.ts';
import { loadModel } from '../../src/kit/model-file.ts';
import { editYaml } from '../../src/kit/yaml-edit.ts';
import { folder } from '../cli/support.ts';

const MODELS = join(import.meta.dirname, '../../mappings/models');

/** Other weights, bands, and a segment that was not there. */
function changed(model: Model): Model {
  const shares = sharesOf(model);
  const other = withShares(
    model,
    shares.map((s, i) => ({ ...s, share: (i + 1) / ((shares.length * (shares.length + 1)) / 2) })),
  );
  const weights = Object.fromEntries(other.dimensions.map((d, i) => [d.key, i + 1]));
  const bands = other.bands.map((b, i) => ({ ...b, from: [81, 41, 0][i] ?? 0 }));
  const first = Object.keys(other.segments)[0];
  return {
    ...other,
    version: model.version + 1,
    bands,
    segments: {
      ...other.segments,
      ...(first ? { [first]: { ...other.segments[first], weights } } : {}),
      'brand-new': { weights, bands },
    },
  };
}

describe('a model with other weights', () => {
  it.each(readdirSync(MODELS).filter((f) => f.endsWith('.yaml')))(
    'of %s is its file with these places changed',
    (file) => {
      const [from, to] = [join(MODELS, file), join(folder(), file)];
      const before = loadModel(from);
      const after = changed(before);
      writeEdited(from, to, before, after);
      expect(loadModel(to)).toEqual(after);
      const [was, is] = [from, to].map((f) => readFileSync(f, 'utf8').split('\n'));
      const comments = (lines: string[] = []) => lines.flatMap((l) => /#.*/.exec(l)?.[0] ?? []);
      expect(comments(is)).toEqual(comments(was));
      const same = (was ?? []).filter((line) => is?.includes(line)).length;
      expect(same / (was?.length ?? 1)).toBeGreaterThan(0.85);
    },
  );
  it('finds the files of its segments from where it lies', () => {
    const dir = folder();
    mkdirSync(join(dir, 'models'));
    const plain = readFileSync(join(MODELS, 'four-by-25.yaml'), 'utf8');
    writeFileSync(join(dir, 'models/own.yaml'), plain.replace('name: four-by-25', 'name: own'));
    const from = join(dir, 'models/general.yaml');
    writeFileSync(from, `${plain}\nsegments:\n  smb: { model: own.yaml }\n`);
    const before = loadModel(from);
    const after = { ...before, version: 2 };
    writeEdited(from, join(dir, 'proposal.yaml'), before, after);
    expect(loadModel(join(dir, 'proposal.yaml'))).toEqual(after);
  });
  it('is written out whole where no file says it', () => {
    const after = changed(loadModel(join(MODELS, 'five-dimension.yaml')));
    const to = join(folder(), 'proposal.yaml');
    writeEdited(null, to, after, after);
    expect(loadModel(to)).toEqual(after);
  });
  it('is refused where a weight stands behind an alias', () => {
    const dir = folder();
    const from = join(dir, 'aliased.yaml');
    writeFileSync(
      from,
      readFileSync(join(MODELS, 'four-by-25.yaml'), 'utf8')
        .replace('weight: 25', 'weight: &w 25')
        .replace(/(weight: &w 25[\s\S]*?\n {4}weight: )25/, '$1*w'),
    );
    const before = loadModel(from);
    expect(() => writeEdited(from, join(dir, 'proposal.yaml'), before, changed(before))).toThrow(
      /alias|does not read back/,
    );
  });
});

describe('editing YAML', () => {
  const edit = (text: string, path: (string | number)[], value: Parameters<typeof editYaml>[2][number]['value']) =>
    editYaml(text, 'x.yaml', [{ path, value }]);
  it.each([
    ['a: 1 # why\nb: 2\n', ['a'], 3, 'a: 3 # why\nb: 2\n'],
    [
      'a:\n  - { k: x, from: 5 } # first\n  - { k: y }\n',
      ['a', 0, 'from'],
      7,
      'a:\n  - { k: x, from: 7 } # first\n  - { k: y }\n',
    ],
    ['s:\n  big: {} # as above\n', ['s', 'big', 'w'], 1, 's:\n  big: { w: 1 } # as above\n'],
    ['s:\n  big: { a: 1 }\n', ['s', 'big', 'w'], { u: 2 }, 's:\n  big: { a: 1, w: { u: 2 } }\n'],
    [
      's:\n  big:\n    a: 1 # one\n# end\n',
      ['s', 'big', 'w'],
      [1, 'x'],
      's:\n  big:\n    a: 1 # one\n    w: [1, x]\n# end\n',
    ],
    ['a: 1', ['s', 'big', 'w'], 1, 'a: 1\ns: { big: { w: 1 } }'],
    ['s: { big: {} }\nlast: 1\n', ['s', 'true'], 1, 's: { big: {}, "true": 1 }\nlast: 1\n'],
    ['w: { a: 1,\n  b: 2 } # two lines\n', ['w'], { a: 3 }, 'w: { a: 3 } # two lines\n'],
    ['s:\n  x:\n    a: 1\n\ncaps: []\n', ['s', 'mid'], { w: 1 }, 's:\n  x:\n    a: 1\n  mid: { w: 1 }\n\ncaps: []\n'],
  ] as const)('%j %j', (text, path, value, expected) => {
    expect(edit(text, [...path], value as never)).toBe(expected);
  });
});
