import type { PlanHead, WorkspaceStore } from '../store/types.ts';

/**
 * The circuit breaker (W7): a plan is held for a person when its result looks like broken data. Bands that are new to the CRM,
 * or come from another model than those it shows, do not count: the first run and a newly published model pass.
 */
export async function guard(
  deps: { store: WorkspaceStore; config: { breaker: { bandChangeShare: number; atLeast: number } } },
  plan: PlanHead,
  facts: { bandChanges: number; scored: number },
): Promise<PlanHead> {
  const { bandChangeShare, atLeast } = deps.config.breaker;
  if (facts.bandChanges < atLeast || facts.bandChanges <= facts.scored * bandChangeShare) return plan;
  const held = `${facts.bandChanges} of ${facts.scored} accounts would change band at once (limit ${Math.round(bandChangeShare * 100)} %), which looks like broken data rather than news`;
  const summary = { ...plan.summary, held };
  await deps.store.setPlan(plan.number, 'held', summary);
  return { ...plan, status: 'held', summary };
}
