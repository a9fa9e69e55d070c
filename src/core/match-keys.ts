/** How ids, keys and domains are brought into one form before they are compared. */

/**
 * A CRM record id: the 18-character form is the 15-character one plus a checksum, so both are compared by the first 15 characters,
 * case-sensitively. Ids of any other shape are compared as they are.
 */
export function recordId(id: string): string {
  const trimmed = id.trim();
  return /^[A-Za-z0-9]{15}([A-Z0-5]{3})?$/.test(trimmed) ? trimmed.slice(0, 15) : trimmed;
}

/** An external key: people type them, so case, outer spaces and Unicode composition do not matter. */
export const foldKey = (key: string): string => key.normalize('NFC').trim().toLowerCase();

/** "https://www.Acme.com:443/about" → "acme.com"; international names in their ASCII form; null where it is no domain. */
export function domainOf(text: string): string | null {
  const host = text
    .trim()
    .replace(/^[a-z][a-z0-9+.-]*:\/\//i, '')
    .replace(/^\/\//, '')
    .split(/[/?#\\]/, 1)[0]
    ?.replace(/^.*@/, '')
    .replace(/:\d*$/, '')
    .normalize('NFC')
    .toLowerCase()
    .replace(/\.+$/, '');
  if (!host) return null;
  const ascii = /^[\x21-\x7e]*$/.test(host) ? host : asciiHost(host);
  const bare = ascii?.replace(/^(www\d?\.)+(?=.*\.)/, '') ?? '';
  return /^([a-z0-9]([a-z0-9_-]*[a-z0-9])?\.)+([a-z]{2,}|xn--[a-z0-9-]+)$/.test(bare) ? bare : null;
}

/** The part behind the last "@"; null where the text is no address. */
export function emailDomainOf(email: string): string | null {
  const at = email.lastIndexOf('@');
  return at > 0 ? domainOf(email.slice(at + 1).replace(/[>\s].*$/, '')) : null;
}

function asciiHost(host: string): string | null {
  const url = `http://${host}`;
  return URL.canParse(url) ? new URL(url).hostname : null;
}

const SECOND_LEVEL = new Set(['co', 'com', 'org', 'net', 'gov', 'edu', 'ac', 'or', 'ne', 'gob', 'gouv']);
/** "shop.acme.co.uk" → "acme": what of a domain resembles a name. A guess, so it serves suggestions only. */
export function domainStem(domain: string): string {
  const labels = domain.split('.').slice(0, -1);
  if (labels.length > 1 && SECOND_LEVEL.has(labels.at(-1) ?? '')) labels.pop();
  return labels.at(-1) ?? domain;
}
