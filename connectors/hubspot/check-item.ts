import type { CheckItem } from '../../src/contract/index.ts';

export const good = (what: string): CheckItem => ({ ok: true, level: 'error', what });
export const bad = (what: string, fix: string, level: CheckItem['level'] = 'error'): CheckItem => ({
  ok: false,
  level,
  what,
  fix,
});
