import { describe, expect, test } from 'vitest';
import { fullCoverage } from '../../src/core/coverage.ts';
import { dateOf, dayOf } from '../../src/core/days.ts';
import type { FactData, StoredFact } from '../../src/core/fact.ts';
import { type ScoringInput, scoreWithTrend } from '../../src/core/score.ts';
import { account, daysAgo, fact, inputOf, modelOf, reads, signal, TODAY } from './helpers.ts';

const cap = (metric: string) => ({
  key: 'lost',
  label: 'Lost',
  bandAtMost: 'yellow',
  when: [{ from: { kind: 'account', metric }, aggregation: 'latest', below: 91 }],
});
const model = modelOf({
  dimensions: [{ key: 'd', weight: 1, signals: [reads('x', 1)] }],
  caps: [cap('championLostDays')],
  people: { left: { field: 'status', is: 'left' } },
});
const acme = account({ attributes: { x: 95 } });
const score = (facts: StoredFact[], more: Partial<ScoringInput> = {}) =>
  scoreWithTrend(model, inputOf([acme, ...facts], more), null);
const on = (ago: number): string => dateOf(dayOf(TODAY) - ago);

/** A contact as known since so many days ago. */
const contact = (ago: number, data: FactData<'contact'> = {}, more: { id?: string; source?: string } = {}) =>
  fact('contact', daysAgo(ago), { name: 'Priya Shah', email: 'priya@acme.example', ...data }, { id: 'c1', ...more });
const gone = (ago: number, moved = false, id = 'c1'): StoredFact => ({
  ...fact('contact', daysAgo(ago), {}, { id, deleted: true }),
  ...(moved ? { moved } : {}),
});
const role = (ago: number, data: FactData<'opportunityRole'> = {}, more: { id?: string; deleted?: boolean } = {}) =>
  fact(
    'opportunityRole',
    daysAgo(ago),
    { opportunityId: 'o1', contactId: 'c1', role: 'Champion', ...data },
    { id: 'r1', ...more },
  );
const deal = (ago: number, data: FactData<'opportunity'> = {}) =>
  fact('opportunity', daysAgo(ago), { name: 'Renewal', ...data }, { id: 'o1' });
const other = contact(300, { name: 'Sam Lee', email: 'sam@acme.example', title: 'Champion' }, { id: 'c2' });
const champion = contact(300, { title: 'Champion' });

describe('a champion is lost', () => {
  test.each<[string, StoredFact[], string]>([
    ['whose mail bounces', [champion, contact(22, { title: 'Champion', bounced: true })], 'e-mail bounced 3 Nov'],
    [
      'who left by the rule of the model',
      [champion, contact(22, { title: 'Champion', attributes: { status: 'left' } })],
      'left the company 3 Nov',
    ],
    ['whose record was deleted', [champion, gone(22)], 'contact deleted 3 Nov'],
    ['who moved to another account', [champion, gone(22, true)], 'moved to another account 3 Nov'],
    [
      'whose role on an opportunity was taken away',
      [contact(300), deal(300), role(300), role(22, {}, { deleted: true })],
      'role ended 3 Nov',
    ],
    ['whose role became another', [contact(300), deal(300), role(300), role(22, { role: 'User' })], 'role ended 3 Nov'],
    [
      'whose role went to somebody',
      [
        contact(300),
        contact(300, { email: 'x@acme.example' }, { id: 'c3' }),
        deal(300),
        role(300),
        role(22, { contactId: 'c3', role: 'User' }),
      ],
      'role ended 3 Nov',
    ],
    ['whose title is another', [champion, contact(22, { title: 'Analyst' })], 'role ended 3 Nov'],
    ['whose role ended on a day', [contact(300, { title: 'Champion', roleEndedOn: on(22) })], 'role ended 3 Nov'],
    [
      'who is known as bounced elsewhere',
      [champion, contact(22, { bounced: true, email: ' PRIYA@acme.example' }, { source: 'mailer', id: '9' })],
      'e-mail bounced 3 Nov',
    ],
  ])('%s', (_, facts, words) => {
    const part = score(facts);
    expect(part.flags).toContain('champion-left');
    expect(part.flagDetails['champion-left']).toBe(`Champion Priya Shah: ${words}`);
    expect(part.caps).toMatchObject([{ cap: 'lost', points: -160_000 }]);
    expect(part.band).toBe('yellow');
  });

  test('since the first of the versions that say so', () => {
    const facts = [champion, contact(40, { bounced: true, title: 'Champion' }), contact(3, { bounced: true })];
    expect(score(facts).flagDetails['champion-left']).toBe('Champion Priya Shah: e-mail bounced 16 Oct');
  });
});

