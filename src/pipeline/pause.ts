import { setImmediate as breathe } from 'node:timers/promises';

/** Other work, a health check above all, gets its turn at least this often. */
const SLICE_MS = 10;

/**
 * For loops of pure work over many accounts: awaited before each of them, it lets other work run once a slice of time has been used
 * up, and costs next to nothing otherwise.
 */
export function pauses(): () => Promise<void> {
  let since = performance.now();
  return async () => {
    if (performance.now() - since < SLICE_MS) return;
    await breathe();
    since = performance.now();
  };
}

/** Drives a long piece of pure work, and lets other work run between its steps. */
export async function inSteps<T>(steps: Generator<void, T>): Promise<T> {
  for (;;) {
    const step = steps.next();
    if (step.done) return step.value;
    await breathe();
  }
}
