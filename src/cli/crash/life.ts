import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openApp } from '../../app.ts';
import { practiceEnvironment } from '../../config.ts';
import type { Exchange, RunningSandbox } from '../../sandbox/world.types.ts';
import type { StorePlace } from '../../store/open.ts';
import { emptySchema } from '../../store/practice.ts';
import { type SandboxHost, startSandbox } from '../sandbox-host.ts';
import { type Contents, contentsOf, leftBehind, writesAfter } from './contents.ts';
import type { Counts, Point } from './points.ts';
import { type Ended, Product } from './product.ts';
import { Service } from './service.ts';

const DAY = 86_400_000;
/** The service syncs when it is asked to, whatever time of day it is. */
const NEVER = { sync: '0 0 29 2 *', reconcile: 'off' };
const START = Date.parse('2026-11-02T07:00:00Z');

/** What every life has in common. */
export interface Scenario {
  /** Name of the CRM. */
  crm: string;
  accounts: number;
  seed: number;
  /** Without the other vendors, whose data the exports then carry. */
  crmOnly: boolean;
  /** Silent baseline, then a day with manager tasks. */
  days: number;
  /** Write calls under way at once, and records in each: many small ones, so that there are many places to die in. */
  inFlight: number;
  writeBatch: number;
  /** Pages that each list is cut into. */
  minPages: number;
  /** Address of a Redis, where syncs are jobs of the service; null = the command line runs them. */
  redis: string | null;
  /** Address of a PostgreSQL, where each life has a schema; null = the store is a file. */
  postgres: string | null;
  signal: AbortSignal;
}

export interface Calls {
  read: number;
  write: number;
  byKind: Record<string, number>;
}

/** One business world with its servers and one workspace, from set-up on, day by day. */
export class Life {
  readonly #scenario: Scenario;
  readonly #dir: string;
  readonly #mornings: number[] = [];
  #began = 0;
  readonly #service: Service | null;
  #schema: { url: string; drop(): Promise<void> } | null = null;
  #host: SandboxHost | null = null;
  #watch: (exchange: Exchange) => undefined | 'lose' | Promise<undefined | 'lose'> = () => undefined;

  private constructor(scenario: Scenario, dir: string) {
    this.#scenario = scenario;
    this.#dir = dir;
    this.#service = scenario.redis === null ? null : new Service(scenario.redis);
  }

