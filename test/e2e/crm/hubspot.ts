import { companyId, contactId, ownerIds } from '../../../connectors/hubspot/sandbox/keys.ts';
import { serveHubspot } from '../../../connectors/hubspot/sandbox.ts';
import { HubspotPerson } from './hubspot-person.ts';
import { FIELDS, type FieldName, type SeenAccount, type SeenTask, type Side } from './side.ts';

/** Property of a field: chs_health_change_30, chs_health_dim_usage. */
const property = (name: FieldName): string =>
  `chs_health_${name
    .replace(/([a-z])([A-Z])/g, '$1_$2')
    .replace('30', '_30')
    .toLowerCase()}`;
const NUMBERS = /^(score|change30|confidence|dim_.*)$/;

type Row = Record<string, unknown>;
function value(name: FieldName, row: Row): string | number | null {
  const held = row[property(name)];
  if (held === undefined || held === null || held === '') return null;
  if (NUMBERS.test(name)) return Number(held);
  if (name === 'scoredAt') return /^\d+$/.test(String(held)) ? Number(held) : Date.parse(String(held));
  return String(held);
}
const account = (row: Row): SeenAccount => ({
  id: String(row.id),
  name: String(row.name),
  deleted: row.archived === true,
  customer: row.lifecyclestage === 'customer' && row.test_account !== 'true',
  stamp: String(row.updatedAt),
  note: typeof row.description === 'string' ? row.description : null,
  fields: Object.fromEntries(FIELDS.map((name) => [name, value(name, row)])) as SeenAccount['fields'],
  row,
});
const task = (row: Row): SeenTask => ({
  id: String(row.id),
  key: String(row.chs_health_task_key),
  account: String((row.company as string[])[0]),
  owner: String(row.hubspot_owner_id),
  subject: String(row.hs_task_subject ?? ''),
  body: String(row.hs_task_body ?? ''),
  dueOn: new Date(Number(row.hs_timestamp) || Date.parse(String(row.hs_timestamp))).toISOString().slice(0, 10),
  closed: row.hs_task_status === 'COMPLETED',
  deleted: row.archived === true,
});

const UPDATE = 'companies.batch.update';
const CREATE = 'tasks.batch.create';
/**
 * Of each way of losing an answer one, and what is this vendor's own; the first CRM runs them all. A burst without a hint costs ten
 * seconds each time: the connector's own tests wait for it.
 */
const ON_THE_WAY = ['reset-before', 'html', '500-before', '429-second', 'locked'];
const LOST = ['reset-before', 'reset-after-commit', 'html', '429-second', 'locked', '502-before', '502-after-commit'];

export const hubspot: Side = {
  name: 'hubspot',
  writeBatch: 100,
  idleReads: 75,
  accounts: (crm) => crm.rows('companies').map(account),
  tasks: (crm) =>
    crm
      .rows('tasks')
      .filter((row) => typeof row.chs_health_task_key === 'string')
      .map(task),
  kinds: { describe: 'properties*', read: '*', fields: UPDATE, tasks: CREATE },
  notesTasks: true,
  lagMs: 60_000,
  ids: { account: companyId, contact: contactId, users: ownerIds },
  smallPages: {},
  accountId: /\d{10,11}/,
  logIn: async (host) => new HubspotPerson(host),
  serve: (world, { other, daily }) =>
    serveHubspot({
      world,
      limits: false,
      ...(other && { account: { portalId: 4_711 } }),
      ...(daily && { perDay: daily.limit, usedByOthers: daily.used }),
    }),
  org: { strange: '4711', told: /\d+ \(.*, sandbox\)/ },
  faults: {
    pages: ON_THE_WAY.map((name) => ({ name, skip: 9, times: 2 })),
    lost: LOST,
    refuse: (ids, message) => ({ name: 'row-refused', on: UPDATE, with: { ids, message } }),
    lock: () => ({ name: 'locked', on: UPDATE, times: 2 }),
    exhausted: (on, skip) => ({ name: '429-day', on, skip }),
    barred: (skip = 0) => ({ name: 'invalid-token', skip }),
  },
  words: {
    refused: /VALIDATION_ERROR|BAD_REQUEST/,
    exhausted: /DAILY|daily/,
    barred: /INVALID_AUTHENTICATION/,
    gone: /OBJECT_NOT_FOUND/,
    hangs: /[\w.]+: no answer within 1 s/,
    page: /expected JSON, got text\/html/,
    taskCall: /tasks\.create/,
    optionMissing: /chs_health_action_code lacks the values .*Monthly coffee/,
    optionRefused: /VALIDATION_ERROR.*chs_health_action_code/,
    fieldMissing: /chs_health_\w+/,
  },
  settings: {
    spoiled: [
      [
        'an unknown setting of a connector',
        'searchPerSecond: 1000',
        'searchPerSec: 1000',
        ['crm.config', 'nearest is `searchPerSecond`'],
      ],
      [
        'an unknown flow',
        'config:\n',
        'config:\n    auth: { flow: tokn }\n',
        ['crm.config.auth', 'tokn', 'nearest is `token`'],
      ],
    ],
    csm: 'cs_manager',
    arr: 'arr',
    secret: { name: 'token', env: 'HUBSPOT_TOKEN' },
  },
};
