import { describe, expect, it } from 'vitest';
import { existsAt, valueAt } from '../../src/sandbox/asof.ts';
import { DIRT_KINDS } from '../../src/sandbox/world/dirt.ts';
import type { WorldAccount } from '../../src/sandbox/world.types.ts';
import { DAY, NOW, worldOf } from './world-support.ts';

const world = worldOf();
const accounts = [...world.accounts()];
const users = new Map(world.users.map((u) => [u.key, u]));
const owner = (a: WorldAccount) => users.get(a.ownerKey ?? '');
const manager = (a: WorldAccount) => users.get(owner(a)?.managerKey ?? '');
const having = (kind: string): WorldAccount[] => accounts.filter((a) => a.dirt.includes(kind));
const emails = (a: WorldAccount) => a.activities.filter((x) => x.type === 'email');

/** What each kind of dirt is, in substance. */
const PROOF: Record<(typeof DIRT_KINDS)[number], (a: WorldAccount) => boolean> = {
  'owner missing': (a) => a.ownerKey === null,
  'owner inactive': (a) => owner(a)?.active === false,
  'manager missing': (a) => owner(a)?.managerKey === null,
  'manager inactive': (a) => owner(a)?.active === true && manager(a)?.active === false,
  'e-mail not synced': (a) => owner(a)?.syncsEmail === false && emails(a).every((x) => !x.inCrm),
  'zero seats': (a) => a.seats.every((s) => s.value === 0) && a.usage.every((u) => u.seats === 0),
  'shared domain': (a) => accounts.some((b) => b.index < 500 && b !== a && b.domain === a.domain),
  'renewal date missing': (a) => a.renewalOn.every((r) => r.value === null),
  'unusual name': (a) => /[^A-Za-z0-9 .]/.test(a.name),
  'very long name': (a) => a.name.length === 255,
  'other currency': (a) => a.currency !== 'GBP',
  'no usage': (a) => a.usage.length === 0,
  'brand new': (a) => a.createdAt > NOW - 30 * DAY,
  'activity without contact': (a) => a.contacts.length > 0 && a.activities.some((x) => x.contactKey === null),
  'no contacts': (a) => a.contacts.length === 0 && a.activities.every((x) => x.contactKey === null),
  merged: (a) => a.merged !== null && accounts.some((b) => b.key === a.merged?.intoKey && b.domain === a.domain),
  deleted: (a) => a.deletedAt !== null,
};

describe('the dirt of real life', () => {
  it.each(DIRT_KINDS)('%s: on a few of 500 customers, and truly so', (kind) => {
    const found = having(kind);
    expect(found.length).toBeGreaterThan(kind === 'brand new' ? 2 : 1);
    expect(found.length).toBeLessThan(100);
    const wrong = found.filter(
      (a) => !PROOF[kind](a) && !(kind === 'activity without contact' && a.activities.length < 4),
    );
    expect(wrong.map((a) => a.key)).toEqual([]);
  });

  it('lies nowhere else', () => {
    const exact: (keyof typeof PROOF)[] = [
      'owner missing',
      'owner inactive',
      'manager missing',
      'manager inactive',
      'zero seats',
      'shared domain',
      'renewal date missing',
      'very long name',
      'other currency',
      'no usage',
      'brand new',
      'no contacts',
    ];
    for (const kind of exact)
      expect(
        accounts
          .slice(0, 500)
          .filter((a) => PROOF[kind](a) && !a.dirt.includes(kind))
          .map((a) => a.key),
        kind,
      ).toEqual([]);
  });

  it('has the names that break integrations', () => {
    const names = accounts.map((a) => a.name).join('\n');
    for (const sign of ['Zürich Öl & Söhne GmbH', '株式会社', '🚀', "O'Neill", '\\', '"', 'شركة', '<b>', '%', ','])
      expect(names).toContain(sign);
    expect(Math.max(...accounts.map((a) => a.name.length))).toBe(255);
  });

  it('keeps several currencies, yen without minor units', () => {
    const currencies = new Set(accounts.map((a) => a.currency));
    expect([...currencies].sort()).toEqual(['EUR', 'GBP', 'JPY', 'USD']);
    for (const a of accounts.filter((b) => b.currency !== 'JPY'))
      for (const { value } of a.arr) expect(value % 100, a.key).toBe(0);
    const yen = accounts.filter((a) => a.currency === 'JPY').flatMap((a) => a.arr.map((e) => e.value));
    expect(yen.some((v) => v % 100 !== 0)).toBe(true);
  });

  it('lets merged and deleted records go, some before now and some in the days to come', () => {
    const gone = [...having('merged'), ...having('deleted')];
    const future = gone.filter((a) => existsAt(a, NOW));
    expect(future.length).toBeGreaterThan(0);
    expect(future.length).toBeLessThan(gone.length / 2 + 1);
    for (const a of gone) {
      expect(existsAt(a, a.createdAt)).toBe(true);
      expect(existsAt(a, NOW + 62 * DAY)).toBe(false);
      expect(valueAt(a.status, NOW)).not.toBe('customer');
    }
  });

  it('can be left out altogether', () => {
    const clean = worldOf({ dirt: false });
    const all = [...clean.accounts()];
    const customers = all.slice(0, 500);
    expect(all.flatMap((a) => a.dirt)).toEqual([]);
    expect(all.filter((a) => a.merged !== null || a.deletedAt !== null)).toEqual([]);
    expect(customers.every((a) => a.currency === 'GBP' && a.ownerKey !== null && a.contacts.length > 0)).toBe(true);
    expect(new Set(customers.map((a) => a.domain)).size).toBe(500);
    expect(clean.users.every((u) => u.active && (u.syncsEmail || u.role === 'integration'))).toBe(true);
  });
});
