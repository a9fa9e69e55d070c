import { mkdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { toYaml } from '../kit/yaml.ts';
import { writeExports } from '../sandbox/exports.ts';
import { makeWorld } from '../sandbox/world.ts';
import type { RunningSandbox, ServeOptions, World } from '../sandbox/world.types.ts';

export interface SandboxOptions {
  accounts: number;
  seed: number;
  now: number;
  /** Folder for exports, keys and, where the caller wants one, the store. */
  dir: string;
  /** Name of the CRM's sandbox; default: the first. */
  crm?: string;
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
  const crmName = options.crm ?? Object.keys(sandboxes)[0] ?? '';
  const load = sandboxes[crmName];
  if (!load) throw new Error(`no sandbox is called ${crmName}`);
  const crm = await (await load()).serve({
    world,
    port: options.port ?? 0,
    latencyMs: options.latencyMs ?? 0,
    perRecordMs: options.perRecordMs ?? 0,
    ...(options.minPages === undefined ? {} : { minPages: options.minPages }),
    ...(options.onExchange === undefined ? {} : { onExchange: options.onExchange }),
  });
  const config = structuredClone(crm.config);
  if (options.inFlight !== undefined) config.concurrency = options.inFlight;
  if (options.writeBatch !== undefined) config.batchSize = options.writeBatch;
  for (const file of crm.secretFiles ?? []) {
    const path = join(dir, file.name);
    writeFileSync(path, file.content, { mode: 0o600 });
    setPath(config, file.configKey, path);
  }
  const exports = join(dir, 'exports');
  const exportNow = async () => {
    await writeExports(world, exports, options.usageDays === undefined ? {} : { usageDays: options.usageDays });
  };
  await exportNow();
  return {
    world,
    crm,
    crmName,
    env: crm.env,
    yaml: (settings = {}) =>
      toYaml({
        workspace: 'sandbox',
        timezone: 'Europe/London',
        currency: 'GBP',
        rates: { USD: 1.27, EUR: 1.17, JPY: 190 },
        store: join(dir, 'pulseback.db'),
        crm: { connector: crmName, config },
        sources: { exports: { connector: 'files', config: { path: exports } } },
        ...settings,
      }),
    export: exportNow,
    close: () => crm.close(),
  };
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
