import type { App } from '../app.ts';
import type { Io } from './io.ts';

/** What every command receives. */
export interface CommandContext {
  io: Io;
  signal: AbortSignal;
  configPath: string;
  /** Epoch ms: the clock, or `--now`. */
  now: () => number;
  /** Opens the configured app; closed by the program when the command ends. */
  open(): Promise<App>;
}
