import { z } from 'zod';
import type { Stage } from './facts-deals.ts';
import type { Portal } from './portal.ts';

const Answer = z.object({
  results: z.array(
    z.object({
      id: z.string(),
      label: z.string().default(''),
      stages: z.array(
        z.object({
          id: z.string(),
          label: z.string(),
          displayOrder: z.number().default(0),
          metadata: z.record(z.string(), z.unknown()).default({}),
        }),
      ),
    }),
  ),
});

/** Read in full each run: pipelines have no stamp. https://developers.hubspot.com/docs/api-reference/crm-pipelines-v3/guide */
async function pipelines(portal: Portal, type: 'deals' | 'tickets') {
  const { results } = await portal.client.json({
    label: `pipelines.${type}`,
    kind: 'read',
    idempotent: true,
    method: 'GET',
    path: portal.paths.pipelines(type),
    schema: Answer,
  });
  return results;
}

/** Id → label of the deal pipelines. */
export async function pipelineIds(portal: Portal): Promise<Map<string, string>> {
  return new Map((await pipelines(portal, 'deals')).map(({ id, label }) => [id, label]));
}

/** Stages of all deal pipelines by id. Won = closed with a probability of one. */
export async function dealStages(portal: Portal): Promise<Map<string, Stage>> {
  const stages = new Map<string, Stage>();
  for (const pipeline of await pipelines(portal, 'deals'))
    for (const { id, label, metadata } of pipeline.stages) {
      const closed = metadata.isClosed === undefined ? null : String(metadata.isClosed) === 'true';
      const probability = Number(metadata.probability ?? Number.NaN);
      const won = closed === false ? false : Number.isNaN(probability) ? null : probability === 1;
      stages.set(id, { label, closed, won });
    }
  return stages;
}

/** Where each ticket stage stands: closed ones are `solved`, the first open one of its pipeline is `new`. */
export async function ticketStages(portal: Portal): Promise<Map<string, 'new' | 'open' | 'solved'>> {
  const stages = new Map<string, 'new' | 'open' | 'solved'>();
  for (const pipeline of await pipelines(portal, 'tickets')) {
    let first = true;
    for (const { id, metadata } of pipeline.stages.toSorted((a, b) => a.displayOrder - b.displayOrder)) {
      const solved = metadata.ticketState === 'CLOSED' || String(metadata.isClosed) === 'true';
      stages.set(id, solved ? 'solved' : first ? 'new' : 'open');
      if (!solved) first = false;
    }
  }
  return stages;
}
