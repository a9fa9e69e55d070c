import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { WEIGHTS } from '../../../src/sentiment/index.ts';
import { compose } from './compose.ts';
import { type Labelled, nearDuplicates, readLines, type Trained } from './texts.ts';
import { trained } from './train.ts';

const labelled = readLines<Labelled>('labelled.jsonl');
const training = readLines<Trained>('training.jsonl');
const hash = (text: string): string => createHash('sha256').update(text).digest('hex');

describe('the labelled texts', () => {
  it('are many, each once, and of every sort', () => {
    expect(labelled.length).toBeGreaterThanOrEqual(420);
    expect(new Set(labelled.map((t) => t.text)).size).toBe(labelled.length);
    for (const tag of [
      'negation',
      'polite-complaint',
      'thanks',
      'neutral-report',
      'technical',
      'sarcasm',
      'mixed',
      'other-language',
    ])
      expect(labelled.filter((t) => t.tags.includes(tag)).length, tag).toBeGreaterThan(5);
    for (const t of labelled) if (t.frustrated) expect(t.label).toBe('negative');
  });

  it('are parted by their hash alone, label by label', () => {
    for (const label of ['negative', 'neutral', 'positive', 'missing']) {
      const of = labelled.filter((t) => t.label === label).sort((a, b) => (hash(a.text) < hash(b.text) ? -1 : 1));
      expect(of.map((t) => t.half)).toEqual(of.map((_, i) => (i % 2 ? 'held' : 'tune')));
    }
  });
});

describe('the training texts', () => {
  it('are at least 1,500, and none of them is, nearly, a labelled one', () => {
    expect(training.length).toBeGreaterThanOrEqual(1_500);
    const texts = labelled.map((t) => t.text);
    expect([
      ...nearDuplicates(
        training.map((t) => t.text),
        texts,
      ),
    ]).toEqual([]);
    // The check sees what it is for.
    const [first = ''] = texts;
    expect(nearDuplicates([first, `${first} indeed`, 'Something else altogether.'], texts)).toEqual(
      new Set([first, `${first} indeed`]),
    );
  });

  it('follow from what was written and from the phrases, to the byte', () => {
    expect(compose()).toEqual(training);
  });
});

describe('the shipped weights', () => {
  it('follow from the training texts, to the byte', () => {
    const shipped = readFileSync(new URL(`../../../${WEIGHTS}`, import.meta.url), 'utf8');
    expect(trained() === shipped, 'run `node test/bench/sentiment/train.ts`').toBe(true);
    expect(shipped.length).toBeLessThan(500_000);
  });
});
