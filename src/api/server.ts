import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import express from 'express';
import { InputError, type Log } from '../contract/index.ts';
import { bearer, failures, headers, refuse } from './guard.ts';
import type { Metrics } from './metrics.ts';
import { health } from './routes/health.ts';
import { runs } from './routes/runs.ts';
import type { Served } from './workspace.ts';

export interface ApiSetup {
  host: string;
  port: number;
  served: Served[];
  /** null = what needs it is switched off. */
  token: string | null;
  metrics: Metrics;
  metricsPublic: boolean;
  state: () => 'starting' | 'serving' | 'stopping';
  version: string;
  log: Log;
}

export interface Api {
  origin: string;
  close(): Promise<void>;
}

/** Starts to listen. @throws InputError where the address is taken. */
export async function startApi(setup: ApiSetup): Promise<Api> {
  const server = createServer(appOf(setup));
  // A caller that dawdles holds a socket for seconds, not for minutes.
  Object.assign(server, { headersTimeout: 10_000, requestTimeout: 30_000, keepAliveTimeout: 5_000 });
  server.listen(setup.port, setup.host);
  try {
    await once(server, 'listening');
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new InputError(`cannot listen on ${setup.host}:${setup.port}: ${reason}`, {
      hint: 'Set `api.host` and `api.port` in pulseback.yaml, or say --host and --port.',
      cause: error,
    });
  }
  const { port } = server.address() as AddressInfo;
  const host = setup.host.includes(':') ? `[${setup.host}]` : setup.host;
  return { origin: `http://${host}:${port}`, close: () => closeServer(server) };
}

function appOf(setup: ApiSetup): express.Express {
  const { served, token, metrics } = setup;
  const app = express();
  app.disable('x-powered-by').disable('etag');
  app.use(headers);
  app.use(health(served, setup.state, setup.version));
  const showMetrics: express.RequestHandler = async (_req, res) => {
    res.set('Content-Type', metrics.registry.contentType).send(await metrics.registry.metrics());
  };
  if (setup.metricsPublic) app.get('/metrics', showMetrics);
  app.use(bearer(token)); // from here on nothing is answered without it, not even what exists
  if (!setup.metricsPublic) app.get('/metrics', showMetrics);
  app.use(runs(served));
  app.use((_req, res) => refuse(res, 404, 'there is nothing here', 'There are /healthz, /readyz, /metrics and /runs.'));
  app.use(failures((error) => setup.log.error({ err: error }, 'a request failed')));
  return app;
}

/** Answers what has begun, for a few seconds at most. */
async function closeServer(server: Server): Promise<void> {
  const closed = once(server, 'close');
  server.close();
  server.closeIdleConnections();
  const rest = setTimeout(() => server.closeAllConnections(), 3_000);
  await closed;
  clearTimeout(rest);
}
