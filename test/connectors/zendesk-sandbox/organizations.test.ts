import { expect, test } from 'vitest';
import { organizationId } from '../../../connectors/zendesk/sandbox/keys.ts';
import { DAY, type Row, start } from './support.ts';

const marks = (o: Row) => ({
  external: o.external_id !== null,
  field: (o.organization_fields as Row).crm_id !== null,
  domains: (o.domain_names as string[]).length,
});
const count = (rows: Row[], fits: (o: Row) => boolean) => rows.filter(fits).length;

test('accounts with tickets can be recognised in every way that customers keep house, and in no ambiguous one', async () => {
  const { world, all } = await start();
  const organizations = await all('organizations?page[size]=100');
  expect(count(organizations, (o) => marks(o).external)).toBeGreaterThan(organizations.length / 2);
  expect(count(organizations, (o) => !marks(o).external && marks(o).field && marks(o).domains === 0)).toBeGreaterThan(
    0,
  );
  expect(count(organizations, (o) => !marks(o).external && !marks(o).field && marks(o).domains === 1)).toBeGreaterThan(
    0,
  );
  expect(count(organizations, (o) => marks(o).domains === 3)).toBeGreaterThan(0);
  expect(count(organizations, (o) => String(o.external_id) !== String(o.external_id).toUpperCase())).toBeGreaterThan(0);
  expect(organizations.some((o) => (o.domain_names as string[]).includes('gmail.com'))).toBe(true);
  const tickets = await all('incremental/tickets/cursor?start_time=0');
  expect(tickets.some((t) => t.organization_id === null)).toBe(true);
  const owners = new Map<string, number>();
  for (const { domain } of world.accounts()) owners.set(domain, (owners.get(domain) ?? 0) + 1);
  for (const o of organizations) {
    if (marks(o).external || marks(o).field) continue;
    for (const domain of o.domain_names as string[]) expect(owners.get(domain) ?? 0).toBeLessThanOrEqual(1);
  }
  expect(new Set(organizations.map((o) => o.name)).size).toBe(organizations.length);
});

test('show_many finds by id and by external id, whatever its case', async () => {
  const { page, all } = await start();
  const [one] = (await all('organizations')).filter((o) => typeof o.external_id === 'string');
  for (const key of [String(one?.external_id).toLowerCase(), String(one?.external_id).toUpperCase()]) {
    const { organizations } = await page(`organizations/show_many?external_ids=${key},nobody`);
    expect((organizations as Row[]).map((o) => o.id)).toEqual([one?.id]);
  }
  const { organizations } = await page(`organizations/show_many.json?ids=${one?.id},1`);
  expect((organizations as Row[]).map((o) => o.id)).toEqual([one?.id]);
});

test('a merge hands the loser’s tickets to the winner, tells both, and leaves the loser nowhere', async () => {
  const { world, call, page, all } = await start();
  // Account 9 keeps a duplicate that is merged three days after the world's start.
  const [winner, loser] = [organizationId(9), organizationId(9, true)];
  const held = async (id: number) =>
    (await all('incremental/tickets/cursor?start_time=0')).filter((t) => t.organization_id === id).map((t) => t.id);
  const before = await held(loser);
  expect(before.length).toBeGreaterThan(0);
  expect((await page(`organizations/${winner}/merges`)).organization_merges).toEqual([]);
  const { after_url } = await page('incremental/tickets/cursor?start_time=0');
  world.advance(3 * DAY + 120_000);
  expect(await held(loser)).toEqual([]);
  expect(await held(winner)).toEqual(expect.arrayContaining(before));
  expect((await call(`organizations/${loser}`)).status).toBe(404);
  expect((await all('organizations?page[size]=100')).some((o) => o.id === loser)).toBe(false);
  const merge = { loser_id: loser, winner_id: winner, status: 'complete' };
  for (const id of [winner, loser]) {
    expect((await page(`organizations/${id}/merges`)).organization_merges).toMatchObject([merge]);
  }
  // The tickets come again in the export, by a stamp that only the system moved.
  const moved = (await all(String(after_url))).filter((t) => before.includes(t.id));
  expect(moved.map((t) => t.id).sort()).toEqual([...before].sort());
});

test('a churned customer is tagged, which changes its record', async () => {
  const { world, all } = await start();
  const gone = [...world.accounts()].find(
    (a) => a.churnedAt !== null && a.churnedAt < world.now() && a.tickets.length > 0,
  );
  const row = (await all('incremental/organizations?start_time=0')).find(
    (o) => o.id === organizationId(gone?.index ?? -1),
  );
  expect(row).toMatchObject({ tags: ['churned'] });
  expect(Date.parse(String(row?.updated_at))).toBeGreaterThanOrEqual(gone?.churnedAt ?? Number.NaN);
});
