import { setTimeout as delay } from 'node:timers/promises';
import type { Outcome } from '../contract/index.ts';

export type Emit = (outcome: Outcome) => void;

/**
 * Does the work of some intents, and sees to it that each gets its outcome even where the work throws: what is open then is `retry`,
 * with the error's words. @throws what `work` throws
 */
export async function settleAll(
  intents: readonly { id: string }[],
  emit: Emit,
  work: (emit: Emit) => Promise<void>,
): Promise<void> {
  const open = new Set(intents.map(({ id }) => id));
  try {
    await work((outcome) => {
      open.delete(outcome.intent);
      emit(outcome);
    });
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    for (const intent of open) emit({ intent, result: 'retry', reason });
    throw error;
  }
}

export const rejected = (intent: { id: string }, reason: string): Outcome => ({
  intent: intent.id,
  result: 'rejected',
  reason,
});

/** How long to wait before a row is tried again. */
export type Pause = (round: number, signal: AbortSignal) => Promise<void>;
/** Doubling from 0.2 s, with jitter. */
export const jitter: Pause = async (round, signal) => {
  await delay(200 * 2 ** round * (0.5 + Math.random() / 2), undefined, { signal });
};
