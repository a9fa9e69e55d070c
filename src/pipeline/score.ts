import { setImmediate as breathe } from 'node:timers/promises';
import type { Hierarchy } from '../core/hierarchy.ts';
import type { AccountScore } from '../core/result.ts';
import { FamilyPass, loadHierarchy, membersOf } from './family.ts';
import { withPeers } from './peers.ts';
import { keepScoring } from './rescore.ts';
import { ChunkScorer } from './score-chunk.ts';
import { scoreOf } from './scored.ts';
import type { ScoredChunk, Scorers, ScoringOrder, Threads } from './scorers.ts';
import { plainSetting, type Setting, type SettingDeps, settingAt } from './setting.ts';
import { type ScoreSummary, Tally } from './tally.ts';

export type { AtRisk, ScoreSummary } from './tally.ts';

export interface ScoreDeps extends SettingDeps {
  /** Absent = this thread scores by itself. */
  threads?: Threads | undefined;
}

/** Accounts that are scored and stored together. */
export const AT_ONCE = 400;

/**
 * Scores every account of the population as of an instant, from facts no later than it, and appends the scores. Memory stays flat:
 * a chunk of accounts at a time. @returns which accounts were scored now, and which exist but are no customers.
 */
export async function scoreAll(
  deps: ScoreDeps,
  asOf: number,
  onScores?: (scores: AccountScore[]) => void | Promise<void>,
  /** false = nothing is stored: what would come out, and no more. */
  keep = true,
): Promise<{ summary: ScoreSummary; scored: Set<string>; outside: Set<string> }> {
  const setting = await withPeers(deps, await settingAt(deps, asOf));
  if (keep) await keepScoring(deps, setting);
  const tally = new Tally(deps, setting);
  const bar = deps.progress.start('score accounts');
  const family = new FamilyPass(deps, setting, await loadHierarchy(deps, asOf));
  const take = async ({ rows, outside, withoutRate }: ScoredChunk): Promise<void> => {
    deps.signal.throwIfAborted();
    for (const currency of withoutRate) setting.withoutRate.add(currency);
    for (const account of outside) tally.outside.add(account);
    const finished = rows.map((scored) => family.finish(scored));
    for (const scored of finished) tally.add(scored);
    if (keep) await deps.store.appendScores(finished.map(({ row }) => row));
    await onScores?.(finished.map(scoreOf));
    bar.update(tally.scored.size);
    await breathe();
  };
  const first = async function* (): AsyncGenerator<string[]> {
    for await (const accounts of deps.store.accounts(deps.primary.name, asOf, AT_ONCE)) {
      for (const account of accounts) if (family.isInside(account)) tally.outside.add(account);
      yield accounts.filter((account) => !family.isInside(account) && !family.isLater(account));
    }
  };
  const scorers = await scorersFor(deps, orderOf(deps, setting, family.hierarchy));
  try {
    for await (const chunk of inOrder(scorers, first())) await take(chunk);
    for (const accounts of family.later()) for await (const chunk of inOrder(scorers, [accounts])) await take(chunk);
  } finally {
    await scorers.close();
  }
  bar.done(`${tally.scored.size} accounts`);
  return { summary: tally.summary(family.hierarchy), scored: tally.scored, outside: tally.outside };
}

export const orderOf = (deps: ScoreDeps, setting: Setting, hierarchy: Hierarchy): ScoringOrder => ({
  rules: deps.rules,
  model: deps.model,
  playbook: deps.playbook,
  primary: deps.primary.name,
  setting: plainSetting(setting),
  members: membersOf(deps, hierarchy),
});

async function scorersFor({ store, threads }: ScoreDeps, order: ScoringOrder): Promise<Scorers> {
  const many = threads !== undefined && order.setting.known >= threads.least;
  return many ? await threads.start(order) : new ChunkScorer(store, order);
}

/** What comes of lists of accounts, in their order, while the next ones are under way. */
async function* inOrder(
  scorers: Scorers,
  lists: AsyncIterable<string[]> | Iterable<string[]>,
): AsyncGenerator<ScoredChunk> {
  const underWay: Promise<ScoredChunk>[] = [];
  for await (const accounts of lists) {
    const chunk = scorers.score(accounts);
    chunk.catch(() => {}); // whoever waits for it is told
    underWay.push(chunk);
    const next = underWay.length >= scorers.atOnce ? underWay.shift() : undefined;
    if (next) yield await next;
  }
  for (const chunk of underWay) yield await chunk;
}
