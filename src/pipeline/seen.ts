import { enabledSignals } from '../core/model.ts';
import { withPeers } from './peers.ts';
import { rescore } from './rescore.ts';
import { type SettingDeps, settingAt } from './setting.ts';

/** How often a signal could be measured. */
export interface SignalSeen {
  signal: string;
  measured: number;
  /** The most frequent reason why not; null where it always could. */
  why: string | null;
}
export interface Seen {
  /** Customers that were looked at. */
  accounts: number;
  signals: SignalSeen[];
}

/** Scores a few accounts of the population without storing anything: which signals do the data carry? */
export async function seenSignals(deps: SettingDeps, most: number): Promise<Seen> {
  const setting = await withPeers(deps, await settingAt(deps, deps.now()));
  const signals = deps.model.dimensions.flatMap(enabledSignals).map((s) => s.key);
  const measured = new Map(signals.map((key) => [key, 0]));
  const reasons = new Map(signals.map((key) => [key, new Map<string, number>()]));
  let accounts = 0;
  for await (const chunk of deps.store.sourceAccounts(deps.primary.name))
    for (const { key } of chunk) {
      deps.signal.throwIfAborted();
      if (accounts >= most) break;
      const score = await rescore(deps, key, setting);
      if ('why' in score) continue;
      accounts++;
      for (const c of score.contributions) {
        if (c.value !== null) measured.set(c.signal, (measured.get(c.signal) ?? 0) + 1);
        const why = c.value === null ? (c.missing ?? 'missing') : null;
        const own = reasons.get(c.signal);
        if (why !== null) own?.set(why, (own.get(why) ?? 0) + 1);
      }
    }
  return {
    accounts,
    signals: signals.map((signal) => ({
      signal,
      measured: measured.get(signal) ?? 0,
      why: mostFrequent(reasons.get(signal) ?? new Map()),
    })),
  };
}

function mostFrequent(reasons: ReadonlyMap<string, number>): string | null {
  const [first] = [...reasons].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1));
  return first?.[0] ?? null;
}
