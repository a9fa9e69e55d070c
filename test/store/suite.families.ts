import { describe, expect, it } from 'vitest';
import { account, activity, collect, DAY, freshStore, gone, type Open, page, T, told } from './helpers.ts';

/** Accounts that belong to others of the same source. */
export function familySuite(open: Open): void {
  const fresh = freshStore(open);
  const links = (asOf: number) => collect(fresh.ws.parentLinks('crm', asOf));

  describe('families of accounts', () => {
    it('are told as of an instant, with parents that are not known marked', async () => {
      await fresh.ws.commitPage(
        'crm',
        'all',
        page([
          account('TOP', T - 9 * DAY),
          account('A', T - 9 * DAY, { parentId: 'TOP' }),
          account('B', T - 9 * DAY, { parentId: 'A' }),
          account('B', T - 3 * DAY, { parentId: 'TOP' }),
          account('C', T - 9 * DAY, { parentId: 'nobody' }),
          account('D', T - 9 * DAY, { parentId: 'A' }),
          account('D', T - 2 * DAY, { parentId: null }),
          account('E', T - 9 * DAY, { parentId: 'GONE' }),
          account('GONE', T - 9 * DAY),
          gone(account('GONE', T - 2 * DAY)),
          account('F', T - 9 * DAY, { parentId: '' }),
        ]),
        T,
      );
      expect(await links(T)).toEqual([
        { account: 'A', parent: 'TOP', known: true },
        { account: 'B', parent: 'TOP', known: true },
        { account: 'C', parent: 'nobody', known: false },
        { account: 'E', parent: 'GONE', known: false },
      ]);
      expect(await links(T - 5 * DAY)).toEqual([
        { account: 'A', parent: 'TOP', known: true },
        { account: 'B', parent: 'A', known: true },
        { account: 'C', parent: 'nobody', known: false },
        { account: 'D', parent: 'A', known: true },
        { account: 'E', parent: 'GONE', known: true },
      ]);
      expect(await links(T - 20 * DAY)).toEqual([]);
      expect(await collect(fresh.ws.parentLinks('other', T))).toEqual([]);
    });

    it('are read as one where they are to be, with what is linked to any of them', async () => {
      await fresh.ws.commitPage(
        'crm',
        'all',
        page([
          account('A', T - 9 * DAY),
          account('B', T - 8 * DAY),
          activity('c1', 'B', T - 7 * DAY),
          account('C', T - 6 * DAY),
        ]),
        T,
      );
      await fresh.ws.commitPage('desk', 'all', page([activity('d1', 'org', T - 5 * DAY)]), T);
      await fresh.ws.replaceLinks('desk', [{ source: 'desk', sourceAccount: 'org', account: 'B', reason: 'id' }], []);
      const joined = await told(fresh.ws, { accounts: ['A'], members: new Map([['A', ['B', 'nobody']]]) });
      expect(Object.keys(joined)).toEqual(['A']);
      expect(joined.A?.map((f) => `${f.source} ${f.id}`)).toEqual(['crm A', 'crm B', 'crm c1', 'desk d1']);
    });

    it('keep a record that moved within them', async () => {
      await fresh.ws.commitPage('crm', 'all', page([account('A', T - 9 * DAY), account('B', T - 9 * DAY)]), T);
      const contact = (of: string, at: number) => ({
        kind: 'contact' as const,
        id: 'P',
        account: of,
        at,
        knownAt: at,
        data: { name: of },
      });
      await fresh.ws.commitPage('crm', 'all', page([contact('B', T - 8 * DAY), contact('A', T - 4 * DAY)]), T);
      const joined = await told(fresh.ws, { kinds: ['contact'], accounts: ['A'], members: new Map([['A', ['B']]]) });
      expect(joined.A?.map((f) => [f.at, f.deleted === true])).toEqual([
        [T - 8 * DAY, false],
        [T - 4 * DAY, true],
        [T - 4 * DAY, false],
      ]);
    });
  });
}
