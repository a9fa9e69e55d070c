import { z } from 'zod';
import type { CheckItem } from '../../src/contract/index.ts';
import { good } from '../../src/kit/check.ts';
import { ApiError } from './errors.ts';
import type { Portal } from './portal.ts';

/** What a run writes. */
const WRITES = [
  { type: 'companies', what: 'update' },
  { type: 'tasks', what: 'create' },
] as const;

/**
 * Whether the token may write, without writing: a batch of nothing changes nothing. Scopes are looked at before the body, so that a
 * missing one is told by name; "must not be empty" means that nothing else stood in the way.
 */
export async function mayWrite(portal: Portal): Promise<CheckItem[]> {
  for (const { type, what } of WRITES)
    await portal.client
      .json({
        label: `${type}.rights`,
        kind: 'read',
        idempotent: true,
        method: 'POST',
        path: portal.paths.batch(type, what),
        body: { inputs: [] },
        schema: z.unknown(),
      })
      .catch((error: unknown) => {
        if (!(error instanceof ApiError) || error.status !== 400) throw error;
      });
  return [good('the token may write company properties and raise tasks')];
}
