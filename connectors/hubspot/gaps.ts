import { z } from 'zod';
import { ConnectorError } from '../../src/contract/index.ts';

/** What a 207 could not read. */
export const Gaps = z
  .array(z.object({ category: z.string().nullish(), subCategory: z.string().nullish(), message: z.string().nullish() }))
  .nullish();

/** How the vendor says that there is nothing to read. */
const NOTHING_THERE = /NOT_FOUND|NO_ASSOCIATIONS_FOUND/;

/**
 * "None" comes as an error of its own for each record, and is no failure. Any other would pass for "none": a task that was not shown
 * would be raised again.
 * @throws ConnectorError
 */
export function refuseGaps(what: string, gaps: z.infer<typeof Gaps>): void {
  const failed = gaps?.find(({ category, subCategory }) => !NOTHING_THERE.test(`${category} ${subCategory}`));
  if (!failed) return;
  throw new ConnectorError(`${what}: ${failed.message ?? failed.category ?? 'refused'}`, {
    action: 'fail',
    ...(failed.category ? { code: failed.category } : {}),
    hint: 'A part of the answer is missing, and cannot be told from "there is none": run again; if it stays, run `npx pulseback check`.',
  });
}
