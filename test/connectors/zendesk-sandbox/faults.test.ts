import { expect, test } from 'vitest';
import { DAY, type Row, rowsOf, start } from './support.ts';

test('429 and 503 in the vendor’s words, a reset and a hang', async () => {
  const { sandbox, call } = await start({ customers: 4 });
  const { faults } = sandbox;
  faults.add({ name: '429', on: 'incremental/*' });
  const limited = await call('incremental/users?start_time=0');
  expect([limited.status, limited.headers.get('retry-after'), limited.body.error]).toEqual([
    429,
    '1',
    'APIRateLimitExceeded',
  ]);
  faults.add({ name: '503-before' });
  const down = await fetch(`${sandbox.origin}/api/v2/users/me`);
  expect([down.status, down.headers.get('retry-after')]).toEqual([503, '1']);
  faults.add({ name: 'reset-before' });
  await expect(call('users/me')).rejects.toThrow();
  faults.add({ name: 'hang', on: 'users/me' });
  await expect(fetch(`${sandbox.origin}/api/v2/users/me`, { signal: AbortSignal.timeout(200) })).rejects.toThrow(
    /timeout/i,
  );
  expect(faults.fired()).toEqual({ '429': 1, '503-before': 1, 'reset-before': 1, hang: 1 });
});

test('a whole stream can be forbidden, or missing in the plan, until the fault is cleared', async () => {
  const { sandbox, call } = await start({ customers: 4 });
  sandbox.faults.add({ name: 'forbidden-stream', on: 'satisfaction_ratings' });
  sandbox.faults.add({ name: 'plan-feature-missing', on: 'ticket_metrics' });
  for (let n = 0; n < 2; n++) {
    expect((await call('satisfaction_ratings')).status).toBe(403);
    expect((await call('ticket_metrics')).status).toBe(404);
  }
  expect((await call('organizations')).status).toBe(200);
  sandbox.faults.clear();
  expect((await call('satisfaction_ratings')).status).toBe(200);
});

test('an empty page does not end a stream', async () => {
  const { sandbox, page, all } = await start({ pageRows: 100 });
  const expected = await all('incremental/tickets/cursor?start_time=0');
  sandbox.faults.add({ name: 'empty-page', on: 'incremental/tickets/cursor', skip: 1 });
  const first = await page('incremental/tickets/cursor?start_time=0');
  const empty = await page(String(first.after_url));
  expect([empty.tickets, empty.end_of_stream, empty.after_cursor]).toEqual([[], false, first.after_cursor]);
  const rest = await all(String(empty.after_url));
  expect([...rowsOf(first), ...rest]).toEqual(expected);
});

test('redaction replaces the text in place, adds no comment, and brings the ticket again', async () => {
  const { world, sandbox, page, all } = await start();
  const { tickets, after_url } = (await page('incremental/tickets/cursor?start_time=0')) as {
    tickets: Row[];
    after_url: string;
  };
  const target = tickets.find((t) => t.status === 'closed');
  const texts = async () =>
    ((await page(`tickets/${target?.id}/comments`)).comments as Row[]).map((c) => [c.id, c.body]);
  const before = await texts();
  sandbox.faults.add({ name: 'redact', with: { ticket: target?.id } });
  const after = await texts();
  expect(after.map(([id]) => id)).toEqual(before.map(([id]) => id));
  expect(after.slice(1)).toEqual(before.slice(1));
  expect(before[0]?.[1]).toBe(target?.description);
  expect(after[0]?.[1]).toMatch(/^▇+$/);
  world.advance(DAY);
  const again = (await all(after_url)).find((t) => t.id === target?.id);
  expect(again).toMatchObject({ description: after[0]?.[1], updated_at: target?.updated_at });
  const events = await all('incremental/ticket_events?start_time=0&include=comment_events');
  const told = events.filter((e) => e.ticket_id === target?.id).flatMap((e) => e.child_events as Row[]);
  expect(told.find((c) => c.event_type === 'Comment')?.body).toBe(after[0]?.[1]);
  expect(() => sandbox.faults.add({ name: 'redact', with: { ticket: 1 } })).toThrow(/with.ticket/);
});
