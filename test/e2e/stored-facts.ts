import { DatabaseSync } from 'node:sqlite';
import type { FactKind } from '../../src/core/fact.ts';
import { KIND_CODE } from '../../src/store/kinds.ts';

/** One row of the facts table, by the ids that the source gave. */
export interface StoredRow {
  id: string;
  account: string | null;
  at: number;
  deleted: boolean;
  data: Record<string, unknown>;
}

/** Every stored row of a kind, read from the file itself and in order of (id, at): what is there, not what some query makes of it. */
export function storedRows(path: string, source: string, kind: FactKind): StoredRow[] {
  const db = new DatabaseSync(path, { readOnly: true });
  try {
    const rows = db
      .prepare(
        `select r.key as id, a.key as account, f.at, f.deleted, f.data
         from facts as f join sources as s on s.id = f.source join record_keys as r on r.id = f.record
         left join account_keys as a on a.id = f.account
         where s.name = ? and f.kind = ? order by r.key, f.at`,
      )
      .all(source, KIND_CODE[kind]);
    return rows.map((row) => ({
      id: String(row.id),
      account: row.account === null ? null : String(row.account),
      at: Number(row.at),
      deleted: row.deleted === 1,
      data: asTold(JSON.parse(String(row.data))),
    }));
  } finally {
    db.close();
  }
}

/** What the source told: how its words were judged is ours. */
function asTold({ sentiment: _sentiment, frustrated: _frustrated, ...data }: Record<string, unknown>) {
  return data;
}

/** Runs statements on the store's file while no command has it open. */
export function editStore(path: string, sql: string, ...params: (string | number)[]): number {
  const db = new DatabaseSync(path);
  try {
    return Number(db.prepare(sql).run(...params).changes);
  } finally {
    db.close();
  }
}
