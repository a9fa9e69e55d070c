import { type Amendments, contractFile, OpenApi, type Parameter } from './openapi.ts';

type Json = Record<string, unknown>;
const at = (node: unknown, ...path: string[]): Json => path.reduce((n, key) => n[key] as Json, node as Json);

/** Fields that the live vendor answers null (../shared/reference/zendesk.md, "Shapes"), where the document says a type alone. */
const NULLABLE: Record<string, string[]> = {
  TicketObject: [
    'external_id',
    'organization_id',
    'assignee_id',
    'group_id',
    'priority',
    'problem_id',
    'forum_topic_id',
  ],
  TicketMetricObject: ['assigned_at', 'initially_assigned_at', 'assignee_updated_at', 'solved_at'],
  TicketMetricTimeObject: ['calendar', 'business'],
};
const query = (name: string, type = 'string'): Parameter => ({ name, in: 'query', schema: { type } });

/** Lists page by cursor or by offset, whatever the document lists; "Cursor and pagination" of the fact sheet. */
const PAGING = [
  query('include'),
  query('page[size]', 'integer'),
  query('page[after]'),
  query('page', 'integer'),
  query('per_page', 'integer'),
];

const correct = (document: unknown): void => {
  const schemas = at(document, 'components', 'schemas');
  for (const [name, fields] of Object.entries(NULLABLE)) {
    for (const field of fields) at(schemas, name, 'properties', field).nullable = true;
  }
  // "In exports a deleted ticket appears with status deleted."
  (at(schemas, 'TicketObject', 'properties', 'status').enum as unknown[]).push('deleted');
  // A field without a value is null.
  const values = at(schemas, 'OrganizationObject', 'properties', 'organization_fields', 'additionalProperties');
  (values.oneOf as unknown[]).push({ type: 'object', nullable: true, maxProperties: 0 });
  // The document shows a metric event where audits are (contracts/zendesk/SOURCE.md, known gaps).
  at(schemas, 'ExportIncrementalTicketEventsResponse', 'properties').ticket_events = {
    type: 'array',
    items: {
      type: 'object',
      required: ['id', 'ticket_id', 'timestamp', 'event_type', 'child_events'],
      properties: {
        id: { type: 'integer' },
        ticket_id: { type: 'integer' },
        timestamp: { type: 'integer' },
        event_type: { type: 'string', enum: ['Audit'] },
        child_events: {
          type: 'array',
          items: { type: 'object', required: ['id', 'event_type'], properties: { id: { type: 'integer' } } },
        },
      },
    },
  };
  // Paths of the fact sheet that the trimmed document has not.
  const paths = at(document, 'paths');
  const ok = (schema: unknown, parameters: Parameter[] = []) => ({
    get: { parameters, responses: { 200: { content: { 'application/json': { schema } } } } },
  });
  const ticket = { name: 'ticket_id', in: 'path', required: true, schema: { type: 'integer' } };
  paths['/api/v2/tickets/{ticket_id}/metrics'] = ok(
    {
      type: 'object',
      required: ['ticket_metric'],
      properties: { ticket_metric: { $ref: '#/components/schemas/TicketMetricObject' } },
    },
    [ticket],
  );
  paths['/api/v2/guide/survey_responses'] = ok({
    type: 'object',
    required: ['survey_responses'],
    properties: {
      survey_responses: { type: 'array', items: { type: 'object', required: ['id', 'answers', 'subjects', 'survey'] } },
    },
  });
};

const ranges = ['start_time', 'end_time'].map((name) => query(name, 'integer'));
const parameters: Record<string, Parameter[]> = {
  '*': PAGING,
  // A following page has the cursor alone, as the document's own example of `after_url` shows.
  '/api/v2/incremental/tickets/cursor': [query('start_time', 'integer'), query('exclude_deleted', 'boolean')],
  '/api/v2/incremental/users/cursor': [query('start_time', 'integer')],
  '/api/v2/incremental/tickets': [query('exclude_deleted', 'boolean')],
  // Named in the text of the endpoint, not among its parameters.
  '/api/v2/satisfaction_ratings': [...ranges, query('score')],
  '/api/v2/tickets/{ticket_id}/comments': [query('sort_order'), query('sort')],
  '/api/v2/guide/survey_responses': ['subject_zrns', 'responder_ids', 'created_at_start', 'created_at_end'].map(
    (name) => query(`filter[${name}]`),
  ),
};
/** "….json" is the same path. */
const path = (given: string): string => given.replace(/\.json$/, '');

/** The vendor's document as it is, and with what is known to be missing in it; null where it is not at hand. */
export function zendeskContracts(): { asWritten: OpenApi; asKnown: OpenApi } | null {
  const file = contractFile('zendesk/support-api.openapi.trimmed.json');
  if (file === null) return null;
  const both: Amendments = { parameters, path };
  return { asWritten: new OpenApi(file, both), asKnown: new OpenApi(file, { ...both, correct }) };
}
