import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import type { eld } from 'eld/extrasmall';

let loaded: typeof eld | null = null;
/** Loaded by the first text that needs it: its tables take 35 MB. The package tells its place to imports only. */
function detector(): typeof eld {
  loaded ??= (
    createRequire(import.meta.url)(fileURLToPath(import.meta.resolve('eld/extrasmall'))) as { eld: typeof eld }
  ).eld;
  return loaded;
}

/** Words that nearly every English sentence has one of. */
const COMMON = new Set(
  'the a an and or but if of to in on at for with from by as is are was were be been am i you he she it we they me us them my your our their this that these those there here not no yes do does did have has had can could will would should may might must what when where which who why how than then so too very just also please thanks thank hi hello dear ok okay all any some more most out up down after before since until again now still'.split(
    ' ',
  ),
);
/** Words of other languages that stand in English sentences by chance only. */
const FOREIGN = new Set(
  'der die das und ist nicht ich wir mit für auf ein eine zu den dem im von bei le la les des et est pas je nous vous pour dans un une du que el los las por con para en es no una del se il di che non per gli è sono het een niet wij ik van voor met bij naar og ikke det jeg vi att och är på som nie się jest na do proszę não uma os obrigado com danke merci gracias grazie bedankt tack takk dziękuję'.split(
    ' ',
  ),
);

/** How single words betray that they are English. */
const ENGLISH_ENDING = /.{3}(?:ful|less|ing|able|ible|ness|ly|ish|ous)$/;

/**
 * The language of a cleaned text, ISO 639-1; null = no words, or none that can be told. Short texts say little, so a short text is
 * English where nearly all of its words are known English ones (`isKnown`), whatever the detector guesses.
 */
export function languageOf(text: string, isKnown: (word: string) => boolean): string | null {
  const words =
    text
      .toLowerCase()
      .replace(/[’‘]/g, "'")
      .match(/\p{L}+(?:'\p{L}+)?/gu) ?? [];
  const letters = words.join('').length;
  if (letters < 2) return null;
  const latin = text.match(/\p{Script=Latin}/gu)?.length ?? 0;
  const isLatin = latin * 2 >= letters;
  const known = words.filter((w) => COMMON.has(w) || isKnown(w.replace(/'\p{L}+$/u, ''))).length / words.length;
  const foreign = words.filter((w) => FOREIGN.has(w) && !COMMON.has(w)).length / words.length;
  // Nearly all words are English: whatever the detector might guess, and without loading its tables.
  const enough = words.length >= 8 ? 0.75 : 0.6;
  if (isLatin && known >= enough && foreign <= 0.15 && known > foreign) return 'en';
  const guess = detector().detect(text);
  if (!isLatin) return guess.language && guess.language !== 'en' ? guess.language : null;
  if (guess.language === 'en') {
    const looksEnglish = known >= 0.25 || guess.isReliable() || words.every((w) => ENGLISH_ENDING.test(w));
    return looksEnglish && foreign < 0.4 ? 'en' : null;
  }
  return guess.language || null;
}
