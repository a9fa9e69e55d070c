import { openApp } from '../../src/app.ts';
import { BusyError, LeaseLostError } from '../../src/pipeline/lease.ts';
import { withRun } from '../../src/pipeline/run.ts';
import { sync } from '../../src/pipeline/sync.ts';

/** One sync in a process of its own, once the workspace is free, with a short lease; says how it ended. */
const [configPath = '', now = '', leaseMs = ''] = process.argv.slice(2);
const app = await openApp({ configPath, now: () => Date.parse(now) });

async function whenFree(): Promise<object> {
  for (;;)
    try {
      return await withRun({ ...app, leaseMs: Number(leaseMs) }, 'sync', async (held) => {
        const { write } = await sync(held, true);
        return { summary: {}, value: { written: write?.written, tasks: write?.tasks }, ok: true };
      });
    } catch (error) {
      if (error instanceof LeaseLostError) return { lost: error.message };
      if (!(error instanceof BusyError)) throw error;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
}
process.stdout.write(`${JSON.stringify(await whenFree())}\n`);
await app.close();
