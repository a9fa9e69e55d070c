import { FILES, PIPELINE } from './around.ts';
import { HUBSPOT_PULL } from './hubspot-pull.ts';
import { HUBSPOT_WRITE } from './hubspot-write.ts';
import type { Mutant } from './mutant.ts';
import { PULL } from './pull.ts';
import { WRITE } from './write.ts';

export const MUTANTS: Mutant[] = [...PULL, ...WRITE, ...HUBSPOT_PULL, ...HUBSPOT_WRITE, ...FILES, ...PIPELINE];
