import { afterEach, describe, expect, it } from 'vitest';
import { listIds } from '../../../connectors/hubspot/ids.ts';
import { pullStream } from '../../../connectors/hubspot/pull.ts';
import { companyId } from '../../../connectors/hubspot/sandbox/keys.ts';
import { seedCompanies } from '../../../connectors/hubspot/sandbox/seed.ts';
import type { Cursor } from '../../../src/contract/index.ts';
import type { Fact } from '../../../src/core/fact.ts';
import { counted, cursorOf, factsOf, HOUR, MINUTE, Served } from './served.ts';
import { NOW } from './support.ts';

const DAY = 24 * HOUR;
let served: Served | undefined;
afterEach(async () => {
  await served?.close();
  served = undefined;
});
const start = async (options: Parameters<typeof Served.start>[0] = {}): Promise<Served> => {
  served = await Served.start(options);
  return served;
};

const ofKind = (facts: Fact[], kind: Fact['kind']): Fact[] => facts.filter((f) => f.kind === kind);
const idsIn = (facts: Fact[]): string[] => facts.map((f) => f.id);
/** The cursor of a portal that was read when it was new. */
const mark = (t: number): Cursor => ({ t, listed: NOW });

describe('25,000 companies, 15,000 of them on one stamp', () => {
  const SIZE = 25_000;
  const [first, shared] = [NOW - 50 * MINUTE, NOW - 30 * MINUTE];
  const stamp = (n: number): number => (n < 5_000 ? first + n : n < 20_000 ? shared : shared + n);
  const seed = () =>
    seedCompanies(SIZE, (n) => ({ created: NOW - DAY, updated: stamp(n), props: { name: `Company ${n}` } }));
  const expected = new Set(Array.from({ length: SIZE }, (_, n) => companyId(n)));

  async function read(portal: Served, from: Cursor | null, stopAfter = Number.POSITIVE_INFINITY) {
    const ids: string[] = [];
    let cursor = from;
    let pages = 0;
    for await (const page of pullStream(portal.portal(), 'accounts', from)) {
      ids.push(...idsIn(page.facts));
      expect(page.rejects).toEqual([]);
      cursor = page.cursor;
      pages += 1;
      if (pages === stopAfter) break;
    }
    return { ids, cursor, pages };
  }

  it('arrive exactly once by the list, also when it is broken off', async () => {
    const portal = await start({ seed: seed() });
    const begun = await read(portal, null, 7);
    expect(begun.cursor).toMatchObject({ list: { after: expect.any(String), newest: expect.any(Number) } });
    const rest = await read(portal, begun.cursor);
    const all = [...begun.ids, ...rest.ids];
    expect(all.length).toBe(SIZE);
    expect(new Set(all)).toEqual(expected);
    expect(rest.cursor).toEqual({ t: stamp(SIZE - 1), listed: NOW });
  }, 60_000);

  it('arrive exactly once by search, also when it is broken off', async () => {
    const portal = await start({ seed: seed() });
    const begun = await read(portal, mark(first - 1), 7);
    expect(begun.cursor).toMatchObject({ t: first - 1, window: { to: NOW - MINUTE, newest: shared } });
    // What is left of the window is read first; the watermark then lies within the overlap of all of it.
    const rest = await read(portal, begun.cursor, SIZE / 1_000 - 7 + 1);
    const all = [...begun.ids, ...rest.ids];
    expect(all.length).toBe(SIZE);
    expect(new Set(all)).toEqual(expected);
    expect(rest.cursor).toEqual(mark(stamp(SIZE - 1)));
    expect(counted(portal.calls)).toMatchObject({ 'companies.read': (SIZE - 7_000) / 50 });
  }, 60_000);
});

