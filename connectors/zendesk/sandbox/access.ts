import { unauthorized } from './errors.ts';
import { STAFF } from './keys.ts';
import { type Person, TEAM } from './people.ts';

/** What this help desk accepts: an admin's and an agent's API token, and the admin's OAuth token. */
export const API_TOKEN = 'sandbox-api-token-6oPn2';
export const OAUTH_TOKEN = 'sandbox-oauth-token-93bc';

const member = (id: number): Person => {
  const found = TEAM.find((person) => person.id === id);
  if (!found) throw new Error(`nobody has the id ${id}`);
  return found;
};
export const ADMIN = member(STAFF.admin);
export const AGENT = member(STAFF.agent);

/** Who calls: `Basic email/token:TOKEN`, or a bearer token. */
export function callerOf(authorization: string | undefined): Person {
  const [scheme, credentials] = (authorization ?? '').split(' ');
  if (scheme?.toLowerCase() === 'bearer' && credentials === OAUTH_TOKEN) return ADMIN;
  if (scheme?.toLowerCase() !== 'basic') throw unauthorized();
  const text = Buffer.from(credentials ?? '', 'base64').toString('utf8');
  const colon = text.indexOf(':');
  const [user, secret] = [text.slice(0, colon), text.slice(colon + 1)];
  const person = TEAM.find(({ email }) => `${email}/token` === user.toLowerCase());
  if (!person || secret !== API_TOKEN) throw unauthorized();
  return person;
}
