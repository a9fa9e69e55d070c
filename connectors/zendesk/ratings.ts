import type { z } from 'zod';
import type { ConnectorError } from '../../src/contract/index.ts';
import type { Client } from './client.ts';
import { isForbidden } from './client.ts';
import { Rating, RatingAnswer, readRecords, SurveyResponse, type Ticket } from './wire.ts';

export interface Rated {
  /** 0 (bad) … 100 (good). */
  value: number;
  at: number | null;
}

/** Above this many of a page, a list of 100 a call is cheaper than one call each. */
const ONE_BY_ONE = 10;

/** What a legacy score says; null = none was given (offered, unoffered). */
export function legacyValue(score: string | number | null | undefined): number | null {
  if (typeof score === 'number') return starsValue(score);
  if (score?.startsWith('good')) return 100;
  return score?.startsWith('bad') ? 0 : null;
}

/** 1 to 5 → 0 to 100; null for what is no such figure. */
export const starsValue = (stars: number): number | null => (stars >= 1 && stars <= 5 ? (stars - 1) * 25 : null);

/** One answered survey about a ticket; null where it is about something else, or not rated. */
export function surveyRating(response: z.infer<typeof SurveyResponse>): { ticket: number; rated: Rated } | null {
  const subject = response.subjects?.find((s) => s.type === 'ticket' || s.zrn?.startsWith('zen:ticket:'));
  const ticket = Number(subject?.zrn?.split(':').at(-1) ?? subject?.id);
  const answer = response.answers?.find((a) => typeof a.rating === 'number');
  const value = typeof answer?.rating === 'number' ? starsValue(answer.rating) : null;
  if (!Number.isSafeInteger(ticket) || value === null) return null;
  return {
    ticket,
    rated: { value, at: answer?.updated_at ?? answer?.created_at ?? response.updated_at ?? response.created_at },
  };
}

/** All answered surveys, page by page. https://developer.zendesk.com/api-reference/ticketing/ticket-management/csat_survey_responses/ */
export async function* surveyPages(client: Client) {
  for await (const page of client.list(
    { label: 'survey_responses.list', path: 'guide/survey_responses' },
    'survey_responses',
  )) {
    const { good, rejects } = readRecords('survey response', page.records, SurveyResponse);
    yield { rated: good.map(surveyRating).filter((r) => r !== null), rejects };
  }
}

/**
 * How tickets were rated, and when: the ticket itself tells the score without a time. One for each pull. Where ratings may not
 * be read, scores stay without time and tickets go on.
 */
export class Ratings {
  readonly #client: Client;
  readonly #dates = new Map<number, number>();
  #listed = false;
  #legacy = false;
  #refused = false;
  #surveys: Promise<Map<number, Rated>> | null = null;

  constructor(client: Client) {
    this.#client = client;
  }

  async of(tickets: readonly Ticket[]): Promise<Map<number, Rated>> {
    const { csat } = this.#client.ctx.config;
    const rated = new Map<number, Rated>();
    if (csat === 'none') return rated;
    if (csat !== 'surveys') for (const [id, r] of await this.#legacyOf(tickets)) rated.set(id, r);
    this.#legacy ||= rated.size > 0;
    // An account has one kind or the other; only tickets that were once solved are asked about.
    const askable = tickets.some((t) => t.status === 'solved' || t.status === 'closed');
    if (csat === 'surveys' ? tickets.length > 0 : csat === 'auto' && !this.#legacy && askable) {
      this.#surveys ??= this.#readSurveys();
      const all = await this.#surveys;
      for (const { id } of tickets) {
        const r = all.get(id);
        if (r) rated.set(id, r);
      }
    }
    return rated;
  }

  async #legacyOf(tickets: readonly Ticket[]): Promise<[number, Rated][]> {
    const scored = tickets.flatMap((t) => {
      const value = legacyValue(t.satisfaction_rating?.score);
      return value === null ? [] : [{ ticket: t, value, id: t.satisfaction_rating?.id ?? null }];
    });
    await this.#date(scored);
    return scored.map(({ ticket, value, id }) => [
      ticket.id,
      { value, at: (id === null ? undefined : this.#dates.get(id)) ?? null },
    ]);
  }

  async #date(scored: { ticket: Ticket; id: number | null }[]): Promise<void> {
    const undated = () => scored.flatMap(({ id }) => (id === null || this.#dates.has(id) ? [] : [id]));
    if (this.#refused || undated().length === 0) return;
    try {
      if (!this.#listed && undated().length > ONE_BY_ONE) {
        this.#listed = true;
        const oldest = scored.reduce(
          (least, { ticket }) => Math.min(least, ticket.created_at),
          Number.POSITIVE_INFINITY,
        );
        const query = { score: 'received', start_time: Math.floor(oldest / 1000) };
        const list = { label: 'satisfaction_ratings.list', path: 'satisfaction_ratings', query };
        for await (const { records } of this.#client.list(list, 'satisfaction_ratings'))
          for (const rating of readRecords('rating', records, Rating).good) this.#note(rating);
      }
      const answers = await Promise.all(
        undated().map((id) =>
          this.#client.find({
            label: 'satisfaction_ratings.show',
            path: `satisfaction_ratings/${id}`,
            schema: RatingAnswer,
          }),
        ),
      );
      for (const answer of answers) if (answer?.satisfaction_rating) this.#note(answer.satisfaction_rating);
    } catch (error) {
      if (!isForbidden(error)) throw error;
      this.#refused = true;
      this.#client.ctx.log.warn(
        { code: error.code, hint: error.hint },
        'ratings may not be read: their times are unknown',
      );
    }
  }

  /** `updated_at`: a rating exists from the day it is offered. */
  #note(rating: Rating): void {
    this.#dates.set(rating.id, rating.updated_at ?? rating.created_at);
  }

  async #readSurveys(): Promise<Map<number, Rated>> {
    const all = new Map<number, Rated>();
    try {
      for await (const page of surveyPages(this.#client))
        for (const { ticket, rated } of page.rated) all.set(ticket, rated);
    } catch (error) {
      if (!isForbidden(error)) throw error;
      this.#client.ctx.log.info({ code: (error as ConnectorError).code }, 'the account has no satisfaction surveys');
    }
    return all;
  }
}