describe('what search shows late or wrong', () => {
  it('is not missed: a change that the index learns of later comes with the overlap', async () => {
    const portal = await start();
    const loaded = cursorOf(await portal.pull('accounts', null));
    const [late, soon] = [companyId(3), companyId(4)];
    portal.sandbox.faults.add({ name: 'search-lag', with: { minutes: 20 } });
    portal.world.advance(MINUTE);
    await portal.api('PATCH', `companies/${late}`, { properties: { seats: '4711' } });
    portal.sandbox.faults.clear();
    portal.world.advance(5 * MINUTE);
    await portal.api('PATCH', `companies/${soon}`, { properties: { seats: '4712' } });
    portal.world.advance(5 * MINUTE);
    const seats = (facts: Fact[]) =>
      facts.flatMap((f) => (f.kind === 'account' && Number(f.data.seats) > 4700 ? [[f.id, f.data.seats]] : []));
    const early = await portal.pull('accounts', loaded);
    expect(seats(factsOf(early))).toEqual([[soon, 4712]]);
    portal.world.advance(20 * MINUTE);
    const later = await portal.pull('accounts', cursorOf(early));
    expect(seats(factsOf(later))).toContainEqual([late, 4711]);
  });

  it('moves no watermark: a stamp beyond the window is read, and read again', async () => {
    const portal = await start();
    const loaded = cursorOf(await portal.pull('accounts', null));
    portal.world.advance(10 * MINUTE);
    for (const n of [3, 4]) await portal.api('PATCH', `companies/${companyId(n)}`, { properties: { seats: '4711' } });
    portal.world.advance(10 * MINUTE);
    portal.sandbox.faults.add({ name: 'search-newer', with: { ids: [companyId(3)] } });
    portal.sandbox.faults.add({ name: 'search-older', with: { ids: [companyId(4)] } });
    const pages = await portal.pull('accounts', loaded);
    expect(idsIn(factsOf(pages))).toEqual(expect.arrayContaining([companyId(3), companyId(4)]));
    expect(cursorOf(pages).t).toBeLessThanOrEqual(portal.world.now() - 10 * MINUTE);
    const again = await portal.pull('accounts', cursorOf(pages));
    expect(idsIn(factsOf(again))).toEqual(expect.arrayContaining([companyId(3), companyId(4)]));
  });

  it('leaves the newest moment to the next pull', async () => {
    const portal = await start({ searchLagMs: 0 });
    const loaded = cursorOf(await portal.pull('accounts', null));
    portal.world.advance(2 * HOUR);
    await portal.api('PATCH', `companies/${companyId(3)}`, { properties: { seats: '4711' } });
    const quiet = await portal.pull('accounts', loaded);
    expect(idsIn(factsOf(quiet))).not.toContain(companyId(3));
    portal.world.advance(2 * MINUTE);
    expect(idsIn(factsOf(await portal.pull('accounts', cursorOf(quiet))))).toContain(companyId(3));
  });

  it('is healed within a week: a row that the index never shows comes with the list', async () => {
    const portal = await start();
    const loaded = cursorOf(await portal.pull('accounts', null));
    portal.world.advance(HOUR);
    await portal.api('PATCH', `companies/${companyId(3)}`, { properties: { seats: '4711' } });
    portal.sandbox.faults.add({ name: 'search-missing', with: { ids: [companyId(3)] } });
    portal.world.advance(6 * DAY);
    const soon = await portal.pull('accounts', loaded);
    expect(idsIn(factsOf(soon))).not.toContain(companyId(3));
    portal.world.advance(DAY);
    const weekly = await portal.pull('accounts', cursorOf(soon));
    expect(factsOf(weekly)).toContainEqual(
      expect.objectContaining({ id: companyId(3), data: expect.objectContaining({ seats: 4711 }) }),
    );
    expect(cursorOf(weekly)).toMatchObject({ listed: portal.world.now() });
  });
});

it('contacts are found by their own stamp property', async () => {
  // Without a company: nothing else leads to it.
  const contact = { type: 'contacts' as const, id: 1, created: NOW - DAY, props: { lastname: 'Ek', jobtitle: 'CFO' } };
  const portal = await start({ seed: [contact, { ...contact, id: 2, updated: NOW - 10 * MINUTE }] });
  const loaded = await portal.pull('contacts', null);
  expect(cursorOf(loaded)).toEqual({ t: NOW - 10 * MINUTE, listed: NOW });
  portal.world.advance(2 * HOUR);
  await portal.api('PATCH', 'contacts/1', { properties: { jobtitle: 'Head of Tests' } });
  portal.world.advance(2 * MINUTE);
  const again = factsOf(await portal.pull('contacts', cursorOf(loaded)));
  expect(again.filter((f) => f.id === '1')).toMatchObject([
    { at: portal.world.now() - 2 * MINUTE, data: { title: 'Head of Tests' } },
  ]);
});

