/** CRM object types that the portal keeps, by their plural name in paths. */
export const TYPES = {
  contacts: { id: '0-1', singular: 'contact', stamp: 'lastmodifieddate', created: 'createdate' },
  companies: { id: '0-2', singular: 'company', stamp: 'hs_lastmodifieddate', created: 'createdate' },
  deals: { id: '0-3', singular: 'deal', stamp: 'hs_lastmodifieddate', created: 'createdate' },
  tickets: { id: '0-5', singular: 'ticket', stamp: 'hs_lastmodifieddate', created: 'createdate' },
  line_items: { id: '0-8', singular: 'line_item', stamp: 'hs_lastmodifieddate', created: 'createdate' },
  tasks: { id: '0-27', singular: 'task', stamp: 'hs_lastmodifieddate', created: 'hs_createdate' },
  notes: { id: '0-46', singular: 'note', stamp: 'hs_lastmodifieddate', created: 'hs_createdate' },
  meetings: { id: '0-47', singular: 'meeting', stamp: 'hs_lastmodifieddate', created: 'hs_createdate' },
  calls: { id: '0-48', singular: 'call', stamp: 'hs_lastmodifieddate', created: 'hs_createdate' },
  emails: { id: '0-49', singular: 'email', stamp: 'hs_lastmodifieddate', created: 'hs_createdate' },
} as const;
export type TypeName = keyof typeof TYPES;
export const TYPE_NAMES = Object.keys(TYPES) as TypeName[];

/** What a record can belong to; the world's own associations are kept on the record itself. */
export type Home = 'company' | 'contact' | 'deal';
export const HOME_TYPES = { company: 'companies', contact: 'contacts', deal: 'deals' } as const satisfies Record<
  Home,
  TypeName
>;
const ENGAGEMENT: readonly Home[] = ['company', 'contact', 'deal'];
const HOMES: Partial<Record<TypeName, readonly Home[]>> = {
  contacts: ['company'],
  deals: ['company'],
  tickets: ['company', 'contact'],
  tasks: ENGAGEMENT,
  notes: ENGAGEMENT,
  meetings: ENGAGEMENT,
  calls: ENGAGEMENT,
  emails: ENGAGEMENT,
};
export const homesOf = (type: TypeName): readonly Home[] => HOMES[type] ?? [];

/** Properties that every answer shows, asked for or not, and those shown where nothing is asked for. */
const DEFAULTS: Partial<Record<TypeName, readonly string[]>> = {
  contacts: ['email', 'firstname', 'lastname'],
  companies: ['domain', 'name'],
  deals: ['amount', 'closedate', 'dealname', 'dealstage', 'pipeline'],
  tickets: ['content', 'hs_pipeline', 'hs_pipeline_stage', 'hs_ticket_category', 'hs_ticket_priority', 'subject'],
};
export const systemProperties = (type: TypeName): string[] => [TYPES[type].created, TYPES[type].stamp, 'hs_object_id'];
export const defaultProperties = (type: TypeName): string[] => [...(DEFAULTS[type] ?? []), ...systemProperties(type)];

/** A type by its plural or singular name or its type id, as paths may say it. */
export function typeNamed(text: string): TypeName | null {
  const wanted = text.toLowerCase();
  return (
    TYPE_NAMES.find((name) => name === wanted || TYPES[name].singular === wanted || TYPES[name].id === wanted) ?? null
  );
}
