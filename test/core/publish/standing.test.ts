import { describe, expect, it } from 'vitest';
import { type Known, standingOf } from '../../../src/core/publish/standing.ts';

const DAY = 86_400_000;
const NOW = Date.UTC(2026, 10, 25);
const OWN = { name: 'own', version: 2, hash: 'h-own' };
const known = (over: Partial<Known> = {}): Known => ({
  live: OWN,
  published: { ...OWN, configured: 'five-dimension', configuredHash: 'h-five' },
  configured: { text: 'five-dimension', hash: 'h-five', shipped: true },
  provenAt: NOW - 10 * DAY,
  since: NOW - 10 * DAY,
  ...over,
});
const codes = (over: Partial<Known>, remindAfterDays = 90): string[] =>
  standingOf(known(over), NOW, remindAfterDays).notes.map((n) => n.code);
const FILE = { text: 'mine.yaml', hash: 'h-own', shipped: false };

describe('how well the live model is proven', () => {
  it('is fine for as long as is set', () => {
    expect(standingOf(known(), NOW, 90)).toEqual({
      model: 'own 2',
      hash: 'h-own',
      published: true,
      provenAt: '2026-11-15T00:00:00.000Z',
      ageDays: 10,
      notes: [],
    });
  });

  it.each<[string, Partial<Known>, string[]]>([
    ['judged 89 days ago', { provenAt: NOW - 90 * DAY + 1 }, []],
    ['judged 90 days ago', { provenAt: NOW - 90 * DAY }, ['proof-is-old']],
    ['judged tomorrow, by a clock that was set back', { provenAt: NOW + DAY }, []],
    [
      'a shipped one, never published, that has not scored',
      { published: null, provenAt: null, since: null, live: { ...OWN, hash: 'h-five' } },
      [],
    ],
    [
      'a shipped one, never published, long in use',
      { published: null, provenAt: null, since: NOW - 90 * DAY, live: { ...OWN, hash: 'h-five' } },
      ['never-judged'],
    ],
    ['a file, never published', { published: null, provenAt: null, since: null, configured: FILE }, ['never-judged']],
    [
      'a file put in its place by hand',
      { configured: { ...FILE, hash: 'h-new' }, live: { ...OWN, hash: 'h-new' }, provenAt: null },
      ['replaced-by-hand'],
    ],
    ['the same model, now named by hand', { configured: FILE }, []],
    [
      'a file that was edited since',
      {
        published: { ...OWN, configured: 'mine.yaml', configuredHash: 'h-own' },
        configured: { ...FILE, hash: 'h-new' },
      },
      ['edited'],
    ],
    [
      'a shipped one that a new version of the product changed',
      { configured: { text: 'five-dimension', hash: 'h-newer', shipped: true } },
      [],
    ],
    [
      'one that was put back, and never judged',
      {
        provenAt: null,
        configured: { text: 'mine.yaml', hash: 'h-x', shipped: false },
        published: { ...OWN, configured: 'mine.yaml', configuredHash: 'h-x' },
      },
      ['never-judged'],
    ],
  ])('of %s', (_, over, expected) => {
    expect(codes(over)).toEqual(expected);
  });

  it('names the command to run with each note', () => {
    for (const over of [{ provenAt: NOW - 200 * DAY }, { published: null, provenAt: null, configured: FILE }])
      for (const note of standingOf(known(over), NOW, 90).notes)
        expect(note.command).toMatch(/^npx pulseback model publish/);
  });
});
