import type { Client as Sdk } from '@hubspot/api-client';

/** One request as the SDK is to make it. */
export interface Sending {
  baseUrl: string;
  /** null = without credentials (the token endpoint). */
  accessToken: string | null;
  method: string;
  /** Begins with a slash. */
  path: string;
  query?: Record<string, string>;
  /** Sent as JSON; a form as `application/x-www-form-urlencoded`. */
  body?: unknown;
  form?: Record<string, string>;
  signal: AbortSignal;
}

/** The request that the SDK has put together. */
interface Prepared {
  getUrl(): URL;
  getSendData(): { method: string; headers: Record<string, string>; body?: string };
}

let loading: Promise<(sending: Sending) => Sdk> | null = null;

/** Loaded by the first call: who has no such source is spared it. */
function load(): Promise<(sending: Sending) => Sdk> {
  loading ??= import('@hubspot/api-client').then(({ Client }) => {
    /**
     * The SDK keeps retries and limiter in one place for the whole process, and the client made last decides for all. A client per
     * request, made and used in one go, puts ours there each time: neither of the two, and the request goes out with our signal,
     * which the SDK has no way to take, and to no other address than asked for.
     */
    class Transport extends Client {
      signal: AbortSignal | null = null;
      protected override getDecorators() {
        const decorate = () => (request: Prepared) => {
          // Bytes, because a text that goes out is kept until the answer: a hundred records' worth, for each call under way.
          const { body, ...rest } = request.getSendData();
          const sent = body === undefined ? rest : { ...rest, body: Buffer.from(body) };
          return fetch(request.getUrl(), { ...sent, redirect: 'manual', signal: this.signal });
        };
        return [{ decorate }];
      }
    }
    return ({ baseUrl, accessToken, signal }) => {
      const sdk = new Transport({
        basePath: baseUrl,
        numberOfApiCallRetries: 0,
        ...(accessToken === null ? {} : { accessToken }),
      });
      sdk.signal = signal;
      return sdk;
    };
  });
  return loading;
}

/** Sends once. Never throws on an HTTP status; @throws what fetch throws */
export async function send(sending: Sending): Promise<Response> {
  const open = await load();
  const { method, path, query, form } = sending;
  if (!path.startsWith('/')) throw new TypeError(`"${path}" is no path`);
  const body = form ? new URLSearchParams(form).toString() : sending.body;
  return open(sending).apiRequest({
    method,
    path,
    ...(query ? { qs: query } : {}),
    ...(body === undefined ? {} : { body }),
    ...(form ? { defaultJson: false, headers: { 'content-type': 'application/x-www-form-urlencoded' } } : {}),
  });
}
