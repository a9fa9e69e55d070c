import { counted } from '../../core/format.ts';
import { wholeNumber } from '../arguments.ts';
import type { Io } from '../io.ts';

export interface ServeArguments {
  also?: string[];
  host?: string;
  port?: string;
  demo?: boolean;
  crm?: string;
  for?: string;
  accounts: string;
  seed: string;
}

/** Where to listen, as the command line says; the configuration decides the rest. */
export function address(options: ServeArguments): { host?: string; port?: number } {
  return {
    ...(options.host === undefined ? {} : { host: options.host }),
    ...(options.port === undefined ? {} : { port: wholeNumber('--port', options.port, 0, 65_535) }),
  };
}

/** What is served, and where. */
export function sayService(
  io: Io,
  service: {
    origin: string;
    guarded: boolean;
    redis: boolean;
    workspaces: {
      app: { config: { workspace: string; timezone: string; write: { enabled: boolean } } };
      schedules: number;
    }[];
  },
): void {
  io.say(
    `Serving at ${service.origin}; jobs run ${service.redis ? 'on Redis' : 'in this process (set REDIS_URL to share them)'}. Stop with Ctrl-C.`,
  );
  for (const { app, schedules } of service.workspaces)
    io.say(
      `  ${app.config.workspace}: ${counted(schedules, 'schedule')} in ${app.config.timezone}; ${app.config.write.enabled ? 'writes to the CRM' : 'writing is off: it only plans'}`,
    );
  if (!service.guarded) io.note('PULSEBACK_API_TOKEN is not set: /runs and /metrics are switched off.');
}
