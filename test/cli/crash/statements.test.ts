import { describe, expect, it } from 'vitest';
import { Moments, read, stepOf } from '../../../src/cli/crash/statements.ts';

/** What the moments are called while these statements run. */
function told(...texts: string[]): string[] {
  const moments = new Moments();
  return texts.flatMap((text) => {
    const statement = read(text);
    return [moments.before(statement), moments.after(statement)].filter((moment) => moment !== null);
  });
}
const OUTCOME = 'insert into intents (id) values (?) on conflict (id) do update set status = excluded.status';

describe('moments of the store', () => {
  it('lie inside a transaction, before and after its commit', () => {
    expect(
      told('begin immediate', 'insert into facts (a) values (?)', 'insert into "streams" values (1)', 'commit'),
    ).toEqual([
      'store page: in transaction',
      'store page: in transaction',
      'store page: before commit',
      'store page: after commit',
    ]);
  });
  it('a statement by itself commits itself; a read outside of transactions is a moment too', () => {
    expect(told('insert into "plans" (x) values (1)', 'select * from facts where x')).toEqual([
      'store plan: after commit',
      'store reads facts: after',
    ]);
    expect(told('begin', 'select name from "facts"', 'commit', 'pragma x', 'select 1')).toEqual([]);
  });
  it('begin in either database, and what a connection keeps for itself is none', () => {
    expect(
      told('start transaction isolation level read committed', 'insert into facts select 1', 'commit'),
    ).toHaveLength(3);
    expect(told('insert into temp.members_1 values (1)', 'insert into pg_temp.members_1 select 1')).toEqual([]);
  });
  it('what is rolled back has no commit', () => {
    expect(told('begin', 'update runs set x = 1', 'rollback', 'commit')).toEqual(['store run log: in transaction']);
  });
  it.each([
    ['mark sent', ["update intents set status = 'sent', sent_at = 1"]],
    ['plan', ['insert into intents (plan) values (1)']],
    ['plan', ["update intents set status = 'superseded'", 'update "plans" set x = 1']],
    ['record outcomes', [OUTCOME, 'insert into held values (1)']],
    ['record task', ['insert into "tasks" values (1)', OUTCOME]],
    ['score', ['insert into scores values (1)']],
    ['match', ['delete from "links" where 1']],
    ['end of stream', ['insert into "streams" values (1)']],
    ['lease', ['insert into leases values (1)']],
    ['state', ['insert into "sources" values (1)', 'insert into "connector_state" values (1)']],
  ])('%s is told from %j', (step, texts) => {
    expect(stepOf(texts.map(read))).toBe(step);
  });
});
