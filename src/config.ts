import { existsSync } from 'node:fs';
import { dirname, isAbsolute, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { type Connector, InputError } from './contract/index.ts';
import { Rates } from './core/currency.ts';
import { cronProblem } from './kit/cron.ts';
import { loadYaml } from './kit/yaml.ts';

/** The folder that holds `mappings/`, in the checkout as in the built image. */
export const PACKAGE_ROOT = findPackageRoot(dirname(fileURLToPath(import.meta.url)));

function findPackageRoot(from: string): string {
  for (let dir = from; ; dir = dirname(dir)) {
    if (existsSync(resolve(dir, 'package.json'))) return dir;
    if (dir === dirname(dir)) throw new Error(`no package.json above ${from}`);
  }
}

const timezone = z.string().refine((zone) => Intl.supportedValuesOf('timeZone').includes(zone) || zone === 'UTC', {
  message: 'expected an IANA time zone like Europe/London',
});
const SourceConfig = z.strictObject({
  connector: z.string().describe('Which connector reads this source.'),
  config: z.record(z.string(), z.unknown()).default({}).describe("The connector's own settings."),
  secretFiles: z
    .record(z.string(), z.string())
    .default({})
    .describe(
      "Files that hold secrets (mounted ones, say), by the connector's names for them; the environment goes first.",
    ),
  staleAfterDays: z.number().positive().default(3).describe('Older than this, the source counts as stale.'),
});

const Cron = z
  .string()
  .superRefine((cron, ctx) => {
    const problem = cron === 'off' ? null : cronProblem(cron);
    if (problem) ctx.addIssue({ code: 'custom', message: `${problem}, or off` });
  })
  .describe('Cron expression in the company time zone, or off.');

const CrmConfig = SourceConfig.extend({
  org: z.string().optional().describe('The org this workspace is bound to; any other is never written.'),
  kind: z.enum(['production', 'sandbox']).optional().describe('Whether that org is production or a sandbox.'),
});

const Endpoint = z.strictObject({
  url: z
    .url()
    .refine(
      isPrivate,
      'expected an https:// address, since texts of customers are sent there (http:// on this machine only)',
    )
    .describe('Address below which chat/completions lies, like https://api.openai.com/v1.'),
  model: z.string().min(1).describe('Which of its models judges.'),
  apiKeyEnv: z
    .string()
    .regex(
      /^[A-Z][A-Z0-9_]*$/,
      'expected the name of an environment variable like SENTIMENT_API_KEY, not the key itself',
    )
    .optional()
    .describe('Environment variable that holds its key; none where it needs none.'),
  batch: z.int().min(1).max(100).default(20).describe('Texts in one call.'),
  dailyBudget: z
    .int()
    .min(0)
    .default(2_000)
    .describe('Texts sent to it in one UTC day; the built-in judge takes what goes over it.'),
  timeoutSeconds: z.number().positive().max(300).default(30).describe('How long one call may take.'),
});
export type EndpointConfig = z.infer<typeof Endpoint>;

/** Nobody on the way can read what is sent. */
function isPrivate(url: string): boolean {
  const { protocol, hostname } = new URL(url);
  return protocol === 'https:' || (protocol === 'http:' && /^(?:localhost|127(?:\.\d+){3}|\[::1\])$/.test(hostname));
}

/** Every key of pulseback.yaml. Unknown keys are refused with the nearest valid name. */
export const ConfigFile = z.strictObject({
  workspace: z
    .string()
    .regex(/^[a-z0-9][a-z0-9-]*$/, 'expected lower-case letters, digits and dashes')
    .default('main')
    .describe('Name of this CRM org in the store.'),
  timezone: timezone.default('UTC').describe('Company time zone: decides what "today" is.'),
  currency: z
    .string()
    .regex(/^[A-Z]{3}$/, 'expected an ISO 4217 code like GBP')
    .default('USD')
    .describe('Reporting currency.'),
  rates: Rates.default({}).describe(
    'Units of a currency per unit of the reporting currency, for totals; or a list of such tables, each with the day (`from`) from which it holds.',
  ),
  store: z
    .string()
    .default('pulseback.db')
    .describe('SQLite file, relative to this file; unused where DATABASE_URL is set.'),
  secretKeyFile: z
    .string()
    .optional()
    .describe('File with the key that stored credentials are encrypted with; the environment goes first.'),
  logLevel: z
    .enum(['debug', 'info', 'warn', 'error', 'silent'])
    .default('warn')
    .describe('Least weight of what the log on stderr tells.'),
  crm: CrmConfig.optional().describe('The CRM whose accounts are scored and written.'),
  sources: z
    .record(z.string().regex(/^[a-z][a-z0-9-]*$/, 'expected lower-case letters, digits and dashes'), SourceConfig)
    .default({})
    .describe('Other systems, by names of your own.'),
  model: z.string().default('five-dimension').describe('A shipped model by name, or a YAML file.'),
  match: z.string().default('mappings/match.yaml').describe('How records of other systems find their account.'),
  playbook: z.string().default('mappings/playbook.yaml').describe('Which action is advised when.'),
  triggers: z.string().default('mappings/triggers.yaml').describe('When a manager task is raised.'),
  write: z
    .strictObject({
      enabled: z.boolean().default(false).describe('While false, sync plans only; --yes writes once.'),
    })
    .prefault({})
    .describe('Whether syncs write to the CRM.'),
  tasks: z
    .strictObject({
      start: z
        .union([z.literal('manual'), z.iso.date()])
        .default('manual')
        .describe('From which day on manager tasks are raised; manual = by `pulseback tasks start`.'),
      fallbackOwner: z.string().optional().describe('CRM user id that gets tasks when no active manager is known.'),
    })
    .prefault({})
    .describe('Manager tasks.'),
  sentiment: z
    .strictObject({
      endpoint: Endpoint.optional().describe(
        'An OpenAI-compatible endpoint that judges texts in place of the built-in judge: off unless it stands here, since texts leave this machine.',
      ),
    })
    .prefault({})
    .describe('How the feeling of texts is judged.'),
  breaker: z
    .strictObject({
      bandChangeShare: z
        .number()
        .min(0)
        .max(1)
        .default(0.2)
        .describe('A plan that changes more bands than this share is held.'),
      atLeast: z.int().min(0).default(10).describe('Fewer band changes than this are never held.'),
    })
    .prefault({})
    .describe('Holds a plan whose result looks like broken data.'),
  quota: z
    .strictObject({
      orgShare: z
        .number()
        .min(0)
        .max(1)
        .default(0.8)
        .describe('Stop where the whole org has used this share of its daily calls.'),
      ownShare: z
        .number()
        .min(0)
        .max(1)
        .default(0.2)
        .describe('Never plan to spend more than this share of the daily calls.'),
    })
    .prefault({})
    .describe("The CRM's daily calls."),
  schedule: z
    .strictObject({
      sync: Cron.default('0 6 * * *').describe('Pull, score, plan and, where writing is on, write.'),
      score: Cron.default('off').describe('Score only.'),
      plan: Cron.default('off').describe('Score and plan, from what has been pulled.'),
      apply: Cron.default('off').describe('Carry out the newest plan, where writing is on.'),
      reconcile: Cron.default('0 3 * * 0').describe(
        'Compare what is stored with what every source still lists, so that hard deletions show; Sunday night by default.',
      ),
      streams: z
        .record(z.string(), Cron)
        .default({})
        .describe('Other times than the connectors propose, by "source.stream".'),
    })
    .prefault({})
    .describe('When `serve` does what.'),
  api: z
    .strictObject({
      host: z.string().default('127.0.0.1').describe('Address that `serve` listens on.'),
      port: z.int().min(0).max(65_535).default(8080).describe('Its port; 0 = any free one.'),
      metrics: z
        .strictObject({
          public: z.boolean().default(false).describe('Whether /metrics can be read without the token.'),
        })
        .prefault({})
        .describe('Prometheus metrics.'),
    })
    .prefault({})
    .describe('The HTTP side of `serve`.'),
});
export type ConfigFile = z.infer<typeof ConfigFile>;
export type SourceConfig = z.infer<typeof SourceConfig>;

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
  if (/\.ya?ml$/.test(config.model)) return config.file(config.model);
  return resolve(PACKAGE_ROOT, 'mappings/models', `${config.model}.yaml`);
}
