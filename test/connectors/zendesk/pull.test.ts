import nock from 'nock';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { zendesk } from '../../../connectors/zendesk/index.ts';
import { InputError } from '../../../src/contract/index.ts';
import type { Fact } from '../../../src/core/fact.ts';
import { API, at, collect, HOST, makeCtx, rawMetrics, rawTicket, TOKEN } from './support.ts';

beforeAll(() => nock.disableNetConnect());
afterEach(() => {
  const pending = nock.pendingMocks();
  nock.cleanAll();
  expect(pending).toEqual([]);
});

const INCLUDE = 'users,metric_sets';
const vendor = () => nock(HOST);
const tickets = (query: Record<string, string | number>, body: Record<string, unknown>) =>
  vendor()
    .get(`${API}/incremental/tickets/cursor`)
    .query({ ...query, include: INCLUDE })
    .reply(200, { tickets: [], metric_sets: [], users: [], after_cursor: 'c', end_of_stream: true, ...body });
const pull = (stream: string, from: Record<string, unknown> | null = null, over: Record<string, unknown> = {}) => {
  const made = makeCtx({ csat: 'legacy', ...over });
  return { ...made, pages: collect(zendesk.pull(made.ctx, stream, from)) };
};
const kinds = (facts: Fact[]) => facts.map((f) => `${f.kind} ${f.id}${f.deleted ? ' gone' : ''} of ${f.account}`);

describe('credentials', () => {
  it('are an API token with its user', async () => {
    const authorization = `Basic ${Buffer.from(`bot@acme.com/token:${TOKEN}`).toString('base64')}`;
    nock(HOST, { reqheaders: { authorization } })
      .get(`${API}/incremental/tickets/cursor`)
      .query({ start_time: 0, include: INCLUDE })
      .reply(200, { tickets: [], after_cursor: null, end_of_stream: true });
    expect(await pull('tickets').pages).toEqual([{ facts: [], rejects: [], cursor: { start: 0 } }]);
  });
  it('or an OAuth token', async () => {
    nock(HOST, { reqheaders: { authorization: 'Bearer oauth' } })
      .get(`${API}/incremental/organizations`)
      .query({ start_time: 0 })
      .reply(200, { organizations: [], end_time: null, end_of_stream: true });
    const { ctx } = makeCtx({ email: undefined }, { secrets: { oauthToken: 'oauth' } });
    expect(await collect(zendesk.pull(ctx, 'organizations', null))).toHaveLength(1);
  });
  it('are asked for by name where they are missing', async () => {
    for (const [over, secrets] of [
      [{}, {}],
      [{ email: undefined }, { apiToken: TOKEN }],
    ] as const) {
      const { ctx } = makeCtx(over, { secrets });
      await expect(collect(zendesk.pull(ctx, 'tickets', null))).rejects.toMatchObject({
        hint: expect.stringContaining('ZENDESK_API_TOKEN together with config.email'),
      });
    }
  });
  it('that are refused end the stream at once, without being told', async () => {
    vendor().get(`${API}/incremental/organizations`).query(true).reply(401, { error: `Couldn't authenticate you` });
    const { pages, calls, lines } = pull('organizations');
    const error = await pages.catch((e: unknown) => e);
    expect(error).toMatchObject({ action: 'fail', code: '401', hint: expect.stringContaining('ZENDESK_API_TOKEN') });
    expect(calls).toEqual(['organizations.export']);
    expect(JSON.stringify([lines, String(error)])).not.toContain(TOKEN);
  });
});

