import { Families, familyView, withFamily } from '../core/family.ts';
import { hashOf } from '../core/hash.ts';
import { Hierarchy, type ParentLink } from '../core/hierarchy.ts';
import type { AccountView } from '../core/view.ts';
import { type Scored, scoredOf, scoreOf } from './scored.ts';
import type { Setting, SettingDeps } from './setting.ts';

/** Parents that are read at once. */
const SLICE = 400;

type Deps = Pick<SettingDeps, 'store' | 'rules'> & { primary: { name: string } };

/** Who belongs to whom as of an instant. */
export async function loadHierarchy({ store, primary }: Deps, asOf: number): Promise<Hierarchy> {
  const links: ParentLink[] = [];
  for await (const chunk of store.parentLinks(primary.name, asOf)) links.push(...chunk);
  return new Hierarchy(links);
}

/** The accounts that are scored as one with each top account; undefined where each is scored by itself. */
export const membersOf = ({ rules }: Pick<Deps, 'rules'>, hierarchy: Hierarchy): Map<string, string[]> | undefined =>
  rules.hierarchy.score === 'top' ? hierarchy.families() : undefined;

/** The view that an account is scored by: its own, or where the top stands for its family, that of all of them. */
export const viewOf = (
  { rules, primary }: Omit<Deps, 'store'>,
  view: AccountView,
  { toReporting }: Setting,
): AccountView => (rules.hierarchy.score === 'top' ? familyView(view, primary.name, toReporting) : view);

/** Which account is scored when, so that a parent is scored after all that lie below it, and shows them. */
export class FamilyPass {
  readonly hierarchy: Hierarchy;
  readonly #setting: Setting;
  readonly #each: boolean;
  readonly #families: Families;

  constructor(deps: Pick<Deps, 'rules'>, setting: Setting, hierarchy: Hierarchy) {
    this.hierarchy = hierarchy;
    this.#setting = setting;
    this.#each = deps.rules.hierarchy.score === 'each';
    this.#families = new Families(hierarchy);
  }

  /** Whether another account is scored in its place. */
  isInside(account: string): boolean {
    return !this.#each && this.hierarchy.parentOf(account) !== null;
  }
  /** Whether it waits for accounts below it. */
  isLater(account: string): boolean {
    return this.#each && this.hierarchy.isParent(account);
  }

  /** The accounts that waited, in parts that can be scored one after the other. */
  *later(): Generator<string[]> {
    if (!this.#each) return;
    for (const level of this.hierarchy.levels())
      for (let from = 0; from < level.length; from += SLICE) yield level.slice(from, from + SLICE);
  }

  /** The score with what its family adds; its ancestors will show it. */
  finish(scored: Scored): Scored {
    if (!this.#each) return scored;
    const { told, row, rolesFilled } = scored;
    const arr = told.arr ? (this.#setting.toReporting(told.arr)?.minor ?? null) : null;
    this.#families.add(told, arr);
    const family = this.#families.of(told, arr);
    if (!family) return scored;
    const score = withFamily(scoreOf(scored), family, this.#setting.today);
    return scoredOf({ asOf: row.asOf, inputsHash: hashOf([row.inputsHash, family]), score }, rolesFilled);
  }
}
