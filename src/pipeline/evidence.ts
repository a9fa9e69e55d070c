import type { FactRef } from '../core/fact.ts';
import { modelHash } from '../core/model.ts';
import type { AccountScore } from '../core/result.ts';
import { modelOf, rescore, settingOf } from './rescore.ts';
import type { SettingDeps } from './setting.ts';

/**
 * A stored score with the source records behind each line. Scoring in bulk aggregates them in the store and names none, so the account
 * is scored again from its rows; a line that comes out otherwise today keeps what it was, and `note` says so.
 */
export async function withEvidence(
  deps: SettingDeps,
  score: AccountScore,
): Promise<{ score: AccountScore; note: string | null }> {
  const model = score.modelHash === modelHash(deps.model) ? deps.model : await modelOf(deps, score.modelHash);
  if (model === null) return { score, note: 'Its source records are not told: the model that scored it is not kept.' };
  const own = { ...deps, model };
  const again = await rescore(own, score.account, await settingOf(own, score));
  if ('why' in again)
    return {
      score,
      note: `Its source records are not told: as of then the account is no customer any more (${again.why}).`,
    };
  const otherwise: string[] = [];
  const known = new Map(again.contributions.map((c) => [c.signal, c]));
  const contributions = score.contributions.map((c) => {
    const now = known.get(c.signal);
    if (now?.value !== c.value || now.raw !== c.raw) otherwise.push(c.label);
    return { ...c, evidence: now?.evidence ?? c.evidence };
  });
  const capped = new Map(again.caps.map((c): [string, FactRef[]] => [c.cap, c.evidence]));
  const caps = score.caps.map((c) => ({ ...c, evidence: capped.get(c.cap) ?? c.evidence }));
  const note =
    otherwise.length > 0
      ? `Corrected since it was scored, so that its records say otherwise today: ${otherwise.join(', ')}.`
      : null;
  return { score: { ...score, contributions, caps }, note };
}
