import { sql } from 'kysely';
import type { AccountScore } from '../core/result.ts';
import type { StoreContext } from './dialect.ts';
import { writing } from './fence.ts';
import type { StoredScore, WorkspaceStore } from './types.ts';
import { breathe, slices, walk } from './walk.ts';

const DAY_MS = 86_400_000;
/** A score is some kilobytes of JSON. */
const CHUNK = 100;
const COLUMNS = ['workspace', 'account', 'model_hash', 'day', 'inputs_hash', 'as_of', 'score_json'] as const;

/**
 * The same score again is not stored, with two exceptions. One that came back after another one (a change that was undone on the
 * same day) becomes the latest again. One that already held at an earlier instant (a clock that was set back, a second machine)
 * holds from then on; otherwise a run at that instant would find nothing newer than yesterday's score.
 */
const another = (after: string, until: string): string => `exists (select 1 from scores as s
  where s.workspace = scores.workspace and s.account = scores.account and s.as_of > ${after} and s.as_of <= ${until}
    and s.id <> scores.id)`;
const ONCE = `on conflict (workspace, account, model_hash, day, inputs_hash) do update
  set as_of = excluded.as_of, score_json = excluded.score_json
  where ${another('scores.as_of', 'excluded.as_of')}
    or (excluded.as_of < scores.as_of and not ${another('excluded.as_of', 'scores.as_of')})`;

type Part = Pick<WorkspaceStore, 'appendScores' | 'latestScores' | 'latestScore'>;
type ScoreRow = { account: string; as_of: number; inputs_hash: string; score_json: string };

/** Scores are only ever added: what an account's score was, and why, stays readable. */
export function scoreStore(ctx: StoreContext): Part {
  const { db, dialect, workspace } = ctx;
  const asOfLimit = (asOf: number | undefined) => (asOf === undefined ? sql`` : sql`and as_of <= ${asOf}`);

  return {
    appendScores: (rows) =>
      writing(ctx, async (trx) => {
        for (const part of slices(rows, CHUNK)) {
          const values = part.map(({ account, modelHash, asOf, inputsHash, json }) => ({
            workspace,
            account,
            model_hash: modelHash,
            day: Math.floor(asOf / DAY_MS),
            inputs_hash: inputsHash,
            as_of: asOf,
            score_json: json,
          }));
          await dialect.insertMany(trx, 'scores', COLUMNS, values, ONCE);
          if (part.length < rows.length) await breathe();
        }
      }),

    async *latestScores(asOf) {
      // Jumps from account to account along the index instead of reading every score.
      const found = walk(
        'account',
        (row: ScoreRow) => row.account,
        (unread) =>
          sql<ScoreRow>`
            with recursive accounts (account, n) as (
              select min(account), 1 from scores where workspace = ${workspace} and ${unread} ${asOfLimit(asOf)}
              union all
              select (select min(s.account) from scores as s
                      where s.workspace = ${workspace} and s.account > a.account ${asOfLimit(asOf)}), a.n + 1
              from accounts as a where a.account is not null and a.n < ${CHUNK})
            select s.account, s.as_of, s.inputs_hash, s.score_json from accounts as a
            join scores as s on s.id = (select l.id from scores as l
              where l.workspace = ${workspace} and l.account = a.account ${asOfLimit(asOf)}
              order by l.as_of desc, l.id desc limit 1)
            order by s.account`.execute(db),
      );
      for await (const rows of found) yield rows.map(toScore);
    },

    latestScore: async (account, asOf) => {
      const { rows } = await sql<ScoreRow>`
        select account, as_of, inputs_hash, score_json from scores
        where workspace = ${workspace} and account = ${account} ${asOfLimit(asOf)}
        order by as_of desc, id desc limit 1`.execute(db);
      return rows[0] ? toScore(rows[0]) : null;
    },
  };
}

function toScore(row: ScoreRow): StoredScore {
  return { asOf: row.as_of, inputsHash: row.inputs_hash, score: JSON.parse(row.score_json) as AccountScore };
}
