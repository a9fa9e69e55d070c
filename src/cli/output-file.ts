import { accessSync, constants, existsSync, statSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { InputError } from '../contract/index.ts';

/** Refuses a place for output before any work is done for it. `option` is how the person named it. */
export function checkWritable(option: string, path: string): void {
  const refuse = (what: string): never => {
    throw new InputError(`${option} ${path}: ${what}`, { hint: 'Name a file that this user may write.' });
  };
  const folder = dirname(path);
  if (!existsSync(folder)) refuse(`there is no folder ${folder}`);
  if (existsSync(path) && statSync(path).isDirectory()) refuse('it is a folder; expected a file');
  try {
    accessSync(existsSync(path) ? path : folder, constants.W_OK);
  } catch (error) {
    refuse(`it cannot be written (${(error as NodeJS.ErrnoException).code ?? 'unknown reason'})`);
  }
}

/** A small text file that a command leaves behind. */
export function writeText(option: string, path: string, text: string): void {
  checkWritable(option, path);
  writeFileSync(path, text);
}
