import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { coverageOf } from '../../src/core/coverage.ts';
import { FACT_KINDS, type FactKind, type StoredFact } from '../../src/core/fact.ts';
import { termsOf } from '../../src/core/measure.ts';
import { Model } from '../../src/core/model.ts';
import { POINT } from '../../src/core/result.ts';
import { type ScoredPart, scoreAccount } from '../../src/core/score.ts';
import { loadYaml } from '../../src/kit/yaml.ts';
import { account, inputOf, NOON } from './helpers.ts';
import { book } from './random-facts.ts';

/** A company that has not connected a source must not look worse for it: what cannot be seen is missing, never zero. */

const folder = fileURLToPath(new URL('../../mappings/models', import.meta.url));
const shipped = readdirSync(folder)
  .filter((name) => name.endsWith('.yaml'))
  .map((name) => loadYaml(`${folder}/${name}`, Model));
const everythingOn = (model: Model): Model => ({
  ...model,
  name: `${model.name}, everything on`,
  dimensions: model.dimensions.map((d) => ({ ...d, signals: d.signals.map((s) => ({ ...s, enabled: true })) })),
});

const SOURCES: Record<string, FactKind[]> = {
  usage: ['usage'],
  support: ['ticket'],
  billing: ['invoice', 'subscription'],
  activities: ['activity'],
  surveys: ['survey'],
  people: ['contact', 'opportunityRole'],
  opportunities: ['opportunity', 'opportunityRole'],
  onboarding: ['milestone'],
  academy: ['training'],
  community: ['community'],
  'events and marketing': ['participation', 'marketing', 'resource'],
  advocacy: ['advocacy'],
  judgement: ['pulse'],
  'all but the account': FACT_KINDS.filter((kind) => kind !== 'account'),
};

/** When the account began is told by its own record, else a subscription says it. */
const KNOWN = account({ seats: 50 }, NOON);

/** Every source is connected but those whose kinds are gone. */
function scored(model: Model, facts: StoredFact[], gone: readonly FactKind[] = []): ScoredPart {
  const input = inputOf(
    facts.filter((f) => !gone.includes(f.kind)),
    { csmId: 'U1' },
  );
  const kinds = FACT_KINDS.filter((kind) => !gone.includes(kind));
  const users = new Set(gone.includes('activity') ? [] : ['U1']);
  const coverage = coverageOf({
    view: input.view,
    logging: { activity: users, email: users },
    carriers: Object.fromEntries(kinds.map((kind) => [kind, ['crm', 'desk']])),
  });
  return scoreAccount(model, { ...input, coverage });
}

const every = (model: Model) => model.dimensions.flatMap((d) => d.signals);
const reads = (gone: readonly FactKind[]) => (term: object) => 'kind' in term && gone.includes(term.kind as FactKind);
/** Signals that have nothing else to read. */
const blind = (model: Model, gone: readonly FactKind[]): Set<string> =>
  new Set(every(model).flatMap((s) => (termsOf(s).every(reads(gone)) ? [s.key] : [])));
/** Signals that take another source where the first is not there. */
const fallingBack = (model: Model, gone: readonly FactKind[]): Set<string> =>
  new Set(every(model).flatMap((s) => ([...termsOf(s), ...(s.to ?? [])].some(reads(gone)) ? [s.key] : [])));

/** The weighted average of what is present, by plain numbers. */
function byHand(model: Model, values: Map<string, number>): number | null {
  let [sum, weights] = [0, 0];
  for (const dimension of model.dimensions) {
    const there = dimension.signals.filter((s) => s.enabled && s.weight > 0 && values.has(s.key));
    const total = there.reduce((w, s) => w + s.weight, 0);
    if (total === 0) continue;
    weights += dimension.weight;
    sum += (dimension.weight * there.reduce((w, s) => w + s.weight * (values.get(s.key) ?? 0), 0)) / total;
  }
  return weights === 0 ? null : sum / weights;
}

const valuesOf = (part: ScoredPart): Map<string, number> =>
  new Map(part.contributions.flatMap((c) => (c.value === null ? [] : [[c.signal, c.value / POINT]])));

describe.each([...shipped, ...shipped.map(everythingOn)].map((m): [string, Model] => [m.name, m]))('%s', (_, model) => {
  test.each(Object.entries(SOURCES))('without %s', (_source, gone) => {
    const [unseen, elsewhere] = [blind(model, gone), fallingBack(model, gone)];
    fc.assert(
      fc.property(book(NOON - 800 * 86_400_000, NOON), (random) => {
        const facts = [...random, KNOWN];
        const [whole, less] = [scored(model, facts), scored(model, facts, gone)];
        const [before, after] = [valuesOf(whole), valuesOf(less)];
        // What is still seen is worth what it was; what read the source is missing, or read from elsewhere.
        expect([...after.keys()].filter((key) => unseen.has(key))).toEqual([]);
        for (const [key, value] of after) if (!elsewhere.has(key)) expect([key, value]).toEqual([key, before.get(key)]);
        const red = model.bands.at(-2)?.from ?? 0;
        if (less.confidence < model.floor)
          expect(less).toMatchObject({ computed: { points: null, band: 'not scored' } });
        else if (less.computed.band === 'red') {
          const average = byHand(model, after);
          const capped = less.caps.length > 0;
          expect(capped || (average !== null && Math.round(average * 10_000) / 10_000 < red - 0.5 + 1e-4)).toBe(true);
        }
      }),
      { seed: 21, numRuns: 12 },
    );
  });
});
