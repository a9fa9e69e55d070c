import { afterEach, describe, expect, it } from 'vitest';
import { pullStream } from '../../../connectors/hubspot/pull.ts';
import { companyId } from '../../../connectors/hubspot/sandbox/keys.ts';
import { seedCompanies } from '../../../connectors/hubspot/sandbox/seed.ts';
import type { Fact, FactOf } from '../../../src/core/fact.ts';
import { cursorOf, factsOf, HOUR, MINUTE, Served } from './served.ts';
import { NOW } from './support.ts';

const DAY = 24 * HOUR;
let served: Served | undefined;
afterEach(async () => {
  await served?.close();
  served = undefined;
});
const start = async (options: Parameters<typeof Served.start>[0] = {}): Promise<Served> => {
  served = await Served.start({ searchLagMs: 0, ...options });
  return served;
};
const idsIn = (facts: Fact[]): string[] => facts.map((f) => f.id);
const seats = (value: number) => ({ properties: { seats: String(value) } });

describe('the edges of what was read', () => {
  it('are read again: what shares the stamp of the watermark and was shown late is not lost, without any overlap', async () => {
    const portal = await start();
    const bare = { overlapMinutes: 0, lagSeconds: 0 };
    const loaded = cursorOf(await portal.pull('accounts', null, bare));
    portal.world.advance(HOUR);
    for (const n of [3, 4]) await portal.api('PATCH', `companies/${companyId(n)}`, seats(4711));
    portal.sandbox.faults.add({ name: 'search-missing', with: { ids: [companyId(4)] } });
    const early = await portal.pull('accounts', loaded, bare);
    expect(idsIn(factsOf(early))).not.toContain(companyId(4));
    expect(cursorOf(early).t).toBe(portal.world.now());
    portal.sandbox.faults.clear();
    portal.world.advance(MINUTE);
    expect(idsIn(factsOf(await portal.pull('accounts', cursorOf(early), bare)))).toContain(companyId(4));
  });

  it('of a first load are those of its beginning, also where it broke off and went on long after', async () => {
    const seed = seedCompanies(1_500, (n) => ({ created: NOW - 9 * DAY, props: { name: `Company ${n}` } }));
    const portal = await start({ seed });
    let begun = null;
    for await (const page of pullStream(portal.portal(), 'accounts', null)) {
      begun = page.cursor;
      break;
    }
    expect(begun).toMatchObject({ list: { newest: NOW - 9 * DAY } });
    portal.world.advance(HOUR);
    await portal.api('PATCH', `companies/${companyId(3)}`, seats(4711)); // in the part that was read already
    portal.world.advance(5 * HOUR);
    await portal.api('PATCH', `companies/${companyId(4)}`, seats(4712));
    const rest = await portal.pull('accounts', begun);
    portal.world.advance(10 * MINUTE);
    const changed = idsIn(factsOf(await portal.pull('accounts', cursorOf(rest))));
    expect(changed).toEqual(expect.arrayContaining([companyId(3), companyId(4)]));
  });
});

it('deals come with their past: each that is closed was open before', async () => {
  const portal = await start();
  const deals = new Map<string, FactOf<'opportunity'>[]>();
  for (const fact of factsOf(await portal.pull('opportunities', null)))
    if (fact.kind === 'opportunity' && !fact.deleted) deals.set(fact.id, [...(deals.get(fact.id) ?? []), fact]);
  const closed = [...deals.values()].filter((versions) => versions.at(-1)?.data.closed === true);
  expect(closed.length).toBeGreaterThan(0);
  for (const [first, ...later] of closed) {
    expect(first?.data).toMatchObject({ closed: false, won: false });
    expect(later.length).toBeGreaterThan(0);
    expect(first?.at).toBeLessThan(later[0]?.at ?? 0);
  }
});

it('a property of our name that is somebody else’s is not read as ours, and refuses no company', async () => {
  const portal = await start();
  const response = await fetch(`${portal.sandbox.origin}/crm/v3/properties/companies`, {
    method: 'POST',
    headers: { authorization: `Bearer ${portal.sandbox.env.HUBSPOT_TOKEN}`, 'content-type': 'application/json' },
    body: JSON.stringify({
      ...{ name: 'chs_health_score', label: 'Mood', groupName: 'companyinformation' },
      ...{ type: 'string', fieldType: 'text' },
    }),
  });
  expect(response.status).toBe(201);
  await portal.api('PATCH', `companies/${companyId(3)}`, { properties: { chs_health_score: 'very good' } });
  const pages = await portal.pull('accounts', null);
  expect(pages.flatMap((page) => page.rejects)).toEqual([]);
  expect(idsIn(factsOf(pages))).toContain(companyId(3));
  const held = pages.flatMap((page) => page.held ?? []);
  expect(held.filter(({ values }) => 'score' in values)).toEqual([]);
});
