import { expect, test } from 'vitest';
import { AGENT, OAUTH_TOKEN } from '../../../connectors/zendesk/sandbox/access.ts';
import { ticketId } from '../../../connectors/zendesk/sandbox/keys.ts';
import { basic, DAY, NOW, type Row, rowsOf, start } from './support.ts';

const ids = (body: Row) => rowsOf(body).map(({ id }) => Number(id));

test('Basic with an API token and Bearer are let in; everything else is refused in words', async () => {
  const { sandbox, call } = await start({ customers: 4 });
  const { email } = sandbox.config as { email: string };
  const token = sandbox.env.ZENDESK_API_TOKEN ?? '';
  expect((await call('users/me.json', basic(email, token))).body.user).toMatchObject({ email, role: 'admin' });
  expect((await call('users/me', `Bearer ${OAUTH_TOKEN}`)).status).toBe(200);
  const password = `Basic ${Buffer.from(`${email}:${token}`).toString('base64')}`;
  for (const wrong of ['', 'Bearer nope', basic(email, 'nope'), basic('x@example.org', token), password]) {
    expect(await call('users/me', wrong)).toMatchObject({ status: 401, body: { error: "Couldn't authenticate you" } });
  }
});

test('exports, ratings and merges are for admins; metrics and deleted tickets for agents too', async () => {
  const { sandbox, call } = await start({ customers: 4 });
  const agent = basic(AGENT.email, sandbox.env.ZENDESK_API_TOKEN ?? '');
  for (const path of [
    'incremental/tickets/cursor?start_time=0',
    'incremental/organizations?start_time=0',
    'incremental/ticket_events?start_time=0',
    'satisfaction_ratings',
  ]) {
    expect(await call(path, agent), path).toMatchObject({ status: 403, body: { error: { title: 'Forbidden' } } });
  }
  for (const path of ['ticket_metrics', 'deleted_tickets', 'organizations']) {
    expect((await call(path, agent)).status, path).toBe(200);
  }
});

test('unknown paths and records are 404 in the vendor’s two shapes; nothing can be written', async () => {
  const { call, sandbox } = await start({ customers: 4 });
  for (const path of ['nope', 'tickets/1/nope', 'account/settings.json']) {
    expect(await call(path)).toMatchObject({ status: 404, body: { error: 'InvalidEndpoint' } });
  }
  for (const path of ['tickets/1', 'tickets/1/metrics', 'organizations/1', 'users/x']) {
    expect(await call(path)).toMatchObject({ status: 404, body: { error: 'RecordNotFound' } });
  }
  const headers = { authorization: basic(String(sandbox.config.email), sandbox.env.ZENDESK_API_TOKEN ?? '') };
  expect((await fetch(`${sandbox.origin}/api/v2/tickets`, { method: 'POST', headers, body: '{}' })).status).toBe(404);
});

test('start_time must be a time at least a minute ago; a cursor must be one', async () => {
  const { call } = await start({ customers: 4 });
  const now = NOW / 1000;
  for (const path of ['incremental/tickets/cursor', 'incremental/organizations']) {
    expect((await call(`${path}?start_time=${now - 60}`)).status).toBe(200);
    expect((await call(`${path}?start_time=${now - 59}`)).status).toBe(422);
    for (const wrong of ['', '?start_time=', '?start_time=soon', '?start_time=-1']) {
      expect((await call(`${path}${wrong}`)).status).toBe(422);
    }
  }
  expect((await call('incremental/tickets/cursor?cursor=bm8=')).status).toBe(422);
});

test('a cursor export gives every record once, whatever the size of its pages, also where many share a second', async () => {
  const whole = await start({ customers: 30 });
  const expected = ids(await whole.page('incremental/tickets/cursor?start_time=0'));
  for (const pageRows of [1, 7, 50]) {
    const { all } = await start({ customers: 30, pageRows });
    expect((await all('incremental/tickets/cursor?start_time=0')).map(({ id }) => id)).toEqual(expected);
  }
  const { all, page } = await start({ customers: 30, minPages: 6 });
  expect(ids(await page('incremental/tickets/cursor?start_time=0')).length).toBeLessThan(expected.length / 5);
  expect((await all('incremental/tickets/cursor?start_time=0')).map(({ id }) => id)).toEqual(expected);
});

test('a time-based export repeats the rows at the edges of its pages, loses none, and ends', async () => {
  const whole = await start({ customers: 30 });
  const expected = new Set(ids(await whole.page('incremental/tickets?start_time=0')));
  for (const pageRows of [1, 9]) {
    const { all } = await start({ customers: 30, pageRows });
    const rows = (await all('incremental/tickets?start_time=0')).map(({ id }) => Number(id));
    expect(new Set(rows)).toEqual(expected);
    expect(rows.length).toBeGreaterThan(expected.size);
  }
  const last = await whole.page('incremental/tickets?start_time=0');
  const again = await whole.page(String(last.next_page));
  expect(again).toMatchObject({ end_of_stream: true, end_time: last.end_time });
  expect(ids(again)).toEqual(ids(last).slice(-ids(again).length));
});

