import { existsSync, readdirSync } from 'node:fs';
import { relative, resolve } from 'node:path';
import { PACKAGE_ROOT } from '../config.ts';
import { oneOf } from './arguments.ts';

/** A model named on the command line: a YAML file, or a shipped one by name. @throws InputError with the nearest name */
export function modelFile(text: string): string {
  if (/\.ya?ml$/i.test(text) || /[/\\]/.test(text) || existsSync(text)) return resolve(text);
  const folder = resolve(PACKAGE_ROOT, 'mappings/models');
  const shipped = readdirSync(folder).map((file) => file.replace(/\.yaml$/, ''));
  return resolve(folder, `${oneOf('model', text, shipped)}.yaml`);
}

/** A path as people write it: from the working folder, where it lies below. */
export function shortPath(path: string): string {
  const short = relative(process.cwd(), path);
  return short.startsWith('..') ? path : short;
}
