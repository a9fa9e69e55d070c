import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { seeded } from '../../src/core/backtest/random.ts';
import { type SignalInput, signal } from '../core/helpers.ts';
import { type CliResult, cli } from '../e2e/harness.ts';
import { folder } from './support.ts';

export const PUBLISHED_AT = '2026-11-02T07:00:00Z';
const BANDS = [
  { key: 'green', from: 70 },
  { key: 'yellow', from: 40 },
  { key: 'red', from: 0 },
];

const MAPPING = `version: 1
files:
  accounts:
    file: accounts.csv
    kind: account
    account: id
    observedAt: since
    fields: { name: id }
    attributes: [gone]
  usage:
    file: usage.csv
    kind: usage
    account: id
    observedAt: day
    metrics: { good: good, better: better, noise: noise, flat: flat, never: never, label: label }
`;

const LAST = (metric: string) => ({ from: { kind: 'usage', metric }, aggregation: 'latest', windowDays: 90 });

export interface World {
  accounts: number;
  /** How many of them left: the first ones. */
  left: number;
  seed?: number;
}

/**
 * A folder with pulseback.yaml, exports and models. Of each account its days of use say `good` (lower where it left), `better`
 * (lower still), `noise`, `flat`, `never` (nothing) and `label` (0 where it left, else 100); its record says `gone`, the outcome.
 */
export class Publishing {
  readonly dir = folder();
  readonly config = join(this.dir, 'pulseback.yaml');

  constructor({ accounts, left, seed = 3 }: World) {
    const random = seeded(seed);
    const between = (from: number, to: number): number => Math.round(from + random() * (to - from));
    const ids = Array.from({ length: accounts }, (_, i) => i);
    const gone = (i: number): boolean => i < left;
    const figures = ids.map((i) => {
      const good = gone(i) ? between(0, 80) : between(20, 100);
      const better = gone(i) ? Math.round(good * 0.8) : good;
      return `${good},${better},${between(0, 100)},50,,${gone(i) ? 0 : 100}`;
    });
    const used = ['2026-09-20', '2026-10-01'].flatMap((day) => ids.map((i) => `A${i},${day},${figures[i]}`));
    const told = ids.map((i) => `A${i},2026-01-01,${gone(i) ? 'yes' : 'no'}`);
    this.write('accounts.csv', `id,since,gone\n${told.join('\n')}\n`);
    this.write('usage.csv', `id,day,good,better,noise,flat,never,label\n${used.join('\n')}\n`);
    this.write('mapping.yaml', MAPPING);
    this.configure('first.yaml');
    this.model('first', { good: 1 });
  }

  write(name: string, text: string): string {
    writeFileSync(join(this.dir, name), text);
    return join(this.dir, name);
  }

  configure(model: string, more: Record<string, unknown> = {}): void {
    const sources = { exports: { connector: 'files', config: { path: this.dir } } };
    this.write('pulseback.yaml', JSON.stringify({ sources, model, ...more }));
  }

  /** A model of one dimension whose signals read these figures, by their weights. @returns its path */
  model(name: string, signals: Record<string, number>, more: SignalInput = {}): string {
    const dimensions = [{ key: 'usage', label: 'Usage', weight: 1, signals: this.signals(signals) }];
    return this.write(
      `${name}.yaml`,
      JSON.stringify({ name, version: 1, floor: 0, bands: BANDS, dimensions, ...more }),
    );
  }

  signals(weights: Record<string, number>): SignalInput[] {
    return Object.entries(weights).map(([key, weight]) => signal(key, { weight, ...LAST(key) }));
  }

  run(...args: string[]): Promise<CliResult> {
    return this.at(PUBLISHED_AT, ...args);
  }
  at(now: string, ...args: string[]): Promise<CliResult> {
    return cli([...args, '--config', this.config, '--now', now]);
  }
  publish(...args: string[]): Promise<CliResult> {
    return this.run('model', 'publish', ...args, '--outcome', 'gone', '--resamples', '200', '--json');
  }
  /** By which model a scoring of now is done. */
  async live(): Promise<string> {
    return (await this.run('score', '--json')).json.model;
  }
}

export const floorsOf = ({ json }: CliResult): string[] => json.shortfalls.map((s: { floor: string }) => s.floor);
