import { expect, test } from 'vitest';
import { ticketId } from '../../../connectors/zendesk/sandbox/keys.ts';
import { ticketAt, ticketChanges } from '../../../src/sandbox/asof.ts';
import type { World } from '../../../src/sandbox/world.types.ts';
import { DAY, type Help, type Row, start } from './support.ts';

const MINUTE = 60_000;
const iso = (at: number | null): string | null =>
  at === null ? null : new Date(at).toISOString().replace('.000Z', 'Z');
const byId = (rows: Row[], key = 'id') => new Map(rows.map((row) => [Number(row[key]), row]));
const calendar = (metric: Row | undefined, name: string) => (metric?.[name] as Row | undefined)?.calendar;
const minutes = (from: number, to: number | null) => (to === null ? null : Math.round((to - from) / MINUTE));

/** World tickets that are open to be seen at `at`, with their id and account. */
function* worldTickets(world: World, at: number) {
  for (const account of world.accounts()) {
    for (const [n, ticket] of account.tickets.entries()) {
      const view = ticketAt(ticket, at);
      if (view) yield { account, id: ticketId(account.index, n), ticket, view };
    }
  }
}

/** The status of the world in the vendor's words: people wait, and a rule closes four days after the solution. */
function statuses(status: string, solvedAt: number | null, now: number): string[] {
  if (status !== 'solved') return status === 'new' ? ['new'] : ['open', 'pending', 'hold'];
  return [now - (solvedAt ?? now) >= 4 * DAY ? 'closed' : 'solved'];
}

/** Every ticket of the world, and no other, is what the API tells. */
async function expectWorld(help: Help): Promise<number> {
  const { world, all } = help;
  // A change of the last minute is not exported yet; nothing changes in the minute that is skipped here.
  const now = world.now();
  const tickets = byId(await all('incremental/tickets/cursor?start_time=0'));
  const metrics = byId(await all('ticket_metrics?page[size]=100'), 'ticket_id');
  const people = byId(await all('incremental/users/cursor?start_time=0'));
  const ratings = byId(await all('satisfaction_ratings?page[size]=100'), 'ticket_id');
  const organizations = byId(await all('organizations?page[size]=100'));
  let seen = 0;
  for (const { account, id, view } of worldTickets(world, now)) {
    seen += 1;
    const row = tickets.get(id);
    expect(row, view.key).toMatchObject({
      subject: view.subject,
      description: view.text,
      created_at: iso(view.openedAt),
      priority: view.priority,
      external_id: null,
    });
    expect(statuses(view.status, view.solvedAt, now)).toContain(row?.status);
    const { tags, satisfaction_rating } = row as { tags: string[]; satisfaction_rating: Row };
    expect(tags.includes('escalated')).toBe(view.escalated);
    expect(people.get(Number(row?.requester_id))?.email).toBe(view.requesterEmail.toLowerCase());
    const score = view.rating === null ? null : view.rating >= 4 ? 'good' : 'bad';
    expect(satisfaction_rating.score).toBe(score ?? (view.status === 'solved' ? 'offered' : 'unoffered'));
    expect(ratings.get(id)?.score).toBe(view.status === 'solved' ? (score ?? 'offered') : undefined);
    const organization = organizations.get(Number(row?.organization_id));
    if (organization) {
      const { crm_id } = organization.organization_fields as Row;
      const keys = [organization.external_id, crm_id].map((key) => String(key).toUpperCase());
      const byDomain = (organization.domain_names as string[]).includes(account.domain);
      expect(byDomain || keys.includes(account.externalKey), view.key).toBe(true);
    } else {
      expect(row?.organization_id).toBe(null);
      expect(view.requesterEmail.endsWith(`@${account.domain}`)).toBe(true);
    }
    if (row?.status === 'closed' && now - (view.solvedAt ?? 0) >= 124 * DAY) {
      expect(metrics.has(id)).toBe(false); // archived
      continue;
    }
    expect(metrics.get(id)).toMatchObject({ reopens: view.reopens, solved_at: iso(view.solvedAt) });
    expect(calendar(metrics.get(id), 'reply_time_in_minutes')).toBe(minutes(view.openedAt, view.firstReplyAt));
    expect(calendar(metrics.get(id), 'full_resolution_time_in_minutes')).toBe(minutes(view.openedAt, view.solvedAt));
  }
  const known = new Set([...worldTickets(world, now)].map(({ id }) => id));
  const others = [...tickets.values()].filter(({ id }) => !known.has(Number(id)));
  expect(new Set(others.map(({ status }) => status))).toEqual(new Set(['deleted']));
  expect(tickets.size).toBe(seen + others.length);
  return seen;
}

