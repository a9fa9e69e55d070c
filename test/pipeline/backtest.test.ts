import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Fact } from '../../src/core/fact.ts';
import { backtest } from '../../src/pipeline/backtest.ts';
import { folder } from '../cli/support.ts';
import { type Book, book, customer, pageOf } from './book.ts';

const DATE = '2026-07-31';
const RENEWAL = '2026-09-15';
const at = (date: string): number => Date.parse(`${date}T12:00:00Z`);
const options = { dates: [DATE], horizon: 90, outcome: 'renewal', parts: null, resamples: 100, seed: 1 };

/** A renewal opportunity that is open until it is closed on its day. */
function renewal(account: string, won: boolean): Fact[] {
  const version = (instant: number, closed: boolean): Fact => ({
    kind: 'opportunity',
    id: `R-${account}`,
    account,
    at: instant,
    knownAt: instant,
    data: { renewal: true, closeOn: RENEWAL, closed, won: closed && won },
  });
  return [version(at('2026-04-01'), false), version(at(RENEWAL), true)];
}

/** Accounts of which the first dozen is lost at its renewal; whatever else happens later tells that the data go on. */
async function past(accounts: number): Promise<Book> {
  const ids = Array.from({ length: accounts }, (_, i) => `A${String(i).padStart(3, '0')}`);
  const facts = ids.flatMap((id, i) => [customer(id, { a: i < 20 ? 30 + i : 90 }), ...renewal(id, i >= 12)]);
  const later: Fact = {
    kind: 'activity',
    id: 'last',
    account: 'A000',
    at: at('2026-11-20'),
    knownAt: at('2026-11-20'),
    data: { type: 'call' },
  };
  const made = await book();
  await made.store.commitPage('crm', 'all', pageOf([...facts, later]), at('2026-11-20'));
  return made;
}

async function giveTasks({ store }: Book, accounts: string[], created: number): Promise<void> {
  const payload = (account: string) => ({
    type: 'task' as const,
    ...{ key: `org-${account}-risk-h20260516`, ownerId: 'MO', subject: 'Look', body: '', dueOn: RENEWAL, why: '' },
    priority: 'high' as const,
  });
  const intents = async function* () {
    yield accounts.map((account) => ({ account, payload: payload(account) }));
  };
  const { number } = await store.createPlan(created, created, intents(), {});
  for await (const sent of store.intents(number, 'task')) {
    await store.markSent(
      sent.map(({ id }) => id),
      created,
    );
    const outcome = (id: string) => ({ intent: id, result: 'written' as const, recordId: `T${id}`, created: true });
    await store.recordOutcomes(
      sent.map(({ id }) => outcome(id)),
      created,
    );
  }
}

