import { describe, expect, it } from 'vitest';
import type { Fact } from '../../src/core/fact.ts';
import { matchSources } from '../../src/pipeline/match.ts';
import { book, customer, DAY, pageOf } from './book.ts';
import { NOW, sourceOf } from './support.ts';

const exports = { ...sourceOf({ streams: () => ({}), pull: async function* () {} }), name: 'exports' };
const ticket = (id: string, account: string): Fact => ({
  kind: 'ticket',
  id,
  account,
  at: NOW - DAY,
  knownAt: NOW - DAY,
  data: { status: 'open' },
});
const contact = (id: string, account: string, email: string): Fact => ({
  kind: 'contact',
  id,
  account,
  at: NOW - DAY,
  knownAt: NOW - DAY,
  data: { email },
});

async function matched(crm: Fact[], other: Fact[]) {
  const made = await book([], {}, [exports]);
  await made.store.commitPage('crm', 'all', pageOf(crm), NOW);
  await made.store.commitPage('exports', 'all', pageOf(other), NOW);
  const [summary] = await matchSources(made);
  return { made, summary, links: await made.store.links('exports'), unmatched: await made.store.unmatched('exports') };
}

describe('matchSources', () => {
  it('links by id, key, domain and e-mail domain, and says by which', async () => {
    const { summary, links } = await matched(
      [
        customer('001A'),
        customer('001B', { keys: ['CUST-7'] }),
        customer('001C', { domains: ['acme.com'] }),
        customer('001D', { domains: ['zeta.io'] }),
      ],
      [
        customer('001A'),
        customer('CUST-7'),
        customer('x3', { domains: ['acme.com'] }),
        contact('p1', 'x4', 'ann@zeta.io'),
        contact('p2', 'x4', 'bob@gmail.com'),
      ],
    );
    expect(summary).toEqual({ source: 'exports', matched: 4, unmatched: 0 });
    expect(links.map((l) => [l.sourceAccount, l.account, l.reason])).toEqual([
      ['001A', '001A', 'account id'],
      ['CUST-7', '001B', 'external key'],
      ['x3', '001C', 'domain acme.com'],
      ['x4', '001D', 'e-mail domain zeta.io'],
    ]);
  });

  it('guesses nothing: what is ambiguous or unknown is listed with suggestions', async () => {
    const { links, unmatched } = await matched(
      [customer('001A', { name: 'Acme Ltd', domains: ['acme.com'] }), customer('001B', { domains: ['acme.com'] })],
      [customer('x1', { domains: ['acme.com'] }), customer('x2', { name: 'Acme' }), ticket('t1', 'x3')],
    );
    expect(links).toEqual([]);
    expect(unmatched.map((u) => u.sourceAccount).sort()).toEqual(['x1', 'x2', 'x3']);
    expect(unmatched.find((u) => u.sourceAccount === 'x1')).toMatchObject({
      reason: expect.stringContaining('ambiguous: 2 accounts share'),
      suggestions: [{ account: '001A' }, { account: '001B' }],
    });
    expect(unmatched.find((u) => u.sourceAccount === 'x2')?.suggestions[0]).toMatchObject({ account: '001A' });
  });

  it('is made anew each time: a deleted CRM account loses its links, a corrected one gains them', async () => {
    const { made } = await matched([customer('001A')], [customer('001A'), customer('x2', { domains: ['new.com'] })]);
    await made.store.commitPage(
      'crm',
      'all',
      pageOf([
        { ...customer('001A', {}, NOW - DAY), deleted: true },
        customer('001B', { domains: ['new.com'] }, NOW - DAY),
      ]),
      NOW,
    );
    expect(await matchSources(made)).toEqual([{ source: 'exports', matched: 1, unmatched: 1 }]);
    expect((await made.store.links('exports')).map((l) => [l.sourceAccount, l.account])).toEqual([['x2', '001B']]);
  });

  it('has nothing to do where the CRM is the only source', async () => {
    expect(await matchSources(await book([customer('001A')]))).toEqual([]);
  });
});
