import { glob, realpath, stat } from 'node:fs/promises';
import { join, resolve, sep } from 'node:path';
import { InputError } from '../../src/contract/errors.ts';
import type { Present } from './ledger.ts';
import type { Defaults } from './mapping.ts';

export interface Found {
  /** Ready to be read, in order of name. */
  files: Present[];
  /** Matched, but not read, with the reason. */
  waiting: { name: string; reason: string }[];
}

/**
 * Files of the folder that match a name or pattern. Names are relative to the folder, with `/`.
 * @throws InputError where the folder is missing or a link leads out of it.
 */
export async function findFiles(folder: string, pattern: string, defaults: Defaults, now: number): Promise<Found> {
  const root = await realpath(folder).catch((cause: unknown) => {
    throw new InputError(`${folder}: there is no such folder`, {
      hint: 'Correct `path`; it is relative to the configuration file.',
      cause,
    });
  });
  const names: string[] = [];
  for await (const name of glob(pattern, { cwd: root })) names.push(name.split(sep).join('/'));
  const found: Found = { files: [], waiting: [] };
  for (const name of names.sort()) {
    const path = resolve(root, name);
    const real = await realpath(path);
    if (!real.startsWith(root.endsWith(sep) ? root : root + sep))
      throw new InputError(`${join(folder, name)}: the link leads out of the folder`, {
        hint: 'Put the file itself into the folder; only files inside it are read.',
      });
    const { size, mtimeMs, ...info } = await stat(real).then((s) => ({
      size: s.size,
      mtimeMs: s.mtimeMs,
      isFile: s.isFile(),
    }));
    if (!info.isFile) continue;
    const reason = await unready(path, mtimeMs, defaults, now);
    if (reason) found.waiting.push({ name, reason });
    else found.files.push({ name, path: real, size, mtimeMs });
  }
  return found;
}

/** Why a file may still be being written; null = it is complete. */
async function unready(path: string, mtimeMs: number, defaults: Defaults, now: number): Promise<string | null> {
  if (
    defaults.marker &&
    !(await stat(path + defaults.marker).then(
      () => true,
      () => false,
    ))
  )
    return `waits for its marker file (${defaults.marker})`;
  if (defaults.settleSeconds > 0 && now - mtimeMs < defaults.settleSeconds * 1000)
    return `changed less than ${defaults.settleSeconds} seconds ago`;
  return null;
}
