import { z } from 'zod';
import type { Reject } from '../../src/contract/index.ts';
import type { Fact } from '../../src/core/fact.ts';
import { type Change, changesOf } from './audits.ts';
import { type Client, isGone } from './client.ts';
import { Ratings } from './ratings.ts';
import { accountOf, domainAccount, escalatedNow, type Reading, ticketFacts } from './ticket-facts.ts';
import { Audit, Comment, Metrics, readRecords, Ticket, User } from './wire.ts';

/** Records that came with a page of tickets; absent = the endpoint does not send them along. */
export const Sideloads = z.object({
  users: z.array(z.unknown()).nullish(),
  metric_sets: z.array(z.unknown()).nullish(),
});
export type Sideloads = z.infer<typeof Sideloads>;
export const INCLUDE = 'users,metric_sets';

/** `ticket_metric` is a list of one in some versions of the API. */
const MetricAnswer = z.object({
  ticket_metric: z.union([Metrics, z.array(Metrics).transform((list) => list[0] ?? null)]),
});

/** Makes facts of tickets, reading beside them only what the page does not tell. One for each pull. */
export class TicketReader {
  readonly #client: Client;
  readonly #ratings: Ratings;

  constructor(client: Client) {
    this.#client = client;
    this.#ratings = new Ratings(client);
  }

  async read(records: unknown[], sideloads: Sideloads): Promise<{ facts: Fact[]; rejects: Reject[] }> {
    const { config, now } = this.#client.ctx;
    const { good, rejects } = readRecords('ticket', records, Ticket);
    const tickets = [...new Map(good.map((t) => [t.id, t])).values()]; // of one that a page has twice, the later
    const living = tickets.filter((t) => t.status !== 'deleted');
    const [emails, metrics, rated] = await Promise.all([
      this.#emails(tickets, sideloads),
      this.#metrics(living, sideloads),
      this.#ratings.of(living),
    ]);
    const readings = await Promise.all(
      tickets.map(async (ticket): Promise<Reading> => {
        const living = ticket.status !== 'deleted';
        const metric = metrics.get(ticket.id) ?? null;
        return {
          ticket,
          metrics: metric,
          changes: living ? await this.#changes(ticket, metric) : null,
          rating: rated.get(ticket.id) ?? null,
          email: (ticket.requester_id ? emails.get(ticket.requester_id) : undefined) ?? null,
          messages: living ? await this.#messages(ticket) : [],
        };
      }),
    );
    const domains = new Map<string, Fact>();
    for (const { ticket, email } of readings) {
      const account = accountOf(ticket, email);
      if (account?.domain) domains.set(account.key, domainAccount({ key: account.key, domain: account.domain }));
    }
    const facts = readings.flatMap((reading) => ticketFacts(reading, config, now()));
    return { facts: [...domains.values(), ...facts], rejects };
  }

  /** Addresses of those whose tickets belong to no organization. */
  async #emails(tickets: Ticket[], { users }: Sideloads): Promise<Map<number, string>> {
    const wanted = new Set(tickets.flatMap((t) => (t.organization_id || !t.requester_id ? [] : [t.requester_id])));
    if (wanted.size === 0) return new Map();
    const known = new Map(readRecords('user', users ?? [], User).good.map((u) => [u.id, u.email]));
    const missing = [...wanted].filter((id) => !known.has(id));
    for (let i = 0; i < missing.length; i += 100) {
      const answer = await this.#client.find({
        label: 'users.show_many',
        path: 'users/show_many',
        query: { ids: missing.slice(i, i + 100).join(',') },
        schema: z.object({ users: z.array(z.unknown()) }),
      });
      for (const user of readRecords('user', answer?.users ?? [], User).good) known.set(user.id, user.email);
    }
    return new Map([...known].flatMap(([id, email]) => (email ? [[id, email]] : [])));
  }

  /** Sent along where the endpoint does so; else read for each of these tickets. A ticket deleted meanwhile has none. */
  async #metrics(tickets: Ticket[], { metric_sets }: Sideloads): Promise<Map<number, Metrics>> {
    const known = new Map(readRecords('metrics', metric_sets ?? [], Metrics).good.map((m) => [m.ticket_id, m]));
    await Promise.all(
      tickets.map(async ({ id }) => {
        if (known.has(id)) return;
        const path = `tickets/${id}/metrics`;
        const answer = await this.#client.find({ label: 'tickets.metrics', path, schema: MetricAnswer });
        if (answer?.ticket_metric) known.set(id, answer.ticket_metric);
      }),
    );
    return known;
  }

  /** Only audits date a re-opening or an escalation; tickets without either are told by their metrics. */
  async #changes(ticket: Ticket, metrics: Metrics | null): Promise<Change[] | null> {
    const { config } = this.#client.ctx;
    const needed = (metrics?.reopens ?? 0) > 0 || escalatedNow(ticket, config);
    if (config.history === 'metrics' || !needed) return null;
    const audits = await this.#perTicket(ticket, 'audits', Audit);
    return audits && changesOf(audits, config.escalation);
  }

  /** The opening message is the ticket's description, unless an agent wrote it for the customer. */
  async #messages(ticket: Ticket): Promise<Reading['messages']> {
    const { text } = this.#client.ctx.config;
    if (text === 'none') return [];
    if (text === 'all') {
      const comments = (await this.#perTicket(ticket, 'comments', Comment)) ?? [];
      return comments
        .filter((c) => c.public !== false && c.author_id === ticket.requester_id)
        .map((c) => ({ at: c.created_at, text: c.plain_body ?? c.body ?? '' }));
    }
    const own = !ticket.submitter_id || ticket.submitter_id === ticket.requester_id;
    return own && ticket.description ? [{ at: ticket.created_at, text: ticket.description }] : [];
  }

  /** All of a ticket's audits or comments; null where it is gone. */
  async #perTicket<T>({ id }: Ticket, what: 'audits' | 'comments', schema: z.ZodType<T>): Promise<T[] | null> {
    const all: T[] = [];
    try {
      for await (const { records } of this.#client.list(
        { label: `tickets.${what}`, path: `tickets/${id}/${what}` },
        what,
      ))
        all.push(...readRecords(what, records, schema).good);
    } catch (error) {
      if (isGone(error)) return null;
      throw error;
    }
    return all;
  }
}
