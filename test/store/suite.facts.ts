import { describe, expect, it } from 'vitest';
import type { Fact } from '../../src/core/fact.ts';
import {
  account,
  activity,
  brief,
  collect,
  DAY,
  freshStore,
  gone,
  type Open,
  page,
  T,
  ticket,
  told,
  usage,
} from './helpers.ts';

/** What becomes of facts as they are stored. */
export function factSuite(open: Open): void {
  const fresh = freshStore(open);

  describe('facts', () => {
    it('keeps a state version only where its content differs from the version before', async () => {
      const versions = [
        ticket('t', 'A', T - 3 * DAY, 'open'),
        ticket('t', 'A', T - 2 * DAY, 'open'),
        ticket('t', 'A', T, 'solved'),
      ];
      const first = await fresh.ws.commitPage('crm', 'tickets', page([account('A', T - 9 * DAY), ...versions]), T);
      expect(first).toEqual({ stored: 3, unchanged: 1, removed: 0, rejected: 0 });
      expect(brief((await told(fresh.ws)).A)).toEqual(['account A@-9', 'ticket t@-3', 'ticket t@0']);
      const again = await fresh.ws.commitPage('crm', 'tickets', page(versions), T);
      expect(again).toEqual({ stored: 0, unchanged: 3, removed: 0, rejected: 0 });
    });

    it('treats absent, null and undefined members as the same, and member order as nothing', async () => {
      await fresh.ws.commitPage('crm', 's', page([account('A', T - DAY, { ownerId: null, seats: 5 })]), T);
      const same = { ...account('A', T), data: { seats: 5, name: 'A', parentId: undefined } } as Fact;
      expect(await fresh.ws.commitPage('crm', 's', page([same]), T)).toMatchObject({ stored: 0, unchanged: 1 });
    });

    it('accepts history in any order: an older version does not undo what was said later', async () => {
      await fresh.ws.commitPage(
        'crm',
        's',
        page([account('A', T - 9 * DAY), ticket('t', 'A', T - 5 * DAY, 'open')]),
        T,
      );
      await fresh.ws.commitPage('crm', 's', page([ticket('t', 'A', T - DAY, 'open')]), T);
      await fresh.ws.commitPage('crm', 's', page([ticket('t', 'A', T - 3 * DAY, 'pending')]), T);
      const facts = (await told(fresh.ws)).A?.filter((f) => f.kind === 'ticket');
      expect(facts?.map((f) => [(f.at - T) / DAY, f.kind === 'ticket' && f.data.status])).toEqual([
        [-5, 'open'],
        [-3, 'pending'],
        [-1, 'open'],
      ]);
    });

    it('replaces a state version, an event and a series row of the same identity', async () => {
      const facts = (n: number) => [
        ticket('t', 'A', T - DAY, `status ${n}`),
        { ...activity('e', 'A', T - n * DAY), data: { type: 'call', subject: `${n}` } } as Fact,
        usage('A', T - DAY, n),
      ];
      await fresh.ws.commitPage('crm', 's', page([account('A', T - 9 * DAY), ...facts(1)]), T);
      expect(await fresh.ws.commitPage('crm', 's', page(facts(2)), T)).toMatchObject({ stored: 3, unchanged: 0 });
      const now = (await told(fresh.ws)).A ?? [];
      expect(brief(now)).toEqual(['account A@-9', 'activity e@-2', 'ticket t@-1', 'usage A:all@-1']);
      expect(now.map((f) => f.data)).toEqual([
        { name: 'A' },
        { subject: '2', type: 'call' },
        { status: 'status 2' },
        { metrics: { logins: 2 } },
      ]);
    });

    it('removes a deleted event, and ends a deleted state without knowing whose it was', async () => {
      const [e, t] = [activity('e', 'A', T - 2 * DAY), ticket('t', 'A', T - 2 * DAY, 'open')];
      await fresh.ws.commitPage('crm', 's', page([account('A', T - 9 * DAY), e, t]), T);
      const deletions = [gone(e), { ...gone(t, T), account: null }];
      expect(await fresh.ws.commitPage('crm', 's', page(deletions), T)).toMatchObject({ removed: 2, stored: 0 });
      expect(await fresh.ws.commitPage('crm', 's', page(deletions), T)).toMatchObject({ removed: 0, unchanged: 2 });
      expect(brief((await told(fresh.ws)).A)).toEqual(['account A@-9', 'ticket t@-2', 'ticket t@0 gone']);
    });

    it('moves a record to another account instead of doubling it', async () => {
      const accounts = [account('A', T - 9 * DAY), account('B', T - 9 * DAY)];
      await fresh.ws.commitPage(
        'crm',
        's',
        page([...accounts, activity('e', 'A', T - DAY), ticket('t', 'A', T - 5 * DAY, 'open')]),
        T,
      );
      await fresh.ws.commitPage(
        'crm',
        's',
        page([activity('e', 'B', T - DAY), ticket('t', 'B', T - 2 * DAY, 'open')]),
        T,
      );
      const facts = await told(fresh.ws);
      expect(brief(facts.A)).toEqual(['account A@-9', 'ticket t@-5', 'ticket t@-2 gone']);
      expect(brief(facts.B)).toEqual(['account B@-9', 'ticket t@-2', 'activity e@-1']);
      const before = await told(fresh.ws, { asOf: T - 3 * DAY });
      expect(brief(before.A)).toEqual(['account A@-9', 'ticket t@-5']);
    });

    it('keeps equal ids of different kinds, sources and workspaces apart, and any text as id', async () => {
      const odd = ['1', "a'b", 'ünï–code 🙂', 'half \ud800 pair', 'nul \0', '{"x":[1]}', ' '];
      const facts = odd.flatMap((id) => [account(id, T - DAY), ticket(id, id, T - DAY, 'open')]);
      await fresh.ws.commitPage('crm', 's', page(facts), T);
      expect(await fresh.ws.commitPage('crm', 's', page(facts), T)).toMatchObject({ stored: 0, unchanged: 14 });
      await fresh.ws.commitPage('other', 's', page([account('1', T - DAY)]), T);
      const mine = await told(fresh.ws);
      expect(Object.values(mine).map((f) => f.length)).toEqual(odd.map(() => 2));
      expect(mine['ünï–code 🙂']).toHaveLength(2);
      expect(await told(await fresh.store.workspace('globex'))).toEqual({});
    });

    it('takes odd text anywhere, and still looks into what stands beside it', async () => {
      const odd = 'nul \0, half \ud800, "quoted" \\ {a,NULL} \u0001';
      const kept = 'nul \uFFFD, half \uFFFD, "quoted" \\ {a,NULL} \u0001';
      const withText = ticket('t', 'A', T - DAY, odd) as Extract<Fact, { kind: 'ticket' }>;
      const facts = [
        account('A', T - DAY, { name: odd }),
        activity('e', 'A', T - DAY, odd, 'u1'),
        { ...withText, data: { ...withText.data, text: odd, textExpiresAt: T - 1 } },
      ];
      const rejects = [
        { where: odd, reason: odd },
        { where: odd, reason: 'once more' },
      ];
      const commit = () => fresh.ws.commitPage('crm', odd, page(facts, { rejects, cursor: { odd } }), T);
      expect(await commit()).toMatchObject({ stored: 3, rejected: 2 });
      expect(await commit()).toMatchObject({ stored: 0, unchanged: 3 });
      const [logging] = await fresh.ws.loggingUsers('crm', [{ after: T - 9 * DAY, upTo: T }]);
      expect(logging?.activity).toEqual(new Set(['u1']));
      expect(await fresh.ws.expireTexts(T)).toBe(1);
      const found = await collect(fresh.ws.latest('crm', 'ticket', T));
      expect(found[0]?.data).toEqual({ status: kept });
      expect((await fresh.ws.rejects('crm')).map((r) => r.reason)).toEqual(['once more']);
      const state = fresh.ws.state('crm');
      expect(await state.set(odd, null, 'v')).toBe(true);
      expect(await state.get(odd)).toBe('v');
    });

    it('says which fact has an instant that is none', async () => {
      const bad = activity('e7', 'A', 1.5);
      await expect(fresh.ws.commitPage('crm', 's', page([bad]), T)).rejects.toThrow(/activity e7: 1.5/);
      expect(await fresh.ws.streams()).toEqual([]); // nothing of the page, no cursor
    });

    it('takes pages of several streams at once', async () => {
      const streams = Array.from({ length: 8 }, (_, i) => `s${i}`);
      const commits = streams.map((stream, i) =>
        fresh.ws.commitPage(
          'crm',
          stream,
          page([account('A', T - 9 * DAY), activity(stream, 'A', T - DAY)], { cursor: { i } }),
          T,
        ),
      );
      const counts = await Promise.all(commits);
      expect(counts.reduce((sum, c) => sum + c.stored, 0)).toBe(9);
      expect((await fresh.ws.streams()).map((s) => s.cursor.i)).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
    });

    it('stores a page larger than one round', async () => {
      const facts = Array.from({ length: 9_001 }, (_, i) => activity(`e${i}`, 'A', T - (i % 99) * DAY));
      expect(await fresh.ws.commitPage('crm', 's', page([account('A', T - 100 * DAY), ...facts]), T)).toMatchObject({
        stored: 9_002,
      });
      expect((await told(fresh.ws)).A).toHaveLength(9_002);
      expect(await fresh.ws.countFacts()).toEqual([
        {
          source: 'crm',
          kind: 'account',
          facts: 1,
          accounts: 1,
          ...{ oldest: T - 100 * DAY, newest: T - 100 * DAY, later: 0 },
        },
        { source: 'crm', kind: 'activity', facts: 9_001, accounts: 1, oldest: T - 98 * DAY, newest: T, later: 0 },
      ]);
      const [known, done] = await fresh.ws.countFacts(T - 99 * DAY);
      expect(known).toMatchObject({ facts: 1, later: 0 });
      expect(done).toMatchObject({ kind: 'activity', facts: 0, accounts: 0, later: 9_001 });
    });
  });

  describe('raw texts', () => {
    it('go when their time has come, and nothing else does', async () => {
      const wordy = (id: string, textExpiresAt: number): Fact => ({
        kind: 'ticket',
        id,
        account: 'A',
        at: T - DAY,
        knownAt: T,
        data: { status: 'open', subject: 'Login', text: 'It fails for Ann', textExpiresAt },
      });
      await fresh.ws.commitPage('crm', 's', page([account('A', T - DAY), wordy('old', T - 1), wordy('new', T + 1)]), T);
      expect(await fresh.ws.expireTexts(T)).toBe(1);
      expect(await fresh.ws.expireTexts(T)).toBe(0);
      const facts = (await told(fresh.ws)).A ?? [];
      const texts = facts.flatMap((f) => (f.kind === 'ticket' ? [[f.id, f.data]] : []));
      expect(texts).toEqual([
        ['new', { status: 'open', subject: 'Login', text: 'It fails for Ann', textExpiresAt: T + 1 }],
        ['old', { status: 'open', subject: 'Login' }],
      ]);
    });

    it('go wherever they lie: of every account, and of none', async () => {
      const accounts = [null, ...Array.from({ length: 300 }, (_, i) => `A${i}`)];
      const tickets = accounts.map(
        (key): Fact => ({
          kind: 'ticket',
          id: `of ${key}`,
          account: key,
          at: T - DAY,
          knownAt: T,
          data: { text: 'It fails for Ann', textExpiresAt: T },
        }),
      );
      await fresh.ws.commitPage('crm', 's', page(tickets), T);
      await fresh.ws.commitPage('other', 's', page(tickets), T);
      expect(await fresh.ws.expireTexts(T - 1)).toBe(0);
      expect(await fresh.ws.expireTexts(T)).toBe(2 * accounts.length);
      expect(await fresh.ws.expireTexts(T)).toBe(0);
    });
  });

  describe('origins', () => {
    const file = (complete: boolean) => ({ origin: { name: 'usage.csv', complete } });
    it('removes what a complete origin no longer contains, over several pages', async () => {
      const [a, b, c] = [activity('a', 'A', T - 3 * DAY), activity('b', 'A', T - 2 * DAY), activity('c', 'A', T - DAY)];
      await fresh.ws.commitPage('crm', 's', page([account('A', T - 9 * DAY)]), T);
      await fresh.ws.commitPage('crm', 's', page([a], file(false)), T);
      await fresh.ws.commitPage('crm', 's', page([b, c], file(true)), T);
      await fresh.ws.commitPage(
        'crm',
        's',
        page([activity('x', 'A', T)], { origin: { name: 'other.csv', complete: true } }),
        T,
      );
      await fresh.ws.commitPage('crm', 's', page([c], file(false)), T);
      expect(brief((await told(fresh.ws)).A)).toHaveLength(5); // nothing is removed before the end
      const last = await fresh.ws.commitPage('crm', 's', page([a], file(true)), T);
      expect(last).toEqual({ stored: 0, unchanged: 1, removed: 1, rejected: 0 });
      expect(brief((await told(fresh.ws)).A)).toEqual([
        'account A@-9',
        'activity a@-3',
        'activity c@-1',
        'activity x@0',
      ]);
    });

    it('keeps a state that a later export states unchanged', async () => {
      await fresh.ws.commitPage(
        'crm',
        's',
        page([account('A', T - 9 * DAY), account('B', T - 9 * DAY)], file(true)),
        T,
      );
      const next = await fresh.ws.commitPage('crm', 's', page([account('A', T)], file(true)), T);
      expect(next).toEqual({ stored: 0, unchanged: 1, removed: 1, rejected: 0 });
      expect(brief((await told(fresh.ws)).A)).toEqual(['account A@-9']);
      expect((await told(fresh.ws)).B).toBeUndefined();
    });

    it('ends a load that was left open where the origin begins anew: a mended file leaves nothing of the broken one', async () => {
      const reject = { where: 'usage.csv:2', reason: 'no date' };
      const broken = page([activity('a', 'A', T), activity('b', 'A', T)], { ...file(false), rejects: [reject] });
      await fresh.ws.commitPage('crm', 's', page([account('A', T - DAY)]), T);
      await fresh.ws.commitPage('crm', 's', broken, T);
      const mended = { origin: { name: 'usage.csv', complete: true, begins: true } };
      expect(await fresh.ws.commitPage('crm', 's', page([activity('a', 'A', T)], mended), T)).toMatchObject({
        removed: 1,
      });
      expect(brief((await told(fresh.ws)).A)).toEqual(['account A@-1', 'activity a@0']);
      expect(await fresh.ws.rejects('crm')).toEqual([]);
    });

    it('starts anew after a reset, and forgets the rejects of earlier loads', async () => {
      const reject = { where: 'usage.csv:2', reason: 'no date' };
      await fresh.ws.commitPage('crm', 's', page([activity('a', 'A', T)], { ...file(false), rejects: [reject] }), T);
      expect(await fresh.ws.rejects('crm')).toEqual([{ source: 'crm', stream: 's', at: T, ...reject }]);
      await fresh.ws.resetCursor('crm', 's');
      expect(await fresh.ws.streams()).toEqual([]);
      expect(await fresh.ws.rejects()).toEqual([]);
      expect(await fresh.ws.commitPage('crm', 's', page([activity('b', 'A', T)], file(true)), T)).toMatchObject({
        removed: 1,
      });
      await fresh.ws.commitPage('crm', 's', page([], { ...file(true), rejects: [reject] }), T);
      await fresh.ws.commitPage('crm', 's', page([], file(true)), T);
      expect(await fresh.ws.rejects('other')).toEqual([]);
      expect(await fresh.ws.rejects('crm')).toEqual([]);
    });
  });
}