test('lists page by cursor and by offset to the same rows, at most 100 at a time', async () => {
  const { all, call, page } = await start();
  const byOffset = (await all('tickets?per_page=30')).map(({ id }) => id);
  expect((await all('tickets?page[size]=30')).map(({ id }) => id)).toEqual(byOffset);
  expect(byOffset.length).toBeGreaterThan(100);
  expect(await page('tickets?per_page=1000')).toMatchObject({ previous_page: null });
  expect(ids(await page('tickets?per_page=1000'))).toHaveLength(100);
  expect((await call('tickets?page[size]=101')).status).toBe(400);
  expect((await call('tickets?page[after]=nonsense&page[size]=10')).status).toBe(400);
  const newestFirst = (await all('ticket_metrics?page[size]=40')).map((m) => String(m.created_at));
  expect(newestFirst).toEqual([...newestFirst].sort().reverse());
});

test('a deleted ticket: in the export, in the list for 30 days, scrubbed after, and found nowhere else', async () => {
  const { world, all, call } = await start();
  const gone = await all('deleted_tickets?sort_by=deleted_at&sort_order=desc');
  const [newest] = gone;
  expect(newest).toMatchObject({ previous_state: 'new', actor: { name: expect.any(String) } });
  const exported = async (id: unknown) =>
    (await all('incremental/tickets/cursor?start_time=0')).find((t) => t.id === id);
  expect(await exported(newest?.id)).toMatchObject({ status: 'deleted', subject: newest?.subject });
  expect(
    (await all('incremental/tickets/cursor?start_time=0&exclude_deleted=true')).some((t) => t.id === newest?.id),
  ).toBe(false);
  expect((await call(`tickets/${newest?.id}`)).status).toBe(404);
  expect((await call(`tickets/${newest?.id}/metrics`)).status).toBe(404);
  expect((await all('tickets?page[size]=100')).some((t) => t.id === newest?.id)).toBe(false);
  world.advance(31 * DAY);
  expect((await all('deleted_tickets')).some((t) => t.id === newest?.id)).toBe(false);
  expect(await exported(newest?.id)).toMatchObject({ status: 'deleted', subject: 'SCRUBBED', description: 'SCRUBBED' });
});

test('a duplicate lives for fifty minutes: it is there, and then deleted by a new change', async () => {
  const { world, all } = await start();
  const statusOf = async (id: number) =>
    (await all('incremental/tickets/cursor?start_time=0')).find((t) => t.id === id)?.status;
  const [next] = [...world.accounts()]
    .flatMap((a) => a.tickets.flatMap(({ openedAt }, n) => ((a.index + n) % 17 ? [] : [{ a, n, openedAt }])))
    .filter(({ openedAt }) => openedAt > world.now())
    .sort((one, other) => one.openedAt - other.openedAt);
  if (!next) throw new Error('no duplicate is to come');
  const id = ticketId(next.a.index, next.n, true);
  expect(await statusOf(id)).toBe(undefined);
  world.advance(next.openedAt + 6 * 60_000 - world.now());
  expect(await statusOf(id)).toBe('new');
  world.advance(3_600_000);
  expect(await statusOf(id)).toBe('deleted');
});

test('the newer surveys and the legacy ratings exclude each other', async () => {
  const legacy = await start({ customers: 20 });
  const surveys = await start({ customers: 20, satisfaction: 'surveys' });
  const ratings = await legacy.all('satisfaction_ratings?score=received&page[size]=100');
  const responses = await surveys.all('guide/survey_responses?page[size]=100');
  expect(await legacy.all('guide/survey_responses?page[size]=100')).toEqual([]);
  expect(await surveys.all('satisfaction_ratings?page[size]=100')).toEqual([]);
  expect(responses.length).toBe(ratings.length);
  const answered = new Map(
    responses.map((r) => [Number((r.subjects as Row[])[0]?.id), (r.answers as Row[])[0]?.rating_category]),
  );
  for (const { ticket_id, score } of ratings) expect(answered.get(Number(ticket_id))).toBe(score);
  const tickets = await surveys.all('incremental/tickets/cursor?start_time=0');
  expect(new Set(tickets.map((t) => (t.satisfaction_rating as Row).score))).toEqual(new Set(['unoffered']));
});

test('ratings by score, by comment and by time', async () => {
  const { all } = await start();
  const all_ = await all('satisfaction_ratings?page[size]=100');
  const of = async (query: string) => (await all(`satisfaction_ratings?page[size]=100&${query}`)).length;
  const [good, bad, offered] = [await of('score=good'), await of('score=bad'), await of('score=offered')];
  expect(good + bad).toBe(await of('score=received'));
  expect(good + bad + offered).toBe(all_.length);
  expect((await of('score=good_with_comment')) + (await of('score=good_without_comment'))).toBe(good);
  const middle = NOW / 1000 - 100 * 86_400;
  expect((await of(`end_time=${middle - 1}`)) + (await of(`start_time=${middle}`))).toBe(all_.length);
});
