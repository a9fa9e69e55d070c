import { describe, expect, it } from 'vitest';
import { changesOf } from '../../../connectors/hubspot/sandbox/changes.ts';
import {
  companyId,
  companyNumber,
  contactId,
  dealId,
  indexOf,
  ownerId,
} from '../../../connectors/hubspot/sandbox/keys.ts';
import { toDecimal } from '../../../src/kit/money.ts';
import { accountAt, activityAt, contactAt, existsAt, opportunityAt, ticketAt } from '../../../src/sandbox/asof.ts';
import { makeWorld } from '../../../src/sandbox/world.ts';
import type { World, WorldAccount } from '../../../src/sandbox/world.types.ts';
import { DAY, type Help, NOW, type Shown, start } from './support.ts';

/** What the portal serves is what the world knows at that instant, no more and no less. */
const COMPANY =
  'properties=name,domain,arr,account_currency,seats,renewal_date,lifecyclestage,segment,external_key,test_account,hubspot_owner_id,hs_merged_object_ids';
const STAGES = {
  customer: 'customer',
  prospect: 'opportunity',
  churned: 'churned',
  partner: 'evangelist',
  test: 'customer',
};

function companiesOf(world: World): Record<string, Record<string, unknown>> {
  const owners = new Map(world.users.map((user, position) => [user.key, ownerId(position)]));
  const found: Record<string, Record<string, unknown>> = {};
  for (const account of world.accounts()) {
    const now = accountAt(account, world.now());
    if (!now) continue;
    found[companyId(account.index)] = {
      name: account.name,
      domain: account.domain,
      arr: toDecimal({ minor: now.arr, currency: account.currency }).replace(/\.0+$/, ''),
      account_currency: account.currency,
      seats: String(now.seats),
      renewal_date: now.renewalOn,
      lifecyclestage: STAGES[now.status],
      segment: account.segment,
      external_key: account.externalKey,
      test_account: String(now.status === 'test'),
      hubspot_owner_id: account.ownerKey === null ? null : owners.get(account.ownerKey),
    };
  }
  return found;
}

const withoutSystem = ({ properties }: Shown): Record<string, unknown> => {
  const { createdate: _c, hs_lastmodifieddate: _m, hs_object_id: _o, hs_merged_object_ids: _i, ...own } = properties;
  return own;
};
const byId = (records: Shown[]) => Object.fromEntries(records.map((one) => [one.id, withoutSystem(one)]));

/** Children stay with the winner of a merge and without a life where the company is deleted: as of the end of the account. */
const livesTo = (account: WorldAccount, now: number): number => Math.min(now, account.deletedAt ?? now);

async function expectTruth({ world, list }: Help): Promise<void> {
  expect(byId(await list('companies', COMPANY))).toEqual(companiesOf(world));
  const accounts = [...world.accounts()];
  const deals = accounts.flatMap((account) =>
    account.opportunities.flatMap((deal, n) => {
      const view = opportunityAt(deal, livesTo(account, world.now()));
      if (!view || deal.createdAt > livesTo(account, world.now())) return [];
      const amount = toDecimal({ minor: view.amount, currency: account.currency }).replace(/\.0+$/, '');
      const closedate = `${view.closeOn}T00:00:00Z`;
      return [
        [
          dealId(account.index, n),
          { amount, closedate, hs_is_closed: String(view.closed), hs_is_closed_won: String(view.won) },
        ],
      ];
    }),
  );
  const shown = await list('deals', 'properties=amount,closedate,hs_is_closed,hs_is_closed_won');
  expect(byId(shown)).toEqual(Object.fromEntries(deals));
  const contacts = accounts.flatMap((account) =>
    account.contacts.flatMap((contact, n) => {
      const view = contactAt(contact, livesTo(account, world.now()));
      return view ? [[contactId(account.index, n), view.leftAt !== null && view.email !== null]] : [];
    }),
  );
  const people = await list('contacts', 'properties=hs_email_hard_bounce_reason_enum');
  expect(Object.fromEntries(people.map((p) => [p.id, p.properties.hs_email_hard_bounce_reason_enum !== null]))).toEqual(
    Object.fromEntries(contacts),
  );
  const tickets = accounts.flatMap((a) => a.tickets.flatMap((t) => ticketAt(t, livesTo(a, world.now())) ?? []));
  const open = (await list('tickets', 'properties=hs_pipeline_stage,escalated,closed_date')).map((t) => t.properties);
  expect(open).toHaveLength(tickets.length);
  expect(open.filter((t) => t.hs_pipeline_stage === '4').length).toBe(
    tickets.filter((t) => t.status === 'solved').length,
  );
  expect(open.filter((t) => t.escalated === 'true').length).toBe(tickets.filter((t) => t.escalated).length);
  for (const [type, kind] of [
    ['calls', 'call'],
    ['emails', 'email'],
    ['meetings', 'meeting'],
    ['tasks', 'task'],
  ] as const) {
    const views = accounts.flatMap((a) => a.activities.flatMap((x) => activityAt(x, livesTo(a, world.now())) ?? []));
    expect(await list(type), type).toHaveLength(views.filter((x) => x.type === kind).length);
  }
}

