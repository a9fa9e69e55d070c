import type { Call, Client } from '../../../connectors/hubspot/client.ts';
import { portalOf } from '../../../connectors/hubspot/portal.ts';
import { makeCtx } from './support.ts';

/** A portal whose calls are answered by `answer`, in the connector's own schemas. */
export function answered(answer: (body: unknown, n: number) => unknown) {
  const portal = portalOf(makeCtx().ctx);
  const bodies: unknown[] = [];
  const calls: Pick<Call<unknown>, 'label' | 'bucket' | 'query'>[] = [];
  const client: Client = {
    usage: null,
    timezone: null,
    async request(call) {
      return { status: 200, body: await client.json(call) };
    },
    async json<T>(call: Call<T>): Promise<T> {
      calls.push(call);
      bodies.push(call.body);
      return call.schema.parse(answer(call.body, bodies.length - 1));
    },
  };
  portal.client = client;
  return { portal, bodies, calls };
}
