import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';

export const ROOT = resolve(import.meta.dirname, '../..');

/** One mistake that somebody could make, and the tests that must notice it. */
export interface Mutant {
  name: string;
  /** The file it is made in, from the root of the repository. */
  file: string;
  /** Text that occurs exactly once in that file. */
  find: string;
  replace: string;
  /** What it would do to a customer. */
  why: string;
  /** Test files, from the root, of which at least one must fail. */
  tests: string[];
}

/** The mutated source. @throws where the list no longer fits the code, with what to do about it. */
export function mutated(mutant: Mutant, source = readFileSync(resolve(ROOT, mutant.file), 'utf8')): string {
  const parts = source.split(mutant.find);
  if (parts.length === 2) return parts.join(mutant.replace);
  const found = parts.length === 1 ? 'no longer occurs' : `occurs ${parts.length - 1} times`;
  throw new Error(
    `mutant ${mutant.name}: its text ${found} in ${mutant.file}:\n    ${mutant.find.replaceAll('\n', '\n    ')}\n` +
      '  The code has changed. Find where this mistake could be made now, and put that text (exactly once in the file) into\n' +
      '  test/mutants/*.ts; then run `npm run mutants -- --only ' +
      `${mutant.name}\`. Remove the mutant only where the mistake has become impossible.`,
  );
}
