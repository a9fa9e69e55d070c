import { withJudgement } from './judged.ts';
import { isState, kindOf } from './kinds.ts';
import type { FactRow } from './schema.ts';

export interface Merge {
  /** Rows to insert, or to replace by (record, version). */
  upserts: FactRow[];
  deletes: { record: number; version: number }[];
  stored: number;
  unchanged: number;
  removed: number;
}
type Change = 'stored' | 'unchanged' | 'removed';

/** The account number of facts that belong to no account. */
export const NO_ACCOUNT = 0;

/**
 * What facts change in what is stored. `existing` holds, for every record of `facts`, its rows from the latest version before
 * the first fact to the last fact. Pure.
 *
 * A state version equal to its predecessor is not stored; the predecessor remembers (`seen_at`) until when it was stated. So
 * when an older version with other content turns up between the two, what was stated later still holds later: the last version
 * is right in whatever order history arrives.
 */
export function mergeFacts(existing: readonly FactRow[], facts: readonly FactRow[]): Merge {
  const records = new Map<number, FactRow[]>();
  for (const row of existing) rowsOf(records, row.record).push(row);
  for (const rows of records.values()) rows.sort((a, b) => a.version - b.version);

  const last = lastStatements(facts);
  const merge: Merge = { upserts: [], deletes: [], stored: 0, unchanged: facts.length - last.length, removed: 0 };
  for (const fact of last) {
    const rows = rowsOf(records, fact.record);
    merge[isState(kindOf(fact.kind)) ? putState(rows, fact) : putRow(rows, fact)]++;
  }

  const known = new Set(existing);
  for (const rows of records.values()) for (const row of rows) if (!known.has(row)) merge.upserts.push(row);
  for (const { record, version } of existing)
    if (!records.get(record)?.some((row) => row.version === version)) merge.deletes.push({ record, version });
  return merge;
}

function rowsOf(records: Map<number, FactRow[]>, record: number): FactRow[] {
  const known = records.get(record);
  if (known) return known;
  const rows: FactRow[] = [];
  records.set(record, rows);
  return rows;
}

/** One fact per (record, version), the one delivered last, oldest version first. */
function lastStatements(facts: readonly FactRow[]): FactRow[] {
  const sorted = facts.toSorted((a, b) => a.record - b.record || a.version - b.version); // stable
  return sorted.filter((fact, i) => {
    const next = sorted[i + 1];
    return next?.record !== fact.record || next.version !== fact.version;
  });
}

const sameContent = (a: FactRow, b: FactRow): boolean =>
  a.data === b.data && a.account === b.account && a.deleted === b.deleted;

/** Index of the first row whose version is not below `version`. New facts are mostly the newest: search from the end. */
function position(rows: readonly FactRow[], version: number): number {
  let i = rows.length;
  while (i > 0 && (rows[i - 1]?.version ?? 0) >= version) i--;
  return i;
}

/** Events and series: one row per version, replaced; a deletion removes it. */
function putRow(rows: FactRow[], stated: FactRow): Change {
  const i = position(rows, stated.version);
  const exact = rows[i]?.version === stated.version ? rows[i] : undefined;
  const fact = exact ? withJudgement(exact, stated) : stated;
  if (fact.deleted) {
    if (exact) rows.splice(i, 1);
    return exact ? 'removed' : 'unchanged';
  }
  if (exact && exact.at === fact.at && sameContent(exact, fact)) {
    if (exact.load !== fact.load) rows[i] = { ...exact, load: fact.load };
    return 'unchanged';
  }
  rows.splice(i, exact ? 1 : 0, fact);
  return 'stored';
}

function putState(rows: FactRow[], stated: FactRow): Change {
  const i = position(rows, stated.at);
  const exact = rows[i]?.at === stated.at ? rows[i] : undefined;
  const before = rows[i - 1];
  // A source often cannot say to whom a deleted record belonged; it ends where it was.
  const inherits = stated.deleted && stated.account === NO_ACCOUNT && before;
  const owned = inherits ? { ...stated, account: before.account } : stated;
  const fact = exact ? withJudgement(exact, owned) : owned;
  // An end of what never was is kept, since an older version may still arrive, but nothing was removed by it.
  const change: Change = !fact.deleted ? 'stored' : before || exact ? 'removed' : 'unchanged';

  if (exact && sameContent(exact, fact)) {
    if (exact.load !== fact.load) rows[i] = { ...exact, load: fact.load };
    return 'unchanged';
  }
  if (exact) {
    rows.splice(i, 1, fact, ...restated(exact, fact.at));
    return change;
  }
  if (before && sameContent(before, fact)) {
    const seen = Math.max(before.seen_at ?? before.at, fact.at);
    // The load moves along: it is the newest statement that keeps this version alive.
    if (seen !== before.seen_at || before.load !== fact.load)
      rows[i - 1] = { ...before, seen_at: seen, load: fact.load };
    return 'unchanged';
  }
  if (before && before.seen_at !== null && before.seen_at >= fact.at) {
    rows.splice(i - 1, 1, { ...before, seen_at: null }, fact, ...restated(before, fact.at));
  } else rows.splice(i, 0, fact);
  return change;
}

/** The version that `row` still stated after `at`, when something else holds at `at`. */
function restated(row: FactRow, at: number): FactRow[] {
  if (row.seen_at === null || row.seen_at <= at) return [];
  return [
    { ...row, at: row.seen_at, version: row.seen_at, known_at: Math.max(row.known_at, row.seen_at), seen_at: null },
  ];
}
