import type { Reject } from '../../src/contract/connector.ts';
import type { Fact } from '../../src/core/fact.ts';
import { BrokenFile } from './broken.ts';
import { BadCell } from './cells.ts';
import type { Mapper, Stamp } from './facts.ts';
import { Groups } from './groups.ts';
import type { Row } from './rows.ts';

/** What became of one row, or of the rows that were combined. */
export interface Result {
  facts: Fact[];
  reject?: Reject;
}

/** Rows read and rows refused so far. */
export interface Tally {
  rows: number;
  bad: number;
}

/** A file with more bad rows than both of these is not read on: it is another file than the mapping describes. */
export const MAX_BAD_SHARE = 0.01;
export const MAX_BAD_ROWS = 100;

/** Rows after which the share of bad ones means something, before the end is seen. */
const JUDGED_FROM = 10_000;

function refuseIfTooBad({ rows, bad }: Tally, ended: boolean): void {
  if (!ended && rows < JUDGED_FROM) return;
  const allBad = ended && bad > 0 && bad === rows;
  if (!allBad && bad <= Math.max(MAX_BAD_ROWS, rows * MAX_BAD_SHARE)) return;
  const share = ((100 * bad) / rows).toFixed(1);
  const limit = `${MAX_BAD_SHARE * 100} %, or ${MAX_BAD_ROWS} rows`;
  throw new BrokenFile(`${bad} of ${rows} rows are bad (${share} %); expected at most ${limit}`, null);
}

/**
 * Rows → results, one each, in batches; counts them.
 * @throws BrokenFile where too many are bad, after they were told.
 */
export async function* plainResults(
  rows: AsyncIterable<Row[]>,
  name: string,
  map: Mapper,
  stamp: Stamp,
  tally: Tally,
): AsyncGenerator<Result[]> {
  for await (const batch of rows) {
    const results = batch.map((row) => resultOf(row, name, map, stamp));
    tally.rows += results.length;
    for (const { reject } of results) if (reject) tally.bad += 1;
    yield results;
    refuseIfTooBad(tally, false);
  }
  refuseIfTooBad(tally, true);
}

function resultOf(row: Row, name: string, map: Mapper, stamp: Stamp): Result {
  if (row.problem !== undefined) return { facts: [], reject: { where: `${name}:${row.line}`, reason: row.problem } };
  try {
    return { facts: map(row, stamp) };
  } catch (error) {
    if (!(error instanceof BadCell)) throw error;
    const column = [...row.columns()].indexOf(error.column) + 1;
    const where = row.positional && column > 0 ? `${name}:${row.line}:${column}` : `${name}:${row.line}`;
    return { facts: [], reject: { where, reason: error.message } };
  }
}

/** Bytes of a file whose combined rows are surely held in memory at once. */
const BYTES_PER_PASS = 16 * 1024 * 1024;

/**
 * Usage rows of one account, feature and day → one result, whatever their order in the file. Memory stays flat: a large file is
 * read several times, each time for another share of the keys.
 */
export async function* combinedResults(
  open: () => AsyncIterable<Row[]>,
  file: { name: string; size: number },
  map: Mapper,
  stamp: Stamp,
  tally: Tally,
  groupsOf: () => Groups,
): AsyncGenerator<Result[]> {
  const passes = Math.max(1, Math.ceil(file.size / BYTES_PER_PASS));
  for (let pass = 0; pass < passes; pass += 1) {
    const groups = groupsOf();
    for await (const batch of plainResults(open(), file.name, map, stamp, pass === 0 ? tally : { rows: 0, bad: 0 })) {
      for (const { facts } of batch)
        for (const fact of facts) {
          if (fact.kind !== 'usage') continue;
          const key = Groups.keyOf(fact);
          if (passes === 1 || shareOf(key, passes) === pass) groups.add(key, fact);
        }
      // Bad rows, and rows that make no fact, are told in the first pass only.
      if (pass === 0) yield batch.filter((r) => r.facts.length === 0);
    }
    let results: Result[] = [];
    for (const fact of groups.facts(stamp.modified))
      if (results.push({ facts: [fact] }) === 1000) {
        yield results;
        results = [];
      }
    yield results;
  }
}

/** FNV-1a: which of the passes a key belongs to. */
function shareOf(key: string, passes: number): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < key.length; i += 1) hash = Math.imul(hash ^ key.charCodeAt(i), 0x01000193);
  return (hash >>> 0) % passes;
}
