import { describe, expect, it } from 'vitest';
import { changesOf } from '../../../connectors/zendesk/audits.ts';
import { isEscalated } from '../../../connectors/zendesk/escalation.ts';
import { legacyValue, starsValue, surveyRating } from '../../../connectors/zendesk/ratings.ts';
import { accountOf, type Reading, ticketFacts } from '../../../connectors/zendesk/ticket-facts.ts';
import { Audit, Metrics, SurveyResponse, Ticket } from '../../../connectors/zendesk/wire.ts';
import { at, config, NOW, rawMetrics, rawTicket } from './support.ts';

type Raw = Record<string, unknown>;
function reading(ticket: Raw = {}, metrics: Raw | null = {}, rest: Partial<Reading> = {}): Reading {
  return {
    ticket: Ticket.parse(rawTicket(ticket)),
    metrics: metrics && Metrics.parse(rawMetrics(metrics)),
    changes: null,
    rating: null,
    email: null,
    messages: [],
    ...rest,
  };
}
/** Versions as [time, what changed against the version before]. */
function told(r: Reading, settings: Raw = {}) {
  const facts = ticketFacts(r, config(settings), NOW);
  return facts.map((fact, i) => {
    const before: Raw = facts[i - 1]?.data ?? {};
    const changed = Object.entries(fact.data).filter(([k, v]) => before[k] !== v);
    const lost = Object.keys(before).filter((k) => !(k in fact.data));
    return [
      new Date(fact.at).toISOString().slice(5, 19),
      i === 0 ? 'opened' : { ...Object.fromEntries(changed), ...Object.fromEntries(lost.map((k) => [k, undefined])) },
    ];
  });
}
const latest = (r: Reading, settings: Raw = {}) => ticketFacts(r, config(settings), NOW).at(-1)?.data;
const audit = (created_at: string, ...events: Raw[]) =>
  Audit.parse({ id: 1, created_at, events: events.map((e) => ({ type: 'Change', ...e })) });
const solved = {
  status: 'closed',
  satisfaction_rating: { id: 3, score: 'good' },
  updated_at: '2026-11-09T00:00:00Z',
};
const solvedMetrics = {
  reply_time_in_minutes: { calendar: 90, business: 30 },
  first_resolution_time_in_minutes: { calendar: 300, business: 200 },
  full_resolution_time_in_minutes: { calendar: 1500, business: 480 },
  solved_at: '2026-11-03T11:00:10Z',
  status_updated_at: '2026-11-08T00:00:00Z',
};

