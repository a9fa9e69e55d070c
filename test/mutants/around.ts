import type { Mutant } from './mutant.ts';

const EXPORTS = ['test/connectors/files/pull.test.ts', 'test/connectors/files/mapping.test.ts'];

/** Mistakes in the reading of exports. */
export const FILES: Mutant[] = [
  {
    name: 'csv-last-line-lost',
    file: 'connectors/files/records.ts',
    find: 'yield* batchOf(rest, true);',
    replace: '',
    why: 'the last customer of every export without a final line end is missing',
    tests: EXPORTS,
  },
  {
    name: 'csv-ragged-row-accepted',
    file: 'connectors/files/rows.ts',
    find: 'else if (cells.length !== header.size) row.problem',
    replace: 'else if (cells.length > 1_000) row.problem',
    why: 'an unquoted comma in a name moves every figure of that row by a column',
    tests: EXPORTS,
  },
  {
    name: 'csv-byte-order-mark-kept',
    file: 'connectors/files/bytes.ts',
    find: 'bytes = bytes.subarray(3);',
    replace: 'bytes = bytes.subarray(0);',
    why: 'the first column of a spreadsheet’s export has an invisible name, and the file is refused',
    tests: EXPORTS,
  },
  {
    name: 'csv-minor-units-scaled',
    file: 'connectors/files/cells.ts',
    find: "if (ref.unit === 'minor') {",
    replace: "if (ref.unit === 'minor' && !text) {",
    why: 'invoices in pence are a hundred times too large',
    tests: EXPORTS,
  },
  {
    name: 'csv-currency-column-ignored',
    file: 'connectors/files/cells.ts',
    find: '(ref.currency ? textOf(row, ref.currency, dialect.nulls)?.toUpperCase() : null) ?? dialect.currency',
    replace: 'dialect.currency',
    why: 'a million yen counts as a million pounds',
    tests: EXPORTS,
  },
  {
    name: 'csv-bad-row-removes-good-ones',
    file: 'connectors/files/pull.ts',
    find: 'reading.replaces && failed === null && tally.bad === 0',
    replace: 'reading.replaces',
    why: 'a half-written snapshot removes every customer that it does not reach',
    tests: EXPORTS,
  },
  {
    name: 'csv-resume-repeats-a-page',
    file: 'connectors/files/pull.ts',
    find: 'if (taken <= skip) continue;',
    replace: '',
    why: 'after a crash rows without an id are counted twice',
    tests: EXPORTS,
  },
];

/** Mistakes in the steps between the connectors. */
export const PIPELINE: Mutant[] = [];
