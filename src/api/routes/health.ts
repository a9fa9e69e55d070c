import { Router } from 'express';
import { inTime, type Served } from '../workspace.ts';

type Check = { ok: true } | { ok: false; problem: string };

/** /healthz: the process lives. /readyz: it can work: store and queue answer, migrations are done, and it is not stopping. */
export function health(served: Served[], state: () => 'starting' | 'serving' | 'stopping', version: string): Router {
  const router = Router();
  router.get('/healthz', (_req, res) => {
    res.json({ ok: true, version });
  });
  router.get('/readyz', async (_req, res) => {
    const checks = await Promise.all(
      served.map(async (one) => ({
        workspace: one.name,
        store: await told(inTime('the store', one.store.runs(1))),
        queue: await told(inTime('the queue', one.queue.ping())),
      })),
    );
    const ok = state() === 'serving' && checks.every((check) => check.store.ok && check.queue.ok);
    // A store that is open is migrated: opening it is what migrates it.
    res.status(ok ? 200 : 503).json({ ok, state: state(), migrations: 'done', workspaces: checks });
  });
  return router;
}

const told = (work: Promise<unknown>): Promise<Check> =>
  work.then(
    (): Check => ({ ok: true }),
    (error: unknown): Check => ({ ok: false, problem: error instanceof Error ? error.message : String(error) }),
  );
