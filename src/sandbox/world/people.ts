import type { WorldOptions, WorldUser } from '../world.types.ts';
import { addressOf, FIRST_NAMES, LAST_NAMES } from './names.ts';
import { randomFor } from './random.ts';

/** Who may own accounts, by what is particular about them. */
export interface Cast {
  users: WorldUser[];
  byKey: ReadonlyMap<string, WorldUser>;
  regular: string[];
  'owner inactive': string[];
  'manager missing': string[];
  'manager inactive': string[];
  'e-mail not synced': string[];
}

const ACCOUNTS_PER_CSM = 40;
const CSMS_PER_MANAGER = 8;

/** The vendor's own staff: one CSM for 40 customers, a manager for 8 CSMs, an executive, an integration user, and the odd ones. */
export function makeCast(options: Required<WorldOptions>): Cast {
  const random = randomFor(options.seed, 0, 'people');
  const users: WorldUser[] = [];
  const hire = (role: WorldUser['role'], key: string, rest: Partial<WorldUser> = {}): string => {
    const [first, last] = [random.pick(FIRST_NAMES), random.pick(LAST_NAMES)];
    const email = `${addressOf(first)}.${addressOf(last)}.${users.length + 1}@ourcompany.example`;
    const base = { key, name: `${first} ${last}`, email, role, active: true, managerKey: null, syncsEmail: true };
    users.push({ ...base, ...rest });
    return key;
  };
  const number = (n: number): string => String(n + 1).padStart(4, '0');

  const executive = hire('executive', 'user-exec');
  const regularCount = Math.max(2, Math.ceil(options.customers / ACCOUNTS_PER_CSM));
  const managers = Array.from({ length: Math.ceil(regularCount / CSMS_PER_MANAGER) }, (_, i) =>
    hire('manager', `user-mgr-${number(i)}`, { managerKey: executive }),
  );
  let csms = 0;
  const team = (count: number, rest: Partial<WorldUser> = {}): string[] =>
    Array.from({ length: count }, () => {
      const managerKey = managers[Math.floor(csms / CSMS_PER_MANAGER) % managers.length] ?? null;
      return hire('csm', `user-csm-${number(csms++)}`, { managerKey, ...rest });
    });
  const regular = team(regularCount);
  hire('integration', 'user-integration', { syncsEmail: false });

  const odd = (share: number): number =>
    options.dirt ? Math.max(1, Math.round((share * options.customers) / ACCOUNTS_PER_CSM)) : 0;
  const gone = options.dirt ? hire('manager', 'user-mgr-left', { active: false, managerKey: executive }) : null;
  const cast = {
    users,
    regular,
    'owner inactive': team(odd(0.014), { active: false }),
    'manager missing': team(odd(0.015), { managerKey: null }),
    'manager inactive': team(odd(0.014), { managerKey: gone }),
    'e-mail not synced': team(odd(0.06), { syncsEmail: false }),
  };
  return { ...cast, byKey: new Map(users.map((user) => [user.key, user])) };
}
