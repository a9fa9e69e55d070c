import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { CallCount } from './kit-calls.ts';
import { CONTROL_PATH, control } from './kit-control.ts';
import type { FaultList } from './kit-faults.ts';
import type { Answer, KitApp, KitRequest, Route } from './kit-types.ts';
import type { Exchange, SandboxServer, ServeOptions } from './world.types.ts';

/** The vendor's longest request target in bytes (16 KB), beyond which a server answers 414. */
const MAX_URL = 16_384;

/** Serves an app on loopback with faults, latency, call counts, world-time Date headers and a control endpoint. */
export async function serveKit(app: KitApp, faults: FaultList, options: ServeOptions): Promise<SandboxServer> {
  const calls = new CallCount();
  const timers = new Set<NodeJS.Timeout>();
  const now = () => options.world.now();

  const server = createServer({ maxHeaderSize: 8 * MAX_URL, keepAliveTimeout: 60_000 }, (incoming, response) => {
    void serveOne(incoming, response);
  });

  async function serveOne(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const arrived = performance.now();
    try {
      const request = await readRequest(incoming);
      if (request.url.pathname.startsWith(CONTROL_PATH)) {
        return send(
          response,
          control(request, { world: options.world, faults, calls, rows: (o) => app.rows(o) }),
          now(),
        );
      }
      if ((incoming.url ?? '').length > MAX_URL) {
        return send(response, { status: 414, body: '<h1>URI Too Long</h1>', type: 'text/html' }, now());
      }
      const route = app.route(request);
      calls.record(route.kind, route.type);
      const { method, headers, body } = request;
      const asked: Exchange['request'] = { method, url: incoming.url ?? '/', headers, body };
      const at = async (moment: Exchange['moment'], answer: Answer | null) =>
        options.onExchange?.({ kind: route.kind, type: route.type, moment, request: asked, answer });
      if ((await at('arrived', null)) === 'lose') return void destroy(response);
      const answer = answerOne(route, response);
      if (!answer) return;
      calls.answer(answer.status);
      await at('done', answer);
      if (options.onExchange) response.once('finish', () => void at('answered', answer));
      // The time that this server itself took is part of the simulated latency, not on top of it.
      const latency = (options.latencyMs ?? 0) + (options.perRecordMs ?? 0) * (answer.records ?? 0);
      const wait = latency - (performance.now() - arrived);
      if (wait <= 0) return send(response, answer, now());
      const timer = setTimeout(() => {
        timers.delete(timer);
        send(response, answer, now());
      }, wait);
      timers.add(timer);
    } catch (error) {
      // A defect of the sandbox must be seen by whoever tests against it.
      send(response, { status: 500, body: `sandbox defect: ${error instanceof Error ? error.stack : error}` }, now());
    }
  }

  /** null = no answer: the socket is destroyed, or left hanging until close. */
  function answerOne(route: Route, response: ServerResponse): Answer | null {
    if (faults.take('hang', route.kind)) return null;
    if (faults.take('reset-before', route.kind)) return destroy(response);
    if (faults.take('503-before', route.kind)) return app.unavailable?.() ?? UNAVAILABLE;
    if (faults.take('429', route.kind)) return app.tooMany?.() ?? TOO_MANY;
    if (faults.take('html', route.kind)) return MAINTENANCE;
    const answer = route.handle();
    if (faults.take('503-after-commit', route.kind)) return app.unavailable?.() ?? UNAVAILABLE;
    if (faults.take('reset-after-commit', route.kind)) return destroy(response);
    return answer;
  }

  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port ?? 0, '127.0.0.1', resolve);
  });
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    faults,
    calls,
    close: async () => {
      for (const timer of timers) clearTimeout(timer);
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeAllConnections();
      await closed;
      app.close();
    },
  };
}

const UNAVAILABLE: Answer = { status: 503, body: '<html><body>Service Unavailable</body></html>', type: 'text/html' };
const TOO_MANY: Answer = { status: 429, headers: { 'retry-after': '1' }, body: 'Too Many Requests' };
const MAINTENANCE: Answer = {
  status: 200,
  body: '<html><body>We are down for maintenance.</body></html>',
  type: 'text/html',
};

function destroy(response: ServerResponse): null {
  response.destroy();
  return null;
}

async function readRequest(incoming: IncomingMessage): Promise<KitRequest> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(chunk as Buffer);
  return {
    method: incoming.method ?? 'GET',
    url: new URL(incoming.url ?? '/', 'http://127.0.0.1'),
    headers: incoming.headers,
    body: Buffer.concat(chunks).toString('utf8'),
  };
}

function send(response: ServerResponse, answer: Answer, now: number): void {
  if (response.destroyed) return;
  const text = typeof answer.body === 'string';
  const told = answer.body === undefined ? '' : text ? (answer.body as string) : JSON.stringify(answer.body);
  const body = Buffer.from(told); // encoded once, not counted and then encoded
  response.sendDate = false;
  response.writeHead(answer.status, {
    date: new Date(now).toUTCString(),
    ...(answer.body === undefined ? {} : { 'content-type': text ? (answer.type ?? 'text/plain') : JSON_TYPE }),
    'content-length': String(body.length),
    ...answer.headers,
  });
  response.end(body);
}
const JSON_TYPE = 'application/json;charset=UTF-8';
