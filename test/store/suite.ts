import { describe } from 'vitest';
import type { Open } from './helpers.ts';
import { childrenSuite } from './suite.children.ts';
import { factSuite } from './suite.facts.ts';
import { familySuite } from './suite.families.ts';
import { figuresSuite } from './suite.figures.ts';
import { judgementSuite } from './suite.judgements.ts';
import { memorySuite } from './suite.memory.ts';
import { modelSuite } from './suite.models.ts';
import { planSuite } from './suite.plans.ts';
import { publicationSuite } from './suite.publications.ts';
import { readingSuite } from './suite.reading.ts';

const SUITES = {
  facts: factSuite,
  children: childrenSuite,
  reading: readingSuite,
  families: familySuite,
  memory: memorySuite,
  plans: planSuite,
  models: modelSuite,
  publications: publicationSuite,
  judgements: judgementSuite,
  figures: figuresSuite,
};

/** The behaviour of a store, whatever database is under it. `open` gives an empty one. */
export function storeSuite(name: string, open: Open): void {
  // Each in a `describe` of its own: its store is opened for its own tests alone.
  for (const [about, suite] of Object.entries(SUITES)) describe(`${name}: a store, its ${about}`, () => suite(open));
}
