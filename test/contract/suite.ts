import { describe, it } from 'vitest';
import { connectorIsComplete, ratesAreTold, STREAM_CHECKS, type Subject, streamsOf } from './checks.ts';

export type { Subject } from './checks.ts';

/**
 * The conformance suite that every connector passes. Start the sandbox (or write the files) before, with a small world whose data fill
 * several pages, then in the connector's test file:
 *
 *     await describeConnector({ name: 'files', connector: files, makeCtx: async ({ log, signal }) => ({ ctx: … }) });
 *
 * `makeCtx` may be called often; it gives a new context on the same data each time.
 */
export async function describeConnector<C>(subject: Subject<C>): Promise<void> {
  const streams = await streamsOf(subject);
  describe(`${subject.name} keeps the connector contract`, () => {
    it('is complete: name, example, secrets, check', () => connectorIsComplete(subject));
    if (subject.connector.rates) it('tells its exchange rates', () => ratesAreTold(subject));
    for (const stream of streams)
      describe(stream, () => {
        for (const [what, check] of Object.entries(STREAM_CHECKS)) it(what, () => check(subject, stream));
      });
  });
}
