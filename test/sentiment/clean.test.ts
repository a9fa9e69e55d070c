import { readFileSync } from 'node:fs';
import EmailReplyParser from 'email-reply-parser';
import { describe, expect, it } from 'vitest';
import { clean } from '../../src/sentiment/clean.ts';

/** [what, raw, what the writer wrote now] */
const CASES: [string, string, string][] = [
  ['plain words', 'The export fails.\r\nPlease help.', 'The export fails.\nPlease help.'],
  [
    'a quoted reply',
    'No.\n\nOn Tue, Mar 3, 2026 at 9:12 AM Sue <sue@v.example> wrote:\n> Great news!\n> All works.',
    'No.',
  ],
  [
    'a header over two lines',
    'No.\n\nOn Tue, Mar 3, 2026 at 9:12 AM Support\n<help@v.example> wrote:\n\nGreat news!',
    'No.',
  ],
  [
    'a German header',
    'Still broken.\n\nAm 03.03.2026 um 09:12 schrieb Sue <sue@v.example>:\n> Alles gut.',
    'Still broken.',
  ],
  [
    'a French header',
    'Still broken.\n\nLe mar. 3 mars 2026 à 09:12, Sue <sue@v.example> a écrit :\n> Tout va bien.',
    'Still broken.',
  ],
  [
    'Outlook',
    'Not solved.\n\nFrom: Sue <sue@v.example>\nSent: Monday\nTo: Tom\nSubject: RE: Login\n\nAll solved!',
    'Not solved.',
  ],
  ['Outlook, in bold', 'Not solved.\n\n*From:* Sue\n*Sent:* Monday\n*To:* Tom\n\nAll solved!', 'Not solved.'],
  ['an original message', 'See above.\n-----Original Message-----\nThis is awful', 'See above.'],
  ['a rule of underscores', 'Attached.\n________________________________\nFrom: x\nIt is terrible.', 'Attached.'],
  [
    'a marker of a help desk',
    'Fine now.\n##- Please type your reply above this line -##\nYour ticket is a mess',
    'Fine now.',
  ],
  [
    'answers between quotes',
    '> Does it work?\nNo, it fails.\n> Since when?\nSince Monday.',
    'No, it fails.\nSince Monday.',
  ],
  [
    'a sentence that begins like a header',
    'On Monday it worked.\nOn Tuesday your engineer wrote a fix.',
    'On Monday it worked.\nOn Tuesday your engineer wrote a fix.',
  ],
  ['"from" in a sentence', 'From: here on it fails.\nEvery time.', 'From: here on it fails.\nEvery time.'],
  [
    'a signature',
    'It is wrong.\n\nBest regards,\nMaria Lindqvist\nHead of Happiness\nGreat Widgets Ltd',
    'It is wrong.',
  ],
  ['a signature after dashes', 'It is wrong.\n-- \nTom\nAwesome Inc.', 'It is wrong.'],
  ['a closing with a name', 'Please call.\nKind regards, Paul', 'Please call.'],
  ['thanks that are the message', 'Thanks!', 'Thanks!'],
  [
    'thanks in the middle',
    'Thanks\nIt still fails, and I have told you so in every one of my letters of the last two weeks, which I enclose here.',
    'Thanks\nIt still fails, and I have told you so in every one of my letters of the last two weeks, which I enclose here.',
  ],
  ['a phone', 'No luck.\nSent from my iPhone', 'No luck.'],
  ['a disclaimer', 'Noted.\nThis e-mail is confidential and intended for the addressee; misuse is a crime.', 'Noted.'],
  [
    'HTML',
    '<p>Hi,</p><div>it <b>fails</b>&nbsp;&amp; hangs.</div><blockquote>Great news!</blockquote>',
    'Hi,\nit fails & hangs.',
  ],
  [
    'a quote of a web mailer',
    '<div>Nope.</div><div class="gmail_quote">On Monday … wrote: <blockquote>Lovely</blockquote></div>',
    'Nope.',
  ],
  ['a link', '<a href="https://x.example/awful">the page</a> is down', 'the page is down'],
  ['what only looks like HTML', 'if a < b and c > d it fails', 'if a < b and c > d it fails'],
  [
    'a Java trace',
    'It fails:\njava.lang.IllegalStateException: horrible\n    at a.B.c(B.java:1)\nCaused by: a.b.WorstError: bad\n    ... 12 more\nPlease look.',
    'It fails:\nPlease look.',
  ],
  [
    'a Python trace',
    'It fails:\nTraceback (most recent call last):\n  File "a.py", line 1, in f\n    raise Awful()\nValueError: awful\nPlease look.',
    'It fails:\nPlease look.',
  ],
  [
    'a JavaScript trace',
    'On load:\nTypeError: x is terrible\n    at f (a.js:1:2)\n    at async g (b.js:3:4)',
    'On load:',
  ],
  [
    'log lines',
    'Log:\n2026-02-03T10:00:01Z ERROR awful\n[10:00:02] fatal\nERROR: horrible failure\nJan 12 10:00:01 host kernel: panic\nThat is all.',
    'Log:\nThat is all.',
  ],
  [
    'a sentence that begins with a warning',
    'Warning lights are on in the plant.',
    'Warning lights are on in the plant.',
  ],
  ['fenced code', 'How?\n```js\nthrow new Error("terrible")\n```\nIt stops.', 'How?\nIt stops.'],
  ['a fence that is not closed', 'How?\n```\nterrible', 'How?'],
  ['code between ticks', 'What does `kill -9` do?', 'What does do?'],
  [
    'addresses',
    'See https://x.example/terrible?a=1 or www.awful.example, or mail bad@hate.example.',
    'See or or mail .',
  ],
  ['long ids', 'Tenant 7f3a9c22-1111-4222-8333-444455556666 is empty', 'Tenant is empty'],
  ['nothing but a quote', '> Thank you, all works.', ''],
  ['nothing', '   \n\n ', ''],
];

