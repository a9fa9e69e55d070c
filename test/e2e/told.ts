import { expect } from 'vitest';
import type { CliResult } from './harness.ts';

export interface Told {
  /** Everything that the error object says: message, problems, hint. */
  text: string;
  hint: string;
}

/**
 * A command that must have refused: its exit code, the same error for machines as the last line of stdout and for people on stderr,
 * in words and not as a stack.
 */
export function refused(result: CliResult, exit: number): Told {
  expect(result.json, `no object ends stdout; stderr: ${result.err}`).toMatchObject({
    ok: false,
    exit,
    error: { message: expect.any(String) },
  });
  expect(result.code, result.err).toBe(exit);
  const { message, problems = [], hint = '' } = result.json.error;
  const text = [message, ...problems, hint].join('\n');
  expect(text).not.toMatch(/\n {4}at |TypeError|ReferenceError|undefined|\[object/);
  expect(result.err.replaceAll('\n', ' ')).toContain(message.slice(0, 60));
  return { text, hint };
}

/** Every one of these words stands somewhere in the error. */
export function says({ text }: Told, ...words: (string | RegExp)[]): void {
  for (const word of words) typeof word === 'string' ? expect(text).toContain(word) : expect(text).toMatch(word);
}
