import { describe, expect, it } from 'vitest';
import { byId, tombstone } from '../../../connectors/hubspot/facts.ts';
import { activityFact, type Engagement } from '../../../connectors/hubspot/facts-activities.ts';
import { contactFact, userFact } from '../../../connectors/hubspot/facts-people.ts';
import { ticketFacts } from '../../../connectors/hubspot/facts-tickets.ts';
import { Mapping } from '../../../connectors/hubspot/mapping.ts';
import { CrmRecord, readRecords } from '../../../connectors/hubspot/record.ts';
import { loadYaml } from '../../../src/kit/yaml.ts';
import { DAY, record, sound, T0 } from './facts-support.ts';

const mapping = loadYaml('mappings/crm/hubspot.yaml', Mapping);
const KEY = mapping.taskKey;
const STAMP = T0 + 30 * DAY;
const iso = (at: number): string => new Date(at).toISOString();

describe('an activity', () => {
  const about = { companies: ['9', '11'], contacts: ['7', '10'], deals: ['5'] };
  const base = { hubspot_owner_id: '101', hs_timestamp: iso(T0 + DAY) };
  const fact = (type: Engagement, properties: Record<string, string | null>, of = about) =>
    sound(activityFact(type, record({ ...base, ...properties }), of, KEY));

  it('belongs to the first company, with its people and its deal', () => {
    const call = fact('calls', { hs_call_title: 'Check-in', hs_call_status: 'COMPLETED', hs_call_duration: '600000' });
    expect(call).toEqual({
      kind: 'activity',
      id: '501',
      account: '9',
      at: T0 + DAY + 600_000,
      knownAt: STAMP,
      data: { type: 'call', subject: 'Check-in', userId: '101', contactIds: ['7', '10'], opportunityId: '5' },
    });
  });

  it('is taken back where it belongs to no company', () => {
    expect(fact('calls', {}, { companies: [], contacts: ['7'], deals: [] })).toEqual(
      tombstone('activity', '501', STAMP),
    );
  });

  it.each([
    ['tasks', { hs_task_status: 'NOT_STARTED' }],
    ['tasks', { hs_task_status: 'IN_PROGRESS' }],
    ['tasks', { hs_task_status: 'DEFERRED' }],
    ['calls', { hs_call_status: 'NO_ANSWER' }],
    ['calls', { hs_call_status: 'BUSY' }],
    ['calls', { hs_call_status: 'QUEUED' }],
    ['emails', { hs_email_status: 'BOUNCED' }],
    ['emails', { hs_email_status: 'SCHEDULED' }],
    ['emails', { hs_email_direction: 'DRAFT_EMAIL' }],
    ['meetings', { hs_meeting_outcome: 'RESCHEDULED' }],
  ] as const)('of %s is none with %j', (type, properties) => {
    expect(fact(type, properties)).toMatchObject({ id: '501', deleted: true });
  });

  it('of a task counts when it was done, not when it was due', () => {
    const done = { hs_task_status: 'COMPLETED', hs_task_subject: 'Plan' };
    expect(fact('tasks', { ...done, hs_task_completion_date: iso(T0 + 4 * DAY) })).toMatchObject({
      at: T0 + 4 * DAY,
      data: { type: 'task', subject: 'Plan' },
    });
    expect(fact('tasks', done)).toMatchObject({ at: STAMP });
  });

  it('of a meeting counts from its end on, and knows whether it was called off', () => {
    const times = { hs_meeting_start_time: iso(T0 + DAY), hs_meeting_end_time: iso(T0 + DAY + 1_800_000) };
    const cancelled = (hs_meeting_outcome: string | null) => fact('meetings', { ...times, hs_meeting_outcome });
    expect(cancelled('COMPLETED')).toMatchObject({ at: T0 + DAY + 1_800_000, data: { cancelled: false } });
    for (const outcome of ['CANCELED', 'NO_SHOW'])
      expect(cancelled(outcome)).toMatchObject({ data: { cancelled: true } });
    for (const outcome of ['SCHEDULED', null]) expect(cancelled(outcome)).toMatchObject({ data: { cancelled: null } });
    expect(fact('meetings', {})).toMatchObject({ at: T0 + DAY });
  });

  it('of an e-mail or a note is at its own time', () => {
    expect(fact('emails', { hs_email_subject: 'Re: you', hs_email_status: 'SENT' })).toMatchObject({
      at: T0 + DAY,
      data: { type: 'email', subject: 'Re: you' },
    });
    expect(fact('notes', {})).toMatchObject({ at: T0 + DAY, data: { type: 'note', subject: null } });
  });

  it('of ours is none, whatever its kind and state', () => {
    for (const type of ['tasks', 'notes', 'calls'] as const)
      expect(fact(type, { [KEY]: 'k1', hs_task_status: 'COMPLETED' })).toBeNull();
  });

  it('without a time is refused', () => {
    expect(() => fact('emails', { hs_timestamp: null })).toThrow('hs_timestamp: missing');
    expect(() => fact('calls', { hs_call_duration: 'long' })).toThrow('hs_call_duration');
  });
});

