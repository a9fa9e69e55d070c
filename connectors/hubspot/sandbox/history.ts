import type { Change, Owners } from './change.ts';
import { storyOf } from './changes.ts';
import { accountOf } from './keys.ts';
import { ownersOf } from './load.ts';
import { stateOf } from './pipelines.ts';
import type { Portal, Rec } from './store.ts';
import { TYPES } from './types.ts';

/** One value that a property had. */
export interface Version {
  value: string;
  timestamp: string;
  sourceType: string;
  sourceId: string;
  /** Where it was a person. */
  updatedByUserId?: number;
}
interface Entry {
  at: number;
  value: string;
  source: string;
}

/**
 * What properties were, newest first. The world's part is told again from the account's own story, so that no history of millions
 * of records needs keeping; what the API wrote comes from what was noted then.
 */
export class History {
  readonly #portal: Portal;
  readonly #owners: Owners;
  readonly #max: (contacts: boolean) => number;
  readonly #ofWorld: boolean;

  /**
   * `max` = versions that are told at most; the vendor keeps more of contacts than of all else. `ofWorld` = false where the records
   * are others than the world's, though they may have the same ids.
   */
  constructor(portal: Portal, max: { contacts: number; others: number }, ofWorld = true) {
    this.#ofWorld = ofWorld;
    this.#portal = portal;
    this.#owners = ownersOf(portal);
    this.#max = (contacts) => (contacts ? max.contacts : max.others);
  }

  of(rec: Rec, names: string[]): Record<string, Version[]> {
    const story = this.#story(rec);
    const noted = this.#portal.tables
      .all('SELECT at, props, source FROM history WHERE type = ? AND id = ? ORDER BY at, seq', [rec.type, rec.id])
      .map((row) => ({
        at: Number(row.at),
        set: JSON.parse(String(row.props)) as Record<string, string | null>,
        source: String(row.source),
      }));
    return Object.fromEntries(
      names.map((name) => {
        const entries: Entry[] = [
          ...valuesIn(story, name),
          ...noted.flatMap(({ at, set, source }) =>
            set[name] === undefined ? [] : [{ at, value: set[name] ?? '', source }],
          ),
        ];
        entries.sort((a, b) => a.at - b.at);
        if (entries.length === 0) entries.push(...this.#only(rec, name));
        const changed = entries.filter((e, n) => e.value !== (entries[n - 1]?.value ?? ''));
        const newest = changed.reverse().slice(0, this.#max(rec.type === 'contacts'));
        return [name, newest.map(show)];
      }),
    );
  }

  #story(rec: Rec): Change[] {
    const { world } = this.#portal;
    const index = this.#ofWorld ? accountOf(rec.type, rec.id, world.size) : null;
    if (index === null) return [];
    const now = this.#portal.now();
    return storyOf(world.account(index), rec.type, this.#owners).filter((c) => c.id === rec.id && c.at <= now);
  }

  /** A value that has no story (a record made by hand, a system property) has held since the record is there. */
  #only(rec: Rec, name: string): Entry[] {
    const value = rec.props[name];
    const { created } = TYPES[rec.type];
    if (name === created) return [{ at: rec.created, value: new Date(rec.created).toISOString(), source: 'CRM_UI' }];
    return value === undefined ? [] : [{ at: rec.created, value, source: 'CRM_UI' }];
  }
}

function valuesIn(story: Change[], name: string): Entry[] {
  return story.flatMap((change) => {
    const set =
      change.set.dealstage === undefined ? change.set : { ...change.set, ...stateOf(change.set.dealstage ?? '') };
    const value = set[name];
    return value === undefined ? [] : [{ at: Math.floor(change.at), value: value ?? '', source: 'CRM_UI' }];
  });
}

/** A person of the world's story has no name. */
function show({ at, value, source }: Entry): Version {
  const told = { value, timestamp: new Date(at).toISOString() };
  const [, user] = source.split('userId:');
  if (user !== undefined) return { ...told, sourceType: 'CRM_UI', sourceId: source, updatedByUserId: Number(user) };
  return { ...told, sourceType: source, sourceId: source === 'CRM_UI' ? 'userId:50000001' : 'private-app' };
}
