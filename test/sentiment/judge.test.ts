import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { chancesOf, classifierOf, contributionsOf } from '../../src/sentiment/classifier.ts';
import { featuresOf, tokensOf } from '../../src/sentiment/features.ts';
import { builtInJudge, labelOf } from '../../src/sentiment/index.ts';
import { readWeights, weightsText } from '../../src/sentiment/weights-file.ts';

const judge = builtInJudge(join(import.meta.dirname, '../..'));

describe('the built-in judge', () => {
  it.each([
    ['This isn’t working as promised.', 'negative', false],
    ['Not bad at all, well done.', 'positive', false],
    ['I am not happy with this.', 'negative', false],
    ['Support resolved my ticket in minutes.', 'positive', false],
    ['How do I change my avatar?', 'neutral', false],
    ['Can you terminate the contract of employee 4411 in the HR module?', 'neutral', false],
    ['The dead letter queue has 12 entries, is that normal?', 'neutral', false],
    ['Please advise on how to abort a running import.', 'neutral', false],
    ['It crashed again today, third crash this week, we can’t keep working like this!', 'negative', true],
    ['I’ve had to explain this to three different agents now and I’m running out of patience.', 'negative', true],
    ['Great!! Just great. Down for the third time this week.', 'negative', true],
    ['Your team went above and beyond, thank you!', 'positive', false],
  ])('reads %s', (text, label, frustrated) => {
    const judged = judge(text);
    expect([labelOf(judged.sentiment), judged.frustrated, judged.language]).toEqual([label, frustrated, 'en']);
    expect(judged.why).toMatch(/^by “/);
  });

  it.each([
    ['Hallo, ich kann mich seit heute früh nicht mehr anmelden.', 'de'],
    ['Merci de votre aide, tout fonctionne.', 'fr'],
    ['El sistema no funciona desde ayer.', 'es'],
    ['ログインできません。', 'ja'],
    ['Не могу войти в систему с утра.', 'ru'],
    ['', null],
    ['?', null],
    ['+1', null],
    ['https://example.com/wonderful', null],
    ['> Thank you, great work!', null],
    ['0x80070057', null],
  ])('does not judge %s', (text, language) => {
    expect(judge(text)).toMatchObject({ sentiment: null, frustrated: null, language });
  });

  it('says the same of the same text, a whole number from 0 to 100 or nothing, whatever it is given', () => {
    const words = fc.constantFrom(
      'slow',
      'great',
      'not',
      'the',
      'kill',
      'bitte',
      '!',
      '?',
      '\n',
      '> ',
      '<b>',
      '…',
      '请',
    );
    const texts = fc.oneof(
      fc.string({ unit: 'grapheme', maxLength: 200 }),
      fc.array(words, { maxLength: 40 }).map((w) => w.join(' ')),
    );
    fc.assert(
      fc.property(texts, (text) => {
        const first = judge(text);
        expect(judge(text)).toEqual(first);
        if (first.sentiment === null) expect(first.frustrated).toBeNull();
        else {
          expect(Number.isInteger(first.sentiment) && first.sentiment >= 0 && first.sentiment <= 100).toBe(true);
          expect(first.language).toBe('en');
          // Frustration is a sort of displeasure.
          if (first.frustrated) expect(labelOf(first.sentiment)).toBe('negative');
        }
      }),
      { numRuns: 150, seed: 7 },
    );
  });

  it('hears what was quoted, signed or logged from nobody', () => {
    const own = judge('Please add these three users to the finance group.');
    const around =
      'Please add these three users to the finance group.\n\nKind regards,\nTom Terrible\nAwful Widgets Inc.\n\nOn Mon, Feb 2, 2026 Jane wrote:\n> This is a disaster! Unacceptable!!';
    expect(judge(around)).toEqual(own);
  });
});

describe('tokens and features', () => {
  const denied = (text: string) =>
    tokensOf(text)
      .filter((t) => t.denied)
      .map((t) => t.word);

  it('mark what a denial reaches: four words, up to a stop or a turn', () => {
    expect(denied("It isn't very fast, it is great")).toEqual(['very', 'fast']);
    expect(denied('not cheap but worth it')).toEqual(['cheap']);
    expect(denied('never had so much trouble with anything')).toEqual(['had', 'so', 'much', 'trouble']);
    expect(denied('far from good')).toEqual(['good']);
    expect(denied('can’t complain')).toEqual(['complain']);
    expect(denied('fast and good')).toEqual([]);
  });

  it('have length 1 whatever the text’s, and none for no text', () => {
    const tone = new Map([['good', 2]]);
    for (const text of ['good', 'good '.repeat(50), 'one two three four five, six?'])
      expect(Math.hypot(...featuresOf(text, tone).values())).toBeCloseTo(1, 10);
    expect([...featuresOf('good', tone).keys()]).toContain('l:good');
    expect([...featuresOf('not good', tone).keys()]).toContain('l:!good');
  });

  it('add up: bias and contributions give the chances', () => {
    const classifier = classifierOf({
      scale: 10,
      bias: [1, -2, 3, 0],
      features: { 'w:slow': [20, 5, -10, -15], 'w:fast': [-9, -9, 0, 18] },
      tone: {},
    });
    const parts = contributionsOf('slow', classifier);
    const [slow] = parts;
    expect(parts).toHaveLength(1);
    const sums = [
      0.1 + (slow?.negative ?? 0),
      -0.2 + (slow?.frustrated ?? 0),
      0.3 + (slow?.neutral ?? 0),
      0 + (slow?.positive ?? 0),
    ];
    const total = sums.reduce((sum, s) => sum + Math.exp(s), 0);
    const { negative, frustrated, neutral, positive } = chancesOf('slow', classifier);
    expect([negative, frustrated, neutral, positive]).toEqual(sums.map((s) => expect.closeTo(Math.exp(s) / total, 10)));
  });
});

describe('the file of weights', () => {
  const weights = {
    scale: 10,
    bias: [1, 2, 3, 4],
    features: { 'w:a': [1, -2, 0, 3], 'w:#': [0, 0, 5, 0] },
    tone: { good: 2 },
  };

  it('is read as it was written', () => {
    const dir = mkdtempSync(join(tmpdir(), 'pulseback-weights-'));
    try {
      const path = join(dir, 'w.tsv');
      writeFileSync(path, weightsText(weights));
      expect(readWeights(path)).toEqual(classifierOf(weights));
      writeFileSync(path, weightsText(weights).replace('w:a\t1', 'w:a\tone'));
      expect(() => readWeights(path)).toThrow(/w\.tsv:6: found "one"; expected a whole number/);
      writeFileSync(path, weightsText(weights).replace('\t4\n', '\n'));
      expect(() => readWeights(path)).toThrow(/w\.tsv: bias/);
    } finally {
      rmSync(dir, { recursive: true, force: true });
    }
  });
});
