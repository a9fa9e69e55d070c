import { appendFileSync, readFileSync, symlinkSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { files } from '../../../connectors/files/index.ts';
import { folderOf, pullAll, put, testCtx } from './ctx.ts';

const USAGE = `version: 1
files:
  usage:
    file: usage*
    kind: usage
    mode: MODE
    account: account
    observedAt: day
    metrics: { logins: logins }
`;
const usage = (mode: string): string => USAGE.replace('MODE', mode);
const HEADER = 'account,day,logins\n';
const rows = (from: number, to: number): string =>
  Array.from({ length: to - from }, (_, i) => `A${from + i},2026-01-02,${from + i}\n`).join('');
const keys = (facts: { account: string | null }[]): (string | null)[] => facts.map((f) => f.account);

const TICKETS = `version: 1
files:
  tickets:
    file: tickets.csv
    kind: ticket
    account: account
    id: id
    fields: { openedAt: opened, subject: subject }
`;
const tickets = async (content: string | Buffer, mapping = TICKETS) =>
  pullAll(testCtx(folderOf({ 'mapping.yaml': mapping, 'tickets.csv': content })), 'tickets');

describe('the ledger', () => {
  it('costs nothing for unchanged files, and only a note for a touched or renamed one', async () => {
    const folder = folderOf({ 'mapping.yaml': usage('append'), 'usage-1.csv': HEADER + rows(0, 3) });
    const ctx = testCtx(folder);
    const first = await pullAll(ctx, 'usage');
    expect(keys(first.facts)).toEqual(['A0', 'A1', 'A2']);
    expect((await pullAll(ctx, 'usage', first.cursor)).pages).toEqual([]);
    utimesSync(join(folder, 'usage-1.csv'), 1, 1);
    put(folder, 'usage-2.csv', HEADER + rows(0, 3));
    const again = await pullAll(ctx, 'usage', first.cursor);
    expect(again.facts).toEqual([]);
    expect(again.pages).toHaveLength(2);
    expect((await pullAll(ctx, 'usage', again.cursor)).pages).toEqual([]);
  });

  it('reads only the tail of an append file that grew, with the right line numbers', async () => {
    const folder = folderOf({ 'mapping.yaml': usage('append'), 'usage.csv': HEADER + rows(0, 3) });
    const ctx = testCtx(folder);
    const { cursor } = await pullAll(ctx, 'usage');
    appendFileSync(join(folder, 'usage.csv'), `${rows(3, 5)}A5,02/01/2026,1\n`);
    const tail = await pullAll(ctx, 'usage', cursor);
    expect(keys(tail.facts)).toEqual(['A3', 'A4']);
    expect(tail.rejects.map((r) => r.where)).toEqual(['usage.csv:7:2']);
    expect(tail.pages.every((p) => p.origin?.begins === undefined && p.origin?.complete === false)).toBe(true);
  });

  it('reads a file again from its start where its beginning changed, or its last line had no end', async () => {
    for (const [before, after] of [
      [HEADER + rows(0, 3), HEADER + rows(1, 5)],
      [`${HEADER}A0,2026-01-02,1`, `${HEADER}A0,2026-01-02,12\n`],
    ] as const) {
      const folder = folderOf({ 'mapping.yaml': usage('append'), 'usage.csv': before });
      const { cursor } = await pullAll(testCtx(folder), 'usage');
      put(folder, 'usage.csv', after);
      const again = await pullAll(testCtx(folder), 'usage', cursor);
      expect(again.facts).toHaveLength(after.trim().split('\n').length - 1);
    }
  });

  it('replaces the older version of a snapshot, but not on the word of a file with a bad row', async () => {
    const folder = folderOf({ 'mapping.yaml': usage('snapshot'), 'usage.csv': HEADER + rows(0, 3) });
    const first = await pullAll(testCtx(folder), 'usage');
    expect(first.pages.map((p) => p.origin)).toEqual([{ name: 'usage.csv', complete: true, begins: true }]);
    put(folder, 'usage.csv', `${HEADER}A0,2026-01-02,x\nA1,2026-01-02,1\n`);
    const second = await pullAll(testCtx(folder), 'usage', first.cursor);
    expect(second.pages.map((p) => p.origin)).toEqual([{ name: 'usage.csv', complete: false, begins: true }]);
    expect(second.rejects).toEqual([
      { where: 'usage.csv:2:3', reason: 'column "logins": found "x"; expected a number like 1234.56' },
    ]);
  });

  it('reads files again where the mapping changed, replacing what the old one made of them', async () => {
    const folder = folderOf({ 'mapping.yaml': usage('append'), 'usage.csv': HEADER + rows(0, 3) });
    const { cursor } = await pullAll(testCtx(folder), 'usage');
    put(folder, 'mapping.yaml', usage('append').replace('logins: logins', 'uses: logins'));
    const again = await pullAll(testCtx(folder), 'usage', cursor);
    expect(again.facts).toHaveLength(3);
    expect(again.pages.at(-1)?.origin?.complete).toBe(true);
  });

  it('resumes from the cursor of any page and delivers the rest exactly once', async () => {
    const plain = { 'usage-1.csv': HEADER + rows(0, 4_500), 'usage-2.csv.gz': gzipSync(HEADER + rows(4_500, 7_000)) };
    const summed = { 'usage.csv': HEADER + rows(0, 4_500) + rows(0, 4_500) };
    for (const [content, mapping] of [
      [plain, usage('append')],
      [summed, `${usage('snapshot')}    combine: sum\n`],
    ] as const) {
      const ctx = testCtx(folderOf({ 'mapping.yaml': mapping, ...content }));
      const whole = await pullAll(ctx, 'usage');
      expect(whole.pages.length).toBeGreaterThan(2);
      expect(new Set(keys(whole.facts)).size).toBe(whole.facts.length);
      for (const [i, page] of whole.pages.entries()) {
        const rest = await pullAll(ctx, 'usage', page.cursor);
        expect(rest.facts).toEqual(whole.pages.slice(i + 1).flatMap((p) => p.facts));
      }
    }
  });

  it('gives equal rows without an id their own identity, also after a resume', async () => {
    const mapping = `version: 1
files:
  calls: { file: calls.csv, kind: activity, account: account, observedAt: at, fields: { type: { const: call } } }
`;
    const row = 'A1,2026-01-02T10:00Z\n';
    const ctx = testCtx(folderOf({ 'mapping.yaml': mapping, 'calls.csv': `account,at\n${row.repeat(4_500)}` }));
    const whole = await pullAll(ctx, 'calls');
    expect(new Set(whole.facts.map((f) => f.id)).size).toBe(4_500);
    const rest = await pullAll(ctx, 'calls', whole.pages[0]?.cursor ?? null);
    expect(rest.facts).toEqual(whole.facts.slice(whole.pages[0]?.facts.length));
  });

  it('refuses a cursor that it cannot read', () => {
    const ctx = testCtx(folderOf({ 'mapping.yaml': TICKETS, 'tickets.csv': '' }));
    const cursor = files.streams(ctx).tickets?.cursor;
    expect(cursor?.safeParse({ page: 3 }).success).toBe(false);
  });

  it('waits for a marker, and for a file to settle', async () => {
    const defaults = 'version: 1\ndefaults: { marker: .done, settleSeconds: 60 }';
    const mapping = TICKETS.replace('version: 1', defaults);
    const folder = folderOf({
      'mapping.yaml': mapping,
      'tickets.csv': 'id,account,opened,subject\n1,A,2026-01-02,x\n',
    });
    const now = Date.parse('2026-11-25T06:00:00Z');
    utimesSync(join(folder, 'tickets.csv'), now / 1000 - 30, now / 1000 - 30);
    expect((await pullAll(testCtx(folder), 'tickets')).pages).toEqual([]);
    put(folder, 'tickets.csv.done', '');
    expect((await pullAll(testCtx(folder), 'tickets')).pages).toEqual([]);
    expect((await pullAll(testCtx(folder, { now: now + 60_000 }), 'tickets')).facts).toHaveLength(1);
  });
});

describe('bad input', () => {
  const head = 'id,account,opened,subject\n';

  it('keeps good rows and names each bad one by line and column', async () => {
    const { facts, rejects, error } = await tickets(
      `${head}1,A,2026-01-02,ok\n2,A,03/04/2026,x\n3,,2026-01-02,x\n4,A,2026-01-02\n1.23E+17,A,2026-01-02,x\n6,A,2026-02-30,x\n7,A,2026-01-02,"a "b" c"\n8,A,2026-01-02,"ok, too"\n`,
    );
    expect(error).toBeNull();
    expect(facts.map((f) => f.id)).toEqual(['1', '8']);
    const iso = 'expected an ISO date like 2026-11-25; declare another form: { column, pattern: dd/MM/yyyy }';
    expect(rejects).toEqual([
      { where: 'tickets.csv:3:3', reason: `column "opened": found "03/04/2026"; ${iso}` },
      { where: 'tickets.csv:4:2', reason: 'column "account": found nothing; expected the account’s key' },
      { where: 'tickets.csv:5', reason: 'found 3 fields; expected 4' },
      {
        where: 'tickets.csv:6:1',
        reason:
          'column "id": found "1.23E+17"; expected the id itself; a spreadsheet has shortened it, export the column as text',
      },
      { where: 'tickets.csv:7:3', reason: `column "opened": found "2026-02-30"; ${iso}` },
      {
        where: 'tickets.csv:8',
        reason: 'found a stray quote in field 4; expected the whole field in quotes and each quote inside it doubled',
      },
    ]);
  });

  it('keeps the rows before a quote that never closes, says where it opened, and goes on with other files', async () => {
    const mapping = TICKETS.replace('tickets.csv', 'tickets*.csv');
    const folder = folderOf({
      'mapping.yaml': mapping,
      'tickets-1.csv': `${head}1,A,2026-01-02,"two\nlines"\n2,A,2026-01-02,"open\n3,A,2026-01-02,x\n`,
      'tickets-2.csv': `${head}4,A,2026-01-02,x\n`,
    });
    const first = await pullAll(testCtx(folder), 'tickets');
    expect(first.facts.map((f) => f.id)).toEqual(['1', '4']);
    expect(first.rejects).toEqual([
      {
        where: 'tickets-1.csv:4',
        reason: 'file not finished: a quote opens here and does not close before the end of the file',
      },
    ]);
    const message = 'tickets-1.csv: line 4: a quote opens here and does not close before the end of the file';
    expect(first.error?.message).toBe(message);
    // It stays an error until the file is mended, and costs nothing meanwhile.
    const second = await pullAll(testCtx(folder), 'tickets', first.cursor);
    expect([second.pages.length, second.error?.message]).toEqual([0, message]);
    put(folder, 'tickets-1.csv', `${head}1,A,2026-01-02,x\n2,A,2026-01-02,y\n`);
    const third = await pullAll(testCtx(folder), 'tickets', second.cursor);
    expect([third.facts.map((f) => f.id), third.error]).toEqual([['1', '2'], null]);
  });

  it.each([
    [
      'a missing column',
      'id,account,opened_at,subject\n1,A,2026-01-02,x\n',
      'line 1: no column "opened" (fields.openedAt), nearest is "opened_at"; the file has id, account, opened_at, subject',
    ],
    [
      'another delimiter',
      'id;account;opened;subject\n1;A;2026-01-02;x\n',
      'line 1: found one column; expected "," between columns, and the header has ";": set `delimiter`',
    ],
    [
      'a column named twice',
      'id,account,opened,subject, ID\n',
      'line 1: columns 1 and 5 are both named "ID"; expected every column to have its own name',
    ],
    ['an empty file', '', 'line 1: the file is empty; expected a header line'],
    ['CR alone', 'id,account\r1,2\r', 'line 1: lines end with CR alone; expected LF or CRLF'],
    ['a zip archive', Buffer.from('PK\u0003\u0004....'), 'found a zip archive; expected CSV, JSONL or gzip: unpack it'],
    [
      'a cut gzip',
      gzipSync(`${head}1,A,2026-01-02,x\n`).subarray(0, 30),
      'the gzip archive is damaged or cut short (Z_BUF_ERROR)',
    ],
    [
      'only bad rows',
      `${head}1,A,soon,x\n2,A,later,x\n`,
      '2 of 2 rows are bad (100.0 %); expected at most 1 %, or 100 rows',
    ],
  ])('fails a file with %s and writes nothing of it', async (_name, content, message) => {
    const { facts, error, rejects } = await tickets(content);
    expect(facts).toEqual([]);
    expect(error?.message).toBe(`tickets.csv: ${message}`);
    expect(rejects.some((r) => r.reason.startsWith('file not finished: '))).toBe(true);
  });

  it('stops a file of which too many rows are bad, and keeps its good ones', async () => {
    const lines = Array.from({ length: 9_000 }, (_, i) => `${i},A,${i < 150 ? 'x' : '2026-01-02'},s\n`).join('');
    const { facts, rejects, error } = await tickets(head + lines);
    expect(error?.message).toMatch(
      /^tickets\.csv: 150 of 9000 rows are bad \(1\.7 %\); expected at most 1 %, or 100 rows$/,
    );
    expect(facts).toHaveLength(8_850);
    expect(rejects).toHaveLength(151);
  });

  it('reads files as spreadsheets write them', async () => {
    const row = 'id;account;opened;subject\r\n00123;A;2026-01-02;"Größe ""L""\r\nneu"\r\n\r\n124;A;2026-01-02;Café';
    const semicolon = `${TICKETS}    delimiter: ";"\n`;
    for (const [content, mapping] of [
      [`\uFEFF${row}`, semicolon],
      [Buffer.from(`\uFEFF${row}`, 'utf16le'), semicolon],
      [Buffer.from(`\uFEFF${row}`, 'utf16le').swap16(), semicolon],
      [Buffer.from(row, 'latin1'), `${semicolon}    encoding: windows-1252\n`],
      [gzipSync(row), semicolon],
    ] as const) {
      const { facts, rejects } = await tickets(content, mapping);
      expect(rejects).toEqual([]);
      expect(facts.map((f) => [f.id, f.kind === 'ticket' && f.data.subject])).toEqual([
        ['00123', 'Größe "L"\r\nneu'],
        ['124', 'Café'],
      ]);
    }
  });

  it('knows a byte order mark before a quoted header and before JSON', async () => {
    const csv = await tickets('\uFEFF"id","account","opened","subject"\n1,A,2026-01-02,x\n');
    expect([csv.facts.map((f) => f.id), csv.rejects]).toEqual([['1'], []]);
    const folder = folderOf({
      'mapping.yaml': TICKETS.replace('tickets.csv', 'tickets.jsonl'),
      'tickets.jsonl': '\uFEFF{"id":"1","account":"A","opened":"2026-01-02"}\n',
    });
    const json = await pullAll(testCtx(folder), 'tickets');
    expect([json.facts.map((f) => f.id), json.rejects]).toEqual([['1'], []]);
  });

  it('rejects a row that is not UTF-8 and keeps the others', async () => {
    const bad = Buffer.concat([
      Buffer.from(`${head}1,A,2026-01-02,Caf`),
      Buffer.from([0xe9]),
      Buffer.from('\n2,A,2026-01-02,Café\n'),
    ]);
    const { facts, rejects } = await tickets(bad);
    expect(facts.map((f) => f.id)).toEqual(['2']);
    expect(rejects).toEqual([
      {
        where: 'tickets.csv:2',
        reason: 'found bytes that are not UTF-8; expected UTF-8, or set `encoding: windows-1252`',
      },
    ]);
  });

  it('reads JSONL line by line: broken, foreign, hostile and very long lines are bad rows', async () => {
    const mapping = TICKETS.replace('tickets.csv', 'tickets.jsonl');
    const line = (o: object): string => `${JSON.stringify(o)}\n`;
    const good = { id: 'x', account: 'A', opened: '2026-01-02', subject: null };
    const content = [
      line(good),
      '{"id": 1,\n',
      '[1]\n\n',
      '{"id":12345678901234567890,"account":"A","opened":"2026-01-02","__proto__":{"subject":"evil"}}\n',
      line({ ...good, id: 'long', subject: 'x'.repeat(2_000_000) }),
      line({ ...good, account: { id: 1 } }),
      line({ ...good, id: 7 }).trim(),
    ].join('');
    const folder = folderOf({ 'mapping.yaml': mapping, 'tickets.jsonl': content });
    const { facts, rejects } = await pullAll(testCtx(folder), 'tickets');
    expect(facts.map((f) => [f.id, f.kind === 'ticket' && f.data.subject])).toEqual([
      ['x', null],
      ['12345678901234567890', null],
      ['7', null],
    ]);
    expect(rejects).toEqual([
      { where: 'tickets.jsonl:2', reason: 'found a line that is not JSON; expected one JSON object per line' },
      { where: 'tickets.jsonl:3', reason: 'found a list; expected one JSON object per line' },
      { where: 'tickets.jsonl:6', reason: 'longer than 1024 KiB' },
      { where: 'tickets.jsonl:7', reason: 'column "account": found an object; expected a single value' },
    ]);
  });

  it('refuses links that lead out of the folder, and says which file is missing', async () => {
    const outside = folderOf({ 'secret.csv': head });
    const folder = folderOf({ 'mapping.yaml': TICKETS });
    expect((await pullAll(testCtx(folder), 'tickets')).error?.message).toBe(
      `${folder}: no file matches tickets.csv (files.tickets)`,
    );
    symlinkSync(join(outside, 'secret.csv'), join(folder, 'tickets.csv'));
    expect((await pullAll(testCtx(folder), 'tickets')).error?.message).toBe(
      `${join(folder, 'tickets.csv')}: the link leads out of the folder`,
    );
  });

  it('reads any text that it could have written, whatever the chunks (property)', async () => {
    const cell = fc.string({ unit: fc.constantFrom('a', '"', ',', '\n', '\r\n', 'é', '𝄞', ' '), maxLength: 12 });
    await fc.assert(
      fc.asyncProperty(fc.array(cell, { minLength: 1, maxLength: 30 }), async (subjects) => {
        const quoted = subjects.map((s, i) => `${i},A,2026-01-02,"${s.replaceAll('"', '""')}"\n`).join('');
        const { facts, rejects } = await tickets(head + quoted);
        expect(rejects).toEqual([]);
        const read = facts.map((f) => (f.kind === 'ticket' ? f.data.subject : undefined));
        expect(read).toEqual(subjects.map((s) => s.trim().normalize('NFC') || null));
      }),
      { numRuns: 60, seed: 7 },
    );
  });
});

it('never holds a file in memory: its pages are small', async () => {
  const folder = folderOf({ 'mapping.yaml': usage('append'), 'usage.csv': HEADER + rows(0, 30_000) });
  const { pages, facts } = await pullAll(testCtx(folder), 'usage');
  expect(facts).toHaveLength(30_000);
  expect(Math.max(...pages.map((p) => p.facts.length))).toBeLessThanOrEqual(2_000);
  const size = readFileSync(join(folder, 'usage.csv')).length;
  expect(pages.at(-1)?.progress).toEqual({ done: size, total: size });
});
