import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { InputError } from '../../src/contract/index.ts';
import { keyringOf } from '../../src/kit/keyring.ts';
import { lazyKeyring } from '../../src/kit/secrets.ts';
import { folder } from '../cli/support.ts';

const ONE = Buffer.alloc(32, 1).toString('base64');
const TWO = Buffer.alloc(32, 2).toString('base64');

/** A deployment with a key file of each kind, and what its keyring seals with. */
function deployment(env: Record<string, string>, secretKeyFile?: string) {
  const dir = folder();
  writeFileSync(join(dir, 'one.key'), `${ONE}\n`);
  writeFileSync(join(dir, 'two.key'), `${TWO}\n${ONE}\n`);
  const config = { path: join(dir, 'pulseback.yaml'), secretKeyFile, file: (path: string) => join(dir, path) };
  return lazyKeyring(config, env);
}
/** Whether a ring seals with this key. */
const sealsWith = (ring: ReturnType<typeof deployment>, key: string): boolean => {
  const id = (keys: string) => keyringOf(keys, 'KEY').seal('x', 'y').split('.')[1];
  return ring().seal('x', 'y').split('.')[1] === id(key);
};

describe('the key of stored credentials', () => {
  it.each([
    [
      'the environment, before any file',
      { PULSEBACK_SECRET_KEY: ONE, PULSEBACK_SECRET_KEY_FILE: 'two.key' },
      'two.key',
      ONE,
    ],
    ['the file that the environment names', { PULSEBACK_SECRET_KEY_FILE: 'two.key' }, 'one.key', TWO],
    ['the file that the configuration names', {}, 'one.key', ONE],
    ['the file, where the variable is empty', { PULSEBACK_SECRET_KEY: '' }, 'two.key', TWO],
  ])('comes from %s', (_, env, file, key) => {
    expect(sealsWith(deployment(env as Record<string, string>, file), key)).toBe(true);
  });

  it('opens with every key of a file', () => {
    const sealed = deployment({ PULSEBACK_SECRET_KEY: ONE })().seal('token', 'main/crm/tokens');
    expect(deployment({}, 'two.key')().open(sealed, 'main/crm/tokens')).toBe('token');
  });

  it('is read when it is needed and not before, then kept', () => {
    const none = deployment({});
    expect(() => none()).toThrow(InputError);
    expect(() => none()).toThrow(/PULSEBACK_SECRET_KEY.*no key to encrypt/);
    expect(() => deployment({}, 'missing.key')()).toThrow(/secretKeyFile.*missing\.key cannot be read \(ENOENT\)/);
    const ring = deployment({ PULSEBACK_SECRET_KEY: ONE });
    expect(ring()).toBe(ring());
  });

  it('is refused by the name of where it stands, and not shown', () => {
    const short = Buffer.alloc(16, 5).toString('base64');
    expect(() => deployment({ PULSEBACK_SECRET_KEY: short })()).toThrow(/^PULSEBACK_SECRET_KEY: expected 32 bytes/);
    expect(() => deployment({ PULSEBACK_SECRET_KEY: short })()).not.toThrow(new RegExp(short));
  });
});
