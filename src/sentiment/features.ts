import { cuesOf } from './cues.ts';

/** Words after which what follows is denied. */
const DENIES =
  /^(?:not|no|never|without|hardly|barely|scarcely|nothing|nobody|none|neither|nor|cannot|cant|dont|doesnt|didnt|isnt|wasnt|wouldnt|couldnt|arent|havent|hasnt|nowhere|rarely|lacks|far-from)$/;
/** How many words a denial reaches, unless a stop or a turn comes first. */
const REACH = 4;
/** What comes after counts for more than what came before: "it took a while, but now we love it". */
const TURNS = /^(?:but|however|yet|unfortunately|sadly|though|although|still)$/;

/** Shares by which each sort of feature counts, found by cross-validation. */
const SHARE = { beforeTurn: 0.6, pair: 0.8, triple: 0.6, piece: 0.35, tone: 2, first: 0.5, cue: 4 } as const;

export interface Token {
  word: string;
  denied: boolean;
}

/** Words and signs of a text, in lower case; `n't` becomes "not", numbers become "#", what a denial reaches is marked. */
export function tokensOf(text: string): Token[] {
  const parts = text
    .toLowerCase()
    .replace(/[’‘`´]/g, "'")
    .replace(/\bfar from\b/g, 'far-from')
    .replace(/\bcan(?:not|'t)\b/g, 'can not')
    .replace(/\bwon't\b/g, 'will not')
    .replace(/(\p{L})n't\b/gu, '$1 not')
    .match(/far-from|\p{L}+(?:'\p{L}+)?|\d+|[!?]+|[.,;:()]|\p{Extended_Pictographic}/gu);
  let reach = 0;
  return (parts ?? []).map((part) => {
    const isWord = /^[\p{L}\d]/u.test(part);
    const word = isWord ? part.replace(/^\d+$/, '#') : sign(part);
    if (!isWord || TURNS.test(word)) reach = 0;
    const denied = reach > 0;
    if (denied) reach -= 1;
    if (DENIES.test(word)) reach = REACH;
    return { word, denied };
  });
}

/** "!!!!" and "!!" are one sign, and so are "?!" and "!?". */
function sign(part: string): string {
  if (!/^[!?]{2,}$/.test(part)) return part;
  if (part.includes('!') && part.includes('?')) return '?!';
  return part.slice(0, 2);
}

/** Feeling that a word has by itself, −4 … 4. */
export type Tone = ReadonlyMap<string, number>;

/**
 * What the classifier looks at, each with its weight: words (`w:`, denied ones `w:!`), pairs and triples of neighbours (`b:`, `t:`),
 * pieces of words of three to five letters (`c:`), the tone of words that have one (`l:`), shouting and other ways of putting it (`s:`). Scaled to
 * length 1, so that long texts weigh no more.
 */
export function featuresOf(text: string, tone: Tone): Map<string, number> {
  const found = new Map<string, number>();
  const add = (feature: string, weight: number): void => {
    found.set(feature, Math.max(found.get(feature) ?? 0, weight));
  };
  const tokens = tokensOf(text);
  const turn = tokens.findLastIndex(({ word }) => TURNS.test(word));
  const share = (i: number): number => (i < turn ? SHARE.beforeTurn : 1);
  tokens.forEach(({ word, denied }, i) => {
    const [next, after] = [tokens[i + 1]?.word, tokens[i + 2]?.word];
    const mark = denied ? '!' : '';
    add(`w:${mark}${word}`, share(i));
    if (next !== undefined) add(`b:${word} ${next}`, SHARE.pair * share(i));
    if (next !== undefined && after !== undefined) add(`t:${word} ${next} ${after}`, SHARE.triple * share(i));
    for (const piece of pieces(word)) add(`c:${mark}${piece}`, SHARE.piece * share(i));
  });
  for (const [feature, weight] of tonesOf(tokens, share, tone)) add(feature, weight);
  const [first] = tokens;
  if (first) add(`s:first ${first.word}`, SHARE.first);
  if (isShouting(text)) add('s:capitals', 1);
  for (const cue of cuesOf(text)) add(`s:${cue}`, SHARE.cue);
  const length = Math.hypot(...found.values()) || 1;
  return new Map([...found].map(([feature, weight]) => [feature, weight / length]));
}

function* pieces(word: string): Generator<string> {
  if (word.length < 4) return;
  const marked = `<${word}>`;
  for (const size of [3, 4, 5]) for (let i = 0; i + size <= marked.length; i += 1) yield marked.slice(i, i + size);
}

/** Good and bad tone, said and denied, each summed up to a bound. */
function tonesOf(tokens: readonly Token[], share: (i: number) => number, tone: Tone): Map<string, number> {
  const sums = new Map<string, number>();
  tokens.forEach(({ word, denied }, i) => {
    const value = tone.get(word);
    if (value === undefined) return;
    const key = `l:${denied ? '!' : ''}${value > 0 ? 'good' : 'bad'}`;
    sums.set(key, (sums.get(key) ?? 0) + (Math.abs(value) / 2) * share(i));
  });
  if (sums.size === 0) return new Map([['l:none', SHARE.tone]]);
  return new Map([...sums].map(([key, sum]) => [key, SHARE.tone * Math.min(3, sum)]));
}

/** Whether words are written in capitals that are no abbreviation: three words, or most of a short text. */
function isShouting(text: string): boolean {
  const words = text.match(/\p{L}{2,}/gu) ?? [];
  const loud = words.filter((w) => w.length >= 4 && w === w.toUpperCase() && w !== w.toLowerCase()).length;
  return loud >= 3 || (loud >= 1 && loud * 2 >= words.length);
}
