import { createPrivateKey, type KeyObject } from 'node:crypto';
import { SignJWT } from 'jose';
import { InputError } from '../contract/errors.ts';

export interface JwtBearer {
  /** Private key, PEM (PKCS #8 or PKCS #1, unencrypted RSA). A one-line value with \n written out is understood too. */
  key: string;
  issuer: string;
  subject: string;
  audience: string;
  /** Epoch ms. */
  now: number;
  /** How long the assertion is valid. Default 180 s. */
  ttlSeconds?: number;
}

/**
 * A signed assertion for the OAuth 2.0 JWT bearer flow (RFC 7523 §3), RS256. Throws InputError for a key that is not an RSA private
 * key in PEM; the key is never quoted.
 */
export async function signJwtBearer(options: JwtBearer): Promise<string> {
  const { issuer, subject, audience, now, ttlSeconds = 180 } = options;
  const issuedAt = Math.floor(now / 1_000);
  return new SignJWT()
    .setProtectedHeader({ alg: 'RS256' })
    .setIssuer(issuer)
    .setSubject(subject)
    .setAudience(audience)
    .setIssuedAt(issuedAt)
    .setExpirationTime(issuedAt + ttlSeconds)
    .sign(rsaKey(options.key));
}

function rsaKey(pem: string): KeyObject {
  const text = pem.replaceAll('\\n', '\n').trim();
  const hint =
    'Give the PEM text that starts with -----BEGIN PRIVATE KEY-----, whose certificate the other system knows.';
  const refuse = (what: string): never => {
    throw new InputError(`The private key cannot be used: ${what}`, { hint });
  };
  if (text === '') return refuse('it is empty');
  if (text.includes('ENCRYPTED')) return refuse('it is encrypted; a key without a passphrase is expected');
  if (/BEGIN (CERTIFICATE|PUBLIC KEY)/.test(text)) return refuse('it is the public half (a certificate or public key)');
  if (!text.includes('PRIVATE KEY-----')) return refuse('it is not in PEM form');
  let key: KeyObject;
  try {
    key = createPrivateKey(text);
  } catch {
    // The reason of OpenSSL is left out on purpose: it names bytes of the input.
    return refuse('it does not parse; it may be cut off or its line breaks lost');
  }
  if (key.asymmetricKeyType !== 'rsa')
    return refuse(`it is of type ${key.asymmetricKeyType ?? 'unknown'}; RSA is expected`);
  if ((key.asymmetricKeyDetails?.modulusLength ?? 0) < 2_048) return refuse('it is shorter than 2048 bits');
  return key;
}
