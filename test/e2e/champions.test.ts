import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { dayOf } from '../../src/core/days.ts';
import { shortDate } from '../../src/core/format.ts';
import type { AccountScore } from '../../src/core/result.ts';
import { CRMS } from './crm/index.ts';
import { DAY, Loop } from './harness.ts';
import { accountRows, fieldsOf, latestScores } from './seen.ts';

describe.each(CRMS)('%s: a champion', (crm) => {
  let loop: Loop;
  beforeAll(async () => {
    loop = await Loop.start({ crm, accounts: 40 });
    expect((await loop.run('setup', '--yes')).code).toBe(0);
    expect((await loop.run('sync')).code).toBe(0);
  });
  afterAll(() => loop.close());

  const scoreOf = (account: string): AccountScore | undefined => latestScores(loop).find((s) => s.account === account);

  /** Scored accounts with a single champion, who is still there. */
  function candidates() {
    const { world } = loop.host;
    return [...world.accounts()].flatMap((account) => {
      const roles = account.opportunities.flatMap((deal) => deal.roles);
      const keys = new Set(
        roles.filter((role) => role.role === 'Champion' && role.at <= world.now()).map((role) => role.contactKey),
      );
      const position = account.contacts.findIndex((c) => keys.has(c.key));
      const contact = account.contacts[position];
      const id = loop.side.ids.account(account.index);
      const flags = scoreOf(id)?.flags;
      if (keys.size !== 1 || !contact || !flags || flags.includes('champion-left') || contact.leftAt !== null)
        return [];
      return [
        {
          id,
          contact: loop.side.ids.contact(account.index, position),
          name: `${contact.firstName} ${contact.lastName}`,
        },
      ];
    });
  }

  test('whose record is deleted is missed by the next sync: flag, words, cap, action', async () => {
    const [one] = candidates();
    if (!one) throw new Error('no account has a single champion');
    await loop.later(DAY);
    const day = new Date(loop.host.world.now()).toISOString().slice(0, 10);
    await (await loop.person()).deleteContact(one.contact);
    await loop.later(DAY);
    expect((await loop.run('sync')).code).toBe(0);
    const score = scoreOf(one.id);
    expect(score?.flags).toContain('champion-left');
    expect(score?.flagDetails?.['champion-left']).toBe(
      `Champion ${one.name}: contact deleted ${shortDate(day, dayOf(day))}`,
    );
    expect(score?.caps.map((cap) => cap.cap)).toContain('champion-left');
    expect(String(fieldsOf(accountRows(loop).get(one.id)).riskFlags)).toContain('Champion left');
    const told = await loop.run('explain', one.id);
    expect(JSON.stringify(told.json.flags)).toContain(`Champion ${one.name}: contact deleted`);
  });
});
