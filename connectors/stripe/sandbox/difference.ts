import { isDeepStrictEqual } from 'node:util';
import type { Json } from './book.ts';

const isHash = (value: unknown): value is Json => typeof value === 'object' && value !== null && !Array.isArray(value);

/** What an object said before, for whatever it says differently now; of hashes only the keys that changed, of lists all. */
export function difference(before: Json, after: Json): Json {
  const changed: Json = {};
  for (const key of new Set([...Object.keys(before), ...Object.keys(after)])) {
    const [was, is] = [before[key], after[key]];
    if (isDeepStrictEqual(was, is)) continue;
    if (isHash(was) && isHash(is) && was.object === 'list') changed[key] = { data: was.data };
    else changed[key] = isHash(was) && isHash(is) && was.id === is.id ? difference(was, is) : (was ?? null);
  }
  return changed;
}
