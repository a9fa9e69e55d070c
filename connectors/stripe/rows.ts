import type Stripe from 'stripe';
import { z } from 'zod';
import type { Reject } from '../../src/contract/index.ts';
import { ConnectorError } from '../../src/contract/index.ts';
import type { Client } from './client.ts';
import type { Config } from './config.ts';
import { Envelope } from './wire.ts';

export type Raw = Record<string, unknown>;

/** Every row of a list, page by page, newest first. */
export async function* everyRow(
  client: Client,
  label: string,
  send: (sdk: Stripe, after: { starting_after?: string }) => Promise<unknown>,
): AsyncGenerator<unknown> {
  for (let after: { starting_after?: string } = {}; ; ) {
    client.ctx.signal.throwIfAborted();
    const page = await client.list(label, (sdk) => send(sdk, after));
    yield* page.rows;
    const last = idOf(page.rows.at(-1));
    if (!page.more || last === null) return;
    after = { starting_after: last };
  }
}

export function idOf(row: unknown): string | null {
  return Envelope.safeParse(row).data?.id ?? null;
}

/**
 * Whether a row counts. Objects under a test clock live in another time; an object of the other mode must never be mixed in.
 * @throws ConnectorError where the mode is the other one
 */
export function belongs(row: unknown, mode: Config['mode']): boolean {
  const { id, livemode, test_clock } = Envelope.safeParse(row).data ?? {};
  if (livemode !== undefined && livemode !== (mode === 'live'))
    throw new ConnectorError(
      `${id ?? 'an object'} is of ${livemode ? 'live' : 'test'} mode, and ${mode} is configured`,
      {
        action: 'fail',
        code: 'OTHER_MODE',
        hint: 'Set `mode` and STRIPE_API_KEY to the same mode. Use a workspace of its own for test data.',
      },
    );
  return test_clock === undefined || test_clock === null;
}

/** Maps a row; one that does not fit is told and never stops the others. */
export function mapRow<T>(what: string, row: unknown, map: () => T[]): { facts: T[]; rejects: Reject[] } {
  try {
    return { facts: map(), rejects: [] };
  } catch (error) {
    const reason = reasonOf(error);
    if (reason === null) throw error;
    return { facts: [], rejects: [{ where: `${what} ${idOf(row) ?? '(no id)'}`, reason }] };
  }
}

function reasonOf(error: unknown): string | null {
  if (error instanceof RangeError) return error.message;
  if (!(error instanceof z.ZodError)) return null;
  const issue = error.issues[0];
  return `${issue?.path.join('.') || 'the object'}: ${issue?.message ?? 'unreadable'}`;
}
