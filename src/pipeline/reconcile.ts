import { InputError } from '../contract/index.ts';
import { bindOrg } from './org.ts';
import type { PullDeps, Source } from './pull.ts';
import type { SyncDeps } from './sync.ts';

/** What a source no longer lists, by stream. */
export interface Gone {
  stream: string;
  /** Records that we held. */
  known: number;
  /** Of these, no longer listed. */
  missing: number;
}

/** Below this many, even all of a stream may vanish without anybody asking. */
const NEVER_SUSPICIOUS = 10;

/**
 * The reconciliation pass: what the source no longer lists is gone (hard deletes leave nothing else behind). Refused where more
 * than half would vanish, since records that the pull user may not see look deleted.
 */
export async function reconcileSource(deps: PullDeps, source: Source): Promise<Gone[]> {
  const list = source.connector.ids;
  if (!list) return [];
  const results: Gone[] = [];
  for (const [stream, spec] of Object.entries(source.connector.streams(source.ctx))) {
    if (spec.deletions !== 'ids') continue;
    const ids: string[][] = [];
    for await (const page of list(source.ctx, stream)) {
      deps.signal.throwIfAborted();
      ids.push(page.ids);
    }
    const pages = async function* () {
      yield* ids;
    };
    const counted = await deps.store.reconcile(source.name, spec.kinds, pages(), deps.now(), true);
    if (counted.missing > NEVER_SUSPICIOUS && counted.missing > counted.known / 2)
      throw new InputError(
        `${source.name}.${stream}: ${counted.missing} of ${counted.known} records are no longer listed, which looks like lost permission, not deletion`,
        {
          hint: 'Nothing was removed. Run `npx pulseback check` to see what the pull user may read.',
        },
      );
    results.push({ stream, ...(await deps.store.reconcile(source.name, spec.kinds, pages(), deps.now(), false)) });
  }
  return results;
}

export interface ReconcileSummary {
  sources: { source: string; streams: Gone[] }[];
  /** The first source's error, as thrown; the others were looked through all the same. */
  failure: unknown;
}

/** The reconciliation pass of every source; a CRM only once it has proved to be this workspace's org. @throws only when aborted. */
export async function reconcileAll(deps: SyncDeps): Promise<ReconcileSummary> {
  const summary: ReconcileSummary = { sources: [], failure: null };
  for (const source of deps.sources)
    try {
      if (source.connector.crm) await bindOrg(deps, source.connector.crm(source.ctx));
      summary.sources.push({ source: source.name, streams: await reconcileSource(deps, source) });
    } catch (error) {
      deps.signal.throwIfAborted();
      summary.failure ??= error;
      deps.log.info({ source: source.name, err: error }, 'reconciliation failed; what it had found is kept');
    }
  return summary;
}
