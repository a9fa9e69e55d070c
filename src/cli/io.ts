import { ConnectorError, HeldError, InputError } from '../contract/index.ts';
import type { Progress } from '../pipeline/progress.ts';
import { cut, pad } from './format.ts';

/** Exit codes of every command. `stopped` is what shells expect after Ctrl-C. */
export const EXIT = { done: 0, failed: 1, usage: 2, held: 3, stopped: 130 } as const;

export interface Streams {
  stdout: NodeJS.WritableStream & { isTTY?: boolean; columns?: number };
  stderr: NodeJS.WritableStream & { isTTY?: boolean; columns?: number };
  signal: AbortSignal;
}

/** Where a command speaks: words for people, one JSON object as the last line of stdout for machines. */
export class Io {
  readonly json: boolean;
  readonly streams: Streams;
  constructor(streams: Streams, json: boolean) {
    this.streams = streams;
    this.json = json;
  }

  /** For people; silent with --json, where stdout carries the object alone. */
  say(text = ''): void {
    if (!this.json) this.streams.stdout.write(`${text}\n`);
  }

  /** Beside the result: warnings and what to do next. */
  note(text: string): void {
    this.streams.stderr.write(`${text}\n`);
  }

  /** The machine-readable result. */
  result(value: unknown): void {
    if (this.json) this.streams.stdout.write(`${JSON.stringify(value)}\n`);
  }

  progress(): Progress {
    return bars(this.streams.stderr);
  }
}

const TITLE = 42;

/** One line per stream of work: redrawn on a terminal, printed once at its end elsewhere. */
function bars(out: Streams['stderr']): Progress {
  const live = out.isTTY === true;
  return {
    start(title) {
      let last = 0;
      const label = pad(cut(title, TITLE), TITLE);
      return {
        update(done, total) {
          if (!live || Date.now() - last < 100) return;
          last = Date.now();
          const share = total ? Math.min(1, done / total) : null;
          const bar =
            share === null
              ? `${done}`
              : `${'█'.repeat(Math.round(share * 24)).padEnd(24, '░')} ${Math.round(share * 100)} %`;
          out.write(`\r\x1b[2K  ${label} ${bar}`);
        },
        done(note) {
          out.write(`${live ? '\r\x1b[2K' : ''}  ${label} ${note ?? 'done'}\n`);
        },
      };
    },
  };
}

export interface Failure {
  exit: number;
  message: string;
  hint?: string;
  problems: string[];
  code?: string;
}

/** Any error → exit code and words; a bug keeps its stack. `signal` = the person's wish to stop. */
export function failureOf(error: unknown, signal?: AbortSignal): Failure {
  if (signal?.aborted && (error === signal.reason || (error instanceof Error && error.name === 'AbortError')))
    return {
      exit: EXIT.stopped,
      message: signal.reason instanceof Error ? signal.reason.message : 'stopped',
      problems: [],
      hint: 'What was finished is kept. Run the same command again: it goes on from there, and does nothing twice.',
      code: 'STOPPED',
    };
  if (error instanceof InputError)
    return {
      exit: EXIT.usage,
      message: error.message,
      problems: error.problems,
      ...(error.hint ? { hint: error.hint } : {}),
    };
  if (error instanceof HeldError) return { exit: EXIT.held, message: error.message, problems: [], hint: error.hint };
  if (error instanceof ConnectorError)
    return {
      exit: error.action === 'wait' ? EXIT.held : EXIT.failed,
      message: error.message,
      problems: [],
      ...(error.hint ? { hint: error.hint } : {}),
      ...(error.code ? { code: error.code } : {}),
    };
  return {
    exit: EXIT.failed,
    message: error instanceof Error ? (error.stack ?? error.message) : String(error),
    problems: [],
  };
}

/** A failure as `--json` tells it; of a bug its first line. */
export const failureJson = ({ exit, message, code, problems, hint }: Failure) => ({
  exit,
  error: { message: message.split('\n')[0], code, problems, hint },
});

export function report(io: Io, failure: Failure): void {
  io.note(`\nerror: ${failure.message}`);
  for (const problem of failure.problems.slice(0, 20)) io.note(`  - ${problem}`);
  if (failure.problems.length > 20) io.note(`  … and ${failure.problems.length - 20} more`);
  if (failure.hint) io.note(`  → ${failure.hint}`);
  io.result({
    ok: false,
    ...failureJson(failure),
  });
}
