import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type App, openApp } from '../../app.ts';
import { practiceEnvironment } from '../../config.ts';
import { sameValue } from '../../core/decide.ts';
import { fieldValues } from '../../core/writeback-fields.ts';
import { withRun } from '../../pipeline/run.ts';
import { type SyncSummary, sync } from '../../pipeline/sync.ts';
import { wholeNumber } from '../arguments.ts';
import type { CommandContext } from '../context.ts';
import { crmNamed, crmTitle } from '../crm.ts';
import { fieldText } from '../field-text.ts';
import { table } from '../format.ts';
import { EXIT } from '../io.ts';
import { sayPortfolio } from '../portfolio.ts';
import { type SandboxHost, startSandbox } from '../sandbox-host.ts';
import { sayPull } from './pull.ts';
import { saySync } from './sync.ts';

const HOUR = 3_600_000;
/** The demo's world always starts on this morning, so that everybody sees the same figures. */
const START = Date.parse('2026-11-02T07:00:00Z');

/** `demo`: the main job, end to end, on the sandbox: nothing in the product knows that it is not a real org. */
export async function demo(
  { io, signal }: CommandContext,
  options: { crm?: string; accounts: string; seed: string },
): Promise<number> {
  const began = performance.now();
  const crmName = crmNamed(options.crm);
  const dir = mkdtempSync(join(tmpdir(), 'pulseback-demo-'));
  const accounts = wholeNumber('--accounts', options.accounts, 1);
  io.say(
    `Starting ${crmTitle(crmName)}, a help desk and a billing system on loopback, with ${accounts} customer accounts and 400 days of history …`,
  );
  const host = await startSandbox({
    accounts,
    seed: wholeNumber('--seed', options.seed),
    now: START,
    dir,
    crm: crmName,
    others: true,
  });
  try {
    const configPath = join(dir, 'pulseback.yaml');
    writeFileSync(configPath, host.yaml({ write: { enabled: true }, tasks: { start: '2026-11-03' } }));
    const withApp = async <T>(work: (app: App) => Promise<T>): Promise<T> => {
      const app = await openApp({
        configPath,
        env: { ...practiceEnvironment(), ...host.env },
        now: host.world.now,
        progress: io.progress(),
        signal,
      });
      try {
        return await work(app);
      } finally {
        await app.close();
      }
    };

    await withApp(async (app) => {
      io.say('\n1. Check and set up');
      const report = await app.primary.connector.check(app.primary.ctx);
      io.say(
        `   ${report.items.filter((i) => i.ok).length} of ${report.items.length} checks pass before set-up; our fields are missing, as they must be.`,
      );
      const crm = app.crm();
      const plan = await crm.provision.plan();
      let done = 0;
      for await (const outcome of crm.provision.apply(plan)) {
        if (!outcome.ok) throw new Error(`set-up step ${outcome.step} failed: ${outcome.reason ?? ''}`);
        done += 1;
      }
      io.say(`   ${done} set-up steps carried out.`);
      const after = await app.primary.connector.check(app.primary.ctx);
      const failed = after.items.filter((i) => !i.ok && i.level === 'error');
      if (failed.length) throw new Error(`after set-up: ${failed.map((i) => i.what).join('; ')}`);
    });

    const step = (title: string) =>
      withApp((app) =>
        withRun(app, 'sync', async (app) => {
          io.say(`\n${title}`);
          const summary = await sync(app, true);
          return { summary: {}, value: { summary, calls: app.calls.summary() }, ok: true };
        }),
      );
    const first = await step('2. First sync: a silent baseline');
    sayPull(io, first.summary.pulled);
    io.say();
    sayPortfolio(io, first.summary.score);
    saySync(io, first.summary);
    const readBack = await withApp((app) => compareWithCrm(app));
    await withApp((app) => sayOneAccount(app, io, first.summary));
    io.say(`\n   ${readBack.compared} accounts read back from the CRM, ${readBack.different} differ from the store.`);

    await later(host, 24 * HOUR);
    const second = await step('3. A day later: manager tasks start');
    saySync(io, second.summary);
    const third = await step('4. Again, with nothing changed');
    saySync(io, third.summary);
    await later(host, HOUR);
    const hour = await step('5. One hour later');
    saySync(io, hour.summary);

    const s = first.summary;
    io.say('\nCalls spent');
    io.say(
      table(
        ['run', 'vendor', 'read', 'write'],
        [first, second, third, hour].flatMap((run, i) =>
          Object.entries(run.calls).map(([vendor, c]) => [`${i + 1}`, vendor, `${c.read}`, `${c.write}`]),
        ),
        { right: [2, 3] },
      ),
    );
    const seconds = Math.round((performance.now() - began) / 100) / 10;
    io.say(`\nDone in ${seconds} s. Your own org: npx pulseback init`);
    io.result({
      crm: host.crmName,
      accounts: s.score.accounts,
      scored: s.score.scored,
      notScored: s.score.notScored,
      bands: s.score.bands,
      written: s.write?.written ?? 0,
      rejected: s.write?.rejected ?? 0,
      tasks: s.write?.tasks ?? 0,
      writeCalls: s.write?.writeCalls ?? 0,
      calls: first.calls,
      readBack,
      secondRun: runResult(second),
      thirdRun: runResult(third),
      hourLater: runResult(hour),
      seconds,
    });
    return EXIT.done;
  } finally {
    await host.close();
    rmSync(dir, { recursive: true, force: true });
  }
}

const runResult = ({
  summary,
  calls,
}: {
  summary: SyncSummary;
  calls: Record<string, { read: number; write: number }>;
}) => ({
  written: summary.write?.written ?? 0,
  writeCalls: summary.write?.writeCalls ?? 0,
  tasks: summary.write?.tasks ?? 0,
  rejected: summary.write?.rejected ?? 0,
  calls,
});

async function later(host: SandboxHost, ms: number): Promise<void> {
  host.world.advance(ms);
  await host.export();
}

/** Every scored account's fields as the CRM holds them against what the store has confirmed. */
async function compareWithCrm(app: App): Promise<{ compared: number; different: number }> {
  const result = { compared: 0, different: 0 };
  const crm = app.crm();
  for await (const chunk of app.store.latestScores()) {
    const scores = new Map(chunk.map((row) => [row.score.account, row.score]));
    for await (const { account, values } of crm.read([...scores.keys()])) {
      const score = scores.get(account);
      result.compared += 1;
      const desired = score ? fieldValues(score, app.primary.ctx.fields, app.playbook.actions) : {};
      if (
        app.primary.ctx.fields.some(
          (f) => f.direction === 'ours' && !sameValue(f.type, values[f.name] ?? null, desired[f.name] ?? null),
        )
      )
        result.different += 1;
    }
  }
  return result;
}

async function sayOneAccount(app: App, io: CommandContext['io'], summary: SyncSummary): Promise<void> {
  const [worst] = summary.score.atRisk;
  if (!worst) return;
  for await (const held of app.crm().read([worst.account])) {
    io.say(`\n${worst.name}, as the CRM now shows it (${await app.crm().link('account', worst.account)})`);
    for (const field of app.primary.ctx.fields.filter((f) => f.direction === 'ours')) {
      const text = fieldText(field.type, held.values[field.name], app.config.timezone) ?? '–';
      io.say(`  ${field.label.padEnd(24)} ${text.replaceAll('\n', `\n${' '.repeat(27)}`)}`);
    }
  }
}
