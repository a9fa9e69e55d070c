import { kindsOf, lookBackDays, modelFor, modelsOf, type People } from '../core/model.ts';
import type { AccountView } from '../core/view.ts';
import { viewOf } from './family.ts';
import { Reading } from './read-accounts.ts';
import { segmentOf } from './score-one.ts';
import { type Setting, type SettingDeps, staleKinds } from './setting.ts';

const DAY = 86_400_000;

type Deps = Pick<SettingDeps, 'store' | 'rules' | 'model'> & { primary: { name: string } };

/**
 * Reads accounts as scoring by `deps.model` in a setting needs them.
 * @param members account → accounts whose facts are joined in; undefined = none
 */
export const readingOf = (
  deps: Deps,
  setting: Setting,
  members: ReadonlyMap<string, readonly string[]> | undefined,
): Reading =>
  new Reading(deps.store, {
    primary: deps.primary.name,
    asOf: setting.asOf,
    today: setting.today,
    dayStart: setting.dayStart,
    lookBackMs: lookBackDays(deps.model) * DAY,
    kinds: kindsOf(deps.model),
    people: peopleOf(deps, setting),
    stale: staleKinds(setting),
    members,
  });

/** Segments may have whole models of their own, and those their own people. */
function peopleOf(deps: Deps, setting: Setting): (view: AccountView) => People {
  const { model, rules } = deps;
  if (modelsOf(model).length === 1) return () => model.people;
  return (view) => modelFor(model, segmentOf(rules, viewOf(deps, view, setting))).people;
}
