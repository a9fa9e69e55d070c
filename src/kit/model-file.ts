import { existsSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { InputError } from '../contract/errors.ts';
import { Model, type PlainModel, WholeModel } from '../core/model.ts';
import { loadYaml, locatedYaml } from './yaml.ts';

/**
 * Reads a model file, and the files of its segments' own models, each seen from the file that names it.
 * @throws InputError with every problem of the first file that has one, by that file's name and lines
 */
export function loadModel(path: string): Model {
  const { value: model, lineOf } = locatedYaml(path, Model);
  const named = Object.entries(model.segments).filter(([, { model: own }]) => typeof own === 'string');
  if (named.length === 0) return model;
  const segments = { ...model.segments };
  for (const [key, segment] of named) {
    const place = `${path}:${lineOf(['segments', key, 'model'])}:1: segments.${key}.model`;
    segments[key] = { ...segment, model: loadOwn(path, place, String(segment.model)) };
  }
  // What can only be wrong between them, such as two models of one name.
  const whole = Model.safeParse({ ...model, segments });
  if (whole.success) return whole.data;
  throw new InputError(`${path} has models of segments that do not go together`, {
    hint: 'Correct the places named; nothing was read from these files.',
    problems: whole.error.issues.map((issue) => `${path}: ${issue.path.join('.')}: ${issue.message}`),
  });
}

function loadOwn(path: string, place: string, name: string): PlainModel {
  const file = resolve(dirname(path), name);
  if (!existsSync(file))
    throw new InputError(`${path} has a problem`, {
      hint: 'Correct the place named; the file is looked for beside this one.',
      problems: [`${place}: found "${name}"; expected the name of a model file beside this one`],
    });
  try {
    return loadYaml(file, WholeModel);
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    throw new InputError(`${place}: ${error.message}`, {
      ...(error.hint ? { hint: error.hint } : {}),
      problems: error.problems,
      cause: error,
    });
  }
}
