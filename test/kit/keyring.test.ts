import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { InputError } from '../../src/contract/index.ts';
import { keyringOf } from '../../src/kit/keyring.ts';

const OLD = Buffer.alloc(32, 1).toString('base64');
const NEW = Buffer.alloc(32, 2).toString('base64');
const TOKEN = 'na1-refresh-Secret-42';
const failure = (run: () => unknown): InputError => {
  try {
    run();
  } catch (error) {
    if (error instanceof InputError) return error;
    throw error;
  }
  throw new Error('nothing was refused');
};

describe('a keyring', () => {
  const ring = keyringOf(NEW, 'KEY');

  it('opens what it sealed, and shows nothing of it', () => {
    const sealed = ring.seal(TOKEN, 'main/crm/tokens');
    expect(ring.open(sealed, 'main/crm/tokens')).toBe(TOKEN);
    expect(sealed).not.toContain('Secret');
    expect(Buffer.from(sealed.split('.')[3] ?? '', 'base64url').toString()).not.toContain('Secret');
    expect(ring.seal('', 'x')).not.toBe('');
    expect(ring.open(ring.seal('', 'x'), 'x')).toBe('');
  });

  it('uses a new nonce each time: 1,000 seals of one text are 1,000 texts', () => {
    const nonces = Array.from({ length: 1_000 }, () => ring.seal(TOKEN, 'x').split('.')[2]);
    expect(new Set(nonces).size).toBe(1_000);
    expect(new Set(nonces.map((n) => n?.length))).toEqual(new Set([16]));
  });

  it('refuses a text that was moved to another place', () => {
    const sealed = ring.seal(TOKEN, 'main/crm/tokens');
    expect(failure(() => ring.open(sealed, 'other/crm/tokens')).message).toMatch(
      /changed, or belongs to something else/,
    );
  });

  it.each([2, 3, 4])('refuses a text whose part %i was changed by one bit', (part) => {
    const parts = ring.seal(TOKEN, 'x').split('.');
    const bytes = Buffer.from(parts[part] ?? '', 'base64url');
    bytes[0] = (bytes[0] ?? 0) ^ 1;
    parts[part] = bytes.toString('base64url');
    expect(failure(() => ring.open(parts.join('.'), 'x')).message).toMatch(/changed/);
  });

  it.each(['', 'plain text', 'v1.a.b', 'v2.a.b.c.d', `v1.a.b.c.${Buffer.alloc(4).toString('base64url')}`])(
    'says that %j is damaged',
    (text) => expect(failure(() => ring.open(text, 'x')).message).toMatch(/damaged/),
  );

  it('opens with old keys, seals with the first', () => {
    const before = keyringOf(OLD, 'KEY').seal(TOKEN, 'x');
    const both = keyringOf(`${NEW}, ${OLD}\n`, 'KEY');
    expect(both.open(before, 'x')).toBe(TOKEN);
    expect(ring.open(both.seal(TOKEN, 'x'), 'x')).toBe(TOKEN);
  });

  it('says which key is missing, by an id that tells nothing of it', () => {
    const error = failure(() => ring.open(keyringOf(OLD, 'KEY').seal(TOKEN, 'x'), 'x'));
    expect(error.message).toMatch(/^KEY: .*encrypted with another key \(id [\w-]{8}\)$/);
    expect(error.hint).toMatch(/behind the present one/);
    expect(error.message + error.hint).not.toContain(OLD);
  });

  it.each([
    ['', /holds no key/],
    [randomBytes(16).toString('base64'), /expected 32 bytes in base64, found 16/],
    [`${NEW},not~base64`, /key 2: expected 32 bytes/],
  ])('refuses the keys %j without quoting them', (keys, message) => {
    const error = failure(() => keyringOf(keys, 'KEY'));
    expect(error.message).toMatch(message);
    expect(error.hint).toMatch(/openssl rand -base64 32/);
    if (keys) expect(error.message).not.toContain(keys);
  });
});
