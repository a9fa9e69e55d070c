import { generateKeyPairSync } from 'node:crypto';
import { jwtVerify } from 'jose';
import { describe, expect, it } from 'vitest';
import { InputError } from '../../src/contract/errors.ts';
import { signJwtBearer } from '../../src/kit/jwt.ts';

const pair = generateKeyPairSync('rsa', { modulusLength: 2_048 });
const pem = pair.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
const now = Date.UTC(2026, 10, 25, 12, 0, 0, 900);
const claims = { issuer: 'client', subject: 'user@example.com', audience: 'https://login.example.com', now };

describe('signJwtBearer', () => {
  it('signs what the other side can verify with the public key', async () => {
    const jwt = await signJwtBearer({ key: pem, ...claims });
    const { payload, protectedHeader } = await jwtVerify(jwt, pair.publicKey, {
      currentDate: new Date(now),
      audience: claims.audience,
    });
    const iat = Math.floor(now / 1_000);
    expect(payload).toEqual({
      iss: 'client',
      sub: 'user@example.com',
      aud: 'https://login.example.com',
      iat,
      exp: iat + 180,
    });
    expect(protectedHeader).toEqual({ alg: 'RS256' });
  });

  it('is refused once its time is over', async () => {
    const jwt = await signJwtBearer({ key: pem, ...claims, ttlSeconds: 60 });
    await expect(jwtVerify(jwt, pair.publicKey, { currentDate: new Date(now + 61_000) })).rejects.toThrow(/exp/);
  });

  it('takes PKCS #1 and a key written on one line', async () => {
    const pkcs1 = pair.privateKey.export({ type: 'pkcs1', format: 'pem' }).toString();
    for (const key of [pkcs1, pem.replaceAll('\n', '\\n'), `  ${pem}\n\n`])
      await jwtVerify(await signJwtBearer({ key, ...claims }), pair.publicKey, { currentDate: new Date(now) });
  });

  it.each([
    ['empty', '', /empty/],
    ['not PEM', 'MIIEvQIBADANBg', /not in PEM form/],
    ['cut off', pem.slice(0, 400), /not parse/],
    ['without its line breaks', pem.replaceAll('\n', ' '), /not parse/],
    ['public', pair.publicKey.export({ type: 'spki', format: 'pem' }).toString(), /public half/],
    [
      'encrypted',
      pair.privateKey.export({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'x' }).toString(),
      /encrypted/,
    ],
    [
      'elliptic',
      generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
      /type ec/,
    ],
    [
      'weak',
      generateKeyPairSync('rsa', { modulusLength: 1_024 })
        .privateKey.export({ type: 'pkcs8', format: 'pem' })
        .toString(),
      /2048/,
    ],
  ])('says what is wrong with a key that is %s, without quoting it', async (_, key, reason) => {
    const error = await signJwtBearer({ key, ...claims }).catch((e: unknown) => e);
    expect(error).toBeInstanceOf(InputError);
    expect(String(error)).toMatch(reason);
    const told = `${(error as Error).stack} ${(error as InputError).hint} ${String((error as Error).cause)}`;
    for (const line of key.split(/\s+/).filter((l) => l.length > 12 && !l.includes('---')))
      expect(told).not.toContain(line);
  });
});
