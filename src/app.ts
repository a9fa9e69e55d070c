import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { resolve } from 'node:path';
import { connectors } from '../connectors/index.ts';
import {
  configuredSources,
  endpointKey,
  environment,
  inlineConfig,
  isShipped,
  type LoadedConfig,
  loadConfig,
  modelPath,
  PACKAGE_ROOT,
  storePlace,
} from './config.ts';
import { type Connector, type Crm, type Ctx, InputError, type Log } from './contract/index.ts';
import { FLAG_CODES } from './core/flags.ts';
import { MatchRules } from './core/match.ts';
import { allBands, allDimensions, type Model, modelsOf } from './core/model.ts';
import { type Playbook, playbookSchema } from './core/playbook.ts';
import type { Standing } from './core/publish/standing.ts';
import { type AccountRules, AccountRules as AccountRulesSchema } from './core/rules.ts';
import { Triggers } from './core/tasks.ts';
import { fieldSpecs } from './core/writeback-fields.ts';
import { makeAttempt } from './http/attempt.ts';
import { makeHttp } from './http/client.ts';
import { loadModel } from './kit/model-file.ts';
import { lazyKeyring, secretsOf } from './kit/secrets.ts';
import { loadYaml } from './kit/yaml.ts';
import { makeLog } from './log.ts';
import { CallCounter } from './pipeline/calls.ts';
import type { TextJudge } from './pipeline/judge-texts.ts';
import { Gate } from './pipeline/lease.ts';
import { type Live, liveModel, standing } from './pipeline/live-model.ts';
import { type Progress, silent } from './pipeline/progress.ts';
import type { Source } from './pipeline/pull.ts';
import type { Threads } from './pipeline/scorers.ts';
import { askEndpoint, builtInJudge, judgeByEndpoint, judgeOfMany } from './sentiment/index.ts';
import { encrypted } from './store/credentials.ts';
import { openStore } from './store/open.ts';
import type { Store, WorkspaceStore } from './store/types.ts';
import { scoringThreads } from './threads/pool.ts';

export interface AppOptions {
  configPath: string;
  /** Settings in place of the file (scoring a folder needs no configuration file). */
  inline?: Record<string, unknown>;
  /** A model in place of the configured one. */
  model?: string;
  env?: NodeJS.ProcessEnv;
  /** Epoch ms; tests and demo pass the world's clock. */
  now?: () => number;
  progress?: Progress;
  /** Ends the work at its next page or batch. */
  signal?: AbortSignal;
  /** Ends calls that are under way too; default `signal`. */
  callSignal?: AbortSignal;
}

/** What follows from the model that scores. */
export interface Scoring {
  model: Model;
  playbook: Playbook;
  /** CRM first; each knows the fields that the model's dimensions and bands take. */
  sources: Source[];
  /** The source whose accounts are scored. */
  primary: Source;
  rules: AccountRules;
  /** The CRM's write side. @throws InputError where no CRM is configured. */
  crm(): Crm;
}

/** Everything that a command needs, built once from the configuration. */
export interface App extends Scoring {
  config: LoadedConfig;
  version: string;
  log: Log;
  now: () => number;
  progress: Progress;
  signal: AbortSignal;
  store: WorkspaceStore;
  /** Where the store lies, for people. */
  storeName: string;
  calls: CallCounter;
  /** Every connector's calls pass here. */
  gate: Gate;
  textJudge: TextJudge;
  triggers: Triggers;
  matchRules: MatchRules;
  /** Which model is live and why; null where the command names another. */
  live: Live | null;
  /** The live model as of now, with all that follows from it: for a process that goes on for longer than one run. */
  current(): Promise<Scoring>;
  /** What follows from another model. @throws InputError where the playbook or the CRM's fields do not fit it */
  scoringBy(model: Model): Scoring;
  /** How well the live model is proven; null where the command names another. */
  standing(): Promise<Standing | null>;
  /** That score large books; undefined = there is but one processor. */
  threads: Threads | undefined;
  close(): Promise<void>;
}

export const VERSION: string = JSON.parse(readFileSync(`${PACKAGE_ROOT}/package.json`, 'utf8')).version;

