import { z } from 'zod';
import { Rates } from './core/currency.ts';
import { Floors } from './core/publish/floors.ts';
import { cronProblem } from './kit/cron.ts';

/** What pulseback.yaml may hold. It is read, located and checked against the connectors in config.ts. */

const timezone = z.string().refine((zone) => Intl.supportedValuesOf('timeZone').includes(zone) || zone === 'UTC', {
  message: 'expected an IANA time zone like Europe/London',
});
export const SourceConfig = z.strictObject({
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

export const CrmConfig = SourceConfig.extend({
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
  model: z
    .string()
    .default('five-dimension')
    .describe('A shipped model by name, or a YAML file; live until `model publish` makes another one live.'),
  publish: Floors.extend({
    remindAfterDays: z
      .int()
      .min(1)
      .default(90)
      .describe('A live model that was last judged so long ago is reminded of.'),
  })
    .prefault({})
    .describe('Below which floors `model publish` waits for a person.'),
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
