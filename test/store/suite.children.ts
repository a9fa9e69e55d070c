import { describe, expect, it } from 'vitest';
import { account, brief, DAY, freshStore, type Open, page, T, ticket, told } from './helpers.ts';

/** What parents tell of their children in full. */
export function childrenSuite(open: Open): void {
  const fresh = freshStore(open);
  const part = (id: string, status = 'open') => ticket(id, 'A', T - 5 * DAY, status);
  const of = (prefix: string, at = T - DAY) => ({ children: [{ kind: 'ticket' as const, prefix, at }] });
  const tickets = async (asOf = T): Promise<string[]> =>
    (brief((await told(fresh.ws, { asOf })).A) ?? []).filter((line) => line.startsWith('ticket'));

  describe('children of a parent', () => {
    it('end where the page does not name them; those of other parents stay', async () => {
      const all = [part('1-a'), part('1-b'), part('10-a'), part('2-a')];
      await fresh.ws.commitPage('crm', 's', page([account('A', T - 9 * DAY), ...all]), T);
      const left = await fresh.ws.commitPage('crm', 's', page([part('1-b')], of('1-')), T);
      expect(left).toMatchObject({ removed: 1, unchanged: 1 });
      expect(ended(await told(fresh.ws))).toEqual(['1-a']);
    });

    it('were there before they ended', async () => {
      await fresh.ws.commitPage('crm', 's', page([account('A', T - 9 * DAY), part('1-a')]), T);
      await fresh.ws.commitPage('crm', 's', page([], of('1-')), T);
      expect(await tickets(T - 2 * DAY)).toEqual(['ticket 1-a@-5']);
      expect(ended(await told(fresh.ws, { asOf: T - 2 * DAY }))).toEqual([]);
      expect(ended(await told(fresh.ws))).toEqual(['1-a']);
    });

    it('are there again when they are named again, though their version is older than their end', async () => {
      await fresh.ws.commitPage('crm', 's', page([account('A', T - 9 * DAY), part('1-a')]), T);
      await fresh.ws.commitPage('crm', 's', page([], of('1-')), T);
      await fresh.ws.commitPage('crm', 's', page([part('1-a')], of('1-', T)), T);
      expect(ended(await told(fresh.ws))).toEqual([]);
      expect(await tickets()).toEqual(['ticket 1-a@-5']);
    });

    it('change nothing where nothing has changed', async () => {
      await fresh.ws.commitPage('crm', 's', page([account('A', T - 9 * DAY), part('1-a')], of('1-')), T);
      const again = await fresh.ws.commitPage('crm', 's', page([part('1-a')], of('1-')), T);
      expect(again).toEqual({ stored: 0, unchanged: 1, removed: 0, rejected: 0 });
      const none = await fresh.ws.commitPage('crm', 's', page([], of('9-')), T);
      expect(none).toEqual({ stored: 0, unchanged: 0, removed: 0, rejected: 0 });
    });
  });
}

/** Records of account A whose latest version is an end. */
function ended(facts: Awaited<ReturnType<typeof told>>): string[] {
  const latest = new Map((facts.A ?? []).map((f) => [f.id, f.deleted === true]));
  return [...latest].filter(([, gone]) => gone).map(([id]) => id);
}
