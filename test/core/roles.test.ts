import { describe, expect, it } from 'vitest';
import { keyContact, type Person, resolveRoles } from '../../src/core/roles.ts';
import { NOW, rulesOf, state, viewOf } from './states.ts';

const person = (name: string, managerId: string | null = null, active = true): Person => ({
  name,
  active,
  managerId,
  email: null,
});
const people = new Map([
  ['sam', person('Sam Lee', 'kim')],
  ['kim', person('Kim Roe')],
  ['out', person('Ola Out', 'kim', false)],
  ['boss', person('Bo Ss', null, false)],
  ['lost', person('Lo St', 'boss')],
]);
const account = (ownerId: string | null, attributes = {}) => viewOf(state('account', 'A', { ownerId, attributes }));
const fieldFirst = rulesOf({
  roles: { csm: [{ field: 'CSM__c' }, 'owner'], manager: [{ managerOf: 'csm' }, { user: 'kim' }] },
});

describe('resolveRoles', () => {
  it('takes the owner by default, and the manager of that person', () => {
    expect(resolveRoles(account('sam'), rulesOf(), people)).toEqual({
      csmId: 'sam',
      managerId: 'kim',
      ownerId: 'sam',
      unresolved: [],
    });
  });
  it('passes over inactive and unknown people', () => {
    expect(resolveRoles(account('sam', { CSM__c: 'out' }), fieldFirst, people).csmId).toBe('sam');
    expect(resolveRoles(account('sam', { CSM__c: 'nobody' }), fieldFirst, people).csmId).toBe('sam');
    expect(resolveRoles(account('out', { CSM__c: 'sam' }), fieldFirst, people)).toMatchObject({
      csmId: 'sam',
      ownerId: null,
    });
  });
  it('turns to the manager of a CSM or owner who left', () => {
    expect(resolveRoles(account('out'), rulesOf(), people)).toMatchObject({ csmId: null, managerId: 'kim' });
  });
  it('tells what could not be resolved, and why', () => {
    expect(resolveRoles(account(null, {}), fieldFirst, people).unresolved).toEqual([
      'CSM: CSM__c is not set; the owner is not set',
      'owner: the owner is not set',
    ]);
    expect(resolveRoles(account('lost'), rulesOf(), people).unresolved).toEqual([
      'manager: the manager of the CSM Lo St Bo Ss is inactive; the manager of the owner Lo St Bo Ss is inactive',
    ]);
    expect(resolveRoles(account('nobody'), rulesOf(), people).unresolved[0]).toBe(
      'CSM: the owner (nobody) is not a known user',
    );
  });
});

describe('keyContact', () => {
  const contact = (id: string, name: string, bounced = false) => state('contact', id, { name, bounced });
  const role = (id: string, opportunityId: string, contactId: string, more = {}) =>
    state('opportunityRole', id, { opportunityId, contactId, ...more }, NOW - 10);
  it('prefers people on open opportunities, then primary ones, and leaves out who has left', () => {
    const facts = [
      state('opportunity', 'open', { closed: false }),
      state('opportunity', 'done', { closed: true }),
      contact('1', 'Ann'),
      contact('2', 'Ben'),
      contact('3', 'Cy', true),
      role('a', 'done', '1', { primary: true, role: 'Executive Sponsor' }),
      role('b', 'open', '2'),
      role('c', 'open', '3', { primary: true }),
    ];
    expect(keyContact(viewOf(...facts))).toBe('Ben');
    expect(keyContact(viewOf(contact('1', 'Ann')))).toBeNull();
  });
});
