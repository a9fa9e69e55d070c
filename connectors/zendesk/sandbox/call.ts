import type { Person } from './people.ts';

/** A call with what every endpoint needs to know about it. */
export interface Call {
  /** Decoded parts of the path that the endpoint leaves open. */
  params: string[];
  query: URLSearchParams;
  /** "http://127.0.0.1:PORT/api/v2": what urls in answers begin with. */
  base: string;
  /** This call's own address without its query. */
  self: string;
  kind: string;
  /** The world's now, epoch ms. */
  now: number;
  caller: Person;
}

export const included = (call: Call): Set<string> =>
  new Set((call.query.get('include') ?? '').split(',').filter(Boolean));

/** A list of ids in one parameter, at most 100 as the vendor takes them. */
export const listed = (value: string | null): string[] =>
  (value ?? '')
    .split(',')
    .map((part) => part.trim())
    .filter(Boolean)
    .slice(0, 100);

/** The address with other parameters; undefined takes one out. */
export function address(self: string, query: URLSearchParams, changes: Record<string, string | undefined>): string {
  const next = new URLSearchParams(query);
  for (const [name, value] of Object.entries(changes)) {
    if (value === undefined) next.delete(name);
    else next.set(name, value);
  }
  const text = next.toString();
  return text === '' ? self : `${self}?${text}`;
}
