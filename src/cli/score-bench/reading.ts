import { Worker } from 'node:worker_threads';
import { letHeapsGrow } from '../../kit/heaps.ts';
import { loadHierarchy } from '../../pipeline/family.ts';
import { AT_ONCE, orderOf, type ScoreDeps } from '../../pipeline/score.ts';
import { settingAt } from '../../pipeline/setting.ts';
import type { StorePlace } from '../../store/open.ts';
import type { ThreadData } from '../../threads/pool.ts';

export interface ReaderData extends ThreadData {
  lists: string[][];
}

/**
 * Reads and aggregates what scoring every account needs, and no more, on as many threads as scoring takes.
 * @returns seconds from when all threads know what scoring asks for until the last one has everything
 */
export async function readingSeconds(
  deps: ScoreDeps,
  { place, workspace, asOf }: { place: StorePlace; workspace: string; asOf: number },
): Promise<number> {
  const order = orderOf(deps, await settingAt(deps, asOf), await loadHierarchy(deps, asOf));
  const size = deps.threads?.size ?? 1;
  const lists: string[][][] = Array.from({ length: size }, () => []);
  let next = 0;
  for await (const accounts of deps.store.accounts(order.primary, asOf, AT_ONCE)) lists[next++ % size]?.push(accounts);
  const keepSmall = letHeapsGrow();
  const threads = lists.map((own) => {
    const workerData: ReaderData = { place, workspace, order, lists: own };
    return new Worker(new URL('./reader.ts', import.meta.url), { workerData, execArgv: [] });
  });
  try {
    await Promise.all(threads.map(says));
    const began = performance.now();
    for (const thread of threads) thread.postMessage('go');
    await Promise.all(threads.map(says));
    return (performance.now() - began) / 1000;
  } finally {
    for (const thread of threads) await thread.terminate();
    keepSmall();
  }
}

const says = (thread: Worker): Promise<void> =>
  new Promise((resolve, reject) => {
    thread.once('message', () => resolve());
    thread.once('error', reject);
    thread.once('exit', (code) => reject(new Error(`a thread that read accounts ended with ${code}`)));
  });