describe('the history of a ticket', () => {
  it('is opened, answered, solved and rated, each at its own time', () => {
    const rated = { value: 100, at: at('2026-11-05T08:00:00Z') };
    const r = reading(solved, solvedMetrics, { rating: rated });
    expect(told(r)).toEqual([
      ['11-02T10:00:00', 'opened'],
      ['11-02T11:30:00', { firstReplyMinutes: 90, status: 'open' }],
      ['11-03T11:00:10', { status: 'closed', solvedAt: at('2026-11-03T11:00:10Z'), resolutionHours: 90_010 / 3600 }],
      ['11-05T08:00:00', { satisfaction: 100 }],
    ]);
    expect(ticketFacts(r, config(), NOW)[0]?.data).toEqual({
      subject: 'Export takes very long',
      status: 'new',
      priority: 'high',
      openedAt: at('2026-11-02T10:00:00Z'),
      solvedAt: null,
      firstReplyMinutes: null,
      resolutionHours: null,
      escalated: false,
      reopens: 0,
      satisfaction: null,
    });
  });

  it('reports business hours where asked, dated by the calendar', () => {
    expect(told(reading(solved, solvedMetrics), { hours: 'business' })).toEqual([
      ['11-02T10:00:00', 'opened'],
      ['11-02T11:30:00', { firstReplyMinutes: 30, status: 'open' }],
      ['11-03T11:00:10', { status: 'closed', solvedAt: at('2026-11-03T11:00:10Z'), resolutionHours: 8 }],
    ]);
  });

  it('takes seconds where messaging tells them', () => {
    const r = reading({}, { reply_time_in_seconds: { calendar: 45 }, reply_time_in_minutes: { calendar: 0 } });
    expect(told(r)[1]).toEqual(['11-02T10:00:45', { firstReplyMinutes: 0.75 }]);
  });

  it('gives a status that came with the reply its exact time, and lets it stand', () => {
    const r = reading(
      { status: 'pending' },
      { reply_time_in_minutes: { calendar: 90 }, status_updated_at: '2026-11-02T11:29:40Z' },
    );
    expect(told(r)).toEqual([
      ['11-02T10:00:00', 'opened'],
      ['11-02T11:29:40', { firstReplyMinutes: 90, status: 'pending' }],
    ]);
  });

  it('tells re-openings and escalation by the audits', () => {
    const audits = [
      audit('2026-11-02T10:00:00Z', { type: 'Create', field_name: 'status', value: 'new' }),
      audit('2026-11-02T10:00:00Z', { type: 'Create', field_name: 'priority', value: 'normal' }),
      audit('2026-11-02T15:00:00Z', { field_name: 'status', value: 'solved' }),
      audit('2026-11-03T09:00:00Z', { field_name: 'status', value: 'open' }, { field_name: 'priority', value: 'high' }),
      audit('2026-11-03T09:30:00Z', { field_name: 'tags', value: ['export', 'escalated'] }),
      audit('2026-11-03T11:00:10Z', { field_name: 'status', value: 'solved' }),
    ];
    const ticket = { ...solved, status: 'solved', tags: ['export', 'escalated'] };
    const changes = changesOf(audits, config().escalation);
    const r = reading(ticket, { ...solvedMetrics, reopens: 1 }, { changes });
    const at1 = at('2026-11-02T15:00:00Z');
    expect(told(r)).toEqual([
      ['11-02T10:00:00', 'opened'],
      ['11-02T11:30:00', { firstReplyMinutes: 90 }],
      ['11-02T15:00:00', { status: 'solved', solvedAt: at1, resolutionHours: 5 }],
      ['11-03T09:00:00', { status: 'open', solvedAt: null, resolutionHours: null, reopens: 1, priority: 'high' }],
      ['11-03T09:30:00', { escalated: true }],
      ['11-03T11:00:10', { status: 'solved', solvedAt: at('2026-11-03T11:00:10Z'), resolutionHours: 90_010 / 3600 }],
    ]);
    expect(ticketFacts(r, config(), NOW)[0]?.data).toMatchObject({ priority: 'normal', escalated: false, reopens: 0 });
    expect(latest(r, { hours: 'business' })).toMatchObject({ resolutionHours: 8, firstReplyMinutes: 30 });
  });

  it('without audits reveals the rest as late as it can have happened', () => {
    const ticket = { ...solved, tags: ['Escalated'] };
    expect(told(reading(ticket, { ...solvedMetrics, reopens: 2 })).at(-1)).toEqual([
      '11-03T11:00:10',
      expect.objectContaining({ escalated: true, reopens: 2, status: 'closed' }),
    ]);
    const open = reading({ tags: ['escalated'] }, { reopens: 1, status_updated_at: '2026-11-02T11:00:00Z' });
    expect(told(open)).toEqual([
      ['11-02T10:00:00', 'opened'],
      ['11-02T11:00:00', { status: 'open', escalated: true, reopens: 1 }],
    ]);
  });

  it('ends as the ticket stands now, whatever its audits lack', () => {
    const changes = changesOf(
      [
        audit('2026-11-02T10:00:00Z', { type: 'Create', field_name: 'tags', value: 'escalated' }),
        audit('2026-11-02T10:30:00Z', { field_name: 'status', value: 'hold' }),
      ],
      config().escalation,
    );
    const r = reading({ status: 'open', priority: null, tags: [] }, { reopens: 3 }, { changes });
    expect(latest(r)).toMatchObject({ status: 'open', priority: null, escalated: false, reopens: 3, solvedAt: null });
  });

  it('is told from the ticket alone where there are no metrics', () => {
    const r = reading({ ...solved, updated_at: '2026-11-04T10:00:00Z' }, null, { rating: { value: 0, at: null } });
    expect(told(r)).toEqual([
      ['11-02T10:00:00', 'opened'],
      [
        '11-04T10:00:00',
        { status: 'closed', solvedAt: at('2026-11-04T10:00:00Z'), resolutionHours: 48, satisfaction: 0 },
      ],
    ]);
  });

  it('ends with a deletion, and takes back what was written', () => {
    const r = reading({ status: 'deleted', updated_at: '2026-11-10T10:00:00Z' }, null);
    const facts = ticketFacts(r, config(), NOW);
    expect(facts.map((f) => [f.at, f.deleted ?? false])).toEqual([
      [at('2026-11-02T10:00:00Z'), false],
      [at('2026-11-10T10:00:00Z'), true],
    ]);
    expect(JSON.stringify(facts)).not.toMatch(/broken|Export/);
  });
});

