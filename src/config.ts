import { existsSync } from 'node:fs';
import { dirname, isAbsolute, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { ConfigFile, CrmConfig, type EndpointConfig, SourceConfig } from './config-file.ts';
import { type Connector, InputError } from './contract/index.ts';
import { loadYaml } from './kit/yaml.ts';

/** The folder that holds `mappings/`, in the checkout as in the built image. */
export const PACKAGE_ROOT = findPackageRoot(dirname(fileURLToPath(import.meta.url)));

function findPackageRoot(from: string): string {
  for (let dir = from; ; dir = dirname(dir)) {
    if (existsSync(resolve(dir, 'package.json'))) return dir;
    if (dir === dirname(dir)) throw new Error(`no package.json above ${from}`);
  }
}

export interface LoadedConfig extends ConfigFile {
  /** Absolute path of the file. */
  path: string;
  /** A path named in the configuration → absolute: beside the file if it exists there, else in the package. */
  file(path: string): string;
}

/** The process environment; nothing else reads it. */
export function environment(): NodeJS.ProcessEnv {
  return process.env;
}

/** The same for what brings a business of its own (demo, benches): its store must never be the operator's database. */
export function practiceEnvironment(): NodeJS.ProcessEnv {
  const { DATABASE_URL: _, ...rest } = environment();
  return rest;
}

/** Where the store lies: `DATABASE_URL` carries a password, so it stands in the environment; else the file of the configuration. */
export function storePlace(config: LoadedConfig, env: NodeJS.ProcessEnv): { url: string } | { path: string } {
  const url = env.DATABASE_URL || null;
  if (url === null) return { path: config.file(config.store) };
  if (!/^postgres(ql)?:\/\/./.test(url))
    throw new InputError('DATABASE_URL: expected an address like postgresql://user:password@host:5432/database', {
      hint: 'Correct it, or unset it: without it the store is the SQLite file that `store` names.',
    });
  return { url };
}

/** The endpoint's key, from the environment. @throws InputError where it is named and missing */
export function endpointKey({ apiKeyEnv }: EndpointConfig, env: NodeJS.ProcessEnv): string | null {
  if (apiKeyEnv === undefined) return null;
  const key = env[apiKeyEnv];
  if (key) return key;
  throw new InputError(`sentiment.endpoint.apiKeyEnv: the environment variable ${apiKeyEnv} is not set`, {
    hint: `Set ${apiKeyEnv}, correct its name, or remove sentiment.endpoint: then the built-in judge is used.`,
  });
}

/** What `serve` takes from the environment, since both carry secrets. */
export function serviceSecrets(env: NodeJS.ProcessEnv): { redisUrl: string | null; apiToken: string | null } {
  const redisUrl = env.REDIS_URL || null;
  if (redisUrl !== null && !/^rediss?:\/\/./.test(redisUrl))
    throw new InputError('REDIS_URL: expected an address like redis://127.0.0.1:6379', {
      hint: 'Correct it, or unset it: without Redis the same work runs in this process.',
    });
  return { redisUrl, apiToken: env.PULSEBACK_API_TOKEN || null };
}

/**
 * Reads and checks pulseback.yaml, each source's `config` by its own connector's schema.
 * @throws InputError naming file, line, key, found, expected and the nearest name.
 */
export function loadConfig(path: string, connectors: Record<string, Connector>): LoadedConfig {
  const absolute = resolve(path);
  if (!existsSync(absolute))
    throw new InputError(`${path}: no such file`, {
      hint: 'Run `npx pulseback init` to write one, or name it with --config.',
    });
  const loose = loadYaml(absolute, sourceChecks(connectors));
  return located(absolute, loadYaml(absolute, withConnectors(loose, connectors)) as ConfigFile);
}

/** Settings that a command makes up itself; relative paths are those of the working folder. */
export function inlineConfig(settings: Record<string, unknown>, connectors: Record<string, Connector>): LoadedConfig {
  const loose = ConfigFile.parse(settings);
  return located(resolve('pulseback.yaml'), withConnectors(loose, connectors).parse(settings) as ConfigFile);
}

function located(path: string, config: ConfigFile): LoadedConfig {
  const file = (name: string): string => {
    if (isAbsolute(name)) return name;
    const beside = resolve(dirname(path), name);
    const packaged = resolve(PACKAGE_ROOT, name);
    return !existsSync(beside) && existsSync(packaged) ? packaged : beside;
  };
  return { ...config, path, file };
}

/** [where in the file, source] of the CRM and every other source. */
export function configuredSources(config: ConfigFile): [where: string, SourceConfig][] {
  const others = Object.entries(config.sources).map(([name, s]): [string, SourceConfig] => [`sources.${name}`, s]);
  return config.crm ? [['crm', config.crm], ...others] : others;
}

/** Which connectors are named, and that no secret stands in the file; told with its place, before any connector's own schema is asked. */
function sourceChecks(connectors: Record<string, Connector>): z.ZodType<ConfigFile> {
  return ConfigFile.superRefine((config, ctx) => {
    for (const [where, source] of configuredSources(config)) {
      const path = where.split('.');
      const connector = connectors[source.connector];
      if (!connector) {
        const params = { found: source.connector, names: Object.keys(connectors) };
        ctx.addIssue({ code: 'custom', path: [...path, 'connector'], message: 'there is no connector', params });
        continue;
      }
      for (const { at, env } of secretsIn(source.config, connector))
        ctx.addIssue({
          code: 'custom',
          path: [...path, 'config', ...at],
          message: `a secret must not stand in the configuration file; remove it and set the environment variable ${env}`,
        });
    }
  });
}

/** Keys at any depth that are named like a secret of the connector or like its environment variable. */
function secretsIn(settings: unknown, connector: Connector, above: string[] = []): { at: string[]; env: string }[] {
  if (typeof settings !== 'object' || settings === null) return [];
  const fold = (name: string): string => name.toLowerCase().replace(/[^a-z0-9]/g, '');
  return Object.entries(settings).flatMap(([key, value]) => {
    const at = [...above, key];
    const secret = Object.entries(connector.secrets).find(([name, s]) => [name, s.env].map(fold).includes(fold(key)));
    return secret ? [{ at, env: secret[1].env }] : secretsIn(value, connector, at);
  });
}

function withConnectors(loose: ConfigFile, connectors: Record<string, Connector>): z.ZodType {
  const of = (base: z.ZodObject, source: SourceConfig) =>
    base.extend({ config: connectors[source.connector]?.config ?? z.unknown() });
  const sources = Object.fromEntries(Object.entries(loose.sources).map(([name, s]) => [name, of(SourceConfig, s)]));
  return ConfigFile.extend({
    ...(loose.crm ? { crm: of(CrmConfig, loose.crm) } : {}),
    sources: z.strictObject(sources).prefault({}),
  });
}

/** A model named in the configuration: shipped by name, or a file. */
export function modelPath(config: LoadedConfig): string {
  if (!isShipped(config.model)) return config.file(config.model);
  return resolve(PACKAGE_ROOT, 'mappings/models', `${config.model}.yaml`);
}

/** Whether `model:` says the name of a shipped one. */
export const isShipped = (model: string): boolean => !/\.ya?ml$/.test(model);
