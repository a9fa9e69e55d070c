import { afterEach, describe, expect, it } from 'vitest';
import { ratesOf } from '../../../connectors/hubspot/rates.ts';
import { streamSpecs } from '../../../connectors/hubspot/streams.ts';
import { hasHubspotContract, judgeHubspot } from '../../contract/hubspot.ts';
import { cursorOf, HOUR, Served } from './served.ts';

/** What the connector sends while it pulls, by what the vendor's client can send. Skipped only where ../shared/contracts is missing. */
let served: Served | undefined;
afterEach(() => served?.close());

describe.skipIf(!hasHubspotContract)('the vendor’s contract', () => {
  it.each(['v3', '2026-03', '2026-09'])(
    'has all that is asked for by %s, and all that is answered',
    async (apiVersion) => {
      const judge = judgeHubspot();
      served = await Served.start({ customers: 12, minPages: 3, onExchange: judge.onExchange });
      const config = { apiVersion, tickets: true, currencies: true };
      for (const stream of Object.keys(streamSpecs(served.portal(config).ctx.config))) {
        const pages = await served.pull(stream, null, config);
        served.world.advance(HOUR);
        await served.pull(stream, cursorOf(pages), config);
      }
      expect((await ratesOf(served.portal(config)))?.rates).toHaveLength(3);
      const verdict = judge.verdict();
      expect(verdict.paths.join(' ')).toContain('/currencies/');
      console.info(
        `hubspot pull by ${apiVersion}: ${JSON.stringify({ ...verdict, problems: verdict.problems.length, paths: verdict.paths.length })}`,
      );
      expect(verdict.problems).toEqual([]);
      expect(verdict.valid).toBe(verdict.answers);
      expect(verdict.errors).toBe(0);
      expect(verdict.requests).toBeGreaterThan(40);
    },
  );
});
