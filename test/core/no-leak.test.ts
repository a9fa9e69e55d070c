import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { coverageOf } from '../../src/core/coverage.ts';
import { DAY_MS, dateOf, dayOf } from '../../src/core/days.ts';
import { FACT_KINDS, FACTS, type Money, type StoredFact } from '../../src/core/fact.ts';
import { Model } from '../../src/core/model.ts';
import { renewalOf } from '../../src/core/renewal.ts';
import { AccountRules } from '../../src/core/rules.ts';
import { type ScoringInput, scoreWithTrend, thirtyDaysBefore } from '../../src/core/score.ts';
import { loadYaml } from '../../src/kit/yaml.ts';
import { inputOf, NOON, TODAY } from './helpers.ts';
import { anyFact, book, factsOf } from './random-facts.ts';

const folder = fileURLToPath(new URL('../../mappings/models', import.meta.url));
/** Every shipped model with all that it offers switched on. */
const models = readdirSync(folder)
  .filter((name) => name.endsWith('.yaml'))
  .map((name): [string, Model] => {
    const model = loadYaml(`${folder}/${name}`, Model);
    const dimensions = model.dimensions.map((d) => ({
      ...d,
      signals: d.signals.map((s) => ({ ...s, enabled: true })),
    }));
    return [model.name, { ...model, dimensions, floor: 0 }];
  });

const logging = { activity: new Set(['U1']), email: new Set(['U1']) };
const carriers = Object.fromEntries(FACT_KINDS.map((kind) => [kind, ['crm', 'desk']]));

function scored(model: Model, facts: StoredFact[], at: number) {
  const today = dateOf(Math.floor(at / DAY_MS));
  const input: ScoringInput = inputOf(facts, { today, csmId: 'U1', dayStart: dayOf(today) * DAY_MS }, at);
  const now = {
    ...input,
    renewal: renewalOf(input.view, RULES, today, convert),
    coverage: coverageOf({ view: input.view, logging, carriers }),
  };
  const past = thirtyDaysBefore(now);
  const then = {
    ...now,
    ...past,
    renewal: renewalOf(past.view, RULES, past.today, convert),
    coverage: coverageOf({ view: past.view, logging, carriers }),
  };
  const { figures: _, ...result } = scoreWithTrend(model, now, then);
  return result;
}

const RULES = AccountRules.parse({});
const convert = (money: Money): Money | null => (money.currency === 'GBP' ? money : null);

const BEFORE = NOON - 800 * DAY_MS;
const AFTER = NOON + 400 * DAY_MS;

/** A later version of a fact that is there, or a correction of it that happened later. */
const laterVersion = (facts: StoredFact[], at: number): StoredFact[] =>
  facts
    .filter((f) => FACTS[f.kind].shape !== 'series')
    .map(
      (f, i) =>
        ({ ...f, at: at + 1 + i, knownAt: at + 1 + i, ...(i % 3 === 0 ? { deleted: true } : {}) }) as StoredFact,
    );

describe.each(models)('%s, everything on', (_, model) => {
  test('a fact later than T changes nothing as of T, whatever its kind', () => {
    fc.assert(
      fc.property(
        book(BEFORE, NOON),
        fc.array(anyFact(NOON + 1, AFTER), { minLength: 8, maxLength: 30 }),
        (known, later) => {
          expect(scored(model, [...known, ...later], NOON)).toEqual(scored(model, known, NOON));
        },
      ),
      { seed: 11, numRuns: 40 },
    );
  });

  test('nor does a later version or deletion of what is there', () => {
    fc.assert(
      fc.property(book(BEFORE, NOON), (known) => {
        expect(scored(model, [...known, ...laterVersion(known, NOON)], NOON)).toEqual(scored(model, known, NOON));
      }),
      { seed: 12, numRuns: 25 },
    );
  });

  test('a past day is scored from what was true then, also where it was known late', () => {
    fc.assert(
      fc.property(book(BEFORE, NOON), fc.integer({ min: 1, max: 400 }), (all, ago) => {
        const at = NOON - ago * DAY_MS;
        expect(scored(model, all, at)).toEqual(
          scored(
            model,
            all.filter((f) => f.at <= at),
            at,
          ),
        );
      }),
      { seed: 13, numRuns: 25 },
    );
  });
});

test('the random facts are facts, of every kind, and models measure them', () => {
  for (const kind of FACT_KINDS)
    fc.assert(
      fc.property(factsOf(kind, BEFORE, AFTER), ({ data }) => {
        FACTS[kind].data.parse(data);
      }),
      { seed: 14, numRuns: 30 },
    );
  const seen = new Set<string>();
  const all = models.flatMap(([, model]) => model.dimensions.flatMap((d) => d.signals.map((s) => s.key)));
  for (const facts of fc.sample(book(BEFORE, NOON), { seed: 15, numRuns: 60 }))
    for (const [, model] of models)
      for (const c of scored(model, facts, NOON).contributions) if (c.value !== null) seen.add(c.signal);
  // Windows of three weeks and histories of months are rarely hit by a handful of random facts.
  expect(seen.size).toBeGreaterThan(0.8 * new Set(all).size);
  expect(TODAY).toBe(dateOf(Math.floor(NOON / DAY_MS)));
});
