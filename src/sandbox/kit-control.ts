import { z } from 'zod';
import type { CallCount } from './kit-calls.ts';
import type { FaultList } from './kit-faults.ts';
import type { Answer, KitRequest } from './kit-types.ts';
import type { World } from './world.types.ts';

export const CONTROL_PATH = '/__sandbox';

const Command = z.strictObject({
  advanceMs: z.int().nonnegative().optional(),
  fault: z
    .strictObject({
      name: z.string(),
      on: z.string().optional(),
      times: z.int().positive().optional(),
      skip: z.int().nonnegative().optional(),
      with: z.record(z.string(), z.unknown()).optional(),
    })
    .optional(),
  clearFaults: z.literal(true).optional(),
  resetCalls: z.literal(true).optional(),
});

/** What the control endpoint may touch. */
export interface Controlled {
  world: World;
  faults: FaultList;
  calls: CallCount;
  rows(object: string): Record<string, unknown>[];
}

/**
 * Steers a sandbox that runs in a process of its own; it is never counted, delayed or hit by faults.
 * GET /__sandbox → now, calls, fired faults; GET /__sandbox/rows/OBJECT → rows;
 * POST /__sandbox {advanceMs | fault | clearFaults | resetCalls} → the same state afterwards.
 */
export function control(request: KitRequest, target: Controlled): Answer {
  const rest = request.url.pathname.slice(CONTROL_PATH.length);
  if (request.method === 'GET' && rest.startsWith('/rows/')) {
    return { status: 200, body: target.rows(decodeURIComponent(rest.slice('/rows/'.length))) };
  }
  if (rest !== '') return { status: 404, body: { error: `no such control: ${rest}` } };
  if (request.method === 'POST') {
    const command = Command.safeParse(parse(request.body));
    if (!command.success) return { status: 400, body: { error: z.prettifyError(command.error) } };
    const { advanceMs, fault, clearFaults, resetCalls } = command.data;
    if (clearFaults) target.faults.clear();
    if (resetCalls) target.calls.reset();
    if (advanceMs !== undefined) target.world.advance(advanceMs);
    if (fault) {
      if (!(fault.name in target.faults.known()))
        return { status: 400, body: { error: `unknown fault: ${fault.name}` } };
      target.faults.add(fault);
    }
  }
  return { status: 200, body: state(target) };
}

function state({ world, faults, calls }: Controlled): Record<string, unknown> {
  const totals = Object.fromEntries((['read', 'write', 'auth', 'setup'] as const).map((t) => [t, calls.total(t)]));
  return {
    now: world.now(),
    calls: calls.byKind(),
    totals,
    answers: calls.byStatus(),
    fired: faults.fired(),
    faults: faults.known(),
  };
}

function parse(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined; // refused by the schema with a message of its own
  }
}