describe('associations that change without a stamp', () => {
  const move = (portal: Served, from: string, id: string, target: string): void =>
    portal.sandbox.faults.add({ name: 'association-moved', with: { from, id, to: 'companies', target, alone: true } });

  it('of open deals are noticed by the next pull, in all that the deal was', async () => {
    const portal = await start();
    const pages = await portal.pull('opportunities', null);
    const latest = new Map(ofKind(factsOf(pages), 'opportunity').map((f) => [f.id, f]));
    const open = [...latest.values()].find((f) => f.kind === 'opportunity' && f.data.closed === false);
    const target = companyId(open?.account === companyId(3) ? 4 : 3);
    move(portal, 'deals', open?.id ?? '', target);
    portal.world.advance(HOUR);
    const again = factsOf(await portal.pull('opportunities', cursorOf(pages)));
    const before = factsOf(pages).filter((f) => f.id === open?.id || f.id.startsWith(`${open?.id}-`));
    const after = again.filter((f) => f.id === open?.id || f.id.startsWith(`${open?.id}-`));
    expect(after).toEqual(before.map((f) => ({ ...f, account: target })));
  });

  it('take a role away where the deal’s page no longer names it', async () => {
    const portal = await start();
    const pages = await portal.pull('opportunities', null);
    const open = new Set(
      factsOf(pages).flatMap((f) => (f.kind === 'opportunity' && f.data.closed === false ? [f.id] : [])),
    );
    const again = await portal.pull('opportunities', cursorOf(pages));
    const told = again.flatMap((page) => page.children ?? []);
    expect(told.length).toBeGreaterThan(0);
    for (const child of told) expect(child).toMatchObject({ kind: 'opportunityRole', at: NOW });
    const prefixes = new Set(told.map((c) => c.prefix));
    for (const role of ofKind(factsOf(again), 'opportunityRole'))
      expect(prefixes).toContain(`${role.id.split('-')[0]}-`);
    expect([...prefixes].some((prefix) => open.has(prefix.slice(0, -1)))).toBe(true);
  });

  it('of contacts are noticed when something happens with their new company, and within a week at the latest', async () => {
    const portal = await start();
    const pages = await portal.pull('contacts', null);
    const ages = ofKind(factsOf(pages), 'contact').filter((f) => f.account !== null && f.at < NOW - 30 * DAY);
    const [quick, slow] = ages;
    const quiet = portal.sandbox.rows('companies').filter((row) => !row.archived && row.id !== quick?.account);
    const [busy, still] = quiet.map((row) => String(row.id)).filter((id) => id !== slow?.account);
    move(portal, 'contacts', quick?.id ?? '', busy ?? '');
    move(portal, 'contacts', slow?.id ?? '', still ?? '');
    portal.world.advance(HOUR);
    await portal.api('PATCH', `companies/${still}`, { properties: { seats: '7' } }); // a change of ours is no activity
    const note = await portal.api('POST', 'notes', {
      properties: { hs_timestamp: new Date(portal.world.now()).toISOString(), hs_note_body: 'Met them.' },
      associations: [{ to: { id: busy }, types: [{ associationCategory: 'HUBSPOT_DEFINED', associationTypeId: 190 }] }],
    });
    expect(note.id).not.toBe('');
    portal.world.advance(5 * MINUTE);
    const accountOf = (facts: Fact[], id: string | undefined) => facts.filter((f) => f.id === id).map((f) => f.account);
    const soon = await portal.pull('contacts', cursorOf(pages));
    expect(accountOf(factsOf(soon), quick?.id)).toEqual([busy]);
    portal.world.advance(7 * DAY);
    const later = await portal.pull('contacts', cursorOf(soon));
    expect(accountOf(factsOf(later), slow?.id)).toEqual([still]);
  });
});

