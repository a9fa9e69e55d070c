import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { FIELDS } from '../../../connectors/files/fields.ts';
import { files } from '../../../connectors/files/index.ts';
import { Mapping } from '../../../connectors/files/mapping.ts';
import type { InputError } from '../../../src/contract/errors.ts';
import { FACTS, type FactKind } from '../../../src/core/fact.ts';
import { parseYaml } from '../../../src/kit/yaml.ts';
import { folderOf, pullAll, testCtx } from './ctx.ts';

const problems = (text: string): string[] => {
  try {
    parseYaml(text, 'mapping.yaml', Mapping);
  } catch (error) {
    return (error as InputError).problems;
  }
  return [];
};
const entry = (body: string): string => `version: 1\nfiles:\n  it: { file: it.csv, ${body} }\n`;

it('knows every canonical field of every kind, and no other', () => {
  for (const [kind, { data }] of Object.entries(FACTS)) {
    const known = Object.keys(FIELDS[kind as FactKind]);
    const apart = ['attributes', 'metrics']; // mapped by settings of their own
    expect([...known, ...apart].sort()).toEqual(expect.arrayContaining(Object.keys(data.shape).sort()));
    expect(Object.keys(data.shape)).toEqual(expect.arrayContaining(known));
  }
});

describe('a wrong mapping is refused with its place and the nearest name', () => {
  it.each([
    ['kind: usag, account: a', /files\.it.*usag.*nearest is `usage`/],
    ['kind: ticket, account: a, fields: { openedat: o }', /openedat.*nearest is `openedAt`/],
    ['kind: account, account: a, fields: { seats: { colunm: s } }', /colunm.*nearest is `column`/],
    [
      'kind: usage, account: a, metrics: { logins: l }',
      /observedAt: missing; expected the column that dates usage rows/,
    ],
    ['kind: usage, account: a, observedAt: d', /metrics: missing/],
    [
      'kind: usage, account: a, observedAt: d, id: u, metrics: { logins: l }',
      /usage is identified by account, feature and day/,
    ],
    ['kind: contact, account: a', /id: missing; expected the column by which other records refer to these/],
    ['kind: invoice', /account: missing; expected the column with the account’s key/],
    ['kind: invoice, link: { via: sub, column: s }', /via.*unknown entry/],
    [
      'kind: activity, account: a, observedAt: d, fields: { type: { const: phone } }',
      /found `phone`; expected one of call, email/,
    ],
    ['kind: account, account: a, combine: sum', /combine: only for usage/],
    ['kind: account, account: a, fields: { seats: { column: s, unit: minor } }', /`unit` does not go with a number/],
    ['kind: account, account: a, fields: { seats: { scale: 2 } }', /expected either `column` or `const`/],
    ['kind: account, account: a, file: ../x.csv', /file/],
    ['kind: account, account: a, observedAt: { constant: soon }', /expected an ISO date/],
    ['kind: account, account: a, fields: { createdOn: { column: c, zone: Mars/Base } }', /IANA time zone/],
  ])('%s', (body, message) => {
    const text = body.includes('file:') ? `version: 1\nfiles:\n  it: { ${body} }\n` : entry(body);
    expect(problems(text).join('\n')).toMatch(message);
  });

  it('allows one entry of accounts', () => {
    const text = `${entry('kind: account, account: a')}  two: { file: b.csv, kind: account, account: a }\n`;
    expect(problems(text).join()).toMatch(/only one entry may bring accounts, and `it` does/);
  });
});

describe('check', () => {
  it('tells what it found, what is bad and what is not used', async () => {
    const mapping = `version: 1
files:
  accounts: { file: accounts.csv, kind: account, account: key, fields: { seats: seats } }
  events: { file: events.jsonl, kind: activity, account: key, observedAt: at, fields: { type: { const: call }, subject: subjct } }
  later: { file: later.csv, kind: user, id: id, optional: true }
  gone: { file: gone.csv, kind: user, id: id }
`;
    const folder = folderOf({
      'mapping.yaml': mapping,
      'accounts.csv': 'key,seats,colour\nA,5,red\nB,many,blue\n',
      'events.jsonl': '{"key":"A","at":"2026-01-02","subject":"x"}\n',
    });
    const { items } = await files.check(testCtx(folder));
    expect(items.map((i) => `${i.ok ? 'ok' : i.level} ${i.what.replace(folder, 'FOLDER')}`)).toEqual([
      'ok mapping of 4 entries',
      'warning accounts: accounts.csv, first 2 rows read; columns not used: colour; 1 bad, first accounts.csv:3:2: column "seats": found "many"; expected a number like 1234.56',
      'warning events: events.jsonl, first 1 rows read; columns not used: subject; never seen: subjct',
      'ok later: no file matches later.csv in FOLDER',
      'error gone: no file matches gone.csv in FOLDER',
    ]);
    expect(items.every((i) => i.ok || i.fix)).toBe(true);
  });

  it('names every mistake of a mapping, and a folder that is missing', async () => {
    const wrong = folderOf({ 'mapping.yaml': 'version: 1\nfiles: { a: { kind: account, fil: x, account: k } }\n' });
    expect((await files.check(testCtx(wrong))).items[0]?.what).toMatch(/mapping\.yaml:2:.*fil.*nearest is `file`/);
    const { items } = await files.check(testCtx('/nowhere'));
    expect(items[0]?.what).toBe('there is no folder /nowhere');
  });
});

