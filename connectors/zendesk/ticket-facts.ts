import type { Fact, FactData } from '../../src/core/fact.ts';
import { emailDomainOf } from '../../src/core/match-keys.ts';
import type { Change } from './audits.ts';
import type { Config } from './config.ts';
import { isEscalated, valuesOf } from './escalation.ts';
import type { Metrics, Ticket } from './wire.ts';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** All that is known about one ticket. */
export interface Reading {
  ticket: Ticket;
  /** null = it has none (any more). */
  metrics: Metrics | null;
  /** From its audits, where they were read. */
  changes: Change[] | null;
  /** 0 to 100; `at` null = the time is unknown. */
  rating: { value: number; at: number | null } | null;
  /** The requester's address, for tickets without an organization. */
  email: string | null;
  /** What the requester wrote, by time. */
  messages: { at: number; text: string }[];
}

type Data = FactData<'ticket'>;
/** From `at` on, these fields hold. */
interface Step {
  at: number;
  set: Partial<Data>;
}

export const isSettled = (status: string): boolean => status === 'solved' || status === 'closed';
export const escalatedNow = (ticket: Ticket, config: Config): boolean =>
  isEscalated(config.escalation, {
    tags: ticket.tags ?? [],
    priority: ticket.priority ?? null,
    group: ticket.group_id ?? null,
    fields: new Map(ticket.custom_fields?.map((f) => [f.id, valuesOf(f.value)])),
  });

/** The account key of a ticket: its organization, else the mail domain of its requester; null where neither is known. */
export function accountOf(ticket: Ticket, email: string | null): { key: string; domain: string | null } | null {
  if (ticket.organization_id) return { key: String(ticket.organization_id), domain: null };
  const domain = email === null ? null : emailDomainOf(email);
  return domain === null ? null : { key: `email-domain:${domain}`, domain };
}

/** What a mail domain stands for where people belong to no organization; without a date of its own, so that it is one version for all. */
export const domainAccount = ({ key, domain }: { key: string; domain: string }): Fact => ({
  kind: 'account',
  id: key,
  account: key,
  at: 0,
  knownAt: 0,
  data: { name: domain, domains: [domain], keys: [] },
});

/**
 * A ticket as versions, each at its own time: opened, first reply, re-opened, escalated, solved, rated. What no source dates is told
 * at the last moment that it can have happened, never earlier. The whole history is stated each time, so that a change of
 * organization moves it and a redaction replaces it.
 */
export function ticketFacts(reading: Reading, config: Config, now: number): Fact[] {
  const { ticket } = reading;
  const account = accountOf(ticket, reading.email)?.key ?? null;
  const stamp = Math.max(ticket.updated_at, (ticket.generated_timestamp ?? 0) * SECOND);
  const fact = (at: number, data: Data): Fact => ({
    kind: 'ticket',
    id: String(ticket.id),
    account,
    at,
    knownAt: Math.max(at, stamp),
    data,
  });
  if (ticket.status === 'deleted') {
    const opened = fact(ticket.created_at, { ...openedData(reading), subject: null });
    return [opened, { ...fact(Math.max(ticket.updated_at, ticket.created_at + 1), {}), deleted: true }];
  }
  return versionsOf(reading, config, now).map(({ at, set }) => fact(at, set));
}

function versionsOf(reading: Reading, config: Config, now: number): Step[] {
  const { ticket, messages } = reading;
  const statuses = statusSteps(reading, config);
  const dated = [...replySteps(reading, config, statuses), ...statuses, ...otherSteps(reading)].toSorted(byTime);
  const steps = [...dated, ...remainder(reading, config, dated), ...messages.map(({ at }) => ({ at, set: {} }))];
  const versions: Step[] = [{ at: ticket.created_at, set: openedData(reading) }];
  for (const step of steps.toSorted(byTime)) {
    const before = versions.at(-1);
    const version = { at: Math.max(ticket.created_at, step.at), set: { ...before?.set, ...step.set } };
    if (before?.at === version.at) versions[versions.length - 1] = version;
    else versions.push(version);
  }
  return versions.map(({ at, set }) => ({ at, set: { ...set, ...textAt(reading, at, config, now) } }));
}

const byTime = (a: Step, b: Step): number => a.at - b.at;

/** As it was the moment it came in. */
function openedData({ ticket, changes }: Reading): Data {
  return {
    subject: ticket.subject ?? null,
    status: 'new',
    // Without audits it is not known whether the priority was ever another.
    priority: changes?.some((c) => c.what === 'priority') ? null : (ticket.priority ?? null),
    openedAt: ticket.created_at,
    solvedAt: null,
    firstReplyMinutes: null,
    resolutionHours: null,
    escalated: false,
    reopens: 0,
    satisfaction: null,
  };
}

