import type { Person } from '../core/roles.ts';
import type { WorkspaceStore } from '../store/types.ts';

/** Users of the primary source by id, as they were known at an instant. */
export async function loadPeople(store: WorkspaceStore, primary: string, asOf: number): Promise<Map<string, Person>> {
  const people = new Map<string, Person>();
  for await (const chunk of store.latest(primary, 'user', asOf))
    for (const fact of chunk) {
      if (fact.kind !== 'user' || fact.deleted) continue;
      const { name = null, email = null, managerId = null, active } = fact.data;
      people.set(fact.id, { name, email, managerId, active: active !== false });
    }
  return people;
}
