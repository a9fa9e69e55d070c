import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type SalesforceOptions, serveSalesforce } from '../../connectors/salesforce/sandbox.ts';
import { writeSecrets } from '../../src/cli/sandbox-host.ts';
import { toYaml } from '../../src/kit/yaml.ts';
import { makeWorld } from '../../src/sandbox/world.ts';
import type { RunningSandbox, World, WorldOptions } from '../../src/sandbox/world.types.ts';
import { sideOf } from './crm/index.ts';
import type { Person, SeenAccount } from './crm/side.ts';
import { type CliResult, cli, START } from './harness.ts';
import { type StoredRow, storedRows } from './stored-facts.ts';

interface Options extends Partial<Omit<SalesforceOptions, 'world'>> {
  customers?: number;
  seed?: number;
  /** Further settings of the world. */
  world?: Partial<WorldOptions>;
  /** Settings of the connector. */
  config?: Record<string, unknown>;
}

/** The CRM alone, with pages as small as a test wants them. */
export class SmallOrg {
  readonly world: World;
  readonly crm: RunningSandbox;
  readonly dir: string;
  readonly config: string;
  /** As a host that Person can log in to. */
  readonly env: Record<string, string>;
  readonly store: string;

  /** Somebody who works in it beside us. */
  person(): Promise<Person> {
    return sideOf('salesforce').logIn(this);
  }

  /** Accounts as they stand in the CRM. */
  seen(): SeenAccount[] {
    return sideOf('salesforce').accounts(this.crm);
  }

  private constructor(world: World, crm: RunningSandbox, dir: string, config: Record<string, unknown>) {
    this.world = world;
    this.crm = crm;
    this.dir = dir;
    this.env = crm.env;
    this.config = join(dir, 'pulseback.yaml');
    this.store = join(dir, 'pulseback.db');
    const secretFiles = writeSecrets(dir, 'salesforce', crm.env);
    const connector = { connector: 'salesforce', config: { ...crm.config, ...config }, secretFiles };
    // Without set-up our fields are missing, which is told at each pull.
    writeFileSync(this.config, toYaml({ store: this.store, currency: 'GBP', logLevel: 'silent', crm: connector }));
  }

  static async start({
    customers = 30,
    seed = 11,
    world: more = {},
    config = {},
    ...serve
  }: Options = {}): Promise<SmallOrg> {
    const world = makeWorld({ seed, customers, now: START, ...more });
    const crm = await serveSalesforce({ pageRows: 7, ...serve, world });
    return new SmallOrg(world, crm, mkdtempSync(join(tmpdir(), 'pulseback-org-')), config);
  }

  /** A command at the world's present instant. */
  run(...args: string[]): Promise<CliResult> {
    return cli([...args, '--json', '--config', this.config, '--now', new Date(this.world.now()).toISOString()]);
  }

  /** The latest stored version of every account. */
  accounts(): Map<string, StoredRow> {
    return new Map(storedRows(this.store, 'crm', 'account').map((row) => [row.id, row]));
  }

  async close(): Promise<void> {
    await this.crm.close();
    rmSync(this.dir, { recursive: true, force: true });
  }
}

interface StreamResult {
  stream: string;
  rows: number;
  stored: number;
  unchanged: number;
  removed: number;
  pages: number;
  error?: string;
  hint?: string;
}
/** What one stream of the CRM brought, by the command's own account. */
export function streamOf(result: CliResult, stream: string): StreamResult {
  const found = (result.json.sources as { source: string; streams: StreamResult[] }[])
    .find((s) => s.source === 'crm')
    ?.streams.find((s) => s.stream === stream);
  if (!found) throw new Error(`no stream ${stream} in ${result.out}${result.err}`);
  return found;
}
