import { parentPort, workerData } from 'node:worker_threads';
import { ChunkScorer } from '../pipeline/score-chunk.ts';
import { openStore } from '../store/open.ts';
import type { ThreadAnswer, ThreadData } from './pool.ts';

/** The script of a thread: answers each list of accounts with their scores, one after the other, until it is ended. */
const { place, workspace, order } = workerData as ThreadData;
const opened = await openStore(place);
const scorer = new ChunkScorer(await opened.workspace(workspace), order);
let turn = Promise.resolve();

parentPort?.on('message', (accounts: string[]) => {
  turn = turn.then(async () => parentPort?.postMessage(await answerTo(accounts)));
});

async function answerTo(accounts: string[]): Promise<ThreadAnswer> {
  try {
    return { chunk: await scorer.score(accounts) };
  } catch (failed) {
    return { failed };
  }
}
