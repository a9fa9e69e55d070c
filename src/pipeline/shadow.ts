import type { Log } from '../contract/index.ts';
import { type Model, modelHash } from '../core/model.ts';
import { BandMatrix, differenceOf, judgementOf, packed, unpacked } from '../core/model-compare.ts';
import type { Shadow, ShadowScore, StoredScore, WorkspaceStore } from '../store/types.ts';
import type { Moved } from './compare-models.ts';
import { modelOf } from './rescore.ts';
import { type ScoreDeps, scoreAll } from './score.ts';

export type ShadowDeps = ScoreDeps & { log: Log };

/** What a run says of the model on trial. */
export interface ShadowSummary {
  model: string | null;
  hash: string;
  /** ISO instants: since when it runs beside the live one, and as of when it was compared. */
  since: string;
  asOf: string | null;
  /** Accounts that both scored, and those that they put into different bands. */
  accounts: number;
  changed: number;
  /** Why it was not scored, or cannot be compared; null = all is well. */
  problem: string | null;
}

const FROM_ANOTHER = 'this version of Pulseback cannot read it; start it again from its file';

/**
 * Scores every account by the model on trial, as of the instant of the live scoring before it, and compares. What it says is kept apart:
 * nothing that is written to the CRM reads it, and nobody outside is asked. A failure is told, and never the run's. null = there is none.
 */
export async function scoreShadow(deps: ShadowDeps, asOf: number): Promise<ShadowSummary | null> {
  const shadow = await deps.store.shadow();
  if (shadow === null) return null;
  try {
    const model = await modelOf(deps, shadow.hash);
    if (model === null) return summaryOf(shadow, null, null, FROM_ANOTHER);
    if (shadow.hash === modelHash(deps.model)) return summaryOf(shadow, model, null, 'it is the live model');
    const progress: ScoreDeps['progress'] = { start: (title) => deps.progress.start(`shadow: ${title}`) };
    const keep = (rows: ShadowScore[]): Promise<void> => deps.store.keepShadowScores(shadow.hash, rows);
    await scoreAll(
      { ...deps, model, progress },
      asOf,
      (scores) => keep(scores.map((s) => ({ account: s.account, asOf, json: JSON.stringify(packed(judgementOf(s))) }))),
      false,
    );
    return (await compareShadow(deps, shadow, model)).summary;
  } catch (error) {
    deps.signal.throwIfAborted();
    deps.log.error({ err: error }, 'the model on trial could not be scored');
    return summaryOf(shadow, null, null, error instanceof Error ? error.message : String(error));
  }
}

/** The latest that the model on trial said, beside what the live one says: as of the same instant, account by account. */
export async function compareShadow(
  deps: { store: WorkspaceStore; model: Model },
  shadow: Shadow,
  model: Model,
  onMoved: (moved: Moved) => void = () => {},
): Promise<{ summary: ShadowSummary; matrix: BandMatrix }> {
  const matrix = new BandMatrix();
  let asOf: number | null = null;
  for await (const rows of deps.store.shadowScores()) for (const row of rows) asOf = Math.max(asOf ?? 0, row.asOf);
  if (asOf === null) return { summary: summaryOf(shadow, model, null, 'nothing was scored yet'), matrix };
  const models = { before: deps.model, after: model };
  for await (const [live, row] of alongside(deps.store, asOf)) {
    const [before, after] = [judgementOf(live.score), unpacked(row.json, model)];
    matrix.add(before, after);
    if (before.band !== after.band)
      onMoved({ score: live.score, before, after, ...differenceOf(before, after, models) });
  }
  return {
    summary: { ...summaryOf(shadow, model, asOf, null), accounts: matrix.accounts, changed: matrix.changed },
    matrix,
  };
}

/** Scores of both, of each account that the shadow scored at its last run: two walks in the same order. */
async function* alongside(store: WorkspaceStore, asOf: number): AsyncGenerator<[StoredScore, ShadowScore]> {
  const lives = each(store.latestScores(asOf));
  let live = await lives.next();
  for await (const row of each(store.shadowScores())) {
    if (row.asOf !== asOf) continue; // no customer any more
    while (!live.done && inBytes(live.value.score.account, row.account) < 0) live = await lives.next();
    if (!live.done && live.value.score.account === row.account) yield [live.value, row];
  }
  await lives.return(undefined);
}

async function* each<T>(chunks: AsyncIterable<T[]>): AsyncGenerator<T> {
  for await (const chunk of chunks) yield* chunk;
}

/** As the store sorts accounts. */
const inBytes = (a: string, b: string): number => Buffer.compare(Buffer.from(a), Buffer.from(b));

const summaryOf = (
  shadow: Shadow,
  model: Model | null,
  asOf: number | null,
  problem: string | null,
): ShadowSummary => ({
  model: model && `${model.name} ${model.version}`,
  hash: shadow.hash,
  since: new Date(shadow.since).toISOString(),
  asOf: asOf === null ? null : new Date(asOf).toISOString(),
  accounts: 0,
  changed: 0,
  problem,
});
