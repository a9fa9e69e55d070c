import { mkdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { connectors } from '../../connectors/index.ts';
import { InputError } from '../contract/index.ts';
import { toYaml } from '../kit/yaml.ts';
import { type ExportKind, writeExports } from '../sandbox/exports.ts';
import { makeWorld } from '../sandbox/world.ts';
import type { RunningSandbox, ServeOptions, World } from '../sandbox/world.types.ts';
import { crmNamed, crmTitle } from './crm.ts';

/** What no other vendor's server tells. */
const LEFT_TO_EXPORTS: ExportKind[] = ['accounts', 'usage', 'surveys'];

export interface SandboxOptions {
  accounts: number;
  seed: number;
  now: number;
  /** Folder for exports, keys and, where the caller wants one, the store. */
  dir: string;
  /** Name of the CRM; default: the first. */
  crm?: string;
  /** Whether the CRM keeps its short limits, which run on real time. Default false, as for all other vendors. */
  limits?: boolean;
  /** Calls that it grants in its interval; default: its usual. */
  rate?: number;
  /** Also serve the other vendors (support, billing), which the folder of exports then leaves to them. Default false. */
  others?: boolean;
  port?: number;
  latencyMs?: number;
  perRecordMs?: number;
  usageDays?: number;
  /** Write calls under way at once: `concurrency`, as every CRM connector calls it. */
  inFlight?: number;
  /** Records per write call: `batchSize`, likewise. */
  writeBatch?: number;
  /** Days of history in the world. */
  historyDays?: number;
  /** Who leaves has nothing to do with health. Default false. */
  randomChurn?: boolean;
  minPages?: number;
  onExchange?: ServeOptions['onExchange'];
}

export interface SandboxHost {
  world: World;
  crm: RunningSandbox;
  crmName: string;
  /** The other vendors' servers, by name. */
  others: Record<string, RunningSandbox>;
  /** Environment variables with the secrets that the servers accept. */
  env: Record<string, string>;
  /** The `crm` section of pulseback.yaml, with further settings of the connector. */
  crmSection(config?: Record<string, unknown>): Record<string, unknown>;
  /** A whole pulseback.yaml that points at the servers. */
  yaml(settings?: Record<string, unknown>): string;
  /** Rewrites the exports folder as of the world's now, as a nightly export would. */
  export(): Promise<void>;
  close(): Promise<void>;
}

/** Starts the world, its vendor servers on loopback, and its folder of exports. */
export async function startSandbox(options: SandboxOptions): Promise<SandboxHost> {
  const crmName = crmNamed(options.crm);
  const dir = resolve(options.dir);
  mkdirSync(dir, { recursive: true });
  const world = makeWorld({
    seed: options.seed,
    customers: options.accounts,
    now: options.now,
    ...(options.historyDays === undefined ? {} : { historyDays: options.historyDays }),
    ...(options.randomChurn ? { churn: 'random' as const } : {}),
  });
  const { sandboxes } = await import('../../connectors/sandboxes.ts'); // only here: the SOQL parser is optional
  const load = sandboxes[crmName];
  if (!load) throw new Error(`no sandbox is called ${crmName}`);
  const watched = {
    ...(options.minPages === undefined ? {} : { minPages: options.minPages }),
    ...(options.onExchange === undefined ? {} : { onExchange: options.onExchange }),
  };
  const crm = await (await load()).serve({
    world,
    ...watched,
    limits: options.limits ?? false,
    ...(options.rate === undefined ? {} : { rate: options.rate }),
    port: options.port ?? 0,
    latencyMs: options.latencyMs ?? 0,
    perRecordMs: options.perRecordMs ?? 0,
  });
  if (options.rate !== undefined && !crm.rate) {
    await crm.close();
    throw new InputError(`--rate ${options.rate}: ${crmTitle(crmName)} has no limit of calls in a short interval`);
  }
  const tuned = {
    ...crm.config,
    ...(options.inFlight === undefined ? {} : { concurrency: options.inFlight }),
    ...(options.writeBatch === undefined ? {} : { batchSize: options.writeBatch }),
  };
  const secretFiles = writeSecrets(dir, crmName, crm.env);
  const crmSection = (config = {}) => ({ connector: crmName, config: { ...tuned, ...config }, secretFiles });
  const others: Record<string, RunningSandbox> = {};
  const sources: Record<string, object> = {};
  for (const [name, open] of Object.entries(sandboxes)) {
    const connector = connectors[name];
    if (!options.others || !connector || connector.crm) continue;
    const running = await (await open()).serve({ world, ...watched, limits: false });
    others[name] = running;
    sources[name] = { connector: name, config: running.config, secretFiles: writeSecrets(dir, name, running.env) };
  }
  const exports = join(dir, 'exports');
  const exportNow = async () => {
    await writeExports(world, exports, {
      ...(options.usageDays === undefined ? {} : { usageDays: options.usageDays }),
      ...(options.others ? { kinds: LEFT_TO_EXPORTS } : {}),
    });
  };
  await exportNow();
  return {
    world,
    crm,
    crmName,
    others,
    env: Object.assign({}, crm.env, ...Object.values(others).map((o) => o.env)),
    crmSection,
    yaml: (settings = {}) =>
      toYaml({
        workspace: 'sandbox',
        timezone: 'Europe/London',
        currency: 'GBP',
        rates: { USD: 1.27, EUR: 1.17, JPY: 190 },
        store: join(dir, 'pulseback.db'),
        crm: crmSection(),
        sources: { exports: { connector: 'files', config: { path: exports } }, ...sources },
        ...settings,
      }),
    export: exportNow,
    close: async () => {
      for (const server of [crm, ...Object.values(others)]) await server.close();
    },
  };
}

/** A file for each secret of a connector, by the connector's name for it. */
export function writeSecrets(dir: string, name: string, env: Record<string, string>): Record<string, string> {
  const files: Record<string, string> = {};
  for (const [secret, spec] of Object.entries(connectors[name]?.secrets ?? {})) {
    const value = env[spec.env];
    if (value === undefined) continue;
    files[secret] = join(dir, `${name}-${secret}`);
    writeFileSync(files[secret], value, { mode: 0o600 });
  }
  return files;
}