describe('the ticket export', () => {
  it('follows its cursor through empty pages to the end, and stores it with each page', async () => {
    tickets({ start_time: at('2026-01-01T00:00:00Z') / 1000 }, { after_cursor: 'c1', end_of_stream: false });
    tickets(
      { cursor: 'c1' },
      { tickets: [rawTicket()], metric_sets: [rawMetrics()], after_cursor: 'c2', end_of_stream: false },
    );
    tickets({ cursor: 'c2' }, { after_cursor: 'c3' });
    const { pages, calls } = pull('tickets', null, { since: '2026-01-01' });
    const got = await pages;
    expect(got.map((p) => p.cursor)).toEqual([{ after: 'c1' }, { after: 'c2' }, { after: 'c3' }]);
    expect(got.map((p) => kinds(p.facts))).toEqual([[], ['ticket 7 of 42'], []]);
    expect(calls).toEqual(['tickets.export', 'tickets.export', 'tickets.export']);
  });

  it('resumes at the stored cursor, never by a time', async () => {
    tickets({ cursor: 'c2' }, { after_cursor: 'c2' });
    expect((await pull('tickets', { after: 'c2' }).pages).map((p) => p.cursor)).toEqual([{ after: 'c2' }]);
  });

  it('never begins within the last minute', async () => {
    tickets({ start_time: at('2026-11-25T09:00:00Z') / 1000 - 61 }, {});
    await pull('tickets', null, { since: '2026-11-26' }).pages;
  });

  it('says how to begin anew where its position is refused', async () => {
    vendor().get(`${API}/incremental/tickets/cursor`).query(true).reply(422, { error: 'InvalidCursor' });
    await expect(pull('tickets', { after: 'old' }).pages).rejects.toMatchObject({
      code: '422',
      hint: expect.stringContaining('--reset'),
    });
  });

  it('stops where the export does not move on', async () => {
    for (let i = 0; i < 6; i++) tickets({ cursor: 'c2' }, { after_cursor: 'c2', end_of_stream: false });
    await expect(pull('tickets', { after: 'c2' }).pages).rejects.toMatchObject({ code: 'CURSOR_STUCK' });
  });

  it('reads metrics ticket by ticket where they are not sent along; one deleted meanwhile has none', async () => {
    const { metric_sets: _, ...answer } = {
      metric_sets: null,
      tickets: [rawTicket(), rawTicket({ id: 8 }), rawTicket({ id: 9, status: 'deleted' })],
    };
    tickets({ start_time: 0 }, { ...answer, metric_sets: undefined });
    const reply = { calendar: 30, business: 30 };
    vendor()
      .get(`${API}/tickets/7/metrics`)
      .reply(200, { ticket_metric: rawMetrics({ reply_time_in_minutes: reply }) });
    vendor().get(`${API}/tickets/8/metrics`).reply(404, { error: 'RecordNotFound' });
    const { pages, calls } = pull('tickets');
    const [page] = await pages;
    expect(calls).toEqual(['tickets.export', 'tickets.metrics', 'tickets.metrics']);
    expect(kinds(page?.facts ?? [])).toEqual([
      'ticket 7 of 42',
      'ticket 7 of 42',
      'ticket 8 of 42',
      'ticket 8 of 42',
      'ticket 9 of 42',
      'ticket 9 gone of 42',
    ]);
    expect(page?.facts[1]?.data).toMatchObject({ firstReplyMinutes: 30 });
  });

  it('takes the later of a ticket that a page has twice, and lets no bad one stop the others', async () => {
    tickets(
      { start_time: 0 },
      {
        tickets: [
          rawTicket({ subject: 'old' }),
          rawTicket({ id: 8, created_at: 'yesterday' }),
          'no ticket',
          rawTicket({ subject: 'new' }),
        ],
        metric_sets: [rawMetrics()],
      },
    );
    const [page] = await pull('tickets').pages;
    expect(page?.facts.map((f) => f.data)).toEqual([expect.objectContaining({ subject: 'new' })]);
    expect(page?.rejects).toEqual([
      { where: 'ticket 8', reason: 'created_at: expected a date-time like 2026-11-25T09:00:00Z' },
      { where: 'ticket (no id)', reason: expect.stringContaining('record: ') },
    ]);
  });

  it('knows tickets without organization by the mail domain of their requester', async () => {
    const lonely = (id: number, requester_id: number) => rawTicket({ id, requester_id, organization_id: null });
    tickets(
      { start_time: 0 },
      {
        tickets: [lonely(1, 900), lonely(2, 901), lonely(3, 902), rawTicket({ requester_id: 903 })],
        metric_sets: [1, 2, 3, 7].map((ticket_id) => rawMetrics({ ticket_id })),
        users: [{ id: 900, email: 'ann@acme.com' }],
      },
    );
    vendor()
      .get(`${API}/users/show_many`)
      .query({ ids: '901,902' })
      .reply(200, {
        users: [
          { id: 901, email: 'bob@Acme.com' },
          { id: 902, email: null },
        ],
      });
    const [page] = await pull('tickets', null, { text: 'none' }).pages;
    expect(kinds(page?.facts ?? [])).toEqual([
      'account email-domain:acme.com of email-domain:acme.com',
      'ticket 1 of email-domain:acme.com',
      'ticket 2 of email-domain:acme.com',
      'ticket 3 of null',
      'ticket 7 of 42',
    ]);
    expect(page?.facts[0]?.data).toEqual({ name: 'acme.com', domains: ['acme.com'], keys: [] });
  });

  it('reads audits of re-opened and escalated tickets only, and none where told so', async () => {
    const both = {
      tickets: [rawTicket(), rawTicket({ id: 8, tags: ['escalated'] }), rawTicket({ id: 9 })],
      metric_sets: [rawMetrics({ reopens: 1 }), rawMetrics({ ticket_id: 8 }), rawMetrics({ ticket_id: 9 })],
    };
    const audits = (id: number, query: Record<string, unknown>, body: Record<string, unknown>) =>
      vendor()
        .get(`${API}/tickets/${id}/audits`)
        .query({ 'page[size]': '100', ...query })
        .reply(200, { audits: [], meta: { has_more: false, after_cursor: null }, ...body });
    const tagged = {
      id: 1,
      created_at: '2026-11-02T10:40:00Z',
      events: [{ id: 1, type: 'Change', field_name: 'tags', value: ['escalated'], previous_value: [] }],
    };
    tickets({ start_time: 0 }, both);
    audits(7, {}, {});
    audits(8, {}, { meta: { has_more: true, after_cursor: 'a1' } });
    audits(8, { 'page[after]': 'a1' }, { audits: [tagged] });
    const { pages, calls } = pull('tickets');
    const facts = (await pages).flatMap((p) => p.facts);
    expect(calls.filter((c) => c === 'tickets.audits')).toHaveLength(3);
    expect(facts.filter((f) => f.id === '8').map((f) => [f.at, 'escalated' in f.data && f.data.escalated])).toEqual([
      [at('2026-11-02T10:00:00Z'), false],
      [at('2026-11-02T10:40:00Z'), true],
    ]);
    tickets({ start_time: 0 }, both);
    const plain = pull('tickets', null, { history: 'metrics' });
    await plain.pages;
    expect(plain.calls).toEqual(['tickets.export']);
  });

  it('reads the requester’s public comments where asked, as they stand after a redaction', async () => {
    tickets({ start_time: 0 }, { tickets: [rawTicket()], metric_sets: [rawMetrics()] });
    const comment = (created_at: string, author_id: number, plain_body: string, open = true) => ({
      id: 1,
      author_id,
      public: open,
      plain_body,
      created_at,
    });
    vendor()
      .get(`${API}/tickets/7/comments`)
      .query({ 'page[size]': '100' })
      .reply(200, {
        comments: [
          comment('2026-11-02T10:00:00Z', 900, 'My card is ▇▇▇▇'),
          comment('2026-11-02T11:00:00Z', 55, 'an agent'),
          comment('2026-11-02T12:00:00Z', 900, 'Still broken'),
          comment('2026-11-02T13:00:00Z', 900, 'a note', false),
        ],
        meta: { has_more: false },
      });
    const [page] = await pull('tickets', null, { text: 'all' }).pages;
    expect(page?.facts.map((f) => 'text' in f.data && f.data.text)).toEqual(['My card is ▇▇▇▇', 'Still broken']);
  });

  it('takes no word of an agent for the customer’s', async () => {
    tickets({ start_time: 0 }, { tickets: [rawTicket({ submitter_id: 55 })], metric_sets: [rawMetrics()] });
    expect((await pull('tickets').pages)[0]?.facts.some((f) => 'text' in f.data)).toBe(false);
  });
});

