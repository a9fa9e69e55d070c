import type { Fact } from '../../src/core/fact.ts';
import { judgementOf } from '../../src/core/judgement.ts';
import { tombstone } from './facts.ts';
import type { OurField } from './mapping.ts';
import { bool, type Row, required, requiredInstant, str } from './rows.ts';
import { heldValues } from './values.ts';

/**
 * What the account's manager says of it (S10). The org keeps no history of these fields, so that it holds since the account's stamp; and
 * what was emptied must end, of which nothing but the empty fields tells.
 * @param us the integration user, whose own writes say nothing of who filled in these fields; null = not known
 */
export function judgementFact(row: Row, fields: OurField[], us: string | null): Fact {
  const id = required(row, 'Id');
  const stamp = requiredInstant(row, 'SystemModstamp');
  const ended = tombstone('pulse', id, id, stamp);
  if (bool(row, 'IsDeleted') === true) return ended;
  const by = us === null ? null : str(row, 'LastModifiedById');
  const data = judgementOf(heldValues(fields, row), by === us ? null : by);
  return data === null ? ended : { kind: 'pulse', id, account: id, at: stamp, knownAt: stamp, data };
}
