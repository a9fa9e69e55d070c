import { describe, expect, test } from 'vitest';
import { judge } from '../../contract/openapi.ts';
import { zendeskContracts } from '../../contract/zendesk.ts';
import { DAY, type Row, rowsOf, start } from './support.ts';

const contracts = zendeskContracts();
/** What comes beside the records: places of pages, records that were asked for along, and the audits that the document forgets. */
const BESIDE = / \.(count|next_page|previous_page|meta|links|users|organizations|groups|metric_sets)$|ticket_events \./;

describe.skipIf(contracts === null)(
  'against the vendor’s OpenAPI document (skipped without ../shared/contracts)',
  () => {
    test('every answer and every request is valid: all endpoints, several worlds, as time goes on', async () => {
      if (!contracts) return;
      const known = judge(contracts.asKnown);
      const written = judge(contracts.asWritten);
      for (const [seed, customers] of [
        [7, 40],
        [11, 25],
        [2026, 60],
      ] as const) {
        const help = await start({
          seed,
          customers,
          pageRows: 150,
          onExchange: (exchange) => {
            written.onExchange(exchange);
            return known.onExchange(exchange);
          },
        });
        for (const days of [0, 12]) {
          help.world.advance(days * DAY);
          await askEverything(help);
        }
      }
      const { problems, requests, answers, valid, paths, strangers } = known.verdict();
      const strictly = written.verdict();
      console.info(
        `zendesk sandbox: ${valid} of ${answers} answers and ${requests} requests on ${paths.length} paths valid, ` +
          `${strictly.valid} of them by the document as it stands, without what test/contract/zendesk.ts corrects`,
      );
      expect(problems).toEqual([]);
      expect(strangers.filter((field) => !BESIDE.test(field))).toEqual([]);
      expect(answers).toBeGreaterThan(400);
      expect(valid).toBe(answers);
      expect(answers).toBe(requests);
      expect(paths.length).toBeGreaterThan(20);
    });

    test('the judge notices: a wrong type, a missing field, an unknown parameter, a path that is none', () => {
      if (!contracts) return;
      const { asKnown } = contracts;
      const answer = (ticket: Row) => asKnown.answer('GET', '/api/v2/tickets/1.json', { ticket });
      expect(answer({ requester_id: 1, priority: null, status: 'deleted' })).toEqual([]);
      expect(answer({ requester_id: '1' })).toEqual(['/ticket/requester_id must be integer (integer)']);
      expect(answer({})).toEqual(["/ticket must have required property 'requester_id'"]);
      expect(answer({ requester_id: 1, priority: 'asap' })).toHaveLength(1);
      expect(answer({ requester_id: 1, created_at: 'yesterday' })).toHaveLength(1);
      const ask = (path: string) => asKnown.request('GET', `/api/v2/${path}`);
      expect(ask('incremental/tickets/cursor.json?start_time=1')).toEqual([]);
      expect(ask('incremental/organizations?start_time=soon')).toHaveLength(1);
      expect(ask('incremental/organizations')).toEqual(['parameter start_time is missing']);
      expect(ask('tickets?since=1')).toEqual(['query parameter since is unknown']);
      expect(ask('tickets/seven')).toHaveLength(1);
      expect(ask('tickts')).toEqual(['GET /api/v2/tickts is not in the contract']);
      const strangers = asKnown.strangers('GET', '/api/v2/tickets/1', { ticket: { id: 1, subjct: 'x' }, more: 1 });
      expect(strangers).toEqual(['.ticket.subjct', '.more']);
      expect(asKnown.request('POST', '/api/v2/tickets')).toHaveLength(1);
    });
  },
);

/** Every endpoint, every page of it, in both ways of paging. */
async function askEverything({ all, page }: Awaited<ReturnType<typeof start>>): Promise<void> {
  const exported = await all(
    'incremental/tickets/cursor.json?start_time=0&include=users,organizations,groups,metric_sets',
  );
  await all('incremental/tickets?start_time=0&exclude_deleted=true');
  await all('incremental/users/cursor?start_time=0&per_page=50');
  await all('incremental/users.json?start_time=0');
  await all('incremental/organizations.json?start_time=0&per_page=20');
  await all('incremental/ticket_events.json?start_time=0&include=comment_events');
  for (const list of ['tickets', 'ticket_metrics', 'deleted_tickets', 'satisfaction_ratings', 'organizations']) {
    await all(`${list}.json?page[size]=100`);
    await all(`${list}?per_page=100`);
  }
  await all('organization_memberships?page[size]=100');
  await all('satisfaction_ratings?score=bad&start_time=1700000000');
  const tickets = rowsOf(await page('tickets?per_page=5'));
  const organizations = await all('organizations');
  const ids = (rows: Row[]) => rows.map(({ id }) => id).join(',');
  await page(`tickets/show_many?ids=${ids(tickets)}&include=metric_sets`);
  await page(`organizations/show_many?ids=${ids(organizations.slice(0, 100))}`);
  await page(`organizations/show_many?external_ids=${organizations.map((o) => o.external_id ?? 'none').slice(0, 100)}`);
  await page(`users/show_many?ids=${tickets.map((t) => t.requester_id)}`);
  await page(`users/${tickets[0]?.requester_id}`);
  for (const { id } of tickets) {
    for (const part of ['', '/metrics', '/comments.json', '/audits']) await page(`tickets/${id}${part}`);
  }
  for (const { id } of organizations.slice(0, 20)) {
    await page(`organizations/${id}`);
    await page(`organizations/${id}/merges`);
  }
  const [rating] = rowsOf(await page('satisfaction_ratings?page[size]=1'));
  await page(`satisfaction_ratings/${rating?.id}`);
  for (const path of ['users/me', 'groups', 'custom_statuses', 'organization_fields', 'tickets/count'])
    await page(path);
  await page('organizations/count');
  await page('guide/survey_responses?page[size]=10');
  expect(exported.length).toBeGreaterThan(100);
}
