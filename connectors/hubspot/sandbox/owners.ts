import type { Answer } from '../../../src/sandbox/kit-types.ts';
import type { World, WorldUser } from '../../../src/sandbox/world.types.ts';
import { invalid, notFound } from './errors.ts';
import { ownerId, userId } from './keys.ts';

const YEARS = 5 * 365 * 86_400_000;
const FIRST_TEAM = 7_001;
const MAX_PAGE = 500;

/** The portal's people. HubSpot knows no reporting line: teams are all that it tells, one for each manager. */
export class Owners {
  readonly #world: World;
  readonly #minPages: number;

  constructor(world: World, minPages: number) {
    this.#world = world;
    this.#minPages = minPages;
  }

  list(query: URLSearchParams): Answer {
    const archived = query.get('archived') === 'true';
    const email = query.get('email')?.toLowerCase();
    const wanted = Number(query.get('limit') ?? 100);
    if (!Number.isInteger(wanted) || wanted < 1 || wanted > MAX_PAGE)
      throw invalid(`limit must be between 1 and ${MAX_PAGE}`);
    const after = Number(query.get('after') ?? 0);
    const all = this.#world.users.flatMap((user, position) =>
      user.active !== archived && (!email || user.email.toLowerCase() === email) ? [this.#show(user, position)] : [],
    );
    const limit = Math.min(wanted, Math.max(1, Math.ceil(all.length / this.#minPages)));
    const results = all.slice(after, after + limit);
    const next = after + results.length;
    const paging = next < all.length ? { paging: { next: { after: String(next) } } } : {};
    return { status: 200, body: { results, ...paging } };
  }

  one(id: string, query: URLSearchParams): Answer {
    const archived = query.get('archived') === 'true';
    const byUser = query.get('idProperty') === 'userId';
    const position = this.#world.users.findIndex((_, n) => (byUser ? String(userId(n)) : ownerId(n)) === id);
    const user = this.#world.users[position];
    if (!user || user.active === archived) throw notFound(`Owner ${id} not found`);
    return { status: 200, body: this.#show(user, position) };
  }

  /** Whether records can be given to that owner. */
  isActive(id: string): boolean {
    return this.#world.users.some((user, position) => ownerId(position) === id && user.active);
  }

  /** Owner id → owner id of that person's manager, which only the customer can tell. */
  managers(): Record<string, string> {
    const { users } = this.#world;
    return Object.fromEntries(
      users.flatMap(({ managerKey }, position) => {
        const manager = users.findIndex((u) => u.key === managerKey);
        return manager < 0 ? [] : [[ownerId(position), ownerId(manager)]];
      }),
    );
  }

  #show(user: WorldUser, position: number): Record<string, unknown> {
    const [firstName = '', ...rest] = user.name.split(' ');
    const at = new Date(this.#world.options.now - YEARS).toISOString();
    const teams = this.#teams(user);
    return {
      id: ownerId(position),
      email: user.email,
      type: 'PERSON',
      firstName,
      lastName: rest.join(' '),
      // Of people who have left, only the second one tells who they were.
      ...(user.active ? { userId: userId(position) } : {}),
      userIdIncludingInactive: userId(position),
      createdAt: at,
      updatedAt: at,
      archived: !user.active,
      ...(teams.length > 0 ? { teams } : {}),
    };
  }

  #teams(user: WorldUser): { id: string; name: string; primary: boolean }[] {
    const { users } = this.#world;
    const leads = users.map((u) => u.key);
    const own = user.role === 'manager' ? user.key : user.managerKey;
    const position = leads.indexOf(own ?? '');
    const lead = users[position];
    if (!lead || !user.active) return [];
    return [{ id: String(FIRST_TEAM + position), name: `Team ${lead.name}`, primary: true }];
  }
}
