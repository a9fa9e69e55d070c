import { describe, expect, it } from 'vitest';
import type { Fact } from '../../src/core/fact.ts';
import {
  account,
  activity,
  brief,
  chunked,
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

/** What is told of facts, and as of when. */
export function readingSuite(open: Open): void {
  const fresh = freshStore(open);

  describe('reading', () => {
    it('never returns anything later than asOf, nor events older than the look-back', async () => {
      const facts = [-9, -6, -3, 0].flatMap((d) => [
        account('A', T + d * DAY, { seats: d }),
        ticket('t', 'A', T + d * DAY, `${d}`),
        activity(`e${d}`, 'A', T + d * DAY),
        usage('A', T + d * DAY, d),
      ]);
      await fresh.ws.commitPage('crm', 's', page([...facts, account('B', T)]), T);
      const seen = await told(fresh.ws, { asOf: T - 3 * DAY, lookBackMs: 3 * DAY });
      expect(Object.keys(seen)).toEqual(['A']);
      expect(brief(seen.A?.filter((f) => f.kind === 'account' || f.kind === 'ticket'))).toHaveLength(6);
      expect(brief(seen.A?.filter((f) => f.kind === 'activity' || f.kind === 'usage'))).toEqual([
        'activity e-6@-6',
        'usage A:all@-6',
        'activity e-3@-3',
        'usage A:all@-3',
      ]);
      expect(brief((await told(fresh.ws, { kinds: ['usage'] })).A)).toHaveLength(4);
    });

    it('lists live accounts in key order whatever the chunk, and only those asked for', async () => {
      const names = ['d', 'b', 'a', 'c', 'e'];
      await fresh.ws.commitPage('crm', 's', page(names.map((n) => account(n, T - 5 * DAY))), T);
      await fresh.ws.commitPage(
        'crm',
        's',
        page([gone(account('c', T - 5 * DAY), T - DAY), ticket('t', 'z', T, 'open')]),
        T,
      );
      for (const chunk of [1, 2, 100])
        expect(Object.keys(await told(fresh.ws, { chunk }))).toEqual(['a', 'b', 'd', 'e']);
      expect(Object.keys(await told(fresh.ws, { asOf: T - 2 * DAY }))).toEqual(['a', 'b', 'c', 'd', 'e']);
      expect(Object.keys(await told(fresh.ws, { accounts: ['e', 'c', 'nobody', 'a'] }))).toEqual(['a', 'e']);
    });

    it('lists every account key of a source without account facts, but none before its first fact', async () => {
      await fresh.ws.commitPage('crm', 's', page([usage('A', T - 5 * DAY, 1), usage('B', T, 1)]), T);
      expect(Object.keys(await told(fresh.ws))).toEqual(['A', 'B']);
      expect(Object.keys(await told(fresh.ws, { asOf: T - DAY }))).toEqual(['A']);
    });

    it("joins linked sources' facts under their own account keys", async () => {
      await fresh.ws.commitPage('crm', 's', page([account('A', T - 9 * DAY), account('B', T - 9 * DAY)]), T);
      await fresh.ws.commitPage(
        'files',
        'u',
        page([usage('x', T - DAY, 5), usage('y', T - 2 * DAY, 6), usage('z', T, 7)]),
        T,
      );
      const link = (sourceAccount: string, to: string) => ({
        source: 'files',
        sourceAccount,
        account: to,
        reason: 'key',
      });
      const none = {
        source: 'files',
        sourceAccount: 'z',
        reason: 'no match',
        suggestions: [{ account: 'A', name: 'A', why: 'name' }],
      };
      await fresh.ws.replaceLinks('files', [link('x', 'A'), link('y', 'A')], [none]);
      const [a, b] = await collect(
        fresh.ws.accountFacts({ primary: 'crm', asOf: T, lookBackMs: 99 * DAY, kinds: ['usage'], chunk: 9 }),
      );
      expect(a?.facts.map((f) => [f.source, f.account])).toEqual([
        ['files', 'y'],
        ['files', 'x'],
      ]);
      expect([a?.sources, b?.sources, b?.facts]).toEqual([['files'], [], []]);
      expect(await fresh.ws.links('files')).toEqual([link('x', 'A'), link('y', 'A')]);
      expect(await fresh.ws.unmatched()).toEqual([none]);
      // One stays as it was, one changes, one goes, one comes; the same of what is unmatched.
      const other = { ...none, reason: 'ambiguous' };
      await fresh.ws.replaceLinks('files', [link('x', 'B'), link('y', 'A'), link('v', 'A')], [other]);
      expect(await fresh.ws.links('files')).toEqual([link('v', 'A'), link('x', 'B'), link('y', 'A')]);
      expect(await fresh.ws.unmatched()).toEqual([other]);
      await fresh.ws.replaceLinks('files', [link('z', 'B')], []);
      expect(await fresh.ws.links()).toEqual([link('z', 'B')]);
      expect(await fresh.ws.unmatched('files')).toEqual([]);
      await expect(fresh.ws.replaceLinks('crm', [link('z', 'B')], [])).rejects.toThrow(/files/);
      expect(await fresh.ws.links()).toEqual([link('z', 'B')]);
    });

    it('gives the latest live version of each record, and the newest account fact of each key', async () => {
      const user = (id: string, at: number, managerId: string): Fact => ({
        kind: 'user',
        id,
        account: null,
        at,
        knownAt: at,
        data: { managerId },
      });
      const u3 = user('u3', T - 9 * DAY, 'm');
      await fresh.ws.commitPage(
        'crm',
        'u',
        page([user('u1', T - 9 * DAY, 'm1'), user('u1', T - DAY, 'm2'), user('u2', T, 'm'), u3, gone(u3, T)]),
        T,
      );
      const at = async (asOf: number) =>
        (await collect(fresh.ws.latest('crm', 'user', asOf))).map((f) => f.kind === 'user' && [f.id, f.data.managerId]);
      expect(await at(T)).toEqual([
        ['u1', 'm2'],
        ['u2', 'm'],
      ]);
      expect(await at(T - 2 * DAY)).toEqual([
        ['u1', 'm1'],
        ['u3', 'm'],
      ]);
      await fresh.ws.commitPage(
        'crm',
        'a',
        page([account('A', T - 9 * DAY), account('A', T, { seats: 2 }), ticket('t', 'K', T, 'open')]),
        T,
      );
      const keys = await collect(fresh.ws.sourceAccounts('crm'));
      expect(keys.map(({ key, fact }) => [key, fact?.at])).toEqual([
        ['A', T],
        ['K', undefined],
      ]);
    });

    it('tells who logged activity, by whether it was e-mail', async () => {
      const mail = { ...activity('m', 'A', T - DAY), data: { type: 'email', userId: 'u2' } } as Fact;
      await fresh.ws.commitPage(
        'crm',
        's',
        page([
          activity('a', null, T - DAY, 'x', 'u1'),
          mail,
          activity('o', 'A', T - 9 * DAY, 'x', 'u3'),
          activity('n', 'A', T - DAY),
        ]),
        T,
      );
      const spans = [
        { after: T - 9 * DAY, upTo: T },
        { after: T - 10 * DAY, upTo: T - 2 * DAY },
        { after: T, upTo: T },
      ];
      const nobody = { activity: new Set(), email: new Set() };
      expect(await fresh.ws.loggingUsers('crm', spans)).toEqual([
        { activity: new Set(['u1']), email: new Set(['u2']) },
        { activity: new Set(['u3']), email: new Set() },
        nobody,
      ]);
      expect(await fresh.ws.loggingUsers('crm', [])).toEqual([]);
      expect(await fresh.ws.loggingUsers('none', [{ after: 0, upTo: T }])).toEqual([nobody]);
    });

    it('tells what each source carries, since when, and until when', async () => {
      const accounts = Array.from({ length: 300 }, (_, i) => account(`A${i}`, T - 30 * DAY));
      const left = { ...account('Z', T - 40 * DAY), deleted: true } as Fact;
      // Of mail, the last of all accounts alone has some; of the ticket, a deletion alone is left.
      const facts = [...accounts, left, activity('e', 'A299', T - 5 * DAY), activity('f', null, T - 9 * DAY)];
      await fresh.ws.commitPage('crm', 's', page(facts), T);
      const closed = { ...ticket('t', 'K', T - DAY, 'x'), deleted: true } as Fact;
      await fresh.ws.commitPage('desk', 's', page([account('K', T - 3 * DAY), closed]), T);
      const told = async (at: number) => (await fresh.ws.kindsToldBy(at)).map((t) => `${t.source}.${t.kind}`);
      expect(await told(T)).toEqual(['crm.account', 'crm.activity', 'desk.account']);
      expect(await told(T - 9 * DAY)).toEqual(['crm.account', 'crm.activity']);
      expect(await told(T - 9 * DAY - 1)).toEqual(['crm.account']);
      expect(await told(T - 40 * DAY)).toEqual([]);
      expect(await fresh.ws.toldSince('crm', 'activity', T - 5 * DAY)).toBe(true);
      expect(await fresh.ws.toldSince('crm', 'activity', T - 5 * DAY + 1)).toBe(false);
      expect(await fresh.ws.toldSince('desk', 'ticket', 0)).toBe(false);
      expect(await fresh.ws.toldSince('none', 'activity', 0)).toBe(false);
      expect(await fresh.ws.newestTold('crm', 'activity')).toBe(T - 5 * DAY);
      expect(await fresh.ws.newestTold('crm', 'account')).toBe(T - 30 * DAY);
      expect(await fresh.ws.newestTold('desk', 'ticket')).toBe(null);
      expect(await fresh.ws.newestTold('desk', 'usage')).toBe(null);
      expect(await fresh.ws.countAccountKeys('crm')).toBe(301);
      expect(await fresh.ws.countAccountKeys('none')).toBe(0);
    });

    it('finds accounts by id, by 15 characters of it, and by name', async () => {
      const id = '001AB00000cdEFgHIJ';
      await fresh.ws.commitPage(
        'crm',
        's',
        page([
          account(id, T, { name: 'Émile Ltd' }),
          account('B', T, { name: 'émile ltd & co' }),
          account('C', T, { name: 'Zeta' }),
        ]),
        T,
      );
      const found = async (text: string) => (await fresh.ws.findAccounts('crm', text, 5)).map((a) => a.account);
      expect(await found(id)).toEqual([id]);
      expect(await found(id.slice(0, 15))).toEqual([id]);
      expect(await found('ÉMILE LTD')).toEqual([id]);
      expect(await found('émile')).toEqual([id, 'B']);
      expect(await found('nobody')).toEqual([]);
      expect(await found('  ')).toEqual([]);
    });

    it('reconciles: what is no longer listed ends, and a dry run only counts', async () => {
      const facts = [
        account('A', T - 9 * DAY),
        ticket('t1', 'A', T - 8 * DAY, 'open'),
        ticket('t2', 'A', T - 8 * DAY, 'open'),
        activity('e1', 'A', T - 8 * DAY),
        usage('A', T - 8 * DAY, 1),
      ];
      await fresh.ws.commitPage('crm', 's', page(facts), T);
      const run = (dry: boolean) =>
        fresh.ws.reconcile('crm', ['ticket', 'activity', 'usage'], chunked(['t2'], ['new']), T, dry);
      expect(await run(true)).toEqual({ known: 3, missing: 2 });
      expect(brief((await told(fresh.ws)).A)).toHaveLength(5);
      expect(await run(false)).toEqual({ known: 3, missing: 2 });
      expect(brief((await told(fresh.ws)).A)).toEqual([
        'account A@-9',
        'ticket t1@-8',
        'ticket t2@-8',
        'usage A:all@-8',
        'ticket t1@0 gone',
      ]);
      expect(await run(false)).toEqual({ known: 1, missing: 0 });
    });
  });
}
