import { setImmediate as breathe } from 'node:timers/promises';
import { existed, rankedFigures } from '../core/judge.ts';
import { type PeersSummary, peersNeeded } from '../core/peers.ts';
import { PeersCollector } from '../core/peers-collect.ts';
import { inPopulation } from '../core/population.ts';
import { type AccountView, viewAt } from '../core/view.ts';
import { FamilyPass, loadHierarchy, membersOf, viewOf } from './family.ts';
import { pauses } from './pause.ts';
import type { ReadAccount } from './read-accounts.ts';
import { readingOf } from './reading.ts';
import { inputsOf, segmentOf } from './score-one.ts';
import type { Setting, SettingDeps } from './setting.ts';

/** Accounts that are looked at for their numbers alone. */
const CHUNK = 1000;

/**
 * The setting with what scoring has to know of the whole population, where the model asks for it: a first pass over all accounts. Memory
 * stays flat: eight bytes for each figure that is ranked.
 */
export async function withPeers(deps: SettingDeps, setting: Setting): Promise<Setting> {
  const needed = peersNeeded(deps.model);
  if (needed === null) return setting;
  const family = new FamilyPass(deps, setting, await loadHierarchy(deps, setting.asOf));
  const collector = new PeersCollector();
  if (needed === 'figures') await collectFigures(deps, setting, family, collector);
  else await collectNumbers(deps, setting, family, collector);
  return { ...setting, peers: collector.summary() satisfies PeersSummary };
}

async function collectFigures(
  deps: SettingDeps,
  setting: Setting,
  family: FamilyPass,
  collector: PeersCollector,
): Promise<void> {
  const reading = readingOf(deps, setting, membersOf(deps, family.hierarchy));
  const bar = deps.progress.start('compare accounts');
  const pause = pauses();
  let seen = 0;
  const visit = async (account: ReadAccount): Promise<void> => {
    await pause();
    const view = memberView(deps, setting, viewAt(account.facts, deps.primary.name, setting.asOf));
    if (!view) return;
    const { now, then } = inputsOf(deps, setting, account, view);
    const before = existed(now, then) ? rankedFigures(deps.model, then) : NOTHING;
    collector.add(now.segment, rankedFigures(deps.model, now), before);
    seen += 1;
  };
  try {
    for await (const chunk of reading.chunks()) {
      deps.signal.throwIfAborted();
      await reading.visit(
        chunk.filter(({ facts }) => !family.isInside(facts.account)),
        visit,
      );
      bar.update(seen);
      await breathe();
    }
  } finally {
    await reading.close();
  }
  bar.done(`${seen} accounts`);
}
const NOTHING: ReadonlyMap<string, number> = new Map();

/** Shrinkage alone asks how many accounts a segment has: their own records tell. */
async function collectNumbers(
  deps: SettingDeps,
  setting: Setting,
  family: FamilyPass,
  collector: PeersCollector,
): Promise<void> {
  const { primary, store } = deps;
  const members = membersOf(deps, family.hierarchy);
  const query = {
    primary: primary.name,
    asOf: setting.asOf,
    lookBackMs: 0,
    kinds: ['account' as const],
    chunk: CHUNK,
    ...(members ? { members } : {}),
  };
  for await (const chunk of store.accountFacts(query)) {
    deps.signal.throwIfAborted();
    for (const facts of chunk) {
      if (family.isInside(facts.account)) continue;
      const view = memberView(deps, setting, viewAt(facts, primary.name, setting.asOf));
      if (view) collector.add(segmentOf(deps.rules, view), NOTHING, NOTHING);
    }
    await breathe();
  }
}

/** The view that a customer is scored by; null = no customer. */
function memberView(deps: SettingDeps, setting: Setting, own: AccountView): AccountView | null {
  const view = viewOf(deps, own, setting);
  return inPopulation(view, deps.rules).member ? view : null;
}