/** Builds everything from configuration; no logic. */
export async function openApp(options: AppOptions): Promise<App> {
  const file = options.inline ? inlineConfig(options.inline, connectors) : loadConfig(options.configPath, connectors);
  const config = options.model ? { ...file, model: resolve(options.model) } : file;
  const configured = { text: config.model, model: loadModel(modelPath(config)), shipped: isShipped(config.model) };
  const triggers = loadYaml(config.file(config.triggers), Triggers);
  const matchRules = loadYaml(config.file(config.match), MatchRules);
  const log = makeLog({ level: config.logLevel });
  const now = options.now ?? Date.now;
  const signal = options.signal ?? new AbortController().signal;
  const callSignal = options.callSignal ?? signal;
  const env = options.env ?? environment();
  const calls = new CallCounter();
  const gate = new Gate();
  const keyring = lazyKeyring(config, env);

  const bound = configuredSources(config).map(([where, source]) => {
    const connector = connectors[source.connector] as Connector;
    return {
      name: where === 'crm' ? 'crm' : where.slice('sources.'.length),
      where,
      source,
      connector,
      secrets: secretsOf(connector, where, env, { named: source.secretFiles, resolve: config.file }),
    };
  });
  if (!bound.length)
    throw new InputError(`${config.path}: neither \`crm\` nor any of \`sources\` is configured`, {
      hint: 'Run `npx pulseback init` for a commented example.',
    });

  // Settings that a command made up bring a file of their own, which goes when the command ends.
  const place = options.inline ? { path: config.file(config.store) } : storePlace(config, env);
  const opened: Store = await openStore(place, (error) =>
    log.warn({ reason: error.message }, 'a connection to the database broke'),
  );
  try {
    const store = await opened.workspace(config.workspace);
    const attempts = bound.map(({ source, connector }) =>
      makeAttempt({
        buckets: { ...connector.buckets, ...connector.limits?.(source.config) },
        log,
        signal: callSignal,
        now,
        onCall: (call) => calls.add(connector.name, call),
      }),
    );
    const scoringBy = (model: Model): Scoring => {
      const playbook = loadPlaybook(config, model);
      const fields = fieldSpecs(allDimensions(model), playbook.actions, allBands(model));
      const sources = bound.map(({ name, source, connector, secrets }, at): Source => {
        const ctx: Ctx<unknown> = {
          config: source.config,
          secrets,
          log,
          signal: callSignal,
          now,
          timezone: config.timezone,
          currency: config.currency,
          fields,
          file: config.file,
          attempt: gate.over(attempts[at] as Ctx<unknown>['attempt']),
          state: store.state(name),
          credentials: encrypted(store.state(name), `${config.workspace}/${name}`, keyring),
        };
        return { name, connector, ctx, staleAfterDays: source.staleAfterDays };
      });
      const primary = sources[0] as Source;
      const rules = primary.connector.rules?.(primary.ctx) ?? AccountRulesSchema.parse({});
      const crm = (): Crm => {
        if (!config.crm || !primary.connector.crm)
          throw new InputError(`${config.path}: this needs a CRM, and none is configured`, {
            hint: 'Add a `crm` section; `npx pulseback init` shows one.',
          });
        return primary.connector.crm(primary.ctx);
      };
      return { model, playbook, sources, primary, rules, crm };
    };
    // A model that the command names scores in place of the live one; a folder's store has none.
    const asked = options.model !== undefined || options.inline !== undefined;
    const live = asked ? null : await liveModel(store, configured);
    let scoring = scoringBy(live?.model ?? configured.model);
    let hash = live?.hash;
    return {
      config,
      version: VERSION,
      log,
      now,
      progress: options.progress ?? silent,
      signal,
      store,
      storeName: opened.name,
      calls,
      gate,
      textJudge: textJudge(config, env, { log, now, signal: callSignal, store }),
      ...scoring,
      triggers,
      matchRules,
      live,
      current: async () => {
        if (asked) return scoring;
        const found = await liveModel(store, configured);
        if (found.hash !== hash) [scoring, hash] = [scoringBy(found.model), found.hash];
        return scoring;
      },
      scoringBy,
      standing: async () =>
        asked ? null : standing({ store, now }, await liveModel(store, configured), config.publish.remindAfterDays),
      threads: scoringThreads({ place, workspace: config.workspace, processors: availableParallelism() }),
      close: () => opened.close(),
    };
  } catch (error) {
    await opened.close();
    throw error;
  }
}

/** The built-in judge; an endpoint only where the operator has switched it on. */
function textJudge(
  { sentiment: { endpoint } }: LoadedConfig,
  env: NodeJS.ProcessEnv,
  deps: { log: Log; now: () => number; signal: AbortSignal; store: WorkspaceStore },
): TextJudge {
  const builtIn = builtInJudge(PACKAGE_ROOT);
  if (!endpoint) return judgeOfMany(builtIn);
  const { url, model, batch, dailyBudget, timeoutSeconds } = endpoint;
  const key = endpointKey(endpoint, env);
  const http = makeHttp({
    // Few tries and short waits: the built-in judge can take over at any time.
    attempt: makeAttempt({ ...deps, tries: 2, deadlineMs: timeoutSeconds * 1000, longestWaitMs: 5_000 }),
    baseUrl: url,
    headers: (): Record<string, string> => (key === null ? {} : { authorization: `Bearer ${key}` }),
    now: deps.now,
  });
  return judgeByEndpoint({
    ...deps,
    ask: askEndpoint(http, model),
    builtIn,
    memory: deps.store,
    model,
    batch,
    dailyBudget,
  });
}

/** The shipped playbook serves every model: a condition on what a model does not have never holds. A playbook of one's own is checked. */
const SHIPPED_PLAYBOOK = 'mappings/playbook.yaml';

const loadPlaybook = (config: LoadedConfig, model: Model): Playbook =>
  loadYaml(config.file(config.playbook), playbookSchema(config.playbook === SHIPPED_PLAYBOOK ? {} : namesOf(model)));

/** What a playbook may name: of the model that it goes with, and the flags, which every model has. */
const namesOf = (model: Model) => ({
  dimensions: allDimensions(model).map((d) => d.key),
  signals: modelsOf(model).flatMap((m) => m.dimensions.flatMap((d) => d.signals.map((s) => s.key))),
  bands: allBands(model),
  caps: modelsOf(model).flatMap((m) => m.caps.map((c) => c.key)),
  flags: FLAG_CODES,
});
