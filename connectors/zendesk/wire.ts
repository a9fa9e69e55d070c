import { z } from 'zod';
import type { Reject } from '../../src/contract/index.ts';
import { parseInstant } from '../../src/kit/dates.ts';

/** What the API sends, as far as we read it. Records are checked one by one, so that a bad one stops no other. */

const id = z.int();
const text = z.string().nullish();
const instant = z.string().transform((value, ctx) => {
  const ms = parseInstant(value);
  if (ms !== null) return ms;
  ctx.addIssue('expected a date-time like 2026-11-25T09:00:00Z');
  return z.NEVER;
});
const maybeInstant = instant.nullish().transform((v) => v ?? null);

export const Ticket = z.object({
  id,
  organization_id: id.nullish(),
  requester_id: id.nullish(),
  submitter_id: id.nullish(),
  group_id: id.nullish(),
  subject: text,
  description: text,
  status: z.string(),
  priority: z.enum(['low', 'normal', 'high', 'urgent']).nullish(),
  tags: z.array(z.string()).nullish(),
  custom_fields: z.array(z.object({ id, value: z.unknown().optional() })).nullish(),
  satisfaction_rating: z.object({ id: id.nullish(), score: z.union([z.string(), z.number()]).nullish() }).nullish(),
  created_at: instant,
  updated_at: instant,
  /** Unix seconds; system updates count too. */
  generated_timestamp: z.int().nullish(),
});
export type Ticket = z.infer<typeof Ticket>;

const Span = z
  .object({ calendar: z.number().nullish(), business: z.number().nullish() })
  .nullish()
  .transform((s) => ({ calendar: s?.calendar ?? null, business: s?.business ?? null }));

export const Metrics = z.object({
  ticket_id: id,
  reopens: z.int().nullish(),
  reply_time_in_minutes: Span,
  /** Messaging tickets only. */
  reply_time_in_seconds: Span,
  first_resolution_time_in_minutes: Span,
  full_resolution_time_in_minutes: Span,
  solved_at: maybeInstant,
  status_updated_at: maybeInstant,
});
export type Metrics = z.infer<typeof Metrics>;

export const User = z.object({ id, email: text });

export const Organization = z.object({
  id,
  name: text,
  external_id: z.union([z.string(), z.number()]).nullish(),
  domain_names: z.array(z.string()).nullish(),
  organization_fields: z.record(z.string(), z.unknown()).nullish(),
  created_at: maybeInstant,
  updated_at: maybeInstant,
  deleted_at: maybeInstant,
});
export type Organization = z.infer<typeof Organization>;

export const Merge = z.object({ loser_id: id, winner_id: id, status: text });

export const Audit = z.object({
  id,
  created_at: instant,
  events: z.array(z.looseObject({ type: z.string(), field_name: text, value: z.unknown().optional() })),
});
export type Audit = z.infer<typeof Audit>;

export const Comment = z.object({
  author_id: id.nullish(),
  public: z.boolean().nullish(),
  plain_body: text,
  body: text,
  created_at: instant,
});
export type Comment = z.infer<typeof Comment>;

export const Rating = z.object({
  id,
  ticket_id: id.nullish(),
  score: z.string(),
  created_at: instant,
  updated_at: maybeInstant,
});
export type Rating = z.infer<typeof Rating>;

/** A list of one by the vendor's document, an object by its texts. */
export const RatingAnswer = z.object({
  satisfaction_rating: z.union([Rating, z.array(Rating).transform((list) => list[0] ?? null)]),
});

/** One answered survey; the vendor's document lacks it, so only what is needed is asked for. */
export const SurveyResponse = z.object({
  answers: z
    .array(
      z.looseObject({ type: text, rating: z.number().nullish(), created_at: maybeInstant, updated_at: maybeInstant }),
    )
    .nullish(),
  subjects: z
    .array(z.looseObject({ type: text, id: z.union([z.string(), z.number()]).nullish(), zrn: text }))
    .nullish(),
  created_at: maybeInstant,
  updated_at: maybeInstant,
});

/** Reads records one by one; what does not fit is told with its id and place. */
export function readRecords<T>(
  what: string,
  records: unknown[],
  schema: z.ZodType<T>,
): { good: T[]; rejects: Reject[] } {
  const good: T[] = [];
  const rejects: Reject[] = [];
  for (const record of records) {
    const parsed = schema.safeParse(record);
    if (parsed.success) {
      good.push(parsed.data);
      continue;
    }
    const issue = parsed.error.issues[0];
    const recordId = typeof record === 'object' && record !== null && 'id' in record ? String(record.id) : '(no id)';
    rejects.push({
      where: `${what} ${recordId}`,
      reason: `${issue?.path.join('.') || 'record'}: ${issue?.message ?? ''}`,
    });
  }
  return { good, rejects };
}
