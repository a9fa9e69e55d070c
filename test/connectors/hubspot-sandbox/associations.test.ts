import { describe, expect, it } from 'vitest';
import { companyId, contactId, dealId } from '../../../connectors/hubspot/sandbox/keys.ts';
import { type Seed, seedCompanies } from '../../../connectors/hubspot/sandbox/seed.ts';
import { DAY, type Help, NOW, type Reply, start } from './support.ts';

/** Associations v4: ../shared/reference/hubspot.md, "Batches". */
interface Type {
  category: string;
  typeId: number;
  label: string | null;
}
interface Found {
  from: { id: string };
  to: { toObjectId: number | string; associationTypes: Type[] }[];
  paging?: { next: { after: string } };
}
interface Reads {
  results: Found[];
  numErrors?: number;
  errors?: { subCategory: string; context: Record<string, string[]> }[];
}
const read = ({ post }: Help, from: string, to: string, inputs: object[]): Promise<Reply<Reads>> =>
  post<Reads>(`/crm/v4/associations/${from}/${to}/batch/read`, { inputs });
const HUBSPOT = 'HUBSPOT_DEFINED';
const typeIds = (found: Found | undefined) => found?.to.map((one) => one.associationTypes.map((t) => t.typeId));

describe('associations of the world', () => {
  it('tie deals to contacts by labels of the people’s roles', async () => {
    const help = await start({ customers: 20 });
    const { world } = help;
    let labelled = 0;
    for (const account of world.accounts()) {
      for (const [n, deal] of account.opportunities.entries()) {
        const roles = deal.roles.filter((role) => role.at <= world.now());
        if (roles.length === 0) continue;
        const { body } = await read(help, 'deals', 'contacts', [{ id: dealId(account.index, n) }]);
        const told = body.results[0]?.to.map((one) => [
          String(one.toObjectId),
          one.associationTypes.map((t) => t.label).sort(),
        ]);
        const expected = roles.map((role) => {
          const contact = account.contacts.findIndex((c) => c.key === role.contactKey);
          const labels = [null, role.role, ...(role.primary ? ['Primary contact'] : [])];
          return [contactId(account.index, contact), labels.sort()];
        });
        expect(Object.fromEntries(told ?? [])).toEqual(Object.fromEntries(expected));
        labelled += roles.length;
      }
    }
    expect(labelled).toBeGreaterThan(20);
  });

  it('carry the vendor’s type ids, in both directions, the primary ones too', async () => {
    const help = await start({ customers: 6 });
    const one = async (from: string, to: string, id: string) =>
      typeIds((await read(help, from, to, [{ id }])).body.results[0])?.[0];
    const [company, person] = [companyId(0), contactId(0, 0)];
    expect(await one('contacts', 'companies', person)).toEqual([279, 1]);
    expect(await one('companies', 'contacts', company)).toEqual([280, 2]);
    expect(await one('companies', 'deals', company)).toEqual([342, 6]);
    expect(await one('companies', 'tickets', company)).toEqual([340, 25]);
    expect(await one('companies', 'calls', company)).toEqual([181]);
    expect(await one('companies', 'tasks', company)).toEqual([191]);
  });
});

