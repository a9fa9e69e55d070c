import { FILES, PIPELINE } from './around.ts';
import { HUBSPOT_CALLS } from './hubspot-calls.ts';
import { HUBSPOT_FACTS } from './hubspot-facts.ts';
import { HUBSPOT_FIELDS } from './hubspot-fields.ts';
import { HUBSPOT_LISTS } from './hubspot-lists.ts';
import { HUBSPOT_PEOPLE } from './hubspot-people.ts';
import { HUBSPOT_PULL } from './hubspot-pull.ts';
import { HUBSPOT_SEARCH } from './hubspot-search.ts';
import { HUBSPOT_SETUP } from './hubspot-setup.ts';
import { HUBSPOT_TASKS } from './hubspot-tasks.ts';
import { HUBSPOT_WHOLE } from './hubspot-whole.ts';
import { HUBSPOT_WRITE } from './hubspot-write.ts';
import { JUDGEMENT } from './judgement.ts';
import type { Mutant } from './mutant.ts';
import { PROOF } from './proof.ts';
import { PULL } from './pull.ts';
import { WRITE } from './write.ts';

const HUBSPOT = [
  HUBSPOT_PULL,
  HUBSPOT_SEARCH,
  HUBSPOT_LISTS,
  HUBSPOT_FACTS,
  HUBSPOT_PEOPLE,
  HUBSPOT_WRITE,
  HUBSPOT_FIELDS,
  HUBSPOT_TASKS,
  HUBSPOT_CALLS,
  HUBSPOT_SETUP,
  HUBSPOT_WHOLE,
];

export const MUTANTS: Mutant[] = [...PULL, ...WRITE, ...HUBSPOT.flat(), ...FILES, ...PIPELINE, ...JUDGEMENT, ...PROOF];
