import { account, daysAgo, fact } from '../helpers.ts';
import { activity, type Case, gap, many, on, used } from './support.ts';

const marketing = (count: number, type: 'sent' | 'open' | 'click' | 'reply') =>
  many(count, (i) => fact('marketing', daysAgo(5 + i), { type }));
const took = (ago: number, type: 'webinar' | 'conference' | 'user-group' | 'review', more = {}) =>
  fact('participation', daysAgo(ago), { type, ...more });
const trained = (person: string, more = {}) =>
  fact('training', daysAgo(100), { type: 'certification', completed: true, person, ...more });
const course = (completed: boolean | null) => fact('training', daysAgo(20), { type: 'course', completed });
const step = (dueOn: string | null, doneOn: string | null) =>
  fact('milestone', daysAgo(100), { type: 'onboarding', dueOn, doneOn });

/** See support.ts. */
export const ENGAGEMENT: Case[] = [
  { signal: 'touchpoints', why: 'four', facts: many(4, (i) => activity(10 + i)), raw: 4, points: 45 },
  { signal: 'touchpoints', why: 'e-mail is not seen', facts: [], input: gap('email'), raw: null, points: null },
  {
    signal: 'people-met',
    why: 'two people',
    facts: [
      activity(5, { contactIds: ['a', 'b'] }),
      activity(6, { contactIds: ['a'] }),
      activity(6, { contactIds: ['c'], cancelled: true }),
    ],
    raw: 2,
    points: 60,
  },
  { signal: 'people-met', why: 'nobody', facts: [], raw: 0, points: 0 },
  {
    signal: 'meetings',
    why: 'three in 90 days',
    facts: many(3, (i) => activity(10 + i, { type: 'meeting' })),
    raw: 1,
    points: 80,
  },
  { signal: 'meetings', why: 'none', facts: [activity(5)], raw: 0, points: 0 },
  {
    signal: 'cancelled-meetings',
    why: 'one of four',
    facts: many(4, (i) => activity(10 + i, { type: 'meeting', cancelled: i === 0 })),
    raw: 25,
    points: 70,
  },
  { signal: 'cancelled-meetings', why: 'no meetings', facts: [activity(5)], raw: null, points: null },
  {
    signal: 'marketing-opens',
    why: '3 of 10',
    facts: [...marketing(10, 'sent'), ...marketing(2, 'open'), ...marketing(1, 'click')],
    raw: 30,
    points: 85,
    text: '3 opens of 10 marketing e-mails in 90 days',
  },
  {
    signal: 'marketing-opens',
    why: 'opened again and again',
    facts: [...marketing(2, 'sent'), ...marketing(9, 'open')],
    raw: 100,
    points: 100,
  },
  { signal: 'marketing-opens', why: 'none sent', facts: marketing(2, 'open'), raw: null, points: null },
  {
    signal: 'marketing-replies',
    why: 'a click and a reply',
    facts: [...marketing(1, 'click'), ...marketing(1, 'reply'), ...marketing(5, 'open')],
    raw: 2,
    points: 80,
  },
  { signal: 'marketing-replies', why: 'not covered', facts: [], input: gap('marketing'), raw: null, points: null },
  {
    signal: 'events',
    why: 'two; one was missed, a review is none, one is too long ago',
    facts: [
      took(20, 'webinar', { attended: true }),
      took(180, 'conference'),
      took(30, 'user-group', { attended: false }),
      took(40, 'review', { attended: true }),
      took(181, 'webinar', { attended: true }),
    ],
    raw: 2,
    points: 85,
  },
  { signal: 'events', why: 'none', facts: [], raw: 0, points: 30 },
  { signal: 'events', why: 'not covered', facts: [], input: gap('participation'), raw: null, points: null },
  {
    signal: 'training',
    why: 'one of two; the third is not told',
    facts: [course(true), course(false), course(null)],
    raw: 50,
    points: 60,
  },
  {
    signal: 'training',
    why: 'the account’s own figure where there are no rows',
    facts: [account({ attributes: { trainingCompletion: 70 } })],
    input: gap('training'),
    raw: 70,
    points: 80,
  },
  {
    signal: 'training',
    why: 'rows before the account’s own figure',
    facts: [account({ attributes: { trainingCompletion: 70 } }), course(true)],
    raw: 100,
    points: 100,
  },
  { signal: 'training', why: 'unknown', facts: [], raw: null, points: null },
  {
    signal: 'community',
    why: 'a post and a reply; other things do not count',
    facts: [
      ...(['post', 'reply', 'other'] as const).map((type) => fact('community', daysAgo(9), { type })),
      fact('community', daysAgo(92), { type: 'post' }),
    ],
    raw: 2,
    points: 70,
  },
  {
    signal: 'community',
    why: 'silence where the community is seen',
    facts: [account({ attributes: { communityPosts: 5 } })],
    raw: 0,
    points: 30,
  },
  {
    signal: 'community',
    why: 'the account’s own figure where it is not',
    facts: [account({ attributes: { communityPosts: 5 } })],
    input: gap('community'),
    raw: 5,
    points: 100,
  },
  { signal: 'community', why: 'unknown', facts: [], input: gap('community'), raw: null, points: null },
  {
    signal: 'resources-used',
    why: 'three',
    facts: many(3, (i) => fact('resource', daysAgo(5 + i), { type: 'guide', name: `${i}` })),
    raw: 3,
    points: 70,
  },
  { signal: 'resources-used', why: 'not covered', facts: [], input: gap('resources'), raw: null, points: null },
  {
    signal: 'quarterly-reviews',
    why: 'one of the last nine months',
    facts: [
      took(270, 'review', { attended: true }),
      took(271, 'review', { attended: true }),
      took(100, 'review', { attended: false }),
    ],
    raw: 1,
    points: 60,
  },
  { signal: 'quarterly-reviews', why: 'none', facts: [], raw: 0, points: 20 },
  {
    signal: 'review-outcome',
    why: 'the newest counts',
    facts: [took(200, 'review', { outcome: 'bad' }), took(100, 'review', { outcome: ' Positive' })],
    raw: 'Positive',
    points: 100,
    text: /Positive/,
  },
  {
    signal: 'review-outcome',
    why: 'a word that nobody set',
    facts: [took(100, 'review', { outcome: 'lively' })],
    raw: null,
    points: null,
    text: /no score is set for “lively”/,
  },
  { signal: 'review-outcome', why: 'none', facts: [], raw: null, points: null },
  {
    signal: 'milestones',
    why: 'four of five that are due; two are not due yet',
    facts: [...many(4, () => step(on(50), on(60))), step(on(1), null), step(on(0), null), step(on(-20), null)],
    raw: 80,
    points: 70,
  },
  {
    signal: 'milestones',
    why: 'done early counts, undated and open is not done, planned is not done',
    facts: [step(on(-20), on(3)), step(null, null), step(on(9), on(-9))],
    raw: 33.333333,
    points: 0,
  },
  {
    signal: 'milestones',
    why: 'the account’s own figure',
    facts: [account({ attributes: { onboardingCompletion: 100 } })],
    raw: 100,
    points: 100,
  },
  { signal: 'milestones', why: 'unknown', facts: [step(on(-20), null)], raw: null, points: null },
  {
    signal: 'power-users-certified',
    why: 'two people of four',
    facts: [trained('a'), trained('a'), trained('b'), trained('c', { completed: false }), used(5, { powerUsers: 4 })],
    raw: 50,
    points: 80,
  },
  { signal: 'power-users-certified', why: 'power users are not told', facts: [trained('a')], raw: null, points: null },
];