describe('legacy ratings', () => {
  const rated = (id: number, score: string) => rawTicket({ id, satisfaction_rating: { id: id + 100, score } });
  const rating = (id: number) => ({
    id: id + 100,
    ticket_id: id,
    score: 'good',
    created_at: '2026-11-02T10:30:00Z',
    updated_at: '2026-11-03T08:00:00Z',
  });
  const satisfactions = (facts: Fact[]) =>
    facts.flatMap((f) =>
      f.kind === 'ticket' && f.data.satisfaction != null ? [[f.id, f.at, f.data.satisfaction]] : [],
    );
  const rows = (ids: number[]) => ({
    tickets: ids.map((id) => rated(id, id % 2 ? 'bad' : 'good')),
    metric_sets: ids.map((ticket_id) => rawMetrics({ ticket_id })),
  });
  const when = at('2026-11-03T08:00:00Z');

  it('a few are dated one by one', async () => {
    tickets({ start_time: 0 }, rows([1, 2]));
    vendor()
      .get(`${API}/satisfaction_ratings/101`)
      .reply(200, { satisfaction_rating: rating(1) });
    vendor().get(`${API}/satisfaction_ratings/102`).reply(404, { error: 'RecordNotFound' });
    const facts = (await pull('tickets').pages).flatMap((p) => p.facts);
    expect(satisfactions(facts)).toEqual([
      ['1', when, 0],
      ['2', at('2026-11-02T12:00:30Z'), 100],
    ]);
  });

  it('many by a list, the rest one by one', async () => {
    const ids = Array.from({ length: 12 }, (_, i) => i + 1);
    tickets({ start_time: 0 }, rows(ids));
    const start_time = at('2026-11-02T10:00:00Z') / 1000;
    vendor()
      .get(`${API}/satisfaction_ratings`)
      .query({ score: 'received', start_time, 'page[size]': 100 })
      .reply(200, { satisfaction_ratings: ids.slice(1).map(rating), meta: { has_more: false } });
    vendor()
      .get(`${API}/satisfaction_ratings/101`)
      .reply(200, { satisfaction_rating: [rating(1)] });
    const { pages, calls } = pull('tickets');
    const facts = (await pages).flatMap((p) => p.facts);
    expect(satisfactions(facts)).toEqual(ids.map((id) => [String(id), when, id % 2 ? 0 : 100]));
    expect(calls).toEqual(['tickets.export', 'satisfaction_ratings.list', 'satisfaction_ratings.show']);
  });

  it('are kept without a time where they may not be read, told once', async () => {
    tickets({ start_time: 0 }, { ...rows([1]), after_cursor: 'c1', end_of_stream: false });
    tickets({ cursor: 'c1' }, rows([2]));
    vendor().get(`${API}/satisfaction_ratings/101`).reply(403, { error: 'Forbidden' });
    const { pages, lines } = pull('tickets');
    const facts = (await pages).flatMap((p) => p.facts);
    expect(satisfactions(facts).map(([id, , value]) => [id, value])).toEqual([
      ['1', 0],
      ['2', 100],
    ]);
    expect(lines.filter((l) => l.startsWith('ratings may not be read'))).toHaveLength(1);
  });
});

