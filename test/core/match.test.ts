import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { type CrmAccount, MatchRules, matchAccounts, type OtherAccount } from '../../src/core/match.ts';
import { domainOf, domainStem, emailDomainOf } from '../../src/core/match-keys.ts';

const rules = MatchRules.parse(parse(readFileSync(new URL('../../mappings/match.yaml', import.meta.url), 'utf8')));
const crm = (account: string, more: Partial<CrmAccount> = {}): CrmAccount => ({
  account,
  name: account,
  domains: [],
  keys: [],
  ...more,
});
const other = (key: string, more: Partial<OtherAccount> = {}): OtherAccount => ({
  key,
  name: key,
  domains: [],
  keys: [],
  emails: [],
  ...more,
});
const ACME = '0015g00000AbCdEAAV';

describe('domainOf', () => {
  it.each([
    ['https://www.Acme.com:443/about?x=1#y', 'acme.com'],
    ['ACME.COM.', 'acme.com'],
    ['//acme.com', 'acme.com'],
    ['http://user:pw@acme.com/', 'acme.com'],
    ['www2.acme.co.uk', 'acme.co.uk'],
    ['Bücher.de', 'xn--bcher-kva.de'],
    ['bu\u0308cher.de', 'xn--bcher-kva.de'],
    ['xn--bcher-kva.de', 'xn--bcher-kva.de'],
    ['www.com', 'www.com'],
    ['n/a', null],
    ['', null],
    ['localhost', null],
    ['10.0.0.1', null],
    ['not a domain', null],
  ])('%s → %s', (text, domain) => expect(domainOf(text)).toBe(domain));

  it('is stable: a normalised domain stays as it is', () => {
    fc.assert(
      fc.property(fc.oneof(fc.webUrl(), fc.domain(), fc.string()), (text) => {
        const once = domainOf(text);
        if (once !== null) expect(domainOf(once)).toBe(once);
      }),
      { seed: 1 },
    );
  });

  it('reads addresses and stems', () => {
    expect(emailDomainOf('Ann <ann@Mail.Acme.com>')).toBe('mail.acme.com');
    expect(emailDomainOf('nobody')).toBeNull();
    expect(domainStem('shop.acme.co.uk')).toBe('acme');
    expect(domainStem('acme.com')).toBe('acme');
  });
});