test('every ticket of the world, and no other that lives, is what the API tells, as time goes on', async () => {
  for (const seed of [7, 31]) {
    const help = await start({ seed, pageRows: 90 });
    let seen = 0;
    for (const days of [0, 1, 7, 30]) {
      help.world.advance(days * DAY);
      const now = await expectWorld(help);
      expect(now).toBeGreaterThanOrEqual(seen);
      seen = now;
    }
    expect(seen).toBeGreaterThan(200);
  }
});

test('ticket events tell the same: first message, reopens, escalation, solution', async () => {
  const { world, all } = await start({ pageRows: 100 });
  const rows = await all('incremental/ticket_events?start_time=0&include=comment_events');
  const events = [...byId(rows).values()];
  expect(events.length).toBeLessThan(rows.length); // rows at the edges of pages came twice
  for (const { id, view, account } of worldTickets(world, world.now())) {
    const own = events.filter((event) => event.ticket_id === id);
    const children = own.flatMap((event) => event.child_events as Row[]);
    const comments = children.filter((c) => c.event_type === 'Comment');
    expect(comments[0]).toMatchObject({ body: view.text, public: true });
    const solved = children.filter((c) => c.status === 'solved').length;
    const reopened = children.filter((c) => c.previous_value === 'solved' && c.status !== 'closed').length;
    expect([reopened, solved]).toEqual([view.reopens, view.reopens + (view.solvedAt === null ? 0 : 1)]);
    const added = children.flatMap((c) => (c.added_tags ?? []) as string[]);
    expect(added.includes('escalated')).toBe(view.escalated);
    expect(comments.filter((c) => c.public === false).length).toBe(view.escalated ? 1 : 0);
    expect(own[0]?.created_at).toBe(iso(view.openedAt));
    expect(account.tickets.length).toBeGreaterThan(0);
  }
});

test('from the last cursor come exactly the tickets that changed, and nothing of the last minute', async () => {
  const { world, page, all } = await start();
  const from = world.now();
  const first = await page('incremental/tickets/cursor?start_time=0');
  expect(first.end_of_stream).toBe(true);
  const again = await page(String(first.after_url));
  expect([again.tickets, again.end_of_stream, again.after_cursor]).toEqual([[], true, first.after_cursor]);
  world.advance(6 * DAY);
  const changed = byId(await all(String(first.after_url)));
  const horizon = world.now() - MINUTE;
  const expected = [...worldTickets(world, horizon)].filter(({ ticket }) =>
    ticketChanges(ticket).some((at) => at > from - MINUTE && at <= horizon),
  );
  expect(expected.length).toBeGreaterThan(3);
  for (const { id } of expected) expect(changed.has(id)).toBe(true);
  for (const row of changed.values()) {
    const stamp = Number(row.generated_timestamp) * 1000;
    expect(stamp > from - MINUTE && stamp <= horizon).toBe(true);
    expect(Date.parse(String(row.updated_at))).toBeLessThanOrEqual(stamp);
  }
  // A system's change moves the stamp of the export and not `updated_at`: who goes by `updated_at` misses it.
  expect([...changed.values()].some((r) => Date.parse(String(r.updated_at)) < from - MINUTE)).toBe(true);
});

test('a change is seen a minute after it happened, not before', async () => {
  const { world, all } = await start();
  const next = [...world.accounts()]
    .flatMap((a) => a.tickets.map((t, n) => ({ id: ticketId(a.index, n), at: t.openedAt })))
    .filter(({ at }) => at > world.now())
    .sort((a, b) => a.at - b.at)[0];
  if (!next) throw new Error('the world has no future');
  const seen = async () => byId(await all('incremental/tickets/cursor?start_time=0')).has(next.id);
  world.advance(next.at - world.now() - 1000);
  expect(await seen()).toBe(false);
  world.advance(1000);
  expect(await seen()).toBe(false);
  world.advance(59_000);
  expect(await seen()).toBe(false);
  world.advance(1000);
  expect(await seen()).toBe(true);
});
