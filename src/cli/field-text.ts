import type { FieldSpec, FieldValue } from '../contract/index.ts';
import { timeText } from './format.ts';

/** What stands in a CRM field, as a person would read it there; null where it is empty. */
export function fieldText(
  type: FieldSpec['type'] | undefined,
  value: FieldValue | undefined,
  timezone: string,
): string | null {
  if (value === null || value === undefined || value === '') return null;
  if (type === 'datetime' && typeof value === 'string' && !Number.isNaN(Date.parse(value)))
    return timeText(Date.parse(value), timezone);
  return typeof value === 'number' ? String(value).replace('-', '−') : String(value);
}