describe('cleaning', () => {
  it.each(CASES)('leaves what the writer wrote now: %s', (_, raw, own) => {
    expect(clean(raw)).toBe(own);
  });

  it('changes nothing that is clean', () => {
    for (const [, raw] of CASES) expect(clean(clean(raw))).toBe(clean(raw));
  });

  it('bounds long texts, at a word', () => {
    const long = clean(`${'words '.repeat(100_000)}`);
    expect(long.length).toBeLessThanOrEqual(2_000);
    expect(long).toMatch(/words$/);
  });

  it('comes to an end with texts made to hold it up', () => {
    const nasty = [
      '<'.repeat(50_000),
      `On ${'a '.repeat(30_000)}`,
      '`'.repeat(40_000),
      `${'<div '.repeat(8_000)}`,
      '<div>'.repeat(8_000),
      'a@'.repeat(20_000),
      'regards,'.repeat(9_000),
      `at ${'('.repeat(30_000)}`,
      '\n'.repeat(60_000),
      '{code}'.repeat(9_000),
    ];
    for (const text of nasty) expect(clean(text).length).toBeLessThanOrEqual(2_000);
  });

  it('is ours, since the library for replies leaves more of other people’s words in', () => {
    const quoted = CASES.filter(([what]) => /quote|header|Outlook|original|marker|rule|phone|signature/.test(what));
    const right = (own: (raw: string) => string): number =>
      quoted.filter(([, raw, text]) => own(raw).trim() === text).length;
    const library = right((raw) => new EmailReplyParser().read(raw).getVisibleText());
    expect(right(clean)).toBe(quoted.length);
    expect(library).toBeLessThan(quoted.length);
  });

  it('leaves the labelled texts their words', () => {
    const path = new URL('../bench/sentiment/labelled.jsonl', import.meta.url);
    const rows = readFileSync(path, 'utf8')
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as { text: string; label: string });
    const emptied = rows.filter(({ text, label }) => label !== 'missing' && clean(text) === '');
    expect(emptied).toEqual([]);
  });
});