describe('the associations API', () => {
  const seed = (): Seed[] => [
    ...seedCompanies(3, (n) => ({ created: NOW - DAY, props: { name: `C${n}` } })),
    ...[1, 2].map((id): Seed => ({ type: 'contacts', id, created: NOW - DAY, props: { email: `${id}@x.example` } })),
  ];
  const pair = (from: string, to: string, typeId = 280, category = HUBSPOT) => ({
    from: { id: from },
    to: { id: to },
    types: [{ associationCategory: category, associationTypeId: typeId }],
  });
  const CREATE = '/crm/v4/associations/companies/contacts/batch/create';

  it('says of records without any that they have none, in a 207 that is no failure', async () => {
    const help = await start({ seed: seed() });
    await help.post(CREATE, { inputs: [pair(companyId(0), '1')] });
    const { status, body } = await read(help, 'companies', 'contacts', [
      { id: companyId(0) },
      { id: companyId(1) },
      { id: '4711' },
    ]);
    expect([status, body.results.map((r) => r.from.id), body.numErrors]).toEqual([207, [companyId(0)], 2]);
    expect(body.errors?.map((e) => [e.subCategory, e.context.fromObjectId])).toEqual([
      ['crm.associations.NO_ASSOCIATIONS_FOUND', [companyId(1)]],
      ['crm.associations.NO_ASSOCIATIONS_FOUND', ['4711']],
    ]);
  });

  it('ties, labels and unties, both ways, and moves nobody’s stamp', async () => {
    const help = await start({ seed: seed() });
    const { post, portal, world } = help;
    const stamps = () => ['companies', 'contacts'].flatMap((t) => portal.rows(t).map((row) => row.updatedAt));
    const before = stamps();
    world.advance(DAY);
    const made = await post(CREATE, { inputs: [pair(companyId(0), '1'), pair('4711', '1')] });
    expect([made.status, made.body.results.length, made.body.numErrors]).toEqual([207, 1, 1]);
    await post(`/crm/objects/2026-03/companies/${companyId(0)}/associations/default/contacts/2`, undefined, 'PUT');
    await post(CREATE, { inputs: [pair(companyId(0), '2', 2)] });
    const there = await read(help, 'companies', 'contacts', [{ id: companyId(0) }]);
    expect(typeIds(there.body.results[0])).toEqual([[280], [280, 2]]);
    const back = await read(help, 'contacts', 'companies', [{ id: '2' }]);
    expect(typeIds(back.body.results[0])).toEqual([[279, 1]]);
    await post('/crm/v4/associations/contacts/companies/batch/archive', {
      inputs: [{ from: { id: '2' }, to: [{ id: companyId(0) }] }],
    });
    expect(typeIds((await read(help, 'companies', 'contacts', [{ id: companyId(0) }])).body.results[0])).toEqual([
      [280],
    ]);
    expect(stamps()).toEqual(before);
  });

  it('refuses a type that the pair does not have', async () => {
    const { post } = await start({ seed: seed() });
    expect((await post(CREATE, { inputs: [pair(companyId(0), '1', 192)] })).status).toBe(400);
    expect((await post(CREATE, { inputs: [pair(companyId(0), '1', 280, 'USER_DEFINED')] })).status).toBe(400);
  });

  it('unties a contact from the company that the world gave it', async () => {
    const help = await start({ customers: 6 });
    const person = contactId(0, 0);
    const path = `/crm/v4/objects/contacts/${person}/associations/companies/${companyId(0)}`;
    expect((await help.post(path, undefined, 'DELETE')).status).toBe(204);
    expect((await read(help, 'contacts', 'companies', [{ id: person }])).body.results).toEqual([]);
    const others = await read(help, 'companies', 'contacts', [{ id: companyId(0) }]);
    expect(others.body.results[0]?.to.map((one) => String(one.toObjectId))).not.toContain(person);
  });

  it('hides those of archived records, and takes a thousand ids to read at most', async () => {
    const help = await start({ seed: seed() });
    await help.post(CREATE, { inputs: [pair(companyId(0), '1'), pair(companyId(0), '2')] });
    await help.post('/crm/v3/objects/contacts/1', undefined, 'DELETE');
    const { body } = await read(help, 'companies', 'contacts', [{ id: companyId(0) }]);
    expect(body.results[0]?.to.map((one) => one.toObjectId)).toEqual([2]);
    const many = Array.from({ length: 1_001 }, (_, n) => ({ id: String(n + 1) }));
    expect((await read(help, 'companies', 'contacts', many)).status).toBe(400);
    expect((await read(help, 'companies', 'contacts', many.slice(1))).status).toBe(207);
  });

  it('pages targets beyond 500, by batch and by record, ids as numbers in v4 and as text in dated sets', async () => {
    const calls: Seed[] = Array.from({ length: 1_201 }, (_, n) => ({
      type: 'calls',
      id: n + 1,
      created: NOW - DAY,
      homes: { company: Number(companyId(0)) },
      props: { hs_timestamp: '2026-01-01T00:00:00Z' },
    }));
    const help = await start({ seed: [...seed(), ...calls] });
    const seen: unknown[] = [];
    const sizes: number[] = [];
    for (let after: string | undefined; ; ) {
      const { body } = await read(help, 'companies', 'calls', [{ id: companyId(0), ...(after ? { after } : {}) }]);
      const [found] = body.results;
      sizes.push(found?.to.length ?? 0);
      seen.push(...(found?.to ?? []).map((one) => one.toObjectId));
      after = found?.paging?.next.after;
      if (after === undefined) break;
    }
    expect(sizes).toEqual([500, 500, 201]);
    expect(seen).toEqual(calls.map((one) => one.id));
    const dated = await help.get<{ results: Found['to']; paging?: Found['paging'] }>(
      `/crm/objects/2026-03/companies/${companyId(0)}/associations/calls?limit=500&after=1000`,
    );
    expect([dated.body.results.length, dated.body.results[0]?.toObjectId, dated.body.paging]).toEqual([
      201,
      '1001',
      undefined,
    ]);
  });

  it('knows labels of the customer, old and new', async () => {
    const { get, post } = await start({ seed: seed() });
    const path = '/crm/v4/associations/deals/contacts/labels';
    const labels = async () => (await get<{ results: Type[] }>(path)).body.results.map((t) => t.label);
    expect(await labels()).toEqual(expect.arrayContaining([null, 'Champion', 'Primary contact']));
    const label = { label: 'Budget holder', name: 'budget_holder' };
    // The app may write contacts, not deals: the first type of the path decides.
    expect((await post(path, label)).status).toBe(403);
    expect((await post('/crm/v4/associations/contacts/deals/labels', label)).status).toBe(200);
    expect(await labels()).toContain('Budget holder');
  });
});