describe('backtest of a store', () => {
  it('tells what became of accounts whose manager had a task before the renewal, beside those without', async () => {
    const made = await past(40);
    await giveTasks(made, ['A000', 'A001', 'A013', 'A014'], at('2026-08-10'));
    const { report } = await backtest(made, options);
    expect(report).toMatchObject({ observations: 40, lost: 12 });
    const red = report.tasks.filter(({ band }) => band === 'red');
    expect(red).toMatchObject([
      { task: true, cases: 4, lost: 2, kept: 2 },
      { task: false, cases: 16, lost: 10, kept: 6 },
    ]);
    expect(report.tasks).toEqual(red);
  });

  it('knows nothing of tasks that came after the renewal', async () => {
    const made = await past(40);
    await giveTasks(made, ['A000', 'A001'], at('2026-11-10'));
    expect((await backtest(made, options)).report.tasks).toEqual([]);
  });

  it('says how many of its accounts have been deleted since', async () => {
    const made = await past(40);
    const gone = ['A000', 'A001', 'A030'].map((id): Fact => ({ ...customer(id, {}, at('2026-10-10')), deleted: true }));
    await made.store.commitPage('crm', 'all', pageOf(gone), at('2026-10-10'));
    const { report, findings } = await backtest(made, options);
    expect(report).toMatchObject({ observations: 37, lost: 10, leftOut: { deleted: 3 } });
    const finding = findings.find(({ code }) => code === 'deleted-since');
    expect(finding?.text).toMatch(/^3 of 40 observations are of accounts that have been deleted since/);
  });

  it('goes on knowing of those who were deleted, by a file that names them', async () => {
    const made = await past(40);
    const gone = ['A000', 'A030'].map((id): Fact => ({ ...customer(id, {}, at('2026-10-10')), deleted: true }));
    await made.store.commitPage('crm', 'all', pageOf(gone), at('2026-10-10'));
    const dir = folder();
    writeFileSync(join(dir, 'churn.csv'), 'account,churn_date\nA000,2026-09-15\nA001,2026-09-15\nB,2026-09-15\n');
    const { report, outcome } = await backtest(made, { ...options, outcome: join(dir, 'churn.csv') });
    expect(outcome).toMatchObject({ kind: 'file', field: 'churn.csv', unknown: 2 });
    expect(report).toMatchObject({ observations: 40, lost: 2, leftOut: { deleted: 0 } });
    writeFileSync(join(dir, 'churn.csv'), 'account,churn_date\nB,2026-09-15\n');
    const strangers = backtest(made, { ...options, outcome: join(dir, 'churn.csv') });
    await expect(strangers).rejects.toThrow('--outcome churn.csv: none of its 1 account is known here');
  });

  it('takes no record that lies in the future for the end of the data, and says that there is one', async () => {
    const [plain, made] = [await past(40), await past(40)];
    const typing: Fact = {
      kind: 'usage',
      id: 'u',
      account: 'A030',
      at: at('2031-05-01'),
      knownAt: 1,
      data: { metrics: { users: 3 } },
    };
    await made.store.commitPage('crm', 'all', pageOf([typing]), at('2026-11-20'));
    const [as, found] = [
      await backtest(plain, { ...options, dates: null }),
      await backtest(made, { ...options, dates: null }),
    ];
    expect(found.dates).toEqual(as.dates);
    expect(found.findings.map((f) => f.text)).toContain(
      '1 record of use, tickets or answers lies in the future, and counts for nothing. Are the dates right?',
    );
    expect(as.findings.map((f) => f.code)).not.toContain('dates-in-the-future');
  });

  it('says of whom the outcome tells what nobody can read, and who leaves in the future only', async () => {
    const made = await past(40);
    const told = ['2026-09-15', '2031-01-01', 'perhaps'].map((said, i) =>
      customer(`A00${i}`, { attributes: { churned: said } }, at('2026-11-01')),
    );
    await made.store.commitPage('crm', 'all', pageOf(told), at('2026-11-20'));
    const { report, findings } = await backtest(made, { ...options, outcome: 'churned' });
    expect(report).toMatchObject({ observations: 39, lost: 1 });
    expect(findings.filter((f) => /unread|future/.test(f.code)).map((f) => f.text)).toEqual([
      expect.stringMatching(/^Of 1 account the outcome says something such as "perhaps"/),
      expect.stringMatching(/^1 account has a day of leaving that is still to come/),
    ]);
    const dir = folder();
    writeFileSync(join(dir, 'churn.csv'), 'account,churn_date\nA000,2026-09-15\nA001,2031-01-01\n');
    const byFile = await backtest(made, { ...options, outcome: join(dir, 'churn.csv') });
    expect(byFile.findings.map((f) => f.code)).toContain('dates-in-the-future');
  });

  it('stops between two steps of its report where it is told to', async () => {
    const stop = new AbortController();
    const made = await past(40);
    let bars = 0;
    const progress = {
      start: (title: string) => ({
        update: () => {
          if (!title.startsWith('resample')) return;
          bars += 1;
          if (bars === 20) stop.abort(new Error('stopped'));
        },
        done: () => {},
      }),
    };
    const run = backtest({ ...made, progress, signal: stop.signal }, { ...options, resamples: 5_000 });
    await expect(run).rejects.toThrow('stopped');
    expect(bars).toBeLessThan(40);
  });
});