describe('a portal over the world', () => {
  it('shows every record as it is now, and after time has passed', async () => {
    const help = await start({ customers: 40 });
    await expectTruth(help);
    for (const days of [1, 6, 30]) {
      help.world.advance(days * DAY);
      await expectTruth(help);
    }
  });

  it('finds what changed by its stamp, and nothing else', async () => {
    const { world, search } = await start({ customers: 40 });
    const from = world.now();
    world.advance(3 * DAY);
    const since = (type: string, name: string) =>
      search(type, {
        filterGroups: [{ filters: [{ propertyName: name, operator: 'GT', value: String(from) }] }],
        limit: 200,
      });
    const { body } = await since('deals', 'hs_lastmodifieddate');
    const moved = [...world.accounts()].flatMap((account) =>
      account.opportunities.flatMap((deal, n) => {
        const at = deal.states.filter((s) => s.at <= livesTo(account, world.now())).at(-1)?.at ?? 0;
        return at > from ? [[dealId(account.index, n), new Date(at).toISOString()]] : [];
      }),
    );
    expect(moved.length).toBeGreaterThan(0);
    expect(Object.fromEntries(body.results.map((one) => [one.id, one.updatedAt]))).toEqual(Object.fromEntries(moved));
    // Contacts have the other property as well, empty: it matches nothing and is no error.
    expect((await since('contacts', 'hs_lastmodifieddate')).body.total).toBe(0);
    const people = await search('contacts', {
      filterGroups: [{ filters: [{ propertyName: 'lastmodifieddate', operator: 'GT', value: '0000001' }] }],
    });
    expect(people.body.total).toBeGreaterThan(0);
  });

  it('keeps deleted companies in the archive, and lets merged ones live on in the winner', async () => {
    const { world, list, get, search } = await start({ customers: 80 });
    world.advance(50 * DAY);
    const now = world.now();
    const gone = [...world.accounts()].filter((a) => a.createdAt <= now && !existsAt(a, now));
    const merged = gone.filter((a) => a.merged && a.merged.at <= now);
    const deleted = gone.filter((a) => !merged.includes(a));
    expect([merged.length > 0, deleted.length > 0]).toEqual([true, true]);
    const archive = await list('companies', 'archived=true');
    expect(archive.map((one) => one.id)).toEqual(deleted.map((a) => companyId(a.index)));
    for (const account of deleted) {
      expect((await get(`/crm/v3/objects/companies/${companyId(account.index)}`)).status).toBe(404);
      expect((await get(`/crm/v3/objects/companies/${companyId(account.index)}?archived=true`)).body.archived).toBe(
        true,
      );
    }
    for (const { index, merged: into, contacts } of merged) {
      const winner = companyId(indexOf(into?.intoKey ?? ''));
      const { body } = await get(`/crm/v3/objects/companies/${companyId(index)}?properties=hs_merged_object_ids`);
      expect(body.id).toBe(winner);
      expect(body.properties?.hs_merged_object_ids?.split(';')).toContain(companyId(index));
      const [first] = contacts.flatMap((c, n) => (c.createdAt <= now ? [contactId(index, n)] : []));
      if (first === undefined) continue;
      const person = await get<Shown>(`/crm/v3/objects/contacts/${first}?associations=companies`);
      expect(person.body.associations?.companies?.results.map((r) => r.id)).toEqual([winner, winner]);
    }
    const found = await search('companies', { limit: 200 });
    expect(found.body.total).toBe([...world.accounts()].filter((a) => existsAt(a, now)).length);
  });

  it('hands what still happens to a merged company to the winner', () => {
    const world = makeWorld({ seed: 11, customers: 10, now: NOW });
    const at = NOW - 100 * DAY;
    const account = { ...world.account(0), merged: { at, intoKey: world.account(1).key } };
    const changes = changesOf(account, () => null);
    const later = changes.filter((c) => c.at > at);
    expect(later.length).toBeGreaterThan(0);
    expect(later.filter((c) => c.type === 'companies')).toEqual([]);
    expect(new Set(later.flatMap((c) => c.homes?.company ?? []))).toEqual(new Set([companyNumber(1)]));
    expect(changes.filter((c) => c.kind === 'merge')).toMatchObject([
      { at, id: companyNumber(1), loser: companyNumber(0) },
    ]);
  });

  it('tells what properties were, newest first, and what the API wrote since', async () => {
    const { world, get, post } = await start({ customers: 10, dirt: false });
    const account = world.account(0);
    const id = companyId(0);
    const path = `/crm/v3/objects/companies/${id}?propertiesWithHistory=arr,seats`;
    const told = async (name: string) => (await get<Shown>(path)).body.propertiesWithHistory?.[name] ?? [];
    const truth = account.arr.filter((e, n, all) => e.at <= world.now() && e.value !== all[n - 1]?.value).reverse();
    expect((await told('arr')).map((v) => [Date.parse(v.timestamp), Number(v.value)])).toEqual(
      truth.map((e) => [
        Math.max(e.at, account.createdAt),
        Number(toDecimal({ minor: e.value, currency: account.currency })),
      ]),
    );
    const before = await told('seats');
    world.advance(60_000);
    await post(`/crm/v3/objects/companies/${id}`, { properties: { seats: '12345' } }, 'PATCH');
    const [written, ...rest] = await told('seats');
    expect(written).toMatchObject({
      value: '12345',
      sourceType: 'INTEGRATION',
      timestamp: new Date(world.now()).toISOString(),
    });
    expect(rest).toEqual(before);
  });

  it('tells no more versions than the vendor keeps', async () => {
    const { world, get, post } = await start({ customers: 5, historyVersions: { contacts: 4, others: 3 } });
    for (const seats of ['1', '2', '3', '4']) {
      world.advance(1000);
      await post(`/crm/v3/objects/companies/${companyId(0)}`, { properties: { seats } }, 'PATCH');
    }
    const { body } = await get<Shown>(`/crm/v3/objects/companies/${companyId(0)}?propertiesWithHistory=seats`);
    expect(body.propertiesWithHistory?.seats?.map((v) => v.value)).toEqual(['4', '3', '2']);
  });

  it('knows people and teams, but nobody’s manager: the customer tells those', async () => {
    const { world, portal, get } = await start({ minPages: 3 });
    interface Owner {
      id: string;
      email: string;
      archived: boolean;
      userId?: number;
    }
    const owners = async (path: string): Promise<Owner[]> => {
      const all: Owner[] = [];
      for (let after = '0'; ; ) {
        const { body } = await get<{ results: Owner[]; paging?: { next: { after: string } } }>(`${path}after=${after}`);
        all.push(...body.results);
        if (!body.paging) return all;
        after = body.paging.next.after;
      }
    };
    const people = await owners('/crm/owners/2026-03/?');
    const active = world.users.flatMap((u, n) => (u.active ? [[ownerId(n), u.email]] : []));
    expect(people.map((p) => [p.id, p.email])).toEqual(active);
    expect(JSON.stringify(people)).not.toMatch(/manager/i);
    const left = await owners('/crm/v3/owners?archived=true&');
    expect(left).toHaveLength(world.users.length - active.length);
    expect(left.every((one) => one.archived && one.userId === undefined)).toBe(true);
    const managers = portal.config.managers as Record<string, string>;
    for (const [n, user] of world.users.entries()) {
      const manager = world.users.findIndex((u) => u.key === user.managerKey);
      expect(managers[ownerId(n)]).toBe(manager < 0 ? undefined : ownerId(manager));
    }
  });
});
