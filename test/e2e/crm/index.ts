import { connectors } from '../../../connectors/index.ts';
import { hubspot } from './hubspot.ts';
import { salesforce } from './salesforce.ts';
import type { Side } from './side.ts';

/** Every CRM that the suites run on, the default one first. */
export const SIDES: Side[] = [salesforce, hubspot].filter((side) => connectors[side.name]?.crm);

/** Their names: what a suite is called. */
export const CRMS = SIDES.map((side) => side.name);

export function sideOf(name: string): Side {
  const side = SIDES.find((s) => s.name === name);
  if (!side) throw new Error(`no side is called ${name}`);
  return side;
}
