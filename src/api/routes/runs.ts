import { json, Router } from 'express';
import { z } from 'zod';
import { JOB_KINDS } from '../../jobs/queue.ts';
import { refuse } from '../guard.ts';
import { inTime, type Served } from '../workspace.ts';

const Limit = z.coerce.number().int().min(1).max(200).default(20);

/** POST /runs {kind, workspace?, stream?} → 202 {job}; GET /runs → what ran. */
export function runs(served: Served[]): Router {
  const names = served.map((one) => one.name);
  const Asked = z.strictObject({
    kind: z.enum(JOB_KINDS),
    workspace: z.string().optional(),
    /** With `pull`: only this stream, "crm.accounts". */
    stream: z.string().optional(),
  });
  const chosen = (name: string | undefined): Served | undefined =>
    name === undefined && served.length === 1 ? served[0] : served.find((one) => one.name === name);

  const router = Router();
  router.post('/runs', json({ limit: '10kb', strict: true }), async (req, res) => {
    const asked = Asked.safeParse(req.body);
    if (!asked.success) {
      const [issue] = asked.error.issues;
      const where = issue?.path.join('.');
      return refuse(
        res,
        400,
        `${where ? `${where}: ` : ''}${issue?.message ?? 'unreadable'}`,
        `Send JSON like {"kind": "sync"}; kinds are ${JOB_KINDS.join(', ')}.`,
      );
    }
    const { kind, workspace, stream } = asked.data;
    const one = chosen(workspace);
    if (!one)
      return refuse(
        res,
        400,
        workspace ? `there is no workspace "${workspace}"` : 'which workspace?',
        `Known are: ${names.join(', ')}.`,
      );
    if (stream !== undefined) {
      const streams = one.sources.flatMap((s) =>
        Object.keys(s.connector.streams(s.ctx)).map((name) => `${s.name}.${name}`),
      );
      if (kind !== 'pull') return refuse(res, 400, 'stream: only a pull takes one stream');
      if (!streams.includes(stream))
        return refuse(res, 400, `there is no stream "${stream}"`, `Known are: ${streams.join(', ')}.`);
    }
    try {
      const job = await one.queue.enqueue({ workspace: one.name, kind, ...(stream === undefined ? {} : { stream }) });
      res.status(202).json({ job, workspace: one.name, kind });
    } catch (error) {
      refuse(
        res,
        503,
        `the job could not be taken: ${error instanceof Error ? error.message : String(error)}`,
        'Try again when /readyz says that the queue is back.',
      );
    }
  });
  router.get('/runs', async (req, res) => {
    const limit = Limit.safeParse(req.query.limit);
    if (!limit.success) return refuse(res, 400, 'limit: expected a whole number from 1 to 200');
    const name = typeof req.query.workspace === 'string' ? req.query.workspace : undefined;
    if (name !== undefined && !names.includes(name))
      return refuse(res, 400, `there is no workspace "${name}"`, `Known are: ${names.join(', ')}.`);
    const found = await Promise.all(
      served
        .filter((one) => name === undefined || one.name === name)
        .map(async (one) =>
          (await inTime('the store', one.store.runs(limit.data))).map((run) => ({ workspace: one.name, ...run })),
        ),
    );
    const rows = found.flat().sort((a, b) => b.startedAt - a.startedAt || b.id - a.id);
    res.json({ runs: rows.slice(0, limit.data) });
  });
  return router;
}
