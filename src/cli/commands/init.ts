import { existsSync } from 'node:fs';
import { connectors } from '../../../connectors/index.ts';
import { type Connector, InputError } from '../../contract/index.ts';
import type { CommandContext } from '../context.ts';
import { crmNamed } from '../crm.ts';
import { writeText } from '../output-file.ts';

/** `init`: a commented pulseback.yaml; never overwrites without --force. */
export async function init(
  { io, configPath }: CommandContext,
  options: { crm?: string; force?: boolean },
): Promise<undefined> {
  const crm = connectors[crmNamed(options.crm)] as Connector;
  if (existsSync(configPath) && !options.force)
    throw new InputError(`${configPath} exists already`, {
      hint: 'Edit it, name another file with --config, or overwrite it with --force.',
    });
  writeText('--config', configPath, template(crm));
  io.say(`Wrote ${configPath}.`);
  io.say(
    `Next: set ${Object.values(crm.secrets)
      .map((s) => s.env)
      .join(' or ')} in the environment, then \`npx pulseback check\`.`,
  );
  io.result({ ok: true, path: configPath, crm: crm.name });
  return undefined;
}

const indent = (text: string, by: number): string =>
  text
    .trimEnd()
    .split('\n')
    .map((line) => (line ? ' '.repeat(by) + line : line))
    .join('\n');

function template(crm: Connector): string {
  const secrets = Object.values(crm.secrets).map(
    (s) => `#   ${s.env}: ${s.description}${s.optional ? '' : ' (required)'}`,
  );
  return `# Pulseback: one CRM org, its sources, and how accounts are scored. Unknown keys are refused.
workspace: main            # name of this org in the store
timezone: Europe/London    # decides what "today" is
currency: GBP              # totals are shown in this currency
# rates:                   # units of another currency per unit of it, for totals; the CRM's own rates go first
#   USD: 1.27              # or a list that holds from a day on: [{ from: 2026-01-01, USD: 1.27 }, …]
#   EUR: 1.17
store: pulseback.db        # SQLite file beside this one; unused where the environment has DATABASE_URL (PostgreSQL)

# Secrets come from the environment, never from this file:
${secrets.join('\n')}
#   PULSEBACK_SECRET_KEY: what stored tokens are encrypted with (auth.flow: refresh-token only); openssl rand -base64 32 makes one
# secretKeyFile: pulseback.key      # or a file that holds it
crm:
  connector: ${crm.name}
  # org: '…'               # bind this workspace to the org or portal of this id; any other is never written
  config:
${indent(crm.example, 4)}

# Other systems. A folder of CSV or JSONL exports needs no account anywhere; its mapping.yaml says which column is which field.
# sources:
#   usage:
#     connector: files
#     config:
#       path: ./exports

model: five-dimension      # a shipped model, or a YAML file of yours
# match: mappings/match.yaml        # copy from the package to change them
# playbook: mappings/playbook.yaml
# triggers: mappings/triggers.yaml

write:
  enabled: false           # sync only plans until this is true (or --yes is given)

# When \`npx pulseback serve\` does what, in the time zone above; off = never by itself; reconcile finds
# what was deleted for good.
# schedule: { sync: '0 6 * * *', reconcile: '0 3 * * 0', streams: { 'crm.accounts': '0 * * * *' } }

tasks:
  start: manual            # manager tasks wait for \`npx pulseback tasks start\`, or for a date here
  # fallbackOwner: '…'     # CRM user (its id) who gets tasks of accounts without an active manager
`;
}
