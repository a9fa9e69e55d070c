import { once } from 'node:events';
import { parentPort, workerData } from 'node:worker_threads';
import { ChunkScorer } from '../../pipeline/score-chunk.ts';
import { openStore } from '../../store/open.ts';
import type { ReaderData } from './reading.ts';

/** The script of a thread that reads what scoring needs: it learns what that is from some accounts, waits for its turn, and reads all. */
const { place, workspace, order, lists } = workerData as ReaderData;
const opened = await openStore(place);
const scorer = new ChunkScorer(await opened.workspace(workspace), order);
await scorer.score(lists[0] ?? []);
parentPort?.postMessage('ready');
if (parentPort) await once(parentPort, 'message');
for (const accounts of lists) await scorer.read(accounts);
parentPort?.postMessage('done');
await scorer.close();
await opened.close();
