import { z } from 'zod';
import type { Portal } from './portal.ts';

const text = z
  .string()
  .nullish()
  .transform((value) => value || null);
const Id = z.union([z.string(), z.int()]).transform(String);
const Row = z.object({
  id: Id,
  email: text,
  firstName: text,
  lastName: text,
  /** Who they are as a user: also of people who have left. */
  userIdIncludingInactive: Id.nullish(),
  teams: z
    .array(z.object({ id: Id, primary: z.boolean().default(false) }))
    .nullish()
    .transform((teams) => teams ?? []),
  archived: z.boolean().default(false),
  updatedAt: z.iso.datetime({ offset: true }).transform((stamp) => Date.parse(stamp)),
});
/** A person who can own records: known by the owner id, which is not the user id. `updatedAt` in epoch ms. */
export type Owner = z.infer<typeof Row>;

const Answer = z.object({
  results: z.array(Row),
  paging: z.object({ next: z.object({ after: z.string() }).nullish() }).nullish(),
});

/** What changed a record names the user, not the owner; so a person is also known by this. */
export const personKey = (userId: string): string => `user:${userId}`;

/** Every owner, deactivated ones last. https://developers.hubspot.com/docs/api-reference/crm-owners-v3/guide */
export async function* owners(portal: Portal): AsyncGenerator<Owner[]> {
  for (const archived of [false, true])
    for (let after: string | undefined; ; ) {
      const { results, paging } = await portal.client.json({
        label: 'owners',
        kind: 'read',
        idempotent: true,
        method: 'GET',
        path: portal.paths.owners(),
        query: { limit: 100, after, archived },
        schema: Answer,
      });
      yield results.map((owner) => ({ ...owner, archived }));
      after = paging?.next?.after;
      if (after === undefined) break;
    }
}
