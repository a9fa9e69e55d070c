import { describe, expect, it } from 'vitest';
import { differences, lostOf, moreRecords } from '../../../src/cli/crash/compare.ts';
import type { Contents } from '../../../src/cli/crash/contents.ts';

const contents = (sections: Record<string, Record<string, string>>): Contents =>
  new Map(Object.entries(sections).map(([name, rows]) => [name, new Map(Object.entries(rows))]));
const judge = (undisturbed: Parameters<typeof contents>[0], killed: Parameters<typeof contents>[0]) => {
  const found = differences(contents(undisturbed), contents(killed));
  return { found: found.length, lost: lostOf(found), more: moreRecords(found) };
};

describe('comparing with the undisturbed run', () => {
  it('finds nothing where nothing differs', () => {
    const same = { facts: { a: '1' }, 'CRM Task': { t: '1' } };
    expect(judge(same, same)).toEqual({ found: 0, lost: 0, more: 0 });
  });
  it.each([
    ['a fact that is missing', { facts: { a: '1', b: '2' } }, { facts: { a: '1' } }],
    ['a fact that differs', { facts: { a: '1' } }, { facts: { a: '2' } }],
    ['a fact too many', { facts: {} }, { facts: { a: '1' } }],
    ['a whole section', { held: { a: '1' } }, {}],
    ['a field of the CRM', { 'CRM Account': { 'a red': '1' } }, { 'CRM Account': { 'a green': '1' } }],
    ['a task', { 'CRM Task': { t: '1' } }, { 'CRM Task': {} }],
    ['a cursor that stands elsewhere', { cursors: { 'crm.a': '["t1"]' } }, { cursors: { 'crm.a': '["t0"]' } }],
    ['a cursor of a file', { cursors: { 'exports.a': '["t1"]' } }, { cursors: { 'exports.a': '["<run 1>"]' } }],
  ] as const)('%s is lost', (_what, undisturbed, killed) => {
    expect(judge(undisturbed, killed)).toEqual({ found: expect.any(Number), lost: 1, more: 0 });
  });
  it('a record twice is a duplicate, whether or not it reads the same', () => {
    expect(judge({ 'CRM Task': { t: '1' } }, { 'CRM Task': { t: '2' } })).toEqual({ found: 1, lost: 0, more: 1 });
    expect(judge({ 'CRM Task': { t: '1' } }, { 'CRM Task': { t: '1', u: '1' } })).toEqual({
      found: 1,
      lost: 0,
      more: 1,
    });
  });
  it('a cursor of the CRM may stand among what the killed run wrote', () => {
    expect(judge({ cursors: { 'crm.a': '["t1"]' } }, { cursors: { 'crm.a': '["<run 1>"]' } }).found).toBe(0);
  });
});