it('gives the accounts rules of the mapping, or those by which everyone is scored', () => {
  const plain = testCtx(folderOf({ 'mapping.yaml': entry('kind: account, account: a') }));
  expect(files.rules?.(plain)).toMatchObject({ segment: [], renewal: expect.any(Array) });
  expect(files.rules?.(plain).population).toBeUndefined();
  const ruled = `accounts: { population: { field: status, is: customer } }\n${entry('kind: account, account: a')}`;
  expect(files.rules?.(testCtx(folderOf({ 'mapping.yaml': ruled }))).population).toEqual({
    field: 'status',
    is: 'customer',
  });
});

describe('rows become facts', () => {
  const pull = async (body: string, content: string, more = '') => {
    const mapping = `version: 1\ndefaults: { timezone: Europe/London${more} }\nfiles:\n  it: { file: it.csv, ${body} }\n`;
    const folder = folderOf({ 'mapping.yaml': mapping, 'it.csv': content });
    const { facts, rejects } = await pullAll(testCtx(folder), 'it');
    for (const fact of facts) FACTS[fact.kind].data.parse(fact.data);
    return { facts, rejects: rejects.map((r) => `${r.where}: ${r.reason}`) };
  };

  it('an account, with domains, keys, money and raw columns', async () => {
    const { facts } = await pull(
      `kind: account, account: id, observedAt: seen, attributes: all,
        fields: { name: name, domains: { column: [site, mail], as: email domain }, keys: [crm] , arr: { column: arr, currency: cur }, renewalOn: { column: renewal, pattern: dd/MM/yyyy } }`.replace(
        'keys: [crm]',
        'keys: { column: [crm] }',
      ),
      'id,seen,name,site,mail,crm,arr,cur,renewal\n007,2026-06-01,Acme,https://www.Acme.com/x,jo@acme.org,001X,"1.234,5",JPY,31/12/2026\n',
      ', decimal: ",", thousands: "."',
    );
    expect(facts).toEqual([
      expect.objectContaining({
        id: '007',
        account: '007',
        at: Date.parse('2026-05-31T23:00:00Z'),
        data: {
          name: 'Acme',
          domains: ['acme.com', 'acme.org'],
          keys: ['001X'],
          arr: { minor: 1235, currency: 'JPY' },
          renewalOn: '2026-12-31',
          attributes: expect.objectContaining({ arr: '1.234,5', site: 'https://www.Acme.com/x' }),
        },
      }),
    ]);
  });

  it('a ticket that was answered and solved: three versions, nothing known before its time', async () => {
    const { facts } = await pull(
      'kind: ticket, account: a, id: id, fields: { openedAt: o, solvedAt: s, firstReplyMinutes: r, status: st, satisfaction: { column: sat, range: [1, 5] } }',
      'id,a,o,s,r,st,sat\n1,A,2026-01-01T10:00,2026-01-02T10:00,30,solved,4\n',
    );
    const hour = (text: string): number => Date.parse(`2026-01-${text}:00Z`);
    const open = {
      openedAt: hour('01T10:00'),
      solvedAt: null,
      firstReplyMinutes: null,
      status: null,
      satisfaction: null,
    };
    const solved = { ...open, firstReplyMinutes: 30, solvedAt: hour('02T10:00'), status: 'solved', satisfaction: 75 };
    expect(facts.map((f) => [f.at, f.data])).toEqual([
      [hour('01T10:00'), open],
      [hour('01T10:30'), { ...open, firstReplyMinutes: 30 }],
      [hour('02T10:00'), solved],
    ]);
  });

  it('a subscription whose end is a term is known at once, one that was cancelled only then', async () => {
    const content = 'id,a,s,e\n1,A,2026-01-01,2026-03-01\n';
    const body = 'kind: subscription, account: a, id: id, fields: { startOn: s, endOn: e }';
    const ends = ({ facts }: Awaited<ReturnType<typeof pull>>) =>
      facts.map((f) => f.kind === 'subscription' && f.data.endOn);
    expect(ends(await pull(`${body}, endKnownFrom: start`, content))).toEqual(['2026-03-01']);
    expect(ends(await pull(body, content))).toEqual([null, '2026-03-01']);
  });

  it('an invoice: issued, then paid; a deleted record ends; amounts in pence', async () => {
    const { facts } = await pull(
      'kind: invoice, account: a, id: id, observedAt: seen, deleted: gone, fields: { amount: { column: p, unit: minor }, issuedOn: i, paidOn: d }',
      'id,a,p,i,d,seen,gone\n1,A,500,2026-01-01,2026-01-09,2026-02-01,no\n2,A,500,2026-01-01,,2026-02-01,yes\n',
    );
    expect(
      facts.map((f) => [
        f.id,
        new Date(f.at).toISOString().slice(0, 10),
        f.deleted ?? false,
        f.kind === 'invoice' && f.data.paidOn,
      ]),
    ).toEqual([
      ['1', '2026-01-01', false, null],
      ['1', '2026-01-09', false, '2026-01-09'],
      ['2', '2026-01-01', false, null],
      ['2', '2026-02-01', true, null],
    ]);
    expect(facts[0]?.kind === 'invoice' && facts[0].data.amount).toEqual({ minor: 500, currency: 'GBP' });
  });

  it('usage: rows of one account, feature and day are combined as the mapping says', async () => {
    const content = 'a,d,f,n\nA,2026-01-01T09:00,x,1\nB,2026-01-01,x,5\nA,2026-01-01T21:00,x,4\nA,2026-01-02,x,\n';
    const body =
      'kind: usage, account: a, observedAt: d, fields: { feature: f }, metrics: { uses: { column: n, scale: 1/2 } }';
    const uses = ({ facts }: Awaited<ReturnType<typeof pull>>) =>
      Object.fromEntries(facts.map((f) => [f.id, f.kind === 'usage' ? f.data.metrics.uses : null]));
    expect(uses(await pull(`${body}, combine: sum`, content))).toEqual({ 'it:A:x': 2.5, 'it:B:x': 2.5 });
    expect(uses(await pull(`${body}, combine: max`, content))).toEqual({ 'it:A:x': 2, 'it:B:x': 2.5 });
    expect(uses(await pull(body, content))).toEqual({ 'it:A:x': 2, 'it:B:x': 2.5 });
  });

  it('words that the mapping does not know are bad rows, numbers are never guessed', async () => {
    const { facts, rejects } = await pull(
      'kind: subscription, account: a, id: id, fields: { trial: { column: t, map: { Ja: true, Nein: false } }, seats: n }',
      'id,a,t,n\n1,A,Ja,5\n2,A,Vielleicht,5\n3,A,Nein,"1,234"\n4,A,Nein,NULL\n5,A,Nein,jo@acme.com\n',
    );
    expect(facts.map((f) => f.id)).toEqual(['1', '4']);
    expect(rejects).toEqual([
      'it.csv:3:3: column "t": found "Vielleicht"; expected one of Ja, Nein',
      'it.csv:4:4: column "n": found "1,234"; expected a number like 1234.56; set `thousands` and `decimal` for other forms',
      'it.csv:6:4: column "n": found a text of 11 characters; expected a number like 1234.56',
    ]);
  });

  it('finds the account through another entry, and says where it cannot', async () => {
    const mapping = `version: 1
files:
  subs: { file: subs.csv, kind: subscription, account: account, id: id }
  use: { file: use.csv, kind: usage, link: { via: subs, column: sub }, observedAt: day, metrics: { logins: n } }
`;
    const folder = folderOf({
      'mapping.yaml': mapping,
      'subs.csv': 'id,account\nS1,A\n,B\nS3,\n',
      'use.csv': 'sub,day,n\nS1,2026-01-01,1\nS3,2026-01-01,1\n',
    });
    const { facts, rejects } = await pullAll(testCtx(folder), 'use');
    expect(facts.map((f) => f.account)).toEqual(['A']);
    expect(rejects).toEqual([
      { where: 'use.csv:3:1', reason: 'column "sub": found an unknown id; expected the id of a record of `subs`' },
    ]);
  });
});

it('ships an example mapping that loads', () => {
  const path = new URL('../../../mappings/files/example.yaml', import.meta.url);
  expect(problems(readFileSync(path, 'utf8'))).toEqual([]);
});
