import { arrOf } from '../core/arr.ts';
import { coverageOf } from '../core/coverage.ts';
import { dayOf } from '../core/days.ts';
import { modelFor } from '../core/model.ts';
import { recommend } from '../core/recommend.ts';
import { renewalOf } from '../core/renewal.ts';
import type { AccountScore } from '../core/result.ts';
import { csmOf, keyContact, resolveRoles } from '../core/roles.ts';
import { makeEnv } from '../core/rows.ts';
import { satisfies } from '../core/rules.ts';
import { type ScoringInput, scoreWithTrend, thirtyDaysBefore } from '../core/score.ts';
import type { AccountView } from '../core/view.ts';
import type { StoredScore } from '../store/types.ts';
import type { ReadAccount } from './read-accounts.ts';
import type { ScoringRules, Setting } from './setting.ts';

/** The first segment whose rule an account meets. */
export const segmentOf = (rules: ScoringRules['rules'], view: AccountView): string | null =>
  rules.segment.find((s) => satisfies(s.when, view.field))?.key ?? null;

/** The account now and 30 days ago, as scoring takes it. */
export function inputsOf(
  { rules, model }: Pick<ScoringRules, 'rules' | 'model'>,
  setting: Setting,
  figures: Pick<ReadAccount, 'now' | 'before'>,
  view: AccountView,
): { now: ScoringInput; then: ScoringInput } {
  const { today, currency, toReporting, toReportingThen } = setting;
  const segment = segmentOf(rules, view);
  const renewal = renewalOf(view, rules, today, toReporting);
  const dayOfScore = { people: modelFor(model, segment).people, renewal, toReporting: undefined };
  const env = makeEnv({
    ...dayOfScore,
    view,
    today: dayOf(today),
    dayStart: setting.dayStart,
    aggregated: figures.now,
  });
  const now: ScoringInput = {
    view,
    today,
    dayStart: setting.dayStart,
    segment,
    renewal,
    csmId: csmOf(view, rules, setting.people),
    staleSources: setting.stale,
    coverage: coverageOf({ view, env, logging: setting.logging, carriers: setting.carriers }),
    aggregated: figures.now,
    toReporting: { currency, minor: (money) => toReporting(money)?.minor ?? null },
    peers: setting.peers && { accounts: setting.peers.accounts, tables: setting.peers.now },
    nameOf: (id) => setting.people.get(id)?.name ?? null,
  };
  const past = thirtyDaysBefore(now);
  const then: ScoringInput = {
    ...now,
    ...past,
    renewal: renewalOf(past.view, rules, past.today, toReportingThen),
    csmId: csmOf(past.view, rules, setting.people),
    toReporting: { currency, minor: (money) => toReportingThen(money)?.minor ?? null },
    staleSources: [],
    coverage: coverageOf({
      view: past.view,
      env: makeEnv({
        ...dayOfScore,
        view: past.view,
        today: dayOf(past.today),
        dayStart: past.dayStart,
        aggregated: figures.before,
      }),
      logging: setting.loggingThen,
      carriers: setting.carriersThen,
    }),
    aggregated: figures.before,
    peers: setting.peers && { accounts: setting.peers.accounts, tables: setting.peers.before },
  };
  return { now, then };
}

/** "five-dimension 1", and the whole model of the segment where it has its own. */
function modelText(model: ScoringRules['model'], segment: string | null): string {
  const own = modelFor(model, segment);
  const general = `${model.name} ${model.version}`;
  return own === model ? general : `${general}, ${own.name} ${own.version}`;
}

/**
 * One account's score with all that goes with it.
 * @param evidence how many source records each line names
 * @returns also whether somebody fills each role
 */
export function scoreOne(
  deps: ScoringRules,
  setting: Setting,
  account: ReadAccount,
  view: AccountView,
  evidence = 5,
): { stored: StoredScore; rolesFilled: boolean } {
  const { rules, model } = deps;
  const { today } = setting;
  const { now, then } = inputsOf(deps, setting, account, view);
  now.evidence = evidence;
  const part = scoreWithTrend(model, now, then);
  const roles = resolveRoles(view, rules, setting.people);
  const arr = arrOf(view, today, setting.toReporting);
  const score: AccountScore = {
    account: view.account,
    name: view.record?.name ?? view.account,
    asOf: setting.asOf,
    model: modelText(model, now.segment),
    modelHash: setting.hash,
    segment: now.segment,
    points: part.points,
    score: part.score,
    band: part.band,
    trend: part.trend,
    outlook: part.outlook,
    lifecycle: part.lifecycle,
    held: part.held,
    change30: part.change30,
    confidence: part.confidence,
    dimensions: part.dimensions,
    contributions: part.contributions,
    caps: part.caps,
    flags: part.flags,
    flagDetails: part.flagDetails,
    reasons: part.reasons,
    action: null,
    coverage: part.coverage,
    renewal: now.renewal,
    arr,
    csmId: roles.csmId,
    managerId: roles.managerId,
    ownerId: roles.ownerId,
    ...(part.override ? { override: part.override, computed: part.computed } : {}),
    ...(part.overrideIgnored === null ? {} : { overrideIgnored: part.overrideIgnored }),
  };
  score.action = recommend(score, deps.playbook, {
    today,
    csm: setting.people.get(roles.csmId ?? '')?.name ?? null,
    manager: setting.people.get(roles.managerId ?? '')?.name ?? null,
    contact: keyContact(view),
  });
  const stored = { asOf: setting.asOf, inputsHash: part.inputsHash, score };
  return { stored, rolesFilled: roles.unresolved.length === 0 };
}
