import { mkdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { connectors } from '../../connectors/index.ts';
import { toYaml } from '../kit/yaml.ts';
import { type ExportKind, writeExports } from '../sandbox/exports.ts';
import { makeWorld } from '../sandbox/world.ts';
import type { RunningSandbox, ServeOptions, World } from '../sandbox/world.types.ts';

/** What no other vendor's server tells. */
const LEFT_TO_EXPORTS: ExportKind[] = ['accounts', 'usage', 'surveys'];

export interface SandboxOptions {
  accounts: number;
  seed: number;
  now: number;
  /** Folder for exports, keys and, where the caller wants one, the store. */
  dir: string;
  /** Name of the CRM's sandbox; default: the first CRM that has one. */
  crm?: string;
  /** Also serve the other vendors (support, billing), which the folder of exports then leaves to them. Default false. */
  others?: boolean;
  port?: number;
  latencyMs?: number;
  perRecordMs?: number;
  usageDays?: number;
  /** Write calls under way at once, for the connector's own setting. */
  inFlight?: number;
  /** Records per write call, likewise. */
  writeBatch?: number;
  /** Days of history in the world. */
  historyDays?: number;
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
  /** A whole pulseback.yaml that points at the servers. */
  yaml(settings?: Record<string, unknown>): string;
  /** Rewrites the exports folder as of the world's now, as a nightly export would. */
  export(): Promise<void>;
  close(): Promise<void>;
}

/** Starts the world, its vendor servers on loopback, and its folder of exports. */
export async function startSandbox(options: SandboxOptions): Promise<SandboxHost> {
  const dir = resolve(options.dir);
  mkdirSync(dir, { recursive: true });
  const world = makeWorld({
    seed: options.seed,
    customers: options.accounts,
    now: options.now,
    ...(options.historyDays === undefined ? {} : { historyDays: options.historyDays }),
  });
  const { sandboxes } = await import('../../connectors/sandboxes.ts'); // only here: the SOQL parser is optional
  const crmName = options.crm ?? Object.keys(sandboxes).find((name) => connectors[name]?.crm) ?? '';
  const load = sandboxes[crmName];
  if (!load) throw new Error(`no sandbox is called ${crmName}`);
  const watched = {
    ...(options.minPages === undefined ? {} : { minPages: options.minPages }),
    ...(options.onExchange === undefined ? {} : { onExchange: options.onExchange }),
  };
  const crm = await (await load()).serve({
    world,
    ...watched,
    port: options.port ?? 0,
    latencyMs: options.latencyMs ?? 0,
    perRecordMs: options.perRecordMs ?? 0,
  });
  const config = structuredClone(crm.config);
  if (options.inFlight !== undefined) config.concurrency = options.inFlight;
  if (options.writeBatch !== undefined) config.batchSize = options.writeBatch;
  for (const file of crm.secretFiles ?? []) {
    const path = join(dir, file.name);
    writeFileSync(path, file.content, { mode: 0o600 });
    setPath(config, file.configKey, path);
  }
  const others: Record<string, RunningSandbox> = {};
  const sources: Record<string, object> = {};
  for (const [name, open] of Object.entries(sandboxes)) {
    if (!options.others || connectors[name]?.crm) continue;
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
    yaml: (settings = {}) =>
      toYaml({
        workspace: 'sandbox',
        timezone: 'Europe/London',
        currency: 'GBP',
        rates: { USD: 1.27, EUR: 1.17, JPY: 190 },
        store: join(dir, 'pulseback.db'),
        crm: { connector: crmName, config },
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
function writeSecrets(dir: string, name: string, env: Record<string, string>): Record<string, string> {
  const files: Record<string, string> = {};
  for (const [secret, spec] of Object.entries(connectors[name]?.secrets ?? {})) {
    const value = env[spec.env];
    if (value === undefined) continue;
    files[secret] = join(dir, `${name}-${secret}`);
    writeFileSync(files[secret], value, { mode: 0o600 });
  }
  return files;
}

function setPath(target: Record<string, unknown>, keys: string[], value: string): void {
  const [key, ...rest] = keys;
  if (key === undefined) return;
  if (!rest.length) target[key] = value;
  else {
    const inner = (target[key] ?? {}) as Record<string, unknown>;
    target[key] = inner;
    setPath(inner, rest, value);
  }
}
