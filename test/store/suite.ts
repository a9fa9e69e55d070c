import { describe } from 'vitest';
import type { Open } from './helpers.ts';
import { childrenSuite } from './suite.children.ts';
import { factSuite } from './suite.facts.ts';
import { familySuite } from './suite.families.ts';
import { figuresSuite } from './suite.figures.ts';
import { memorySuite } from './suite.memory.ts';
import { modelSuite } from './suite.models.ts';
import { planSuite } from './suite.plans.ts';
import { readingSuite } from './suite.reading.ts';

/** The behaviour of a store, whatever database is under it. `open` gives an empty one. */
export function storeSuite(name: string, open: Open): void {
  describe(`${name}: a store`, () => {
    factSuite(open);
    childrenSuite(open);
    readingSuite(open);
    familySuite(open);
    memorySuite(open);
    planSuite(open);
    modelSuite(open);
    figuresSuite(open);
  });
}