  static async start(scenario: Scenario): Promise<Life> {
    const { crm, accounts, seed, crmOnly, inFlight, writeBatch, minPages } = scenario;
    const dir = mkdtempSync(join(tmpdir(), 'pulseback-crash-'));
    const life = new Life(scenario, dir);
    try {
      const host = await startSandbox({
        crm,
        accounts,
        seed,
        now: START,
        dir,
        others: !crmOnly,
        usageDays: 14,
        historyDays: 120,
        inFlight,
        writeBatch,
        minPages,
        onExchange: (exchange) => life.#watch(exchange),
      });
      life.#host = host;
      life.#schema = scenario.postgres === null ? null : await emptySchema(scenario.postgres);
      const tasks = { start: new Date(START + DAY).toISOString().slice(0, 10) };
      writeFileSync(life.#config, host.yaml({ write: { enabled: true }, tasks, schedule: NEVER }));
      await life.#setUp();
      return life;
    } catch (error) {
      await life.close();
      throw error;
    }
  }

  /** The next morning; the first is that of the start. */
  async morning(): Promise<void> {
    const { world, export: write } = this.#running;
    if (this.#mornings.length) {
      world.advance(DAY);
      await write();
    }
    this.#mornings.push(world.now());
    this.#began = performance.now();
  }

  /** A sync from beginning to end; `counts` = how often it passed each moment. */
  async sync(): Promise<{ ended: Ended; calls: Calls; counts: Counts }> {
    const counts: Counts = {};
    const log = join(this.#dir, 'moments.json');
    const count = (name: string) => {
      counts[name] = (counts[name] ?? 0) + 1;
    };
    this.#watch = ({ kind, moment }) => {
      count(`call ${kind}: ${moment}`);
      if (moment === 'arrived') count(`call ${kind}: lost`);
      return undefined;
    };
    const ended = await (await this.#run({ log })).ended;
    if (ended.code === 0) Object.assign(counts, JSON.parse(readFileSync(log, 'utf8')));
    return { ended, calls: this.#calls(), counts };
  }

  /** A sync that dies at the point. */
  async die(point: Point): Promise<{ ended: Ended; calls: Calls }> {
    if (point.moment.startsWith('store ')) {
      this.#watch = () => undefined;
      const ended = await (await this.#run({ at: point.moment, nth: `${point.nth}` })).ended;
      return { ended, calls: this.#calls() };
    }
    let seen = 0;
    let product: Product | null = null;
    this.#watch = async ({ kind, moment }) => {
      const lost = point.moment === `call ${kind}: lost`;
      if (!(lost && moment === 'arrived') && point.moment !== `call ${kind}: ${moment}`) return undefined;
      if (++seen !== point.nth) return undefined;
      await product?.kill();
      return lost ? 'lose' : undefined;
    };
    const run = await this.#run({});
    product = run.product;
    const ended = await run.ended;
    return { ended, calls: this.#calls() };
  }

  contents(): Promise<Contents> {
    return contentsOf(this.#store, this.#running.crm, this.#mornings);
  }

  writes(after: number): ReturnType<typeof writesAfter> {
    return writesAfter(this.#store, after);
  }

  async close(): Promise<void> {
    await this.#host?.close();
    await this.#schema?.drop();
    rmSync(this.#dir, { recursive: true, force: true });
  }

  get #running(): SandboxHost {
    if (!this.#host) throw new Error('the sandbox has not been started');
    return this.#host;
  }
  get #servers(): RunningSandbox[] {
    return [this.#running.crm, ...Object.values(this.#running.others)];
  }
  get #config(): string {
    return join(this.#dir, 'pulseback.yaml');
  }
  get #store(): StorePlace {
    return this.#schema === null ? { path: join(this.#dir, 'pulseback.db') } : { url: this.#schema.url };
  }
  get #env(): Record<string, string> {
    return { ...(this.#schema ? { DATABASE_URL: this.#schema.url } : {}), ...this.#service?.env };
  }

  async #run(watch: Record<string, string>): Promise<{ product: Product; ended: Promise<Ended> }> {
    // The clock goes on from run to run, as clocks do.
    const now = new Date(this.#running.world.now() + performance.now() - this.#began).toISOString();
    for (const { calls } of this.#servers) calls.reset();
    const at = ['--config', this.#config, '--now', now];
    const { signal } = this.#scenario;
    if (!this.#service) {
      const product = new Product({ args: ['sync', ...at], watch, env: this.#env, signal });
      return { product, ended: product.ended() };
    }
    const { run, cutOff } = await leftBehind(this.#store);
    const product = new Product({ args: ['serve', '--port', '0', ...at], watch, env: this.#env, signal });
    const asked = this.#service.syncOnce(product, run, run > 0 && !cutOff);
    return { product, ended: Promise.all([product.ended(), asked]).then(([ended]) => ended) };
  }

  #calls(): Calls {
    const sum = (type: 'read' | 'write') => this.#servers.reduce((n, { calls }) => n + calls.total(type), 0);
    const byKind = Object.assign({}, ...this.#servers.map(({ calls }) => calls.byKind()));
    return { read: sum('read'), write: sum('write'), byKind };
  }

  async #setUp(): Promise<void> {
    const app = await openApp({
      configPath: this.#config,
      env: { ...practiceEnvironment(), ...this.#env },
      now: this.#running.world.now,
    });
    try {
      const { provision } = app.crm();
      for await (const outcome of provision.apply(await provision.plan()))
        if (!outcome.ok) throw new Error(`set-up: ${outcome.reason ?? outcome.step}`);
    } finally {
      await app.close();
    }
  }
}
