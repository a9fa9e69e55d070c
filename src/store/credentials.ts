import type { StateStore } from '../contract/index.ts';
import type { Keyring } from '../kit/keyring.ts';

/** Beside the other small values of a source, under names of its own. */
const named = (name: string): string => `credential:${name}`;

/**
 * Values that the store holds encrypted only. `scope` (workspace and source) is part of what each is sealed for, so that a row copied
 * elsewhere opens nowhere.
 *
 * @param keyring Asked by the first value that is read or written: who stores no credential needs no key
 */
export function encrypted(state: StateStore, scope: string, keyring: () => Keyring): StateStore {
  const about = (name: string): string => `${scope}/${name}`;
  return {
    async get(name) {
      const sealed = await state.get(named(name));
      return sealed === null ? null : keyring().open(sealed, about(name));
    },
    async set(name, expected, value) {
      const ring = keyring();
      const sealed = await state.get(named(name));
      const held = sealed === null ? null : ring.open(sealed, about(name));
      if (held !== expected) return false;
      // Two seals of one text differ: the comparison that counts is with what was just read.
      return state.set(named(name), sealed, value === null ? null : ring.seal(value, about(name)));
    },
  };
}
