import { expect, it } from 'vitest';
import { inlineQueue } from '../../src/jobs/inline.ts';
import { deps } from '../pipeline/support.ts';
import { queueSuite } from './suite.ts';

const { log } = deps();

queueSuite('in process', async () => inlineQueue({ log }));

it('refuses a job once it is closed', async () => {
  const queue = inlineQueue({ log });
  await queue.close();
  await expect(queue.enqueue({ workspace: 'w', kind: 'sync' })).rejects.toThrow('closed');
  await expect(queue.ping()).rejects.toThrow('closed');
});
