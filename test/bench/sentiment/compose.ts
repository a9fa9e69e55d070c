/**
 * Writes training.jsonl: every text of written.tsv, and texts composed from the parts and frames of phrases.yaml.
 * `node test/bench/sentiment/compose.ts`; the seed is fixed, so that the same files give the same bytes.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { z } from 'zod';
import { loadYaml } from '../../../src/kit/yaml.ts';
import { type Label, type Labelled, nearDuplicates, readLines, type Trained } from './texts.ts';

const here = new URL('.', import.meta.url).pathname;
const SEED = 20_261_125;
type Class = Trained['label'] | 'frustrated';

const Phrases = z.strictObject({
  parts: z.record(z.string(), z.array(z.string())),
  frames: z.record(
    z.enum(['positive', 'negative', 'frustrated', 'neutral']),
    z.array(z.tuple([z.string(), z.int().positive()])),
  ),
});

/** Numbers in [0, 1) that follow from a seed (mulberry32). */
function dice(seed: number): () => number {
  let a = seed;
  return () => {
    a = (a + 0x6d2b79f5) | 0;
    let t = Math.imul(a ^ (a >>> 15), 1 | a);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** Cards of a part are dealt until none is left, so that every word is used about equally often. */
function dealer(roll: () => number): (part: string, cards: readonly string[]) => string {
  const decks = new Map<string, string[]>();
  return (part, cards) => {
    const deck = decks.get(part)?.length ? (decks.get(part) as string[]) : [...cards];
    decks.set(part, deck);
    const [card] = deck.splice(Math.floor(roll() * deck.length), 1);
    return card ?? '';
  };
}

/** People write in capitals when they shout, and without capitals or full stops when in haste. */
function inSomeHand(text: string, label: Class, roll: () => number): string {
  const upper = text.replace(/(^|[.!?] )([a-z])/g, (_, gap: string, letter: string) => gap + letter.toUpperCase());
  const hand = roll();
  if (label === 'frustrated' && hand < 0.08) return upper.toUpperCase();
  if (hand < 0.2) return text.toLowerCase().replace(/\.$/, '');
  return upper.replace(/([.!?])\.$/, '$1');
}

function composed(): [Class, string][] {
  const { parts, frames } = loadYaml(`${here}phrases.yaml`, Phrases);
  const roll = dice(SEED);
  const deal = dealer(roll);
  return Object.entries(frames).flatMap(([label, list]) =>
    list.flatMap(([frame, times]) =>
      Array.from({ length: times }, (): [Class, string] => {
        const text = frame.replace(/\{(\w+)\}/g, (_, part: string) => {
          const cards = parts[part];
          if (!cards) throw new Error(`phrases.yaml: the frame "${frame}" names {${part}}, which is no part`);
          return deal(part, cards);
        });
        return [label as Class, inSomeHand(text, label as Class, roll)];
      }),
    ),
  );
}

function written(): [Class, string][] {
  return readFileSync(`${here}written.tsv`, 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => line.split('\t') as [Class, string]);
}

/** The training texts, none of them a labelled one, nor nearly one. */
export function compose(): Trained[] {
  const labelled = readLines<Labelled>('labelled.jsonl').map((t) => t.text);
  const seen = new Set<string>();
  const rows = [
    ...written().map(([label, text]) => ({ label, text, by: 'hand' as const })),
    ...composed().map(([label, text]) => ({ label, text, by: 'frame' as const })),
  ].filter(({ text }) => !seen.has(text) && seen.add(text));
  const known = nearDuplicates(
    rows.map((r) => r.text),
    labelled,
  );
  return rows
    .filter(({ text }) => !known.has(text))
    .map(({ label, text, by }) => ({
      text,
      label: (label === 'frustrated' ? 'negative' : label) as Exclude<Label, 'missing'>,
      frustrated: label === 'frustrated',
      by,
    }));
}

if (process.argv[1] === new URL(import.meta.url).pathname) {
  const rows = compose();
  writeFileSync(`${here}training.jsonl`, `${rows.map((r) => JSON.stringify(r)).join('\n')}\n`);
  process.stdout.write(`${rows.length} training texts\n`);
}