describe('and is not', () => {
  test.each<[string, StoredFact[]]>([
    ['while they are there', [champion]],
    ['when it is long ago', [champion, gone(91)]],
    ['when nobody ever was one', [contact(300), gone(10)]],
    ['when another is there', [champion, gone(22), other]],
    ['when another took over since', [champion, gone(22), { ...other, at: daysAgo(2) }]],
    ['by the end of a deal', [contact(300), deal(300), role(300), deal(22, { closed: true, won: false })]],
    [
      'by a deal that was deleted with its roles',
      [
        contact(300),
        deal(300),
        role(300),
        fact('opportunity', daysAgo(22), {}, { id: 'o1', deleted: true }),
        role(22, {}, { deleted: true }),
      ],
    ],
    [
      'while another role says so',
      [contact(300), deal(300), role(300), role(200, {}, { id: 'r2' }), role(22, {}, { deleted: true })],
    ],
    ['when the role was given back', [contact(300), deal(300), role(300), role(22, {}, { deleted: true }), role(5)]],
    [
      'when one of two records of a person is deleted',
      [champion, contact(300, { title: 'Champion' }, { id: 'c9' }), gone(22, false, 'c9')],
    ],
    ['on a day to come', [contact(300, { title: 'Champion', roleEndedOn: on(-5) })]],
    [
      'when a contact without a mark bounced',
      [champion, contact(9, { email: 'q@acme.example', bounced: true }, { id: 'c7' })],
    ],
  ])('%s', (_, facts) => {
    const part = score(facts);
    expect(part.flags).not.toContain('champion-left');
    expect(part.caps).toEqual([]);
  });

  test('by anything later than the day', () => {
    expect(score([champion, gone(-1)]).flags).not.toContain('champion-left');
  });
});

describe('a champion is quiet', () => {
  const used = (ago: number, since = 10) =>
    contact(since, { name: 'P. Shah', lastUsedOn: on(ago) }, { source: 'product', id: 'u1' });

  test.each([30, 60, 90])('after use %i days ago, known of the same person elsewhere', (ago) => {
    const part = score([champion, used(ago)]);
    expect(part.flags).toContain('champion-quiet');
    expect(part.flags).not.toContain('champion-left');
    expect(part.caps).toEqual([]);
  });
  test('and it says since when', () => {
    expect(score([champion, used(31)]).flagDetails['champion-quiet']).toBe('Champion Priya Shah: no use since 25 Oct');
  });
  test.each([0, 29, 91, 400])('but not after use %i days ago', (ago) => {
    expect(score([champion, used(ago)]).flags).not.toContain('champion-quiet');
  });
  test('nor while another is active, nor where nothing tells', () => {
    expect(score([champion, used(40), other]).flags).not.toContain('champion-quiet');
    expect(score([champion]).flags).not.toContain('champion-quiet');
  });
  test('nor where the source that tells of use has stood still since', () => {
    const stale = { staleSources: [{ source: 'product', since: daysAgo(15) }] };
    expect(score([champion, used(40)], stale).flags).not.toContain('champion-quiet');
    const fresher = { staleSources: [{ source: 'product', since: daysAgo(5) }] };
    expect(score([champion, used(40)], fresher).flags).toContain('champion-quiet');
    const another = { staleSources: [{ source: 'product', kind: 'usage' as const, since: daysAgo(15) }] };
    expect(score([champion, used(40)], another).flags).toContain('champion-quiet');
  });
  test('the latest use counts, whichever source tells it', () => {
    expect(
      score([champion, used(40), contact(8, { lastUsedOn: on(8) }, { source: 'sso', id: 's1' })]).flags,
    ).not.toContain('champion-quiet');
  });
});

test('a sponsor is one by role; an executive by title alone is none', () => {
  const sponsor = { role: 'Executive Sponsor' };
  const bounced = contact(22, { bounced: true });
  const part = score([contact(300), deal(300), role(300, sponsor), bounced]);
  expect(part.flags).toContain('sponsor-left');
  expect(part.flagDetails['sponsor-left']).toBe('Sponsor Priya Shah: e-mail bounced 3 Nov');
  expect(part.flags).not.toContain('champion-left');
  expect(score([contact(300, { title: 'CEO' }), contact(22, { title: 'CEO', bounced: true })]).flags).not.toContain(
    'sponsor-left',
  );
});

test('signals may ask how and how long ago, of each contact and of the account', () => {
  const lost = modelOf({
    dimensions: [
      {
        key: 'd',
        weight: 1,
        signals: [
          signal('days', { from: { kind: 'contact', metric: 'lostDays' }, aggregation: 'latest' }),
          signal('by', {
            from: { kind: 'contact', where: { field: 'lostBy', in: ['bounced', 'left'] } },
            aggregation: 'count',
          }),
          signal('champion', { from: { kind: 'account', metric: 'championLostDays' }, aggregation: 'latest' }),
          signal('sponsor', { from: { kind: 'account', metric: 'sponsorLostDays' }, aggregation: 'latest' }),
        ],
      },
    ],
  });
  const facts = [acme, champion, contact(22, { title: 'Champion', bounced: true })];
  const raw = (more: StoredFact[] = []) =>
    scoreWithTrend(lost, inputOf([...facts, ...more], { coverage: fullCoverage() }), null).contributions.map(
      (c) => c.raw,
    );
  expect(raw()).toEqual([22, 1, 22, null]);
  expect(raw([other])).toEqual([22, 1, null, null]);
});
