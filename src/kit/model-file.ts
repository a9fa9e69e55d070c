import { dirname, resolve } from 'node:path';
import { InputError } from '../contract/errors.ts';
import { Model, type PlainModel, WholeModel } from '../core/model.ts';
import { loadYaml } from './yaml.ts';

/**
 * Reads a model file, and the files of its segments' own models, each seen from the file that names it.
 * @throws InputError with every problem of the first file that has one, by that file's name and lines
 */
export function loadModel(path: string): Model {
  const model = loadYaml(path, Model);
  const named = Object.entries(model.segments).filter(([, { model: own }]) => typeof own === 'string');
  if (named.length === 0) return model;
  const segments = { ...model.segments };
  for (const [key, segment] of named) segments[key] = { ...segment, model: loadOwn(path, key, String(segment.model)) };
  // What can only be wrong between them, such as two models of one name.
  const whole = Model.safeParse({ ...model, segments });
  if (whole.success) return whole.data;
  throw new InputError(`${path} has models of segments that do not go together`, {
    hint: 'Correct the places named; nothing was read from these files.',
    problems: whole.error.issues.map((issue) => `${path}: ${issue.path.join('.')}: ${issue.message}`),
  });
}

function loadOwn(path: string, segment: string, file: string): PlainModel {
  try {
    return loadYaml(resolve(dirname(path), file), WholeModel);
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    throw new InputError(`${path}: segments.${segment}.model: ${error.message}`, {
      ...(error.hint ? { hint: error.hint } : {}),
      problems: error.problems,
      cause: error,
    });
  }
}
