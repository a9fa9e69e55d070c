const fold = (name: string): string => name.toLowerCase().replace(/[^\p{L}\p{N}]/gu, '');

/**
 * The name of a list that another is but one letter, or only case and separators, away from; null = none. For lists that take other
 * names too: "activeUser" is no figure of one's own beside activeUsers, it is a slip.
 */
export function slipOf(name: string, names: readonly string[]): string | null {
  const own = fold(name);
  return names.find((known) => known !== name && (fold(known) === own || oneApart(own, fold(known)))) ?? null;
}

/** Whether one letter was left out, added or replaced, or two neighbours swapped; short names are too easily alike. */
function oneApart(a: string, b: string): boolean {
  const [short, long] = a.length <= b.length ? [a, b] : [b, a];
  if (short.length < 4 || long.length - short.length > 1) return false;
  let at = 0;
  while (at < short.length && short[at] === long[at]) at++;
  const rest = (text: string, from: number): string => text.slice(from);
  if (short.length < long.length) return rest(short, at) === rest(long, at + 1);
  if (rest(short, at + 1) === rest(long, at + 1)) return true;
  return short[at] === long[at + 1] && short[at + 1] === long[at] && rest(short, at + 2) === rest(long, at + 2);
}
