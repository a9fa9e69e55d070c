import { InputError } from '../contract/index.ts';
import { nearest } from '../kit/yaml.ts';

/** A whole number given on the command line. @throws InputError naming the option, what was found and what was expected. */
export function wholeNumber(option: string, text: string, least = 0, most = Number.MAX_SAFE_INTEGER): number {
  const value = Number(text);
  if (!/^\d+$/.test(text) || value < least || value > most)
    throw new InputError(
      `${option} ${text}: expected a whole number from ${least} ${most < Number.MAX_SAFE_INTEGER ? `to ${most}` : 'on'}`,
    );
  return value;
}

/** A past or present calendar day. */
export function dateArgument(option: string, text: string): string {
  const ms = Date.parse(`${text}T00:00:00Z`);
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text) || Number.isNaN(ms) || new Date(ms).toISOString().slice(0, 10) !== text)
    throw new InputError(`${option} ${text}: expected a date like 2026-11-25`);
  return text;
}

/** One of a set of names. @throws InputError with the nearest. */
export function oneOf(what: string, name: string, known: string[]): string {
  if (known.includes(name)) return name;
  const close = nearest(name, known);
  throw new InputError(`${what} "${name}" is not known`, {
    hint: `${close ? `The nearest is "${close}". ` : ''}Known are: ${known.join(', ')}.`,
  });
}
