import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type Answer, bestLimit, byTag, type Scores, scoresOf } from '../../src/cli/sentiment-bench/measure.ts';
import { cli } from '../e2e/harness.ts';

interface Result {
  texts: number;
  candidates: { name: string; held: Scores; all: Scores; tags: Record<string, { texts: number; accuracy: number }> }[];
}

describe('bench sentiment', () => {
  it('finds the built-in judge fit for its purpose and no word list, and the README tells what it finds', async () => {
    const { code, json } = await cli(['bench', 'sentiment', '--json']);
    expect(code).toBe(0);
    const { texts, candidates } = json as unknown as Result;
    const named = new Map(candidates.map((c) => [c.name, c]));
    const own = named.get('built-in');
    expect(texts).toBeGreaterThanOrEqual(420);
    expect(own?.held.macroF1).toBeGreaterThanOrEqual(0.8);
    expect(own?.held.frustrated.f1).toBeGreaterThanOrEqual(0.75);
    expect(own?.held.missingFound).toBeGreaterThanOrEqual(0.95);
    for (const { name, held } of candidates) if (name !== 'built-in') expect(held.macroF1, name).toBeLessThan(0.7);

    const readme = readFileSync(join(import.meta.dirname, '../../README.md'), 'utf8');
    expect(readme).toContain(`${own?.held.texts} hand-labelled texts`);
    const rows = [
      ...readme.matchAll(
        /^\| (`sentiment` \(AFINN\)|`vader-sentiment`|`wink-sentiment`|`@nlpjs\/sentiment`|built in) +\|(.+)\|$/gm,
      ),
    ];
    expect(rows).toHaveLength(5);
    for (const [, label = '', figures = ''] of rows) {
      const name = label === 'built in' ? 'built-in' : (/`(.+?)`/.exec(label)?.[1] ?? '');
      const held = named.get(name)?.held;
      const measured = [held?.accuracy, held?.macroF1, held?.missingFound, held?.frustrated.f1].map((x) =>
        x?.toFixed(2),
      );
      expect([name, ...figures.split('|').map((cell) => cell.trim())]).toEqual([name, ...measured]);
    }
  });

  it('says why it judges a text as it does', async () => {
    const { json } = await cli(['bench', 'sentiment', '--json', '--why', 'Not good.\n-- \nTom']);
    expect(json).toMatchObject({ text: 'Not good.', frustrated: false, language: 'en' });
    const { contributions, chances } = json as {
      contributions: { feature: string; negative: number }[];
      chances: Record<string, number>;
    };
    expect(contributions.find((c) => c.feature === 'l:!good')?.negative).toBeGreaterThan(0);
    expect(Object.values(chances).reduce((sum, p) => sum + p, 0)).toBeCloseTo(1, 10);
    const { json: foreign } = await cli(['bench', 'sentiment', '--json', '--why', 'Das geht leider nicht mehr.']);
    expect(foreign).toMatchObject({ sentiment: null, language: 'de', chances: null, contributions: [] });
  });

  it('measures texts of one’s own, and names a line that is none', async () => {
    const dir = mkdtempSync(join(tmpdir(), 'pulseback-labelled-'));
    try {
      const path = join(dir, 'own.jsonl');
      const row = (id: string, text: string, label: string) =>
        JSON.stringify({ id, text, label, frustrated: false, tags: [], half: 'held' });
      writeFileSync(path, `${row('1', 'Thank you, perfect!', 'positive')}\n${row('2', 'Terrible.', 'negative')}\n`);
      const { json } = await cli(['bench', 'sentiment', '--json', '--data', path]);
      expect((json as unknown as Result).candidates.at(-1)?.held).toMatchObject({ texts: 2, accuracy: 1 });
      writeFileSync(path, `${row('1', 'Thank you!', 'positive')}\n${row('2', 'Terrible.', 'bad')}\n`);
      const refused = await cli(['bench', 'sentiment', '--json', '--data', path]);
      expect(refused.code).toBe(2);
      expect(JSON.stringify(refused.json)).toMatch(/own\.jsonl:2: label/);
    } finally {
      rmSync(dir, { recursive: true, force: true });
    }
  });
});

describe('its figures', () => {
  const answer = (
    label: Answer['text']['label'],
    said: Answer['text']['label'],
    score: number,
    frustrated = false,
  ): Answer => ({
    text: { id: '', text: '', label, frustrated, tags: [label], half: 'held' },
    opinion: { label: said, score, frustrated: null },
  });
  const answers = [
    answer('negative', 'negative', -5, true),
    answer('negative', 'neutral', 0),
    answer('neutral', 'neutral', 0),
    answer('positive', 'positive', 3),
    answer('missing', 'positive', 2),
    answer('missing', 'missing', 0),
  ];

  it('are what one works out by hand', () => {
    // F1: negative 2·1/(2+1), neutral 2·1/(1+2), positive 2·1/(1+2); without what should be missing, positive is 1.
    expect(scoresOf(answers, -5)).toEqual({
      texts: 6,
      accuracy: 0.667,
      macroF1: 0.667,
      macroF1English: 0.778,
      missingFound: 0.5,
      frustrated: { f1: 1, precision: 1, recall: 1 },
    });
    expect(scoresOf(answers, 0).frustrated).toEqual({ f1: 0.4, precision: 0.25, recall: 1 });
    expect(bestLimit(answers)).toBe(-5);
    expect(byTag(answers, 2)).toEqual({ missing: { texts: 2, accuracy: 0.5 }, negative: { texts: 2, accuracy: 0.5 } });
  });
});
