import { ADMIN } from './access.ts';
import type { Desk } from './desk.ts';
import type { Rest } from './rest.ts';

type Row = Record<string, unknown>;

/** Every current record of a list endpoint ("tickets", "organizations", …), straight from the store. */
export function plainRows(desk: Desk, rest: Rest, object: string): Row[] {
  desk.catchUp();
  const rows: Row[] = [];
  for (let page = 1; ; page++) {
    const query = new URLSearchParams({ page: String(page) });
    const base = 'http://sandbox/api/v2';
    const call = {
      params: [],
      query,
      base,
      self: `${base}/${object}`,
      kind: object,
      now: desk.world.now(),
      caller: ADMIN,
    };
    const answer = rest.answer(call);
    rows.push(...((answer[object] ?? []) as Row[]));
    if (typeof answer.next_page !== 'string') return rows;
  }
}
