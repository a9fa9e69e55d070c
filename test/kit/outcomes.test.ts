import { describe, expect, it } from 'vitest';
import type { Outcome } from '../../src/contract/index.ts';
import { settleAll } from '../../src/kit/outcomes.ts';

const intents = ['a', 'b', 'c'].map((id) => ({ id }));

describe('settleAll', () => {
  it('leaves alone what had its outcome, and the rest open, where the work throws', async () => {
    const told: Outcome[] = [];
    const work = settleAll(
      intents,
      (outcome) => told.push(outcome),
      async (emit) => {
        emit({ intent: 'b', result: 'written' });
        throw new Error('the line went dead');
      },
    );
    await expect(work).rejects.toThrow('the line went dead');
    expect(told).toEqual([
      { intent: 'b', result: 'written' },
      { intent: 'a', result: 'retry', reason: 'the line went dead' },
      { intent: 'c', result: 'retry', reason: 'the line went dead' },
    ]);
  });
});
