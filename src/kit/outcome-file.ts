import { basename } from 'node:path';
import { InputError } from '../contract/index.ts';
import type { OutcomeLog } from '../core/backtest/outcome-log.ts';
import { dayOf } from '../core/days.ts';
import { counted } from '../core/format.ts';
import { type CsvTable, readCsvTable } from './csv.ts';
import { nearest } from './nearest.ts';
import { readWhen } from './read-date.ts';

const OPTION = '--outcome';
const FILE = /^(.+\.csv)(?::(.+))?$/i;

const ACCOUNT = /^(account|customer|company|client)?[ _-]?(id|key|number)$|^(account|customer|company|client)$/i;
const LABEL = /^(is[ _-])?(churn(ed)?|lost|left|cancell?ed|label|outcome|target)([ _-](flag|\d+d))?$/i;
const YES = /^(true|yes|y|1)$/i;
const NO = /^(false|no|n|0)$/i;

/** `churn.csv`, or `churn.csv:account_id,churn_date[,churned]`; undefined = no name of a file. */
export function outcomeFile(outcome: string): { path: string; columns: string[] | null } | undefined {
  const [, path, columns] = FILE.exec(outcome) ?? [];
  return path === undefined ? undefined : { path, columns: columns?.split(',').map((c) => c.trim()) ?? null };
}

/**
 * Reads which account left on which day, or, where a column says yes or no, whether it left after a day.
 * @throws InputError that names file, line, column, what was found and what was expected
 */
export function readOutcomeFile(outcome: string, timezone: string): OutcomeLog {
  const { path = outcome, columns = null } = outcomeFile(outcome) ?? {};
  const table = readCsvTable(OPTION, path);
  const [account, date, label] = placesOf(table, path, columns, timezone);
  const days = new Map<string, number[]>();
  const labels = new Map<string, Map<number, boolean>>();
  for (const [i, row] of table.rows.entries()) {
    const bad = (at: number, expected: string): InputError => {
      const found = row[at] === '' ? 'nothing' : `"${row[at]?.slice(0, 40)}"`;
      return new InputError(`${OPTION} ${path}:${i + 2}: ${table.header[at]}: found ${found}; expected ${expected}`);
    };
    const key = row[account] ?? '';
    if (key === '') throw bad(account, 'the id of an account');
    const when = readWhen(row[date] ?? '', timezone);
    if (when === null) throw bad(date, 'an ISO date like 2026-11-25');
    if (label === undefined) days.set(key, [...(days.get(key) ?? []), dayOf(when.day)]);
    else {
      const said = YES.test(row[label] ?? '');
      if (!said && !NO.test(row[label] ?? '')) throw bad(label, 'yes or no');
      labels.set(key, (labels.get(key) ?? new Map<number, boolean>()).set(dayOf(when.day), said));
    }
  }
  const file = basename(path);
  if (label !== undefined) return { kind: 'labels', file, labels };
  for (const own of days.values()) own.sort((a, b) => a - b);
  const back = [...days.values()].some((own) => new Set(own).size > 1);
  return { kind: 'days', file, days, back };
}

/** Positions of the account, the date, and the label where there is one. */
function placesOf(
  table: CsvTable,
  path: string,
  columns: string[] | null,
  timezone: string,
): [account: number, date: number, label?: number] {
  const { header, rows } = table;
  if (rows.length === 0)
    throw new InputError(`${OPTION} ${path}: there is no row below the header; expected who left, and when`);
  const cells = (at: number): string[] => rows.map((row) => row[at] ?? '');
  const hint = `Say which: ${OPTION} ${path}:ACCOUNT,DATE, or ACCOUNT,DATE,LABEL. Its columns are: ${header.join(', ')}.`;
  if (columns !== null) {
    const places = columns.map((name) => {
      const at = header.indexOf(name);
      if (at >= 0) return at;
      const close = nearest(name, header);
      throw new InputError(`${OPTION} ${path}: no column ${name}`, {
        hint: `${close ? `The nearest is "${close}". ` : ''}${hint}`,
      });
    });
    const [account, date, label] = places;
    if (account === undefined || date === undefined || places.length > 3)
      throw new InputError(`${OPTION} ${path}: found ${counted(places.length, 'column')}; expected two or three`, {
        hint,
      });
    return label === undefined ? [account, date] : [account, date, label];
  }
  const where = (test: (name: string, at: number) => boolean): number[] =>
    header.flatMap((name, at) => (test(name, at) ? [at] : []));
  const accounts = where((name) => ACCOUNT.test(name));
  const dates = where((_, at) => {
    const filled = cells(at).filter((cell) => cell !== '');
    return filled.length > 0 && filled.every((cell) => readWhen(cell, timezone) !== null);
  });
  const labels = where((name, at) => LABEL.test(name) && cells(at).every((c) => YES.test(c) || NO.test(c)));
  const [account, date] = [accounts[0], dates[0]];
  if (account === undefined || date === undefined || accounts.length > 1 || dates.length > 1 || labels.length > 1) {
    const found = `${counted(accounts.length, 'column')} of account ids, ${dates.length} of dates and ${labels.length} of labels`;
    throw new InputError(`${OPTION} ${path}: found ${found}; expected one, one, and at most one`, {
      hint: `${dates.length === 0 ? `Dates are read as 2026-11-25. ` : ''}${hint}`,
    });
  }
  return labels[0] === undefined ? [account, date] : [account, date, labels[0]];
}
