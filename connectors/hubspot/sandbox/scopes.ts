import type { CallType } from '../../../src/sandbox/kit-calls.ts';
import { type TypeName, typeNamed } from './types.ts';

/** What a full installation of a health-score integration is granted. */
export const ALL_SCOPES = [
  'oauth',
  'crm.objects.companies.read',
  'crm.objects.companies.write',
  'crm.objects.contacts.read',
  'crm.objects.contacts.write',
  'crm.objects.deals.read',
  'crm.objects.line_items.read',
  'crm.objects.owners.read',
  'crm.schemas.companies.read',
  'crm.schemas.companies.write',
  'crm.schemas.contacts.read',
  'crm.schemas.contacts.write',
  'crm.schemas.deals.read',
  'crm.lists.read',
  'crm.lists.write',
  'tickets',
  'settings.currencies.read',
] as const;

/** Activities have no scope of their own: those of contacts cover them. */
const SUBJECTS: Record<TypeName, string> = {
  companies: 'companies',
  contacts: 'contacts',
  deals: 'deals',
  tickets: 'tickets',
  line_items: 'line_items',
  tasks: 'contacts',
  notes: 'contacts',
  meetings: 'contacts',
  calls: 'contacts',
  emails: 'contacts',
};

/** Scopes that a call needs, any one of which would do; [] = any token may. `area` and `name` are the path's. */
export function scopesOf(area: string, name: string, type: CallType): string[] {
  const right = type === 'read' ? 'read' : 'write';
  if (area === 'owners') return ['crm.objects.owners.read'];
  if (area === 'lists') return [`crm.lists.${right}`];
  if (!['objects', 'associations', 'pipelines', 'properties'].includes(area)) return [];
  const object = typeNamed(name);
  if (!object) return [];
  const subject = SUBJECTS[object];
  if (subject === 'tickets') return ['tickets'];
  const schema = `crm.schemas.${subject}.${right}`;
  const records = `crm.objects.${subject}.${right}`;
  if (area !== 'properties') return [records];
  return right === 'write' ? [schema] : [schema, records];
}