describe('what the customer wrote', () => {
  const message = { at: at('2026-11-02T10:00:00Z'), text: 'It is still broken.' };
  it('stands at its own instant only, with the day it must be gone', () => {
    const facts = ticketFacts(reading(solved, solvedMetrics, { messages: [message] }), config(), NOW);
    expect(facts[0]?.data).toMatchObject({
      text: 'It is still broken.',
      textExpiresAt: at('2027-01-31T10:00:00Z'),
    });
    expect(facts.slice(1).some((f) => 'text' in f.data)).toBe(false);
  });
  it('has a version for each later message', () => {
    const later = { at: at('2026-11-02T20:00:00Z'), text: 'Hello?' };
    expect(told(reading({}, {}, { messages: [message, later] })).at(-1)?.[1]).toMatchObject({ text: 'Hello?' });
  });
  it('is not kept once it has expired', () => {
    const facts = ticketFacts(reading({}, {}, { messages: [message] }), config({ textDays: 20 }), NOW);
    expect(facts.some((f) => 'text' in f.data)).toBe(false);
  });
});

describe('whose ticket it is', () => {
  const ticket = (organization_id: number | null) => Ticket.parse(rawTicket({ organization_id }));
  it('is the organization’s, else its mail domain’s, else nobody’s', () => {
    expect(accountOf(ticket(42), 'ann@acme.com')).toEqual({ key: '42', domain: null });
    expect(accountOf(ticket(null), 'Ann@Acme.com')).toEqual({ key: 'email-domain:acme.com', domain: 'acme.com' });
    expect(accountOf(ticket(null), null)).toBeNull();
    expect(accountOf(ticket(null), 'no address')).toBeNull();
  });
});

describe('escalation', () => {
  const marks = { tags: ['vip'], priority: 'urgent', group: 9, fields: new Map([[360, ['Yes']]]) };
  const none = { tags: [], priorities: [], groups: [], fields: [] };
  it.each([
    [{ tags: ['VIP'] }, true],
    [{ priorities: ['urgent'] }, true],
    [{ groups: [9] }, true],
    [{ fields: [{ id: 360, values: ['yes'] }] }, true],
    [{ tags: ['vi'], priorities: ['high'], groups: [8], fields: [{ id: 361, values: ['yes'] }] }, false],
    [{}, false],
  ])('by %j: %s', (rule, expected) => {
    expect(isEscalated({ ...none, ...rule } as Parameters<typeof isEscalated>[0], marks)).toBe(expected);
  });
  it('is dated by whichever mark came first, and ends with it', () => {
    const rule = config({ escalation: { groups: [9], fields: [{ id: 360, values: ['true'] }] } }).escalation;
    const audits = [
      audit('2026-11-03T10:00:00Z', { field_name: 'group_id', value: '9' }),
      audit('2026-11-02T10:00:00Z', { field_name: '360', value: true }),
      audit('2026-11-04T10:00:00Z', { field_name: '360', value: false }),
      audit('2026-11-05T10:00:00Z', { field_name: 'group_id', value: '1' }, { type: 'Comment', body: 'escalated' }),
    ];
    expect(changesOf(audits, rule)).toEqual([
      { at: at('2026-11-02T10:00:00Z'), what: 'escalated', value: true },
      { at: at('2026-11-05T10:00:00Z'), what: 'escalated', value: false },
    ]);
  });
});

describe('satisfaction', () => {
  it('maps good and bad, and nothing else', () => {
    const scores = ['good', 'good_with_comment', 'bad', 'bad_without_comment', 'offered', 'unoffered', null, undefined];
    expect(scores.map(legacyValue)).toEqual([100, 100, 0, 0, null, null, null, null]);
  });
  it('maps 1 to 5', () => {
    expect([1, 2, 3, 4, 5, 0, 6].map(starsValue)).toEqual([0, 25, 50, 75, 100, null, null]);
  });
  it('reads a survey about a ticket', () => {
    const response = (over: Raw) =>
      surveyRating(
        SurveyResponse.parse({
          answers: [{ type: 'open_ended' }, { type: 'rating_scale', rating: 4, updated_at: '2026-11-05T08:00:00Z' }],
          subjects: [{ type: 'ticket', id: '7', zrn: 'zen:ticket:7' }],
          ...over,
        }),
      );
    expect(response({})).toEqual({ ticket: 7, rated: { value: 75, at: at('2026-11-05T08:00:00Z') } });
    expect(response({ answers: [{ type: 'rating_scale', rating: null }] })).toBeNull();
    expect(response({ subjects: [{ type: 'article', id: '7' }] })).toBeNull();
  });
});
