import type { StaleSource } from '../core/coverage.ts';
import type { WorkspaceStore } from '../store/types.ts';
import type { Source } from './pull.ts';

const DAY = 86_400_000;

/** Sources with a stream that has not been read to its end for longer than the source allows (P4): stale, never bad. */
export async function staleSources(store: WorkspaceStore, sources: Source[], now: number): Promise<StaleSource[]> {
  const states = await store.streams();
  return sources.flatMap((source) => {
    const own = states.filter((s) => s.source === source.name);
    // A source that was never read has no facts: its signals are missing, not stale.
    const oldest = Math.min(...own.map((s) => s.completedAt ?? s.updatedAt));
    return own.length && oldest < now - source.staleAfterDays * DAY ? [{ source: source.name, since: oldest }] : [];
  });
}
