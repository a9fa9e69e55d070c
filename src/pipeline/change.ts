import { type Change, changeOf, counterfactual, type End } from '../core/change.ts';
import { type Model, modelFor, modelHash } from '../core/model.ts';
import { type Peers, peersOr } from '../core/peers.ts';
import type { AccountScore } from '../core/result.ts';
import { type ScoringInput, scoreAccount } from '../core/score.ts';
import { todayIn } from '../kit/dates.ts';
import { modelOf, readAccount, settingOf } from './rescore.ts';
import { inputsOf } from './score-one.ts';
import type { Setting, SettingDeps } from './setting.ts';

/** A score that stood at a date. */
export interface Stood {
  score: AccountScore;
  /** null = stored by a scoring; else the setting by which it was worked out just now. */
  worked: Setting | null;
}

/** Splits the change between two scores of one account, both of which have points. */
export async function changeBetween(deps: SettingDeps, from: Stood, to: Stood): Promise<Change> {
  const kept: Record<End, Model | null> = { from: await modelBehind(deps, from), to: await modelBehind(deps, to) };
  const model = kept.to ?? deps.model;
  const models: Record<End, Model> = { from: kept.from ?? model, to: model };
  const settings: Record<End, Setting> = {
    from: await settingFor({ ...deps, model: models.from }, from),
    to: await settingFor({ ...deps, model: models.to }, to),
  };
  const inputs = new Map<string, ScoringInput>();
  for (const [facts, by] of [
    ['from', 'from'],
    ['from', 'to'],
    ['to', 'to'],
  ] as const) {
    const own = { ...deps, model: models[by] };
    const read = await readAccount(own, to.score.account, settings[facts]);
    if (!read) throw new Error(`account ${to.score.account} has a score of an instant at which it is not known`);
    inputs.set(`${facts} ${by}`, inputsOf(own, settings[facts], read.account, read.view).now);
  }
  const input = (facts: End, by: End): ScoringInput => {
    const found = inputs.get(`${facts} ${by}`);
    if (!found) throw new Error(`facts of ${facts} by the model of ${by} were not read`);
    return found;
  };
  const peersAt = (end: End): Peers | null => input(end, end).peers ?? null;
  const segments = { from: input('from', 'to').segment, to: input('to', 'to').segment };
  const day = ({ score }: Stood): string => todayIn(deps.config.timezone, score.asOf);
  return changeOf({
    from: from.score,
    to: to.score,
    since: day(from),
    until: day(to),
    model: modelFor(model, segments.to),
    modelThen: kept.from && modelFor(kept.from, segments.from),
    segments,
    score: (what) =>
      scoreAccount(counterfactual(models[what.model], what.only), {
        ...input(what.facts, what.model),
        segment: input(what.segment, 'to').segment,
        peers: peersOr(peersAt(what.peers), peersAt(what.peers === 'to' ? 'from' : 'to')),
      }),
  });
}

async function modelBehind(deps: SettingDeps, { score, worked }: Stood): Promise<Model | null> {
  if (worked !== null || score.modelHash === modelHash(deps.model)) return deps.model;
  return await modelOf(deps, score.modelHash);
}

const settingFor = async (deps: SettingDeps, { score, worked }: Stood): Promise<Setting> =>
  worked ?? (await settingOf(deps, score));