describe('people', () => {
  it('are contacts since their own stamp', () => {
    const values = { firstname: 'Bo', lastname: 'Ek', email: 'bo@x.io', jobtitle: 'CFO' };
    expect(sound(contactFact(record(values), '9'))).toEqual({
      kind: 'contact',
      id: '501',
      account: '9',
      at: STAMP,
      knownAt: STAMP,
      data: { name: 'Bo Ek', email: 'bo@x.io', title: 'CFO', bounced: false },
    });
    expect(contactFact(record({ hs_email_hard_bounce_reason_enum: 'UNKNOWN_USER' }), null)).toMatchObject({
      account: null,
      data: { name: null, email: null, bounced: true },
    });
    expect(contactFact(record({ ...values, firstname: null }), '9')).toMatchObject({ data: { name: 'Ek' } });
  });

  const owner = {
    id: '101',
    email: 'a@x.io',
    firstName: 'Ann',
    lastName: 'Lee',
    teams: [
      { id: '6', primary: false },
      { id: '7', primary: true },
    ],
    archived: false,
    updatedAt: T0,
  };
  it('are users, with the manager that the configuration names, else the lead of their main team', () => {
    const manager = (managers: Record<string, string>, teamLeads: Record<string, string>, of = owner) =>
      userFact(of, { managers, teamLeads }).data;
    expect(sound(userFact(owner, { managers: { 101: '102' }, teamLeads: { 7: '103' } }))).toEqual({
      kind: 'user',
      id: '101',
      account: null,
      at: T0,
      knownAt: T0,
      data: { name: 'Ann Lee', email: 'a@x.io', active: true, managerId: '102' },
    });
    expect(manager({}, { 6: '105', 7: '103' })).toMatchObject({ managerId: '103' });
    expect(manager({}, { 6: '105' })).toMatchObject({ managerId: null }); // not their main team
    expect(manager({}, { 7: '101' })).toMatchObject({ managerId: null }); // nobody leads themselves
    expect(manager({}, {}, { ...owner, archived: true })).toMatchObject({ managerId: null, active: false });
  });
});

describe('a ticket', () => {
  const stages = new Map([
    ['1', 'new'],
    ['3', 'open'],
    ['4', 'solved'],
  ] as const);
  const now = T0 + 40 * DAY;
  const values = {
    subject: 'Broken',
    content: 'It broke.',
    hs_pipeline_stage: '4',
    hs_ticket_priority: 'MEDIUM',
    closed_date: iso(T0 + 4 * DAY),
    escalated: 'true',
    time_to_first_agent_reply: '3600000',
  };
  const story = record(values, {
    subject: [[T0, 'Broken']],
    hs_pipeline_stage: [
      [T0, '1'],
      [T0 + DAY, '4'],
      [T0 + 2 * DAY, '3'],
      [T0 + 4 * DAY, '4'],
    ],
    hs_ticket_priority: [
      [T0, 'LOW'],
      [T0 + 2 * DAY, 'MEDIUM'],
    ],
    closed_date: [
      [T0 + DAY, iso(T0 + DAY)],
      [T0 + 2 * DAY, null],
      [T0 + 4 * DAY, iso(T0 + 4 * DAY)],
    ],
    escalated: [
      [T0, 'false'],
      [T0 + 2 * DAY, 'true'],
    ],
    time_to_first_agent_reply: [[T0 + DAY, '3600000']],
  });

  it('is known as it was: opened, solved, re-opened, escalated', () => {
    const facts = ticketFacts(story, '9', { mapping, stages, now }).map(sound);
    expect(facts.map((f) => [(f.at - T0) / DAY, f.account, f.data])).toMatchObject([
      [
        0,
        '9',
        { status: 'new', priority: 'low', escalated: false, reopens: 0, solvedAt: null, firstReplyMinutes: null },
      ],
      [1, '9', { status: 'solved', solvedAt: T0 + DAY, resolutionHours: 24, reopens: 0, firstReplyMinutes: 60 }],
      [
        2,
        '9',
        { status: 'open', solvedAt: null, resolutionHours: null, reopens: 1, escalated: true, priority: 'normal' },
      ],
      [4, '9', { status: 'solved', solvedAt: T0 + 4 * DAY, resolutionHours: 96, reopens: 1 }],
    ]);
  });
  it('tells its text once, and only as long as texts are kept', () => {
    const texts = (at: number) =>
      ticketFacts(story, '9', { mapping, stages, now: at }).map((f) => f.kind === 'ticket' && f.data.text);
    expect(texts(now)).toEqual(['It broke.', undefined, undefined, undefined]);
    expect(texts(T0 + 91 * DAY)).toEqual([undefined, undefined, undefined, undefined]);
  });
  it('without a property for escalation does not know of any', () => {
    const without = { ...mapping, tickets: {} };
    expect(ticketFacts(story, null, { mapping: without, stages, now })[0]?.data).toMatchObject({ escalated: null });
  });
});

describe('a row', () => {
  const row = { id: '1', properties: {}, createdAt: iso(T0), updatedAt: iso(T0) };
  it('is read with its values as texts, and nothing as null', () => {
    const { properties } = CrmRecord.parse({ ...row, properties: { a: 1, b: true, c: '', d: null, e: 'x' } });
    expect(properties).toEqual({ a: '1', b: 'true', c: null, d: null, e: 'x' });
  });
  it('of an unreadable shape is a reject that says where', () => {
    const { records, rejects } = readRecords('deals', [
      row,
      { ...row, id: '2', updatedAt: 'soon' },
      'x',
      { ...row, id: 3 },
    ]);
    expect(records.map((r) => r.id)).toEqual(['1', '3']);
    expect(rejects).toEqual([
      { where: 'deals 2', reason: expect.stringMatching(/^updatedAt: expected an instant/) },
      { where: 'deals (no id)', reason: expect.stringMatching(/^record: /) },
    ]);
  });
  it('is sorted by number, not by text', () => {
    expect(['10000000000', '9999999999', '9', '10'].sort(byId)).toEqual(['9', '10', '9999999999', '10000000000']);
  });
});
