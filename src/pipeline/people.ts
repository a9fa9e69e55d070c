import type { Person } from '../core/roles.ts';
import type { WorkspaceStore } from '../store/types.ts';

/** Users of the primary source by id and by what else they are known by, as they were at an instant. */
export async function loadPeople(store: WorkspaceStore, primary: string, asOf: number): Promise<Map<string, Person>> {
  const people = new Map<string, Person>();
  const aliases = new Map<string, Person>();
  for await (const chunk of store.latest(primary, 'user', asOf))
    for (const fact of chunk) {
      if (fact.kind !== 'user' || fact.deleted) continue;
      const { name = null, email = null, managerId = null, active, keys = [] } = fact.data;
      const person = { name, email, managerId, active: active !== false };
      people.set(fact.id, person);
      for (const key of keys) aliases.set(key, person);
    }
  return new Map([...aliases, ...people]);
}
