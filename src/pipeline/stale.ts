import type { StaleSource } from '../core/coverage.ts';
import type { WorkspaceStore } from '../store/types.ts';
import type { Source } from './pull.ts';

const DAY = 86_400_000;
const WEEKEND = 2;

/**
 * What is stale, never bad (P4): a source with a stream that has not been read to its end for longer than it allows, and one that
 * goes on delivering but whose newest day of use lies as far back: use is daily, so a feed without new days has dried up.
 */
export async function staleSources(
  store: Pick<WorkspaceStore, 'streams' | 'toldSince' | 'newestTold'>,
  sources: Source[],
  now: number,
): Promise<StaleSource[]> {
  const states = await store.streams();
  const stale: StaleSource[] = [];
  for (const { name, staleAfterDays } of sources) {
    const own = states.filter((s) => s.source === name);
    // A source that was never read has no facts: its signals are missing, not stale.
    const oldest = Math.min(...own.map((s) => s.completedAt ?? s.updatedAt));
    if (own.length && oldest < now - staleAfterDays * DAY) {
      stale.push({ source: name, since: oldest });
      continue;
    }
    // A row stands for its whole day; a weekend without use is none of the feed's fault.
    const least = now - (staleAfterDays + WEEKEND + 1) * DAY;
    const newest = (await store.toldSince(name, 'usage', least)) ? null : await store.newestTold(name, 'usage');
    if (newest !== null) stale.push({ source: name, since: newest + DAY, kind: 'usage' });
  }
  return stale;
}
