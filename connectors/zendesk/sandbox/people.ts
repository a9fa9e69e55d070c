import { GROUPS, STAFF } from './keys.ts';
import { iso } from './show.ts';

/** A user as the help desk keeps it. */
export interface Person {
  id: number;
  email: string;
  name: string;
  role: 'end-user' | 'agent' | 'admin';
  organization: number | null;
  createdAt: number;
}

const HIRED = Date.parse('2019-03-04T09:00:00Z');
const staff = (id: number, name: string, role: Person['role'], email: string): Person => ({
  id,
  email,
  name,
  role,
  organization: null,
  createdAt: HIRED,
});
export const TEAM: readonly Person[] = [
  staff(STAFF.admin, 'Integration Admin', 'admin', 'integration@ourcompany.example'),
  staff(STAFF.agent, 'Sam Okafor', 'agent', 'sam.okafor@ourcompany.example'),
  staff(STAFF.second, 'Ines Moreau', 'agent', 'ines.moreau@ourcompany.example'),
];

/** "lucía.garcia2@…" → "Lucía Garcia2": as a help desk names people who only ever wrote an e-mail. */
export const nameOf = (email: string): string =>
  (email.split('@')[0] ?? email)
    .split('.')
    .map((word) => word.charAt(0).toUpperCase() + word.slice(1))
    .join(' ');

export function showUser(person: Person, base: string): Record<string, unknown> {
  const isStaff = person.role !== 'end-user';
  return {
    id: person.id,
    url: `${base}/users/${person.id}.json`,
    name: person.name,
    email: person.email,
    created_at: iso(person.createdAt),
    updated_at: iso(person.createdAt),
    time_zone: 'London',
    iana_time_zone: 'Europe/London',
    phone: null,
    shared_phone_number: null,
    photo: null,
    locale_id: 1,
    locale: 'en-US',
    organization_id: person.organization,
    role: person.role,
    verified: true,
    external_id: null,
    tags: [],
    alias: '',
    active: true,
    shared: false,
    shared_agent: false,
    last_login_at: iso(person.createdAt),
    two_factor_auth_enabled: isStaff ? true : null,
    signature: '',
    details: '',
    notes: '',
    role_type: isStaff ? 4 : null,
    custom_role_id: null,
    moderator: isStaff,
    ticket_restriction: isStaff ? null : 'requested',
    only_private_comments: false,
    restricted_agent: !isStaff,
    suspended: false,
    default_group_id: isStaff ? GROUPS.support : undefined,
    report_csv: person.role === 'admin',
    user_fields: {},
  };
}

export const showGroups = (base: string): Record<string, unknown>[] =>
  [
    { id: GROUPS.support, name: 'Support', default: true },
    { id: GROUPS.escalations, name: 'Escalations', default: false },
  ].map((group) => ({
    ...group,
    url: `${base}/groups/${group.id}.json`,
    description: '',
    is_public: true,
    deleted: false,
    created_at: iso(HIRED),
    updated_at: iso(HIRED),
  }));
