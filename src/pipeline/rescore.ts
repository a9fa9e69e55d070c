import type { StaleSource } from '../core/coverage.ts';
import type { Aggregated } from '../core/figure.ts';
import { kindsOf, lookBackDays, Model } from '../core/model.ts';
import type { PeersSummary } from '../core/peers.ts';
import { inPopulation } from '../core/population.ts';
import type { AccountScore } from '../core/result.ts';
import { type AccountView, viewAt } from '../core/view.ts';
import { loadHierarchy, membersOf, viewOf } from './family.ts';
import type { ReadAccount } from './read-accounts.ts';
import { scoreOne } from './score-one.ts';
import { type Setting, type SettingDeps, settingAt } from './setting.ts';

const DAY = 86_400_000;
/** Everything is taken from rows. */
const FROM_ROWS: Aggregated = { figure: () => undefined, firstDay: () => undefined };

/** One account with all its rows as of an instant. */
export interface AccountThen {
  account: ReadAccount;
  view: AccountView;
}

/** Reads one account as scoring by `deps.model` reads it; null = it is not known at that instant. */
export async function readAccount(deps: SettingDeps, account: string, setting: Setting): Promise<AccountThen | null> {
  const { asOf } = setting;
  const members = deps.rules.hierarchy.score === 'top' ? membersOf(deps, await loadHierarchy(deps, asOf)) : undefined;
  const query = {
    primary: deps.primary.name,
    asOf,
    lookBackMs: lookBackDays(deps.model) * DAY,
    kinds: kindsOf(deps.model),
    chunk: 1,
    accounts: [account],
    ...(members ? { members } : {}),
  };
  for await (const [facts] of deps.store.accountFacts(query))
    if (facts)
      return {
        account: { facts, now: FROM_ROWS, before: FROM_ROWS },
        view: viewOf(deps, viewAt(facts, deps.primary.name, asOf), setting),
      };
  return null;
}

/** What a scoring keeps beside its scores: what it knew and nobody could tell later. */
interface KeptSetting {
  stale: StaleSource[];
  peers?: PeersSummary | null;
}

/** Keeps the model of a scoring, and what it knew beside the facts, where that is anything. */
export async function keepScoring(
  { store, model, now }: SettingDeps,
  { hash, asOf, stale, peers }: Setting,
): Promise<void> {
  await store.keepModel(hash, model, now());
  if (stale.length > 0 || peers) await store.keepSetting(hash, asOf, { stale, peers } satisfies KeptSetting);
}

/** The setting of a scoring that took place, by its model's hash and its instant. */
export async function settingOf(deps: SettingDeps, score: { modelHash: string; asOf: number }): Promise<Setting> {
  const kept = (await deps.store.keptSetting(score.modelHash, score.asOf)) as KeptSetting | null;
  return { ...(await settingAt(deps, score.asOf)), stale: kept?.stale ?? [], peers: kept?.peers ?? null };
}

/** The model behind a hash; null where it was never kept, or was written in a way that is not understood any more. */
export async function modelOf(
  deps: { store: Pick<SettingDeps['store'], 'keptModel'> },
  hash: string,
): Promise<Model | null> {
  const kept = await deps.store.keptModel(hash);
  const read = kept === null ? null : Model.safeParse(kept);
  return read?.success ? read.data : null;
}

/**
 * Scores one account again as of an instant, from all its rows and without storing anything: with the evidence that scoring in bulk
 * leaves out. @param setting of the scoring that took place (`settingOf`), or of another instant (`settingAt`)
 * @returns why not, where the account was not known or no customer then
 */
export async function rescore(
  deps: SettingDeps,
  account: string,
  setting: Setting,
): Promise<AccountScore | { why: string }> {
  const read = await readAccount(deps, account, setting);
  if (!read) return { why: 'nothing is known of it then' };
  const membership = inPopulation(read.view, deps.rules);
  if (!membership.member) return { why: membership.reason };
  return scoreOne(deps, setting, read.account, read.view).stored.score;
}
