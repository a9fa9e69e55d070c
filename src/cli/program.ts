import { Command, CommanderError, Option } from 'commander';
import { type App, openApp, VERSION } from '../app.ts';
import { InputError } from '../contract/index.ts';
import { backtest } from './commands/backtest.ts';
import { bench } from './commands/bench.ts';
import { benchBacktest } from './commands/bench-backtest.ts';
import { benchHealth } from './commands/bench-health.ts';
import { benchScore } from './commands/bench-score.ts';
import { benchSentiment } from './commands/bench-sentiment.ts';
import { calibrate } from './commands/calibrate.ts';
import { check } from './commands/check.ts';
import { crash } from './commands/crash.ts';
import { demo } from './commands/demo.ts';
import { explain } from './commands/explain.ts';
import { init } from './commands/init.ts';
import { modelCheck } from './commands/model-check.ts';
import { modelDiffCommand } from './commands/model-diff.ts';
import { modelHistory } from './commands/model-history.ts';
import { modelPublish } from './commands/model-publish.ts';
import { modelRollback } from './commands/model-rollback.ts';
import { modelShadow } from './commands/model-shadow.ts';
import { modelShow } from './commands/model-show.ts';
import { apply, plan } from './commands/plan.ts';
import { planShow } from './commands/plan-show.ts';
import { pull } from './commands/pull.ts';
import { rejects } from './commands/rejects.ts';
import { runs } from './commands/runs.ts';
import { sandbox } from './commands/sandbox.ts';
import { score } from './commands/score.ts';
import { serve } from './commands/serve.ts';
import { setup } from './commands/setup.ts';
import { sync } from './commands/sync.ts';
import { tasks } from './commands/tasks.ts';
import { unmatched } from './commands/unmatched.ts';
import type { CommandContext } from './context.ts';
import { EXIT, failureOf, Io, report, type Streams } from './io.ts';

type Handler<O> = (context: CommandContext, options: O, args: string[]) => Promise<number | undefined>;

