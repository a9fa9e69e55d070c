import { withRun } from '../../src/pipeline/run.ts';
import { openStore } from '../../src/store/open.ts';
import { deps } from './support.ts';

/** A process of its own that holds the workspace's lease until it is killed. */
const store = await openStore({ path: process.argv[2] ?? '' });
await withRun({ ...deps(), store: await store.workspace('test') }, 'sync', async () => {
  process.stdout.write('holding\n');
  await new Promise((resolve) => setTimeout(resolve, 60_000));
  return { summary: {}, value: null, ok: true };
});
