import type { Ctx } from '../../src/contract/index.ts';
import { type Cursor, InputError, type Page, type StreamSpec } from '../../src/contract/index.ts';
import { Client } from './client.ts';
import type { Config } from './config.ts';
import { OrganizationCursor, pullOrganizations } from './organizations.ts';
import { pullSurveys, pullTickets, SurveyCursor, TicketCursor } from './tickets.ts';

const DAILY = '0 4 * * *';
const HOUR = 3_600_000;

export function streamSpecs(config: Config): Record<string, StreamSpec> {
  const common = { mode: 'incremental', schedule: DAILY, deletions: 'tombstones', overlapMs: 0 } as const;
  const specs: Record<string, StreamSpec> = {
    organizations: { ...common, title: 'organizations', kinds: ['account'], cursor: OrganizationCursor },
    tickets: { ...common, title: 'tickets', kinds: ['ticket', 'account'], cursor: TicketCursor },
  };
  // Legacy ratings change their ticket and come with it.
  if (config.csat === 'surveys' || config.csat === 'auto')
    specs.surveys = {
      ...common,
      title: 'satisfaction surveys',
      kinds: ['ticket', 'account'],
      cursor: SurveyCursor,
      overlapMs: HOUR,
      deletions: 'none',
    };
  return specs;
}

export async function* pullStream(ctx: Ctx<Config>, stream: string, from: Cursor | null): AsyncGenerator<Page> {
  const specs = streamSpecs(ctx.config);
  const spec = specs[stream];
  if (!spec)
    throw new InputError(`Zendesk has no stream called "${stream}"`, {
      hint: `Streams are: ${Object.keys(specs).join(', ')}.`,
    });
  const read = <T>(schema: {
    safeParse(value: unknown): { success: true; data: T } | { success: false };
  }): T | null => {
    if (from === null) return null;
    const parsed = schema.safeParse(from);
    if (parsed.success) return parsed.data;
    throw new InputError(`${stream}: the stored cursor is unreadable`, {
      hint: 'Run `npx pulseback pull --reset` for this stream: it is read from its beginning, and nothing is doubled by it.',
    });
  };
  const client = new Client(ctx);
  if (stream === 'organizations') yield* pullOrganizations(client, read(OrganizationCursor));
  else if (stream === 'tickets') yield* pullTickets(client, read(TicketCursor));
  else yield* pullSurveys(client, read(SurveyCursor), spec.overlapMs);
}