/** Runs one command line. @returns the exit code: 0 done, 1 failed, 2 bad usage or configuration, 3 held for a person. */
export async function runCli(argv: string[], streams: Streams): Promise<number> {
  let exit: number = EXIT.done;
  const program = new Command('pulseback')
    .description('Account health for your CRM: pull, score, explain, write back.')
    .version(VERSION)
    .addOption(new Option('-c, --config <file>', 'configuration file').default('pulseback.yaml'))
    .option('--json', 'one JSON object as the last line of stdout')
    .addOption(new Option('--now <instant>', 'pretend that it is this instant (ISO 8601)').hideHelp())
    .configureHelp({ showGlobalOptions: true })
    .configureOutput({ writeOut: (text) => streams.stdout.write(text), writeErr: (text) => streams.stderr.write(text) })
    .showHelpAfterError('(add --help for what this command takes)')
    .exitOverride();

  /** Wires a handler: opens and closes the app, turns errors into words and exit codes. */
  const on =
    <O>(handler: Handler<O>) =>
    async (...received: unknown[]): Promise<void> => {
      const command = received.at(-1) as Command;
      const options = command.optsWithGlobals() as O & { json?: boolean; config: string; now?: string };
      const io = new Io(streams, options.json === true);
      let app: App | null = null;
      try {
        const now = clock(options.now);
        const context: CommandContext = {
          io,
          signal: streams.signal,
          configPath: options.config,
          now,
          open: async () => {
            app ??= await openApp({ configPath: options.config, now, progress: io.progress(), signal: streams.signal });
            return app;
          },
        };
        exit =
          (await handler(context, options, command.processedArgs.filter((arg) => arg !== undefined).map(String))) ??
          EXIT.done;
      } catch (error) {
        const failure = failureOf(error, streams.signal);
        exit = failure.exit;
        report(io, failure);
      } finally {
        await (app as App | null)?.close();
      }
    };

  const add = (spec: string, description: string): Command => program.command(spec).description(description);
  add('init', 'write a commented pulseback.yaml')
    .option('--crm <name>', 'which CRM it is written for')
    .option('--force', 'overwrite an existing file')
    .action(on(init));
  add('check', 'check credentials, permissions, fields and files; changes nothing').action(on(check));
  add('setup', 'show, and with --yes create, our fields and permission sets in the CRM')
    .option('--yes', 'carry it out')
    .action(on(setup));
  add('pull', 'read what is new from every source')
    .option('--source <name>', 'only this source')
    .option('--stream <name...>', 'only these streams')
    .option('--reconcile', 'also find what was deleted without a trace')
    .option('--reset <source.stream>', 'forget the cursor of a stream, so that it is read from its beginning')
    .action(on(pull));
  add('score', 'score every account from what has been pulled, or from a folder of exports')
    .option('--from <dir>', 'a folder of exports with its mapping.yaml; needs no configuration')
    .option('--mapping <file>', 'with --from: which column is which field, where the folder has no mapping.yaml')
    .option('--model <file>', 'another model than the configured one')
    .option('--as-of <date>', 'as of the end of this past day, with nothing known later')
    .option('--out <file.csv>', 'write the scores as CSV')
    .action(on(score));
  ofThePast(
    add('backtest', 'what the scores as of past dates would have said of the accounts that left since; stores nothing'),
  )
    .option('--from <dir>', 'a folder of exports with its mapping.yaml; needs no configuration')
    .option('--mapping <file>', 'with --from: which column is which field, where the folder has no mapping.yaml')
    .option('--model <file>', 'another model than the configured one')
    .option('--cv <parts>', 'fit and judge on parts of the accounts instead of on earlier and later dates')
    .option('--out <file.csv>', 'write the observations as CSV')
    .option('--report <file.html>', 'write charts and findings as one HTML file')
    .action(on(backtest));
  ofThePast(
    add(
      'calibrate',
      'propose weights and bands by what became of the accounts: a model file with its evidence; applies nothing',
    ),
  )
    .option('--from <dir>', 'a folder of exports with its mapping.yaml; needs no configuration')
    .option('--mapping <file>', 'with --from: which column is which field, where the folder has no mapping.yaml')
    .option('--model <file>', 'another model than the configured one')
    .option('--cv <parts>', 'judge on parts of the accounts instead of on later dates')
    .option('--out <file.yaml>', 'the proposal (default: NAME-VERSION.yaml); the evidence lies beside it')
    .option('--report <file.html>', 'write proposal and backtest as one HTML file, for people')
    .action(on(calibrate));
  const plans = add(
    'plan',
    'store and show what a write-back would change, from what has been pulled; writes nothing',
  ).action(on(plan));
  plans
    .command('show <number>')
    .description('every change of a stored plan')
    .option('--account <account>', 'only this account')
    .action(on(planShow));
  add('apply <number>', 'carry out a stored plan; resumes one that was cut off')
    .option('--yes', 'write, although write.enabled is false')
    .option('--release', 'also a plan that is held, once you have looked at it')
    .action(on(apply));
  add('sync', 'pull, match, score, plan and, where writing is on, write back')
    .option('--yes', 'write, although write.enabled is false')
    .action(on(sync));
  add('explain <account>', 'how an account came to its score: dimensions, signals, facts')
    .option('--as-of <date>', 'the score of an earlier day')
    .option('--since <date>', 'why the score changed since that day')
    .action(on(explain));
  const models = program.command('model').description('look at a scoring model, and make it the live one');
  models
    .command('check <file>')
    .description('whether a model loads, what is unwise about it, and which signals the connected sources cannot feed')
    .action(on(modelCheck));
  models
    .command('diff <before> <after>')
    .description(
      'what one model says otherwise than another, which accounts change band by it, and why; stores nothing',
    )
    .option('--from <dir>', 'a folder of exports with its mapping.yaml; needs no configuration')
    .option('--mapping <file>', 'with --from: which column is which field, where the folder has no mapping.yaml')
    .option('--as-of <date>', 'as of the end of this past day, with nothing known later')
    .action(on(modelDiffCommand));
  ofThePast(models.command('publish [file]'))
    .description(
      'judge a model by past renewals beside the live one and, above all floors, make it live; without a file the live one is judged anew',
    )
    .option('--force', 'also below a floor; needs --reason')
    .option('--reason <text>', 'why, for the record')
    .option('--by <name>', 'who, for the record (default: who is logged in)')
    .option('--dry-run', 'judge only')
    .action(on(modelPublish));
  models
    .command('history')
    .description('which model is live, and every one that was published: when, by whom, why and on what proof')
    .option('--limit <n>', 'how many', '20')
    .action(on(modelHistory));
  models
    .command('show [publication]')
    .description('the live model, or that of a publication, as a model file')
    .action(on(modelShow));
  models
    .command('rollback')
    .description('put back the model that was live before, without judging it anew')
    .option('--to <n>', 'the model of this publication')
    .option('--reason <text>', 'why, for the record')
    .option('--by <name>', 'who, for the record (default: who is logged in)')
    .action(on(modelRollback));
  models
    .command('shadow [file]')
    .description(
      'score a model beside the live one at every score and sync, written nowhere; without a file: what it would change',
    )
    .option('--report', 'what it would change')
    .option('--stop', 'end it')
    .option('--by <name>', 'who, for the record (default: who is logged in)')
    .action(on(modelShadow));
  add('unmatched', 'records of other systems that fit no account, with suggestions')
    .option('--source <name>', 'only this source')
    .action(on(unmatched));
  add('rejects', 'rows that were refused, with file and line')
    .option('--source <name>', 'only this source')
    .action(on(rejects));
  add('tasks [start|stop]', 'whether manager tasks are raised; `start` after you have looked at the book').action(
    on(tasks),
  );
  add('runs', 'what ran, when, and how it ended').option('--limit <n>', 'how many', '20').action(on(runs));
  add('serve', 'run by itself, on schedule, with an HTTP side for health, metrics and requests')
    .option('--also <file...>', 'further workspaces: their configuration files')
    .option('--host <address>', 'listen on this address instead of `api.host`')
    .option('--port <n>', 'listen on this port instead of `api.port`; 0 = any free one')
    .option('--for <seconds>', 'stop after so long')
    .option('--demo', 'on the sandbox, with one hour of its world each second')
    .option('--crm <name>', 'with --demo: which CRM it serves')
    .option('--accounts <n>', 'with --demo: customers', '60')
    .option('--seed <n>', 'with --demo: which world', '7')
    .action(on(serve));
  add('sandbox', 'serve a seeded business world on loopback and print the configuration that points at it')
    .option('--crm <name>', 'which CRM')
    .option('--accounts <n>', 'customers in the world', '500')
    .option('--seed <n>', 'which world', '7')
    .option('--port <n>', 'port of the CRM, 0 = any free one', '0')
    .option('--latency <ms>', 'delay of every answer', '0')
    .option('--per-record <ms>', 'further delay for each record written', '0')
    .option('--dir <dir>', 'where to put the exports and the key', '.pulseback/sandbox')
    .option('--usage-days <n>', 'days of usage in the exports', '400')
    .option('--in-flight <n>', 'write calls under way at once, in the printed configuration', '5')
    .option('--rate <n>', 'calls that the CRM grants in its short interval, where it has one')
    .option('--crm-only', 'without the help desk and the billing system: the exports carry their data')
    .option('--random-churn', 'a world in which no score can tell who leaves')
    .option('--write <file>', 'also write the configuration to this file')
    .action(on(sandbox));
  add('demo', 'the whole loop on the sandbox')
    .option('--crm <name>', 'which CRM')
    .option('--accounts <n>', 'customers', '500')
    .option('--seed <n>', 'which world', '7')
    .action(on(demo));
  const benches = add('bench', 'measure time, calls and memory');
  benches
    .command('sync')
    .description('a first sync against a sandbox in a process of its own')
    .option('--crm <name>', 'which CRM')
    .option('--accounts <n>', 'customers', '10000')
    .option('--rate <n>', 'calls that the CRM grants in its short interval, where it has one; then it alone delays')
    .option('--latency <ms>', 'delay of every answer (default: 200; with --rate 0)')
    .option('--per-record <ms>', 'further delay for each record written (default: 1; with --rate 0)')
    .option('--in-flight <n>', 'write calls under way at once (default: 5; with --rate 10)')
    .option('--usage-days <n>', 'days of usage in the exports', '60')
    .option('--seed <n>', 'which world', '7')
    .action(on(bench));
  benches
    .command('health')
    .description('how fast a service answers while it pulls, matches, scores and plans')
    .option('--accounts <n>', 'customers', '100000')
    .option('--seed <n>', 'which world', '7')
    .action(on(benchHealth));
  benches
    .command('score')
    .description(
      'scoring a book of fifty facts an account, against DuckDB on two threads; on PostgreSQL with DATABASE_URL',
    )
    .option('--accounts <n>', 'customers', '100000')
    .option('--seed <n>', 'which customers', '7')
    .option('--model <file>', 'a shipped model by name, or a file', 'weighted-formula')
    .option('--no-duckdb', 'without the comparison')
    .action(on(benchScore));
  benches
    .command('backtest')
    .description('a backtest of a book with a past of eighteen months; on PostgreSQL with DATABASE_URL')
    .option('--accounts <n>', 'customers', '50000')
    .option('--dates <n>', 'past dates, a month apart', '12')
    .option('--resamples <n>', 'of accounts, for the intervals', '1000')
    .option('--seed <n>', 'which customers, and which resamples', '7')
    .option('--model <file>', 'a shipped model by name, or a file', 'five-dimension')
    .action(on(benchBacktest));
  benches
    .command('sentiment')
    .description('the built-in judge of sentiment and four libraries, on labelled texts')
    .option('--data <file>', 'labelled texts of your own, a JSON object a line')
    .option('--why <text>', 'what the built-in judge makes of a text, and by what')
    .action(on(benchSentiment));
  add('crash', 'kill a sync at seeded points of every step, run it again, and compare with an undisturbed one')
    .option('--crm <name>', 'which CRM')
    .option('--kills <n>', 'how often', '60')
    .option('--seed <n>', 'which world, and which points', '7')
    .option('--accounts <n>', 'customers', '300')
    .option('--only <k>', 'only this one of the kills')
    .option('--crm-only', 'without the help desk and the billing system')
    .option('--redis', 'syncs as jobs of the service, on a Redis of its own')
    .option('--postgres', 'the store on PostgreSQL, at DATABASE_URL, in schemas of its own')
    .action(on(crash));

  try {
    await program.parseAsync(argv, { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode === 0) return EXIT.done;
    // Commander has told people what was wrong; here is the same for machines.
    const said = error.code === 'commander.help' ? 'no command was given' : error.message.replace(/^error: /, '');
    const [message = '', ...advice] = said.split('\n');
    new Io(streams, argv.includes('--json')).result({
      ok: false,
      exit: EXIT.usage,
      error: { message, code: error.code, problems: [], hint: advice.join(' ') || 'See `npx pulseback --help`.' },
    });
    return EXIT.usage;
  }
  return exit;
}

/** `--now` starts a clock at that instant. */
function clock(instant: string | undefined): () => number {
  if (instant === undefined) return Date.now;
  const start = Date.parse(instant);
  if (Number.isNaN(start)) throw new InputError(`--now ${instant}: expected an instant like 2026-11-25T08:00:00Z`);
  const began = Date.now();
  return () => start + (Date.now() - began);
}

/** By which past outcomes a command judges; see past-options.ts. */
const ofThePast = (command: Command): Command =>
  command
    .option('--as-of <dates>', 'past days, separated by commas (default: month ends of the span that has outcomes)')
    .option('--horizon <days>', 'within how many days after a date an outcome counts', '90')
    .option(
      '--outcome <kind>',
      'renewal, churn-date, inactivity, a column of the account, or FILE.csv[:ACCOUNT,DATE[,LABEL]] (default: what the data carry)',
    )
    .option('--resamples <n>', 'of accounts, for the intervals', '1000')
    .option('--seed <n>', 'of the resamples and of the parts', '7');
