import type { Bucket } from '../../src/contract/index.ts';
import type { BucketName } from './client.ts';
import type { Config } from './config.ts';

/**
 * The portal's budget. HubSpot counts in a strict rolling window, so a place is free again ten seconds after the answer. Searches
 * have a limit of their own, per second and for all apps together; neither their answers' headers nor the published figures count
 * them among the calls of ten seconds. https://developers.hubspot.com/docs/developer-tooling/platform/usage-guidelines
 */
export function limitsOf(config: Config): Record<BucketName, Bucket> {
  return {
    default: { concurrency: 20, limit: config.ratePer10s, intervalMs: 10_000, counts: 'answer' },
    search: { concurrency: config.searchPerSecond, limit: config.searchPerSecond, intervalMs: 1_000, counts: 'answer' },
    auth: { concurrency: 1 },
  };
}
