import { resolve } from 'node:path';
import { Config } from '../../../connectors/hubspot/config.ts';
import type { Definition } from '../../../connectors/hubspot/definitions.ts';
import { limitsOf } from '../../../connectors/hubspot/limits.ts';
import { ConnectorError, type Ctx, type StateStore } from '../../../src/contract/index.ts';
import { fieldSpecs } from '../../../src/core/writeback-fields.ts';
import { makeAttempt } from '../../../src/http/attempt.ts';

export const HOST = 'https://api.hubapi.com';
export const TOKEN = 'pat-na1-11111111-Secret-2222-3333-444444444444';
export const NOW = Date.parse('2026-11-25T09:00:00Z');

export const FIELDS = fieldSpecs(
  [{ key: 'usage', label: 'Usage' }],
  [{ code: 'none', label: 'No action' }],
  ['green', 'yellow', 'red'],
);

/** Values of one source, as its store keeps them. */
export function memoryState(values = new Map<string, string>()): StateStore & { values: Map<string, string> } {
  return {
    values,
    get: async (key) => values.get(key) ?? null,
    set: async (key, expected, value) => {
      if ((values.get(key) ?? null) !== expected) return false;
      if (value === null) values.delete(key);
      else values.set(key, value);
      return true;
    },
  };
}

export interface Line {
  level: string;
  fields: object;
  message: string;
}

/** A context as the composition root would build it, with retries that do not wait. */
export function makeCtx(config: Record<string, unknown> = {}, extra: Partial<Ctx<Config>> = {}) {
  const lines: Line[] = [];
  const calls: string[] = [];
  const waits: number[] = [];
  const at = (level: string) => (fields: object, message: string) => void lines.push({ level, fields, message });
  const log = { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') };
  const signal = extra.signal ?? new AbortController().signal;
  const parsed = Config.parse(config);
  const ctx: Ctx<Config> = {
    config: parsed,
    secrets: { token: TOKEN },
    log,
    signal,
    now: () => NOW,
    timezone: 'Europe/London',
    currency: 'GBP',
    fields: FIELDS,
    file: (path) => resolve(import.meta.dirname, '../../..', path),
    attempt: makeAttempt({
      log,
      signal,
      buckets: limitsOf(parsed),
      random: () => 0,
      sleep: async (ms) => void waits.push(ms),
      onCall: ({ label }) => void calls.push(label),
    }),
    state: memoryState(),
    credentials: memoryState(),
    ...extra,
  };
  return { ctx, lines, calls, waits };
}

/** What a call was refused with. */
export async function refusal(run: Promise<unknown>): Promise<ConnectorError> {
  const error = await run.then(
    () => null,
    (e: unknown) => e,
  );
  if (error instanceof ConnectorError) return error;
  throw error ?? new Error('nothing was refused');
}

export async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}

export async function* stream<T>(items: readonly T[]): AsyncGenerator<T> {
  yield* items;
}

/** Everything until the end or the first error, which is handed back beside it. */
export async function collectUntilError<T>(items: AsyncIterable<T>): Promise<{ got: T[]; error: unknown }> {
  const got: T[] = [];
  try {
    for await (const item of items) got.push(item);
    return { got, error: null };
  } catch (error) {
    return { got, error };
  }
}

/** A company property as the portal lists it once set-up has made it. */
export const shownProperty = (definition: Definition, over: Record<string, unknown> = {}): Record<string, unknown> => ({
  ...definition,
  options: definition.options ?? [],
  hasUniqueValue: definition.hasUniqueValue ?? false,
  archived: false,
  ...over,
});