/** The span by the calendar dates the reply, whichever of the two is reported. */
function replySteps({ ticket, metrics }: Reading, config: Config, statuses: Step[]): Step[] {
  const minutes = metrics?.reply_time_in_minutes;
  const seconds = metrics?.reply_time_in_seconds.calendar ?? null;
  const after = seconds === null ? (minutes?.calendar ?? null) : seconds / 60;
  if (after === null) return [];
  const firstReplyMinutes = config.hours === 'business' ? (minutes?.business ?? null) : after;
  const told = ticket.created_at + Math.round(after * MINUTE);
  // Minutes are rounded: a status that was set with the reply has the exact time.
  const slack = seconds === null ? MINUTE : SECOND;
  const at = statuses.find((s) => Math.abs(s.at - told) < slack)?.at ?? told;
  const first = statuses.every((s) => s.at > at);
  return [{ at, set: { firstReplyMinutes, ...(first ? { status: 'open' } : {}) } }];
}

function statusSteps(reading: Reading, config: Config): Step[] {
  const { ticket, metrics, changes } = reading;
  const statuses = changes?.flatMap((c) => (c.what === 'status' ? [c] : [])) ?? [];
  const told = statuses.length > 0 ? statuses : [undated(ticket, metrics)].filter((s) => s !== null);
  const solves = told.filter((s, i) => isSettled(s.value) && !isSettled(told[i - 1]?.value ?? 'new'));
  const duration = (at: number): number | null => {
    if (config.hours === 'calendar') return (at - ticket.created_at) / HOUR;
    const minutes =
      at === solves.at(-1)?.at
        ? metrics?.full_resolution_time_in_minutes.business
        : at === solves[0]?.at
          ? metrics?.first_resolution_time_in_minutes.business
          : null;
    return minutes == null ? null : minutes / 60;
  };
  let settled = false;
  let reopens = 0;
  return told.map(({ at, value }): Step => {
    const was = settled;
    settled = isSettled(value);
    if (settled && !was) return { at, set: { status: value, solvedAt: at, resolutionHours: duration(at) } };
    if (settled || !was) return { at, set: { status: value } };
    reopens += 1;
    return { at, set: { status: value, solvedAt: null, resolutionHours: null, reopens } };
  });
}

/** The present status where no audits were read. */
function undated(ticket: Ticket, metrics: Metrics | null): { at: number; value: string } | null {
  if (ticket.status === 'new') return null;
  const since = isSettled(ticket.status) ? metrics?.solved_at : metrics?.status_updated_at;
  return { at: since ?? ticket.updated_at, value: ticket.status };
}

function otherSteps({ changes, rating }: Reading): Step[] {
  const told = changes?.flatMap((c): Step[] => {
    if (c.what === 'escalated') return [{ at: c.at, set: { escalated: c.value } }];
    return c.what === 'priority' ? [{ at: c.at, set: { priority: priorityOf(c.value) } }] : [];
  });
  const rated = rating !== null && rating.at !== null ? [{ at: rating.at, set: { satisfaction: rating.value } }] : [];
  return [...(told ?? []), ...rated];
}

const PRIORITIES = ['low', 'normal', 'high', 'urgent'] as const;
const priorityOf = (value: string | null): Data['priority'] => PRIORITIES.find((p) => p === value) ?? null;

/** What holds now and nothing above has dated. */
function remainder({ ticket, metrics, rating }: Reading, config: Config, dated: Step[]): Step[] {
  const last = (field: keyof Data): Step | undefined => dated.findLast((s) => s.set[field] !== undefined);
  const solvedAt = last('solvedAt')?.set.solvedAt;
  const latest = solvedAt ?? metrics?.status_updated_at ?? ticket.updated_at;
  const now: Partial<Data> = {
    status: ticket.status,
    priority: ticket.priority ?? null,
    escalated: escalatedNow(ticket, config),
    reopens: metrics?.reopens ?? last('reopens')?.set.reopens ?? 0,
  };
  const opened = openedData({ ticket, metrics, rating, changes: null, email: null, messages: [] });
  const steps = (['status', 'priority', 'escalated', 'reopens'] as const).flatMap((field): Step[] => {
    const known = last(field);
    const held = known ? known.set[field] : opened[field];
    return held === now[field] ? [] : [{ at: Math.max(latest, known?.at ?? 0), set: { [field]: now[field] } }];
  });
  const undatedRating = rating !== null && rating.at === null;
  return undatedRating ? [...steps, { at: ticket.updated_at, set: { satisfaction: rating.value } }] : steps;
}

function textAt({ messages }: Reading, at: number, config: Config, now: number): Partial<Data> {
  const expires = at + config.textDays * DAY;
  const words = messages.filter((m) => m.at === at && m.text.trim() !== '').map((m) => m.text);
  return words.length === 0 || expires <= now ? {} : { text: words.join('\n\n'), textExpiresAt: expires };
}