describe('matchAccounts', () => {
  it('goes by id first, then domain, then the most common e-mail domain, and says which', () => {
    const accounts = [
      crm(ACME, { name: 'Acme', keys: ['CUST-1'], domains: ['acme.com'] }),
      crm('0015g00000AbCdFAAV', { name: 'Bolt', domains: ['https://www.bolt.io/'] }),
    ];
    const { links, unmatched } = matchAccounts(
      accounts,
      [
        other('a', { keys: [ACME.slice(0, 15)], domains: ['bolt.io'] }),
        other(ACME),
        other('b', { keys: [' cust-1 '] }),
        other('c', { domains: ['BOLT.io'], emails: ['x@acme.com'] }),
        other('d', { emails: ['1@gmail.com', '2@gmail.com', '3@gmail.com', 'x@acme.com', 'y@acme.com', 'z@bolt.io'] }),
      ],
      rules,
    );
    expect(unmatched).toEqual([]);
    expect(links).toEqual([
      { sourceAccount: 'a', account: ACME, reason: 'account id' },
      { sourceAccount: ACME, account: ACME, reason: 'account id' },
      { sourceAccount: 'b', account: ACME, reason: 'external key' },
      { sourceAccount: 'c', account: '0015g00000AbCdFAAV', reason: 'domain bolt.io' },
      { sourceAccount: 'd', account: ACME, reason: 'e-mail domain acme.com' },
    ]);
  });

  it('keeps ids apart that differ in case only', () => {
    const { links } = matchAccounts(
      [crm('0015g00000AbCdEAAV'), crm('0015g00000aBcDeAAV')],
      [other('x', { keys: ['0015g00000aBcDe'] })],
      rules,
    );
    expect(links.map((l) => l.account)).toEqual(['0015g00000aBcDeAAV']);
  });

  it('never guesses: a shared key, a shared domain or a tie is listed', () => {
    const accounts = [
      crm('A', { keys: ['K'], domains: ['acme.com'] }),
      crm('B', { keys: ['k'], domains: ['acme.com'] }),
      crm('C', { domains: ['cee.com'] }),
    ];
    const { links, unmatched } = matchAccounts(
      accounts,
      [
        other('1', { keys: ['K'] }),
        other('2', { domains: ['acme.com'] }),
        other('3', { emails: ['a@acme.com'] }),
        other('4', { emails: ['a@cee.com', 'b@elsewhere.com'] }),
        other('5', { keys: ['K'], domains: ['cee.com'] }),
      ],
      rules,
    );
    expect(links).toEqual([]);
    expect(unmatched.map((u) => u.reason)).toEqual([
      'ambiguous: 2 accounts share the key K',
      'ambiguous: 2 accounts share the domain acme.com',
      'ambiguous: 2 accounts share the e-mail domain acme.com',
      'no match: people use cee.com and elsewhere.com equally often',
      'ambiguous: 2 accounts share the key K',
    ]);
    expect(unmatched[0]?.suggestions.map((s) => s.account)).toEqual(['A', 'B']);
    expect(unmatched[3]?.suggestions.map((s) => s.account)).toEqual(['C']);
  });

  it('does not match by mail providers or shared sites', () => {
    const accounts = [crm('A', { domains: ['gmail.com', 'https://facebook.com/a'] })];
    const { links } = matchAccounts(
      accounts,
      [
        other('1', { domains: ['gmail.com'] }),
        other('2', { domains: ['facebook.com/b'] }),
        other('3', { emails: ['x@gmail.com'] }),
      ],
      rules,
    );
    expect(links).toEqual([]);
  });

  it('suggests by name and by domain stem, with the reason', () => {
    const accounts = [
      crm('A', { name: 'Müller Werkzeuge GmbH' }),
      crm('B', { name: 'Northwind Traders', domains: ['northwind.com'] }),
      crm('C', { name: 'Zeta', domains: ['zeta-labs.com'] }),
      crm('D', { name: 'Southwind Traders' }),
    ];
    const { unmatched } = matchAccounts(
      accounts,
      [
        other('1', { name: 'MULLER WERKZEUGE' }),
        other('2', { name: 'Northwind Trading' }),
        other('3', { name: 'ZL', domains: ['zetalabs.io'] }),
        other('4', { name: 'Nobody Knows' }),
      ],
      rules,
    );
    expect(unmatched.map((u) => u.suggestions[0])).toEqual([
      { account: 'A', name: 'Müller Werkzeuge GmbH', why: 'same name but for case, accents or legal form' },
      { account: 'B', name: 'Northwind Traders', why: 'both names contain "northwind"' },
      { account: 'C', name: 'Zeta', why: 'its domain zeta-labs.com resembles zetalabs.io' },
      undefined,
    ]);
  });

  it('gives every account exactly one answer, whatever the order of the CRM accounts', () => {
    const id = fc.constantFrom('A', 'B', 'C', 'D');
    const domain = fc.constantFrom('a.com', 'b.com', 'www.a.com', 'gmail.com', 'junk');
    const accounts = fc.uniqueArray(
      fc.record({
        account: id,
        name: fc.string(),
        domains: fc.array(domain),
        keys: fc.array(fc.constantFrom('k1', 'K1', '')),
      }),
      { selector: (a) => a.account },
    );
    const others = fc.array(
      fc.record({
        key: fc.constantFrom('A', 'z', ''),
        name: fc.string(),
        domains: fc.array(domain),
        keys: fc.array(fc.constantFrom('k1', 'B', '')),
        emails: fc.array(domain.map((d) => `x@${d}`)),
      }),
    );
    fc.assert(
      fc.property(accounts, others, (a, o) => {
        const forward = matchAccounts(a, o, rules);
        const backward = matchAccounts([...a].reverse(), o, rules);
        expect(forward.links.length + forward.unmatched.length).toBe(o.length);
        expect(backward.links).toEqual(forward.links);
        for (const u of forward.unmatched.filter((x) => x.reason.startsWith('ambiguous')))
          expect(u.suggestions.length).toBeGreaterThan(1);
      }),
      { seed: 2 },
    );
  });

  it('lists at least sixty mail providers', () => expect(rules.publicMailDomains.length).toBeGreaterThanOrEqual(60));

  it('takes 100,000 accounts on both sides, most of them unmatched', () => {
    const n = 100_000;
    const accounts = Array.from({ length: n }, (_, i) =>
      crm(`c${i}`, { name: `Company ${i} Holding`, domains: [`d${i}.com`] }),
    );
    const others = Array.from({ length: n }, (_, i) =>
      other(`o${i}`, { name: `Firm ${i * 7} Holding`, domains: [`x${i}.net`] }),
    );
    const { links, unmatched } = matchAccounts(accounts, others, rules);
    expect(links.length).toBe(0);
    expect(unmatched.length).toBe(n);
    expect(unmatched[2]?.suggestions[0]?.why).toBe('both names contain "14 holding"');
  });
});
