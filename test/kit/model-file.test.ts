import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { InputError } from '../../src/contract/errors.ts';
import { allBands, allDimensions, kindsOf, Model, modelFor, modelsOf } from '../../src/core/model.ts';
import { loadModel } from '../../src/kit/model-file.ts';

const dir = mkdtempSync(join(tmpdir(), 'pulseback-models-'));
afterAll(() => rmSync(dir, { recursive: true, force: true }));
mkdirSync(join(dir, 'segments'));

const text = (name: string, kind: string, bands: string, rest = ''): string => `name: ${name}
version: 1
bands: [{ key: ${bands}, from: 80 }, { key: red, from: 0 }]
dimensions:
  - key: ${name}-part
    label: Part
    weight: 1
    signals:
      - { key: s, label: S, unit: '', weight: 1, tag: leading, direction: higher is better, from: { kind: ${kind} }, aggregation: count, windowDays: 30, curve: { linear: [[0, 0], [9, 100]] }, text: '{value}' }
${rest}`;
const write = (name: string, content: string): string => {
  const path = join(dir, name);
  writeFileSync(path, content);
  return path;
};
const general = (rest: string, name = 'general.yaml'): string => write(name, text('general', 'ticket', 'green', rest));

test('reads the file of a segment’s own model, seen from the file that names it', () => {
  write('segments/smb.yaml', text('small', 'survey', 'gold'));
  const model = loadModel(general('segments: { smb: { model: segments/smb.yaml }, big: {} }\n'));
  expect(modelFor(model, 'smb').name).toBe('small');
  expect([modelFor(model, 'big'), modelFor(model, null), modelFor(model, 'other')]).toEqual([model, model, model]);
  expect(modelsOf(model).map((m) => m.name)).toEqual(['general', 'small']);
  expect(allDimensions(model).map((d) => d.key)).toEqual(['general-part', 'small-part']);
  expect(allBands(model)).toEqual(['green', 'red', 'gold']);
  expect(kindsOf(model)).toContain('survey');
  // As it is kept beside the scores.
  expect(Model.parse(JSON.parse(JSON.stringify(model)))).toEqual(model);
});

const refusal = (path: string): InputError => {
  try {
    loadModel(path);
  } catch (error) {
    if (error instanceof InputError) return error;
    throw error;
  }
  throw new Error(`${path} was accepted`);
};

test('names the file and line of what is wrong in it', () => {
  const own = write('segments/wrong.yaml', text('small', 'tickets', 'gold'));
  const error = refusal(general('segments: { smb: { model: segments/wrong.yaml } }\n'));
  expect(error.message).toContain(`segments.smb.model: ${own} has a problem`);
  expect(error.problems).toEqual([expect.stringMatching(/wrong\.yaml:9:\d+: .*from\.kind: .*nearest is `ticket`/)]);
});

test('says which file is not there', () => {
  expect(refusal(general('segments: { smb: { model: none.yaml } }\n')).problems).toEqual([
    expect.stringMatching(
      /general\.yaml:\d+:1: segments\.smb\.model: found "none\.yaml"; expected the name of a model file/,
    ),
  ]);
});

test.each<[string, string, string, RegExp]>([
  ['two models of one name', 'general', 'smb: { model: segments/x.yaml }', /called general too/],
  [
    'weights beside a model',
    'x',
    'smb: { model: segments/x.yaml, weights: { general-part: 2 } }',
    /`weights` has no place beside `model`/,
  ],
])('refuses %s', (_, name, segments, message) => {
  write('segments/x.yaml', text(name, 'survey', 'gold'));
  const { problems } = refusal(general(`segments: { ${segments} }\n`));
  expect(problems.join('\n')).toMatch(message);
});

test('refuses a model within a model within a model', () => {
  write('segments/deep.yaml', text('deep', 'survey', 'gold', 'segments: { smb: { model: x.yaml } }\n'));
  expect(refusal(general('segments: { smb: { model: segments/deep.yaml } }\n')).problems.join('\n')).toMatch(
    /deep\.yaml:\d+:\d+: segments\.smb\.model: unknown key/,
  );
});

test('a file that was not read scores nobody', () => {
  const model = Model.parse({ ...loadModel(general('', 'plain.yaml')), segments: { smb: { model: 'x.yaml' } } });
  expect(() => modelFor(model, 'smb')).toThrow(/was not read from its file/);
});
