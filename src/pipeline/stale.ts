import type { StaleSource } from '../core/coverage.ts';
import type { WorkspaceStore } from '../store/types.ts';
import type { Source } from './pull.ts';

const DAY = 86_400_000;
const WEEKEND = 2;

/**
 * What is stale, never bad (P4): a source with a stream that has not been read to its end for longer than it allows, and one that
 * goes on delivering but whose newest day of use lies as far back: use is daily, so a feed without new days has dried up.
 *
 * @param counted what `countFacts` said just now, where the caller knows it: it reads every fact
 */
export async function staleSources(
  store: Pick<WorkspaceStore, 'streams' | 'countFacts'>,
  sources: Source[],
  now: number,
  counted?: Awaited<ReturnType<WorkspaceStore['countFacts']>>,
): Promise<StaleSource[]> {
  const [states, counts] = [await store.streams(), counted ?? (await store.countFacts())];
  return sources.flatMap(({ name, staleAfterDays }): StaleSource[] => {
    const own = states.filter((s) => s.source === name);
    // A source that was never read has no facts: its signals are missing, not stale.
    const oldest = Math.min(...own.map((s) => s.completedAt ?? s.updatedAt));
    if (own.length && oldest < now - staleAfterDays * DAY) return [{ source: name, since: oldest }];
    const newest = counts.find((c) => c.source === name && c.kind === 'usage')?.newest ?? null;
    // A row stands for its whole day; a weekend without use is none of the feed's fault.
    const since = newest === null ? now : newest + DAY;
    return since < now - (staleAfterDays + WEEKEND) * DAY ? [{ source: name, since, kind: 'usage' }] : [];
  });
}
