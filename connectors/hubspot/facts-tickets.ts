import type { Fact, FactData } from '../../src/core/fact.ts';
import { versionsOf } from './history.ts';
import type { Mapping } from './mapping.ts';
import { namedTicketProperties } from './named.ts';
import { bool, type CrmRecord, instant, num, str, type Values, valuesOf } from './record.ts';

const STATE = ['subject', 'hs_pipeline_stage', 'hs_ticket_priority', 'closed_date', 'time_to_first_agent_reply'];

/** The properties that versions of a ticket are made of; its text has none. */
export const ticketHistory = (mapping: Mapping): string[] => [
  ...new Set([...STATE, ...namedTicketProperties(mapping).map((n) => n.property)]),
];
export const TICKET_TEXT = 'content';

const MINUTE = 60_000;
const HOUR = 3_600_000;
/** How long the raw text is kept: the same as of other help desks. */
const TEXT_MS = 90 * 86_400_000;
const PRIORITIES = { LOW: 'low', MEDIUM: 'normal', HIGH: 'high', URGENT: 'urgent' } as const;

export interface TicketReading {
  mapping: Mapping;
  /** Stage id → where it stands: the first open stage of a pipeline is `new`. */
  stages: ReadonlyMap<string, 'new' | 'open' | 'solved'>;
  now: number;
}

/** A ticket as it was over time. */
export function ticketFacts(record: CrmRecord, account: string | null, reading: TicketReading): Fact[] {
  const facts: Fact[] = [];
  let reopens = 0;
  let solvedSince: number | null = null;
  for (const { at, values } of versionsOf(record, ticketHistory(reading.mapping))) {
    const stage = str(values, 'hs_pipeline_stage');
    const status = stage === null ? null : (reading.stages.get(stage) ?? stage);
    const solved = status === 'solved';
    if (!solved && solvedSince !== null) reopens += 1;
    solvedSince = solved ? (solvedSince ?? instant(values, 'closed_date') ?? at) : null;
    const data: FactData<'ticket'> = {
      ...stateOf(values, reading.mapping),
      status,
      openedAt: record.createdAt,
      solvedAt: solvedSince,
      resolutionHours: solvedSince === null ? null : (solvedSince - record.createdAt) / HOUR,
      reopens,
      ...(facts.length === 0 ? textOf(record, at, reading.now) : {}),
    };
    facts.push({ kind: 'ticket', id: record.id, account, at, knownAt: at, data });
  }
  return facts;
}

function stateOf(values: Values, { tickets }: Mapping) {
  const priority = str(values, 'hs_ticket_priority')?.toUpperCase();
  const reply = num(values, 'time_to_first_agent_reply');
  return {
    subject: str(values, 'subject'),
    priority: Object.entries(PRIORITIES).find(([name]) => name === priority)?.[1] ?? null,
    escalated: tickets.escalated === undefined ? null : bool(values, tickets.escalated),
    firstReplyMinutes: reply === null ? null : reply / MINUTE,
  };
}

function textOf(record: CrmRecord, at: number, now: number): { text?: string; textExpiresAt?: number } {
  const text = str(valuesOf(record), TICKET_TEXT);
  const expires = at + TEXT_MS;
  return text === null || text.trim() === '' || expires <= now ? {} : { text, textExpiresAt: expires };
}
