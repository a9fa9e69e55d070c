/** What a figure counts. */
export interface Counted {
  one: string;
  several: string;
}

/** "value" or "then.value" alone, or with what is counted: "value ticket|tickets". What is no such name fills `name` as it is. */
export function placeholderIn(braced: string): { name: string; words: Counted | null } {
  const [, name = braced, one, several] = /^(\S+) ([^|]+)\|([^|]+)$/.exec(braced) ?? [];
  return { name, words: one === undefined || several === undefined ? null : { one, several } };
}
