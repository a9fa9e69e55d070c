import { account, daysAgo, fact } from '../helpers.ts';
import { activity, type Case, gap, many, on } from './support.ts';

const champion = (id: string, ago = 500, bounced = false) =>
  fact('contact', daysAgo(ago), { title: 'Product Champion', bounced }, { id });
const renewal = (more = {}) =>
  fact('opportunity', daysAgo(100), { renewal: true, closed: false, closeOn: on(-40), ...more }, { id: 'ren' });
const pulse = (ago: number, data: object) => fact('pulse', daysAgo(ago), data, { id: 'A1' });
const survey = (score: number, more = {}) =>
  fact('survey', daysAgo(10), { type: 'csat', score, scaleMin: 1, scaleMax: 5, ...more });
const csm = { csmId: 'U1' };

/** See support.ts. */
export const RELATIONSHIP: Case[] = [
  {
    signal: 'executive-contact',
    why: 'by rank, where no contact is known',
    facts: [activity(90, { seniorities: ['user', 'executive'] }), activity(5, { seniorities: ['manager', 'unknown'] })],
    raw: 90,
    points: 100,
  },
  {
    signal: 'executive-contact',
    why: 'by title',
    facts: [fact('contact', daysAgo(500), { title: 'CFO' }, { id: 'c' }), activity(150, { contactIds: ['c'] })],
    raw: 150,
    points: 60,
  },
  {
    signal: 'executive-contact',
    why: 'contacts are not known',
    facts: [],
    input: gap('contacts'),
    raw: null,
    points: null,
  },
  {
    signal: 'nps',
    why: 'one promoter, one detractor',
    facts: [9, 3].map((score) => survey(score, { type: 'nps', scaleMin: 0, scaleMax: 10 })),
    raw: 0,
    points: 55,
  },
  {
    signal: 'nps',
    why: 'impossible',
    facts: [survey(300, { type: 'nps', scaleMin: 0, scaleMax: 10 })],
    raw: null,
    points: null,
    text: /nps answer 300 on 0–10/,
  },
  {
    signal: 'champions',
    why: 'one of two',
    facts: [champion('a'), champion('b'), champion('b', 200, true)],
    raw: 50,
    points: 60,
  },
  { signal: 'champions', why: 'none known', facts: [], raw: null, points: null },
  {
    signal: 'champion-departure',
    why: 'one of two within 90 days',
    facts: [champion('a'), champion('b'), champion('b', 90, true)],
    raw: 50,
    points: 30,
  },
  {
    signal: 'champion-departure',
    why: 'long ago',
    facts: [champion('a'), champion('b'), champion('b', 91, true)],
    raw: 0,
    points: 100,
  },
  {
    signal: 'champion-departure',
    why: 'none known: nobody left',
    facts: [fact('contact', daysAgo(20), { title: 'Analyst', bounced: true })],
    raw: null,
    points: null,
  },
  {
    signal: 'renewal-conversation',
    why: 'two',
    facts: [
      renewal(),
      activity(5, { opportunityId: 'ren' }),
      activity(6, { opportunityId: 'ren' }),
      activity(6, { opportunityId: 'other' }),
    ],
    raw: 2,
    points: 80,
  },
  { signal: 'renewal-conversation', why: 'none', facts: [renewal(), activity(5)], raw: 0, points: 30 },
  {
    signal: 'advocacy',
    why: 'a reference within the year',
    facts: [fact('advocacy', daysAgo(365), { type: 'reference' }), fact('advocacy', daysAgo(366), { type: 'review' })],
    raw: 1,
    points: 80,
  },
  {
    signal: 'advocacy',
    why: 'the account’s own figure',
    facts: [account({ attributes: { advocacyCount: 2 } })],
    input: gap('advocacy'),
    raw: 2,
    points: 100,
  },
  { signal: 'advocacy', why: 'not covered', facts: [], input: gap('advocacy'), raw: null, points: null },
  {
    signal: 'csm-contact',
    why: 'two a month; a colleague’s do not count, nor tasks',
    facts: [
      ...many(4, (i) => activity(5 + i, { userId: 'U1' })),
      activity(5, { userId: 'U2' }),
      activity(5, { userId: 'U1', type: 'task' }),
    ],
    input: csm,
    raw: 2,
    points: 80,
  },
  { signal: 'csm-contact', why: 'silence', facts: [activity(5, { userId: 'U2' })], input: csm, raw: 0, points: 0 },
  {
    signal: 'csm-contact',
    why: 'nobody is the account manager',
    facts: [activity(5, { userId: 'U1' })],
    raw: null,
    points: null,
    text: /no byCsm known/,
  },
  {
    signal: 'renewal-stage',
    why: 'in other letters',
    facts: [renewal({ stage: 'negotiation/review' })],
    raw: 'stage',
    points: 85,
  },
  {
    signal: 'renewal-stage',
    why: 'closed',
    facts: [renewal({ stage: 'Qualification', closed: true })],
    raw: null,
    points: null,
  },
  {
    signal: 'renewal-tone',
    why: 'only what is about the renewal',
    facts: [renewal(), activity(5, { opportunityId: 'ren', sentiment: 60 }), activity(5, { sentiment: 5 })],
    raw: 60,
    points: 80,
  },
  {
    signal: 'renewal-tone',
    why: 'nothing judged',
    facts: [renewal(), activity(5, { opportunityId: 'ren' })],
    raw: null,
    points: null,
  },
  {
    signal: 'conversation-tone',
    why: 'a call and an e-mail',
    facts: [
      activity(5, { sentiment: 40 }),
      activity(6, { type: 'email', sentiment: 60 }),
      activity(7, { type: 'task', sentiment: 0 }),
    ],
    raw: 50,
    points: 60,
  },
  { signal: 'conversation-tone', why: 'impossible', facts: [activity(5, { sentiment: -4 })], raw: null, points: null },
  {
    signal: 'budget-outlook',
    why: 'in the company’s words',
    facts: [account({ attributes: { budgetOutlook: 'Under review' } })],
    raw: 'text',
    points: 40,
  },
  { signal: 'budget-outlook', why: 'unknown', facts: [], raw: null, points: null },
  {
    signal: 'csm-pulse',
    why: 'the newest',
    facts: [pulse(100, { label: 'Green' }), pulse(10, { label: 'At risk' })],
    raw: 'label',
    points: 10,
    text: 'The account manager says: At risk',
  },
  { signal: 'csm-pulse', why: 'half a year old', facts: [pulse(180, { label: 'Green' })], raw: 'label', points: 100 },
  { signal: 'csm-pulse', why: 'older', facts: [pulse(181, { label: 'Green' })], raw: null, points: null },
  { signal: 'csm-pulse-value', why: 'as given', facts: [pulse(0, { value: 72 })], raw: 72, points: 72 },
  {
    signal: 'csm-pulse-value',
    why: 'impossible',
    facts: [pulse(5, { value: 120 })],
    raw: null,
    points: null,
    text: /impossible value: value 120/,
  },
  { signal: 'csat', why: '4 of 5', facts: [survey(4)], raw: 75, points: 80 },
  { signal: 'csat', why: 'impossible', facts: [survey(7)], raw: null, points: null, text: /csat answer 7 on 1–5/ },
  {
    signal: 'verbatims',
    why: 'of what is judged',
    facts: [survey(4, { sentiment: 50 }), survey(4)],
    raw: 50,
    points: 60,
  },
  { signal: 'verbatims', why: 'nothing judged', facts: [survey(4)], raw: null, points: null },
];
