import { setImmediate as breathe } from 'node:timers/promises';
import { inPopulation } from '../core/population.ts';
import type { AccountScore } from '../core/result.ts';
import { viewAt } from '../core/view.ts';
import type { StoredScore } from '../store/types.ts';
import { FamilyPass, loadHierarchy, viewOf } from './family.ts';
import { pauses } from './pause.ts';
import { withPeers } from './peers.ts';
import type { ReadAccount, Reading } from './read-accounts.ts';
import { readingOf } from './reading.ts';
import { keepScoring } from './rescore.ts';
import { scoreOne } from './score-one.ts';
import { type ScoreDeps, type Setting, settingAt } from './setting.ts';
import { type ScoreSummary, Tally } from './tally.ts';

export type { ScoreDeps } from './setting.ts';
export type { AtRisk, ScoreSummary } from './tally.ts';

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
  const reading = readingOf(deps, setting, family.hierarchy);
  const take = async (chunk: ReadAccount[]): Promise<void> => {
    deps.signal.throwIfAborted();
    const rows = await scoreChunk(deps, { setting, reading, tally, family }, chunk);
    await breathe();
    if (keep) await deps.store.appendScores(rows);
    await onScores?.(rows.map((row) => row.score));
    bar.update(tally.scored.size);
    await breathe();
  };
  try {
    for await (const chunk of reading.chunks()) {
      for (const { facts } of chunk) if (family.isInside(facts.account)) tally.outside.add(facts.account);
      await take(chunk.filter(({ facts: { account } }) => !family.isInside(account) && !family.isLater(account)));
    }
    for (const accounts of family.later()) for await (const chunk of reading.chunks(accounts)) await take(chunk);
  } finally {
    await reading.close();
  }
  bar.done(`${tally.scored.size} accounts`);
  return { summary: tally.summary(family.hierarchy), scored: tally.scored, outside: tally.outside };
}

/** What scoring an account rests on, and adds to. */
interface Pass {
  setting: Setting;
  reading: Reading;
  tally: Tally;
  family: FamilyPass;
}

/** In the order of the accounts, whichever way each was read. */
async function scoreChunk(
  deps: ScoreDeps,
  { setting, reading, tally, family }: Pass,
  chunk: ReadAccount[],
): Promise<StoredScore[]> {
  const rows = new Map<string, StoredScore | null>();
  const pause = pauses();
  const score = async (account: ReadAccount): Promise<void> => {
    await pause();
    const view = viewOf(deps, viewAt(account.facts, deps.primary.name, setting.asOf), setting);
    const member = inPopulation(view, deps.rules).member;
    if (!member) {
      tally.outside.add(view.account);
      return;
    }
    const { stored: own, rolesFilled } = scoreOne(deps, setting, account, view);
    const stored = family.finish(own);
    tally.add(stored.score, rolesFilled);
    rows.set(view.account, stored);
  };
  for (const { facts } of chunk) rows.set(facts.account, null);
  await reading.visit(chunk, score);
  return [...rows.values()].filter((row) => row !== null);
}
