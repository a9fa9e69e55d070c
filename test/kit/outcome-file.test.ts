import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { dayOf } from '../../src/core/days.ts';
import { outcomeFile, readOutcomeFile } from '../../src/kit/outcome-file.ts';

const dir = mkdtempSync(join(tmpdir(), 'pulseback-outcome-'));
afterAll(() => rmSync(dir, { recursive: true, force: true }));
const file = (text: string): string => {
  const path = join(dir, 'churn.csv');
  writeFileSync(path, text);
  return path;
};
const problem = (outcome: string): string => {
  try {
    readOutcomeFile(outcome, 'UTC');
  } catch (error) {
    const { message, hint } = error as { message: string; hint?: string };
    return `${message} ${hint ?? ''}`;
  }
  return '';
};

describe('a file of outcomes', () => {
  it('is told from a column by its ending', () => {
    expect(outcomeFile('churn_flag')).toBeUndefined();
    expect(outcomeFile('a/b.csv')).toEqual({ path: 'a/b.csv', columns: null });
    expect(outcomeFile('b.csv:id, on')).toEqual({ path: 'b.csv', columns: ['id', 'on'] });
  });

  it('tells days on which accounts left, in order, whatever other columns it has', () => {
    const path = file(
      'event_id,account_id,churn_date,reason\nE1,A,2026-03-01,"price, mostly"\nE2,B,2026-02-01,\nE3,A,2025-12-31T10:00:00Z,\n',
    );
    const log = readOutcomeFile(path, 'UTC');
    expect(log).toMatchObject({ kind: 'days', file: 'churn.csv', back: true });
    expect(log.kind === 'days' && [...log.days]).toEqual([
      ['A', [dayOf('2025-12-31'), dayOf('2026-03-01')]],
      ['B', [dayOf('2026-02-01')]],
    ]);
  });

  it.each([
    ['semicolons', 'account;on;note\nA;2026-01-01;"x;\ny, z"\n'],
    ['tabs', '\uFEFFaccount\ton\tnote, if any\r\nA\t2026-01-01\tx\r\n'],
    ['commas', '"a;b;c",account,on\n1,A,2026-01-01\n'],
  ])('is read with %s', (_, text) => {
    const log = readOutcomeFile(file(text), 'UTC');
    expect(log.kind === 'days' && [...log.days]).toEqual([['A', [dayOf('2026-01-01')]]]);
  });

  it('tells labels of days, where a column says yes or no', () => {
    const log = readOutcomeFile(file('date,account,churned\n2026-01-31,A,1\n2026-01-31,B,0\n'), 'UTC');
    expect(log.kind === 'labels' && [...log.labels]).toEqual([
      ['A', new Map([[dayOf('2026-01-31'), true]])],
      ['B', new Map([[dayOf('2026-01-31'), false]])],
    ]);
  });

  it('takes the columns that are named', () => {
    const path = file('acct,opened,closed\nA,2025-01-01,2026-01-01\n');
    const log = readOutcomeFile(`${path}:acct,closed`, 'UTC');
    expect(log.kind === 'days' && [...log.days]).toEqual([['A', [dayOf('2026-01-01')]]]);
  });

  it.each([
    [
      'acct,opened,closed\nA,2025-01-01,2026-01-01\n',
      '',
      /0 columns of account ids, 2 of dates[\s\S]*acct, opened, closed/,
    ],
    ['account,on\nA,2025-01-01\n', ':accuont,on', /no column accuont[\s\S]*nearest is "account"/],
    ['account,on\nA,2025-01-01\n', ':account', /found 1 column; expected two or three/],
    ['account,on\nA,2025-01-01\nB,soon\n', ':account,on', /churn\.csv:3: on: found "soon"; expected an ISO date/],
    ['account,on\n', '', /no row below the header/],
    ['account,on\nA,01/05/2026\n', '', /0 of dates[\s\S]*Dates are read as 2026-11-25\. Say which/],
    ['account,on\n,2025-01-01\n', '', /churn\.csv:2: account: found nothing; expected the id/],
    ['account,on,lost\nA,2025-01-01,maybe\n', ':account,on,lost', /lost: found "maybe"; expected yes or no/],
    ['account,on\nA,2025-01-01,x\n', '', /churn\.csv:2: found 3 fields; expected 2/],
    ['', '', /the file is empty/],
  ])('%j%s is refused with its place', (text, columns, message) => {
    expect(problem(`${file(text)}${columns}`)).toMatch(message);
  });

  it('that is absent is named', () => {
    expect(problem(join(dir, 'nowhere.csv'))).toMatch(/nowhere\.csv: no such file/);
  });
});
