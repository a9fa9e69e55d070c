import { createCipheriv, createDecipheriv, createHash, randomBytes } from 'node:crypto';
import { InputError } from '../contract/errors.ts';

/** Encrypts small texts with a key that stays outside of what they are stored in. */
export interface Keyring {
  /** @param about What the text belongs to; it opens for exactly this again. */
  seal(text: string, about: string): string;
  /** @throws InputError where no key of the ring fits, or the sealed text was changed or moved */
  open(sealed: string, about: string): string;
}

const VERSION = 'v1';
const MAKE_ONE = 'Make one with `openssl rand -base64 32`, and keep it where the store is not.';

/**
 * AES-256-GCM with a random nonce of 96 bits (NIST SP 800-38D §8.2.2): `v1.keyId.nonce.text.tag`, each part base64url. The first key
 * seals, all of them open: to change the key, put the new one first and keep the old one until everything was sealed anew.
 *
 * @param keys 32 bytes each, in base64, separated by commas, spaces or line breaks
 * @param named Where they come from, for messages; keys are never quoted
 * @throws InputError
 */
export function keyringOf(keys: string, named: string): Keyring {
  const ring = keys.split(/[\s,]+/).filter((text) => text !== '');
  const known = new Map(ring.map((text, i) => keyOf(text, `${named}${ring.length > 1 ? `, key ${i + 1}` : ''}`)));
  const [first] = known;
  if (!first) throw new InputError(`${named}: holds no key`, { hint: MAKE_ONE });
  return {
    seal(text, about) {
      const [id, key] = first;
      const nonce = randomBytes(12);
      const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(Buffer.from(about));
      const hidden = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()]);
      return [VERSION, id, ...[nonce, hidden, cipher.getAuthTag()].map((b) => b.toString('base64url'))].join('.');
    },
    open(sealed, about) {
      const [version, id = '', ...parts] = sealed.split('.');
      const [nonce, hidden, tag] = parts.map((part) => Buffer.from(part, 'base64url'));
      if (version !== VERSION || !nonce || !hidden || tag?.length !== 16)
        throw new InputError('A stored credential is damaged', { hint: START_ANEW });
      const key = known.get(id);
      if (!key)
        throw new InputError(`${named}: a stored credential was encrypted with another key (id ${id})`, {
          hint: `Add that key behind the present one, separated by a comma. If it is lost: ${START_ANEW}`,
        });
      try {
        const decipher = createDecipheriv('aes-256-gcm', key, nonce, { authTagLength: 16 });
        decipher.setAAD(Buffer.from(about)).setAuthTag(tag);
        return Buffer.concat([decipher.update(hidden), decipher.final()]).toString('utf8');
      } catch (cause) {
        throw new InputError('A stored credential was changed, or belongs to something else', {
          hint: START_ANEW,
          cause,
        });
      }
    },
  };
}

const START_ANEW = 'authorise the app anew and set its new refresh token in the environment.';

/** The id tells keys apart without telling anything about them. */
function keyOf(text: string, named: string): [id: string, key: Buffer] {
  const key = Buffer.from(text, 'base64');
  if (!/^[A-Za-z0-9+/_-]+={0,2}$/.test(text) || key.length !== 32)
    throw new InputError(`${named}: expected 32 bytes in base64, found ${key.length} bytes`, { hint: MAKE_ONE });
  const id = createHash('sha256').update('key id').update(key).digest('base64url').slice(0, 8);
  return [id, key];
}
