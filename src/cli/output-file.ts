import { accessSync, constants, existsSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
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

/** The same for a larger one: it appears when it is complete, and until then an earlier one of that name stays as it is. */
export function writeWhole(option: string, path: string, text: string): void {
  checkWritable(option, path);
  const partial = `${path}.partial`;
  try {
    writeFileSync(partial, text);
    renameSync(partial, path);
  } catch (cause) {
    rmSync(partial, { force: true });
    const { code = 'unknown reason' } = cause as NodeJS.ErrnoException;
    throw new InputError(`${option} ${path}: it cannot be written (${code})`, {
      hint: 'Name a file in a folder that this user may write.',
      cause,
    });
  }
}
