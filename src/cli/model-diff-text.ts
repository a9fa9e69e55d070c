import { counted } from '../core/format.ts';
import type { Model } from '../core/model.ts';
import { type BandMatrix, bandsOf } from '../core/model-compare.ts';
import type { ModelChange } from '../core/model-diff.ts';
import { type AccountScore, POINT } from '../core/result.ts';
import { oneLine } from '../core/text.ts';
import { bandTitle, moneyText, pad, signed, table } from './format.ts';
import type { Io } from './io.ts';

/** Accounts, and signals of each, that are shown; --json has all. */
const ACCOUNTS = 20;
const LINES = 3;
const MOVERS = 5;

/** One account that changes band, as it is told. */
export interface MovedLine {
  account: string;
  name: string;
  arr: AccountScore['arr'];
  before: { score: number | null; points: number | null; band: string; why?: string };
  after: { score: number | null; points: number | null; band: string; why?: string };
  /** after − before, in points of 100; null where one of the two does not score it. */
  difference: number | null;
  /** Largest first; they add up to the difference. */
  lines: { signal: string | null; label: string; points: number; text: string }[];
}

type Models = { before: Model; after: Model };
const named = ({ name, version }: Model): string => `${name} ${version}`;

/** What the files say otherwise. */
export function sayWritten(io: Io, { before, after }: Models, changes: ModelChange[]): void {
  io.say(`${named(before)} → ${named(after)}`);
  if (changes.length === 0) io.say('  The two say the same.');
  const width = Math.max(0, ...changes.map((c) => c.what.length));
  for (const { what, text } of changes) io.say(`  ${pad(what, width)}  ${text}`);
}

/** Bands of the first model down, of the second across. */
export function sayMatrix(io: Io, matrix: BandMatrix, { before, after }: Models): void {
  const [rows, columns] = [bandsOf(before), bandsOf(after)];
  const cell = (from: string, to: string): string => {
    const count = matrix.count(from, to);
    return count === 0 ? '·' : String(count);
  };
  io.say(
    `\n${counted(matrix.accounts, 'account')}, of which ${matrix.changed} ${matrix.changed === 1 ? 'changes' : 'change'} band`,
  );
  io.say(
    table(
      [`${named(before)} ↓ → ${named(after)}`, ...columns.map(bandTitle)],
      rows.map((from) => [bandTitle(from), ...columns.map((to) => cell(from, to))]),
      { right: columns.map((_, i) => i + 1) },
    ),
  );
}

/** What moves the book as a whole. */
export function sayMovers(io: Io, matrix: BandMatrix): void {
  if (matrix.both === 0 || matrix.movers.length === 0) return;
  const mean = (points: number): string => signed(points / matrix.both);
  io.say(`\nOn average a score moves by ${mean(matrix.sum)} points, which come from`);
  for (const m of matrix.movers.slice(0, MOVERS)) io.say(`${mean(m.points).padStart(8)}  ${m.label}`);
  const rest = matrix.movers.slice(MOVERS);
  if (rest.length > 0)
    io.say(`${mean(rest.reduce((sum, m) => sum + m.points, 0)).padStart(8)}  ${counted(rest.length, 'smaller line')}`);
}

export function sayMoved(io: Io, moved: MovedLine[]): void {
  if (moved.length === 0) return;
  io.say('\nAccounts that change band, largest difference first');
  for (const m of moved.slice(0, ACCOUNTS)) {
    const difference = m.difference === null ? '' : `, ${signed(m.difference * POINT)} points`;
    io.say(
      `${oneLine(m.name)} (${m.account}), ARR ${moneyText(m.arr)}: ${end(m.before)} → ${end(m.after)}${difference}`,
    );
    for (const why of [m.before.why, m.after.why]) if (why) io.say(`            ${why}`);
    for (const line of m.lines.slice(0, LINES)) io.say(`${signed(line.points * POINT).padStart(10)}  ${line.text}`);
    const rest = m.lines.slice(LINES);
    const points = rest.reduce((sum, line) => sum + line.points, 0);
    if (rest.length > 0) io.say(`${signed(points * POINT).padStart(10)}  ${counted(rest.length, 'smaller line')}`);
  }
  if (moved.length > ACCOUNTS) io.say(`… and ${moved.length - ACCOUNTS} more (--json has them)`);
}

const end = ({ score, band }: MovedLine['before']): string => (score === null ? 'not scored' : `${score} (${band})`);
