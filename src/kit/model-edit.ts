import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, relative, resolve } from 'node:path';
import { InputError } from '../contract/errors.ts';
import { Model, modelHash } from '../core/model.ts';
import { loadModel } from './model-file.ts';
import { loadYaml, toYaml } from './yaml.ts';
import { editYaml } from './yaml-edit.ts';

type Edit = Parameters<typeof editYaml>[2][number];

/**
 * Writes a model that differs in weights, bands and version from the one in a file, as that file with these places changed: comments
 * and layout stay. @param from null = no file says it: it is written out as it is known. @throws InputError where what was written does not read back as that model
 */
export function writeEdited(from: string | null, to: string, before: Model, after: Model): void {
  const text =
    from === null
      ? toYaml(after)
      : editYaml(readFileSync(from, 'utf8'), from, [...editsOf(before, after), ...movedFiles(from, to)]);
  writeFileSync(to, text);
  if (modelHash(loadModel(to)) === modelHash(after)) return;
  rmSync(to);
  throw new InputError(`${to}: what was written does not read back as the proposal, so it was taken away again`, {
    hint: `Write ${from ?? 'the model'} without anchors and aliases, and try again.`,
  });
}

/** The places in which two models of the same signals differ. */
export function editsOf(before: Model, after: Model): Edit[] {
  const edits: Edit[] = [];
  const set = (path: Edit['path'], was: number | undefined, is: number): void => {
    if (was !== is) edits.push({ path, value: is });
  };
  set(['version'], before.version, after.version);
  for (const [b, band] of after.bands.entries()) set(['bands', b, 'from'], before.bands[b]?.from, band.from);
  for (const [d, dimension] of after.dimensions.entries()) {
    const was = before.dimensions[d];
    set(['dimensions', d, 'weight'], was?.weight, dimension.weight);
    for (const [s, signal] of dimension.signals.entries())
      set(['dimensions', d, 'signals', s, 'weight'], was?.signals[s]?.weight, signal.weight);
  }
  for (const [key, segment] of Object.entries(after.segments)) {
    const was = before.segments[key];
    for (const part of ['weights', 'bands'] as const) {
      const [old, own] = [was?.[part], segment[part]];
      if (own && JSON.stringify(own) !== JSON.stringify(old)) edits.push({ path: ['segments', key, part], value: own });
    }
    for (const [signal, { weight }] of Object.entries(segment.signals ?? {}))
      if (weight !== undefined)
        set(['segments', key, 'signals', signal, 'weight'], was?.signals?.[signal]?.weight, weight);
  }
  return edits;
}

/** Files of segments' own models are named as seen from the file that names them. */
function movedFiles(from: string, to: string): Edit[] {
  return Object.entries(loadYaml(from, Model).segments).flatMap(([key, { model }]): Edit[] =>
    typeof model === 'string' && dirname(resolve(from)) !== dirname(resolve(to))
      ? [{ path: ['segments', key, 'model'], value: relative(dirname(resolve(to)), resolve(dirname(from), model)) }]
      : [],
  );
}