describe('satisfaction surveys', () => {
  const response = (ticket: number, rating: number, when: string) => ({
    id: `r${ticket}`,
    answers: [{ type: 'rating_scale', rating, updated_at: when }],
    subjects: [{ type: 'ticket', id: String(ticket), zrn: `zen:ticket:${ticket}` }],
  });
  const responses = (list: unknown[]) =>
    vendor()
      .get(`${API}/guide/survey_responses`)
      .query({ 'page[size]': 100 })
      .reply(200, { survey_responses: list, meta: { has_more: false } });

  it('stand on tickets of the export', async () => {
    tickets({ start_time: 0 }, { tickets: [rawTicket({ status: 'solved' })], metric_sets: [rawMetrics()] });
    responses([response(7, 4, '2026-11-04T08:00:00Z')]);
    const facts = (await pull('tickets', null, { csat: 'surveys' }).pages).flatMap((p) => p.facts);
    expect(facts.at(-1)).toMatchObject({ at: at('2026-11-04T08:00:00Z'), data: { satisfaction: 75 } });
  });

  it('that are new state their tickets again', async () => {
    const list = [response(7, 5, '2026-11-04T08:00:00Z'), response(8, 1, '2026-11-01T08:00:00Z')];
    responses(list);
    vendor()
      .get(`${API}/tickets/show_many`)
      .query({ ids: '7' })
      .reply(200, { tickets: [rawTicket()] });
    vendor().get(`${API}/tickets/7/metrics`).reply(200, { ticket_metric: rawMetrics() });
    responses(list);
    const from = { t: at('2026-11-03T08:00:00Z') };
    const [page] = await pull('surveys', from, { csat: 'surveys' }).pages;
    expect(page?.facts.at(-1)).toMatchObject({ id: '7', data: { satisfaction: 100 } });
    expect(page?.cursor).toEqual({ t: at('2026-11-04T08:00:00Z') });
  });

  it('that the account lacks are an error only where they are configured', async () => {
    for (const csat of ['auto', 'surveys'])
      vendor().get(`${API}/guide/survey_responses`).query(true).reply(404, { error: csat });
    expect(await pull('surveys', null, { csat: 'auto' }).pages).toEqual([{ facts: [], rejects: [], cursor: { t: 0 } }]);
    await expect(pull('surveys', null, { csat: 'surveys' }).pages).rejects.toMatchObject({
      hint: expect.stringContaining('plan lacks this feature'),
    });
  });
});

