import type { FactData } from './fact.ts';
import type { FieldValue } from './fields.ts';

/** Fields of the account record that its manager fills in, by logical name: what a pulse fact is made of (S10). */
export const JUDGEMENT_FIELDS = [
  'pulse',
  'overrideBand',
  'overrideScore',
  'overrideReason',
  'overrideUntil',
  'context',
  'contextUntil',
] as const;

type Data = FactData<'pulse'>;

/** What these fields of a CRM say; null = nothing. A field that is absent was not readable. */
export function judgementOf(values: Readonly<Record<string, FieldValue>>, byId: string | null): Data | null {
  const text = (name: string): string | null => {
    const value = values[name] ?? null;
    return value === null || String(value).trim() === '' ? null : String(value);
  };
  const score = text('overrideScore');
  const said = {
    label: text('pulse'),
    overrideBand: text('overrideBand'),
    overrideScore: score === null ? null : Number(score),
    overrideReason: text('overrideReason'),
    overrideUntil: text('overrideUntil'),
    context: text('context'),
    contextUntil: text('contextUntil'),
  };
  return Object.values(said).every((value) => value === null) ? null : { ...said, byId };
}
