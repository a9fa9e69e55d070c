import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { Model } from '../../src/core/model.ts';
import { POINT } from '../../src/core/result.ts';
import { scoreAccount } from '../../src/core/score.ts';
import { loadYaml } from '../../src/kit/yaml.ts';
import { account, daysAgo, fact, inputOf, reads } from './helpers.ts';

const folder = fileURLToPath(new URL('../../mappings/models', import.meta.url));
const shipped = readdirSync(folder)
  .filter((name) => name.endsWith('.yaml'))
  .map((name) => loadYaml(`${folder}/${name}`, Model));

/** The model with its own weights, bands and caps, where every signal that is on is worth 100. */
const allAtBest = (model: Model): Model =>
  Model.parse({
    ...model,
    segments: {},
    contexts: undefined,
    dimensions: model.dimensions.map((d) => ({
      ...d,
      signals: d.signals.filter((s) => s.enabled).map((s) => reads(s.key, s.weight)),
    })),
  });

/** Tickets escalated so many days ago. */
const scored = (model: Model, ...escalated: number[]) => {
  const attributes = Object.fromEntries(model.dimensions.flatMap((d) => d.signals.map((s) => [s.key, 100])));
  const tickets = escalated.map((ago) => fact('ticket', daysAgo(ago), { openedAt: daysAgo(ago), escalated: true }));
  return scoreAccount(allAtBest(model), inputOf([account({ attributes }), ...tickets]));
};

describe.each(shipped.map((m): [string, Model] => [m.name, m]))('%s: everything at 100', (_, model) => {
  const [best, second] = model.bands;

  test('is the best that there is', () => {
    expect(scored(model)).toMatchObject({ points: 100 * POINT, band: best?.key, caps: [] });
  });

  test('is not green with tickets escalated week after week, and says what that costs', () => {
    const part = scored(model, 3, 10, 17);
    expect(part).toMatchObject({ band: second?.key, score: (best?.from ?? 0) - 1 });
    expect(part.caps.map((c) => c.cap)).toEqual(['escalated-weeks']);
    const lines = [...part.contributions, ...part.caps];
    expect(lines.reduce((sum, line) => sum + line.points, 0)).toBe(part.points);
  });

  test('stays green where a week was quiet', () => {
    expect(scored(model, 3, 17, 18)).toMatchObject({ points: 100 * POINT, band: best?.key });
  });
});