describe('organizations', () => {
  const organization = (over: Record<string, unknown> = {}) => ({
    id: 42,
    name: 'Acme',
    external_id: '001A',
    domain_names: ['acme.com'],
    organization_fields: { crm: ' 77 ' },
    created_at: '2026-01-01T00:00:00Z',
    updated_at: '2026-11-01T00:00:00Z',
    ...over,
  });
  const page = (start_time: number, body: Record<string, unknown>) =>
    vendor()
      .get(`${API}/incremental/organizations`)
      .query({ start_time })
      .reply(200, { organizations: [], end_time: null, end_of_stream: true, ...body });

  it('are accounts with keys and domains', async () => {
    page(0, { organizations: [organization()], end_time: 500, end_of_stream: false });
    page(500, { organizations: [organization({ name: 'Acme Ltd' })], end_time: 600 });
    const pages = await pull('organizations', null, { accountKeys: ['crm', 'external_id', 'none'] }).pages;
    expect(pages.map((p) => p.cursor)).toEqual([
      { t: 500, merged: {} },
      { t: 600, merged: {} },
    ]);
    expect(pages[1]?.facts).toEqual([
      {
        kind: 'account',
        id: '42',
        account: '42',
        at: at('2026-11-01T00:00:00Z'),
        knownAt: at('2026-11-01T00:00:00Z'),
        data: { name: 'Acme Ltd', domains: ['acme.com'], keys: ['77', '001A'] },
      },
    ]);
  });

  it('are never asked for the last minute', async () => {
    const now = at('2026-11-25T09:00:00Z') / 1000;
    page(now - 61, {});
    const [only] = await pull('organizations', { t: now - 5, merged: {} }).pages;
    expect(only?.cursor).toEqual({ t: now - 5, merged: {} });
  });

  it('that were merged go on under their winner, also when it changes later', async () => {
    const deleted_at = '2026-11-02T00:00:00Z';
    page(0, {
      organizations: [organization({ id: 1, deleted_at }), organization({ id: 9, deleted_at })],
      end_time: 500,
    });
    const merge = (loser_id: number, winner_id: number) => ({ id: 'm', loser_id, winner_id, status: 'complete' });
    const merges = (id: number, list: unknown[]) =>
      vendor()
        .get(`${API}/organizations/${id}/merges`)
        .query({ 'page[size]': 100 })
        .reply(200, { organization_merges: list, meta: { has_more: false } });
    merges(1, [merge(5, 1), merge(1, 2)]);
    vendor().get(`${API}/organizations/2`).reply(404, { error: 'RecordNotFound' });
    merges(2, [merge(2, 42)]);
    vendor().get(`${API}/organizations/42`).reply(200, { organization: organization() });
    merges(9, []);
    const [first] = await pull('organizations').pages;
    expect(first?.cursor).toEqual({ t: 500, merged: { 42: [1] } });
    expect(first?.facts).toEqual([
      expect.objectContaining({
        id: '1',
        at: at(deleted_at),
        data: { name: 'Acme', domains: ['acme.com'], keys: ['001A'] },
      }),
      expect.objectContaining({ id: '9', at: at(deleted_at), deleted: true }),
    ]);
    page(500, { organizations: [organization({ external_id: '001B', updated_at: '2026-11-05T00:00:00Z' })] });
    const [next] = await pull('organizations', first?.cursor ?? null).pages;
    expect(next?.facts.map((f) => [f.id, 'keys' in f.data && f.data.keys])).toEqual([
      ['42', ['001B']],
      ['1', ['001B']],
    ]);
  });

  it('stop where the export does not move on', async () => {
    for (let i = 0; i < 6; i++) page(500, { organizations: [organization()], end_time: 500, end_of_stream: false });
    await expect(pull('organizations', { t: 500, merged: {} }).pages).rejects.toMatchObject({ code: 'CURSOR_STUCK' });
  });
});