describe('what is gone', () => {
  it('ends when it was archived', async () => {
    const portal = await start();
    for (const [stream, type, kind] of [
      ['accounts', 'companies', 'account'],
      ['contacts', 'contacts', 'contact'],
      ['calls', 'calls', 'activity'],
    ] as const) {
      const pages = await portal.pull(stream, null);
      const gone = factsOf(pages).find((f) => f.kind === kind && !f.deleted);
      portal.world.advance(HOUR);
      await portal.api('DELETE', `${type}/${gone?.id}`);
      const at = portal.world.now();
      portal.world.advance(5 * MINUTE);
      const again = await portal.pull(stream, cursorOf(pages));
      expect(factsOf(again).filter((f) => f.id === gone?.id)).toMatchObject([
        { kind, deleted: true, at, account: null },
      ]);
      const third = await portal.pull(stream, { t: at + 2 * HOUR, listed: NOW });
      expect(factsOf(third).filter((f) => f.id === gone?.id)).toEqual([]); // told once
    }
  });

  it('takes the roles of its contacts along, where it is a deal', async () => {
    const deal = (id: number, archivedAt?: number) => ({
      type: 'deals' as const,
      id,
      created: NOW - 9 * DAY,
      props: { dealname: 'D', pipeline: 'default', dealstage: 'closedwon' },
      ...(archivedAt === undefined ? {} : { archivedAt, updated: archivedAt }),
    });
    const at = NOW - 20 * MINUTE;
    const portal = await start({ seed: [deal(1), deal(2, at), deal(3, NOW - 2 * DAY)] });
    const pages = await portal.pull('opportunities', mark(NOW));
    expect(factsOf(pages)).toMatchObject([{ kind: 'opportunity', id: '2', deleted: true, at, account: null }]);
    expect(pages.flatMap((page) => page.children ?? [])).toEqual([{ kind: 'opportunityRole', prefix: '2-', at: NOW }]);
  });

  it('in a merge is the loser; what it had belongs to the winner from the next pull on', async () => {
    const portal = await start({ customers: 120, searchLagMs: 0 });
    const merger = [...portal.world.accounts()].find((a) => (a.merged?.at ?? 0) > NOW);
    const [loser, winner] = [merger?.key ?? '', merger?.merged?.intoKey ?? ''].map((key) =>
      companyId(Number(/\d+$/.exec(key)?.[0])),
    );
    const streams = ['accounts', 'contacts', 'opportunities', 'calls', 'meetings'];
    portal.world.advance((merger?.merged?.at ?? NOW) - HOUR - portal.world.now());
    const before = new Map<string, { facts: Fact[]; cursor: Cursor }>();
    for (const name of streams) {
      const pages = await portal.pull(name, null);
      before.set(name, { facts: factsOf(pages), cursor: cursorOf(pages) });
    }
    portal.world.advance(HOUR + 5 * MINUTE);
    let moved = 0;
    for (const name of streams) {
      const { facts, cursor } = before.get(name) ?? { facts: [], cursor: {} };
      const again = factsOf(await portal.pull(name, cursor));
      if (name === 'accounts') {
        expect(again.filter((f) => f.id === loser)).toMatchObject([{ deleted: true, at: merger?.merged?.at }]);
        continue;
      }
      const theirs = new Set(idsIn(facts.filter((f) => f.account === loser && !f.deleted)));
      const now = new Map(again.map((f) => [f.id, f.account]));
      for (const id of theirs) expect([name, id, now.get(id)]).toEqual([name, id, winner]);
      moved += theirs.size;
    }
    expect(moved).toBeGreaterThan(0);
  }, 30_000);

  it('is found by the ids of all that exists, roles among them', async () => {
    const portal = await start();
    const all = async (stream: string) => {
      const found: Record<string, string[]> = {};
      for await (const { kind, ids } of listIds(portal.portal(), stream))
        found[kind] = [...(found[kind] ?? []), ...ids];
      return found;
    };
    const deals = await all('opportunities');
    const roles = ofKind(factsOf(await portal.pull('opportunities', null)), 'opportunityRole');
    expect(new Set(deals.opportunityRole)).toEqual(new Set(idsIn(roles)));
    expect(deals.opportunity?.length).toBe(portal.sandbox.rows('deals').filter((row) => !row.archived).length);
    const types = ['tasks', 'meetings', 'calls', 'emails', 'notes'];
    const live = types.flatMap((type) => portal.sandbox.rows(type).filter((row) => !row.archived));
    expect((await all('tasks')).activity?.length).toBe(live.length);
    expect(await all('calls')).toEqual({});
  });
});

describe('what a pull costs', () => {
  it('is a few calls where nothing is new', async () => {
    const portal = await start();
    const pages = await portal.pull('calls', null);
    await portal.pull('calls', mark(Number(cursorOf(pages).t) + 2 * HOUR));
    expect(counted(portal.calls)).toEqual({ 'calls.list': 1, 'calls.search': 1, 'companies.search': 1 });
    const deals = await portal.pull('opportunities', null);
    const open = new Set(
      portal.sandbox.rows('deals').flatMap((row) => (row.hs_is_closed === 'false' && !row.archived ? [row.id] : [])),
    );
    await portal.pull('opportunities', { ...cursorOf(deals), t: NOW });
    expect(open.size).toBeGreaterThan(0);
    expect(counted(portal.calls)).toEqual({
      'properties.deals': 1,
      'pipelines.deals': 1,
      'deals.list': 1,
      'deals.search': 2,
      'companies.search': 1,
      'deals.read': Math.ceil(open.size / 50),
      'associations.deals.companies': 1,
      'associations.deals.contacts': 1,
    });
  });
});

describe('what cannot be', () => {
  it('is a stream that nobody knows, and tickets that nobody asked for', async () => {
    const portal = await start();
    await expect(portal.pull('leads', null)).rejects.toThrow('HubSpot has no stream called "leads"');
    await expect(portal.pull('tickets', null)).rejects.toThrow('HubSpot has no stream called "tickets"');
  });
  it.each([{}, { t: '2026-01-01' }, { t: 1, id: 'x' }, { list: 7 }, { list: { after: 5, newest: 1 } }])(
    'is the cursor %j',
    async (cursor) => {
      const portal = await start();
      await expect(portal.pull('accounts', cursor)).rejects.toMatchObject({
        name: 'InputError',
        hint: expect.stringMatching(/--reset/),
      });
    },
  );
  it('is a property that the mapping names and the portal lacks', async () => {
    const portal = await start();
    const run = portal.portal();
    run.mapping.account.arr = 'arrr';
    const pages = pullStream(run, 'accounts', null);
    await expect(pages.next()).rejects.toMatchObject({
      name: 'InputError',
      problems: ['mappings/crm/hubspot.yaml: account.arr: companies have no property arrr; nearest is arr'],
    });
  });
});
