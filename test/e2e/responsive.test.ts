import { expect, it } from 'vitest';
import { openApp } from '../../src/app.ts';
import { makePlan } from '../../src/pipeline/sync.ts';
import { Loop } from './harness.ts';

/**
 * A health check must be answered within 100 ms while any number of accounts is scored. Wall time is the machine's affair, so what
 * is counted is the work: how much processor time goes by between two turns of the event loop.
 */
it('scoring and planning let other work run every few milliseconds', { timeout: 120_000 }, async () => {
  const loop = await Loop.start({ accounts: 300, usageDays: 200 });
  try {
    expect((await loop.run('setup', '--yes')).code).toBe(0);
    expect((await loop.run('pull')).code).toBe(0);
    const app = await openApp({ configPath: loop.config, now: loop.host.world.now });
    const turns: number[] = [];
    let last = processorMs();
    let over = false;
    const turn = (): void => {
      const now = processorMs();
      turns.push(now - last);
      last = now;
      if (!over) setTimeout(turn, 1);
    };
    try {
      await makePlan(app); // compiles what the second one runs
      turn();
      await makePlan(app);
    } finally {
      over = true;
      await app.close();
    }
    const [most = 0] = turns.slice(1).sort((a, b) => b - a);
    process.stdout.write(
      `longest turn of the event loop: ${most.toFixed(1)} ms of processor time, ${turns.length} turns\n`,
    );
    expect(turns.length).toBeGreaterThan(20);
    expect(most).toBeLessThan(100);
  } finally {
    await loop.close();
  }
});

function processorMs(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1000;
}