describe('trouble', () => {
  it('waits as long as it is asked to, and goes on', async () => {
    vendor()
      .get(`${API}/incremental/organizations`)
      .query(true)
      .reply(429, { error: 'TooManyRequests' }, { 'retry-after': '93' });
    vendor().get(`${API}/incremental/organizations`).query(true).reply(503, 'busy', { 'retry-after': '7' });
    vendor()
      .get(`${API}/incremental/organizations`)
      .query(true)
      .reply(200, { organizations: [], end_time: 9, end_of_stream: true });
    const { pages, waits, calls } = pull('organizations');
    expect(await pages).toHaveLength(1);
    expect(waits).toEqual([93_000, 7_000]);
    expect(calls).toHaveLength(3);
  });

  it.each([403, 404])('%i on a whole stream is told once with a hint, and not tried again', async (status) => {
    vendor().get(`${API}/incremental/tickets/cursor`).query(true).reply(status, { error: 'no' });
    const { pages, calls } = pull('tickets');
    await expect(pages).rejects.toMatchObject({ action: 'fail', hint: expect.stringContaining('pulseback check') });
    expect(calls).toHaveLength(1);
  });

  it('an unreadable cursor or an unknown stream names the way out', async () => {
    await expect(pull('tickets', { at: 5 }).pages).rejects.toBeInstanceOf(InputError);
    await expect(pull('tickets', { at: 5 }).pages).rejects.toMatchObject({ hint: expect.stringContaining('--reset') });
    await expect(pull('calls').pages).rejects.toMatchObject({ hint: 'Streams are: organizations, tickets.' });
  });
});
