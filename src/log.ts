import { type DestinationStream, destination, pino, stdTimeFunctions } from 'pino';
import type { Log } from './contract/index.ts';
import { redact } from './http/redact.ts';

export type LogLevel = 'debug' | 'info' | 'warn' | 'error' | 'silent';

export interface LogSetup {
  level: LogLevel;
  /** One readable line for people instead of JSON. */
  pretty?: boolean;
  /** Default: stderr, since stdout belongs to a command's result. */
  destination?: { write(line: string): void };
}

/** Compared without case, dashes and underscores, at any depth. */
const SECRET_KEYS = new Set(
  [
    'password',
    'passphrase',
    'secret',
    'secrets',
    'token',
    'authorization',
    'privatekey',
    'clientsecret',
    'assertion',
  ].concat(['accesstoken', 'refreshtoken', 'idtoken', 'apikey', 'cookie', 'setcookie', 'signature']),
);
const isSecret = (key: string): boolean => SECRET_KEYS.has(key.toLowerCase().replace(/[-_]/g, ''));

/**
 * Structured log. Values under secret names are hidden at any depth, and every text (messages, errors, stacks, values) passes `redact`,
 * because vendors put tokens into error texts.
 */
export function makeLog(setup: LogSetup): Log {
  const out: DestinationStream = setup.destination ?? destination({ dest: 2, sync: true });
  const logger = pino(
    {
      level: setup.level,
      base: null,
      timestamp: stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
    },
    setup.pretty ? { write: (line: string) => out.write(pretty(line)) } : out,
  );
  const at =
    (level: 'debug' | 'info' | 'warn' | 'error') =>
    (fields: object, message: string): void => {
      if (logger.isLevelEnabled(level)) logger[level](clean(fields, new Set()) as object, redact(message));
    };
  return { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') };
}

/** A copy that is safe to write: no secret, no cycle, errors as plain objects. */
function clean(value: unknown, above: Set<unknown>): unknown {
  if (typeof value === 'string') return redact(value);
  if (typeof value === 'bigint') return String(value);
  if (typeof value !== 'object' || value === null) return value;
  if (value instanceof Date) return value.toJSON();
  if (above.has(value)) return '[circular]';
  const seen = new Set(above).add(value);
  if (Array.isArray(value)) return value.map((item) => clean(item, seen));
  if (value instanceof Map) return clean(Object.fromEntries(value), seen);
  if (value instanceof Set) return clean([...value], seen);
  const own = Object.entries(value).map(([key, item]) => [key, isSecret(key) ? '[hidden]' : clean(item, seen)]);
  if (!(value instanceof Error)) return Object.fromEntries(own);
  return {
    type: value.name,
    message: redact(value.message),
    ...Object.fromEntries(own),
    ...(value.cause === undefined ? {} : { cause: clean(value.cause, seen) }),
    stack: redact(value.stack ?? ''),
  };
}

/** 12:03:04 warn  trying again  label=query try=1 */
function pretty(line: string): string {
  const { time, level, msg, ...fields } = JSON.parse(line) as Record<string, unknown>;
  const text = Object.entries(fields).map(
    ([key, value]) => `${key}=${typeof value === 'string' ? value : JSON.stringify(value)}`,
  );
  return `${[String(time).slice(11, 19), String(level).padEnd(5), msg, ...text].join(' ')}\n`;
}
