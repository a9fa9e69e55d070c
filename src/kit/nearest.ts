import { distance } from 'fastest-levenshtein';

const fold = (text: string): string => text.toLowerCase().replace(/[^\p{L}\p{N}]/gu, '');

const SHORTEST = 3;

/**
 * The valid name that a person most likely meant, or null where none is near. Case, spaces, dashes and underscores do not count;
 * among equals the first of `names` wins.
 */
export function nearest(name: string, names: readonly string[]): string | null {
  let best: string | null = null;
  let bestCost = Number.POSITIVE_INFINITY;
  for (const candidate of names) {
    const [a, b] = [fold(name), fold(candidate)];
    const letters = Math.max(a.length, b.length, 1);
    // A name that was cut short is meant more surely than one of other letters: "lag" is lagging, not leading.
    const edits = a.length >= SHORTEST && b.startsWith(a) ? (b.length - a.length) / 4 : distance(a, b);
    // Two swapped letters are two edits; beyond that, more than half wrong is a different word, and no advice beats bad advice.
    const near = edits / letters <= 0.5 || (edits <= 2 && edits < letters);
    if (near && edits / letters < bestCost) [best, bestCost] = [candidate, edits / letters];
  }
  return best;
}

/** "expected one of usage, support"; signs are set apart from the commas between them. */
export function oneOfText(names: readonly string[]): string {
  const told = names.map((name) => (/[\p{L}\p{N}]/u.test(name) ? name : `\`${name}\``));
  return told.length === 1 ? `expected ${told[0]}` : `expected one of ${told.join(', ')}`;
}

/** "nearest is `usage` (valid: usage, support)"; long lists are left out where a near name exists. */
export function adviceOn(found: string, names: readonly string[]): string {
  if (names.length === 0) return 'no name is allowed here';
  const near = nearest(found, names);
  if (near === null) return oneOfText(names);
  return names.length > 12 ? `nearest is \`${near}\`` : `nearest is \`${near}\` (valid: ${names.join(', ')})`;
}
