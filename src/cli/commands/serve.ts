import { once } from 'node:events';
import { environment } from '../../config.ts';
import { wholeNumber } from '../arguments.ts';
import type { CommandContext } from '../context.ts';
import { EXIT } from '../io.ts';
import { address, type ServeArguments, sayService } from '../serve/common.ts';

/** `serve`: runs by itself, on schedule, until it is told to stop; then what is under way ends, and it exits with 0. */
export async function serve(context: CommandContext, options: ServeArguments): Promise<number> {
  const signal = within(context.signal, options.for);
  // Loaded only here: every other command does without server and queue.
  if (options.demo) return (await import('../serve/demo.ts')).serveDemo({ ...context, signal }, options);
  const { startService } = await import('../serve/service.ts');
  const { outcomeLine } = await import('../serve/words.ts');
  const { io, now, configPath } = context;
  let jobs = 0;
  const service = await startService({
    configs: [configPath, ...(options.also ?? [])],
    env: environment(),
    now,
    signal,
    ...address(options),
    onOutcome: (app, outcome) => {
      jobs += 1;
      const line = outcomeLine(app, outcome);
      if (line) io.say(line);
    },
  });
  sayService(io, service);
  if (!signal.aborted) await once(signal, 'abort');
  io.say('Stopping: what is under way ends first …');
  await service.stop();
  io.say('Stopped.');
  io.result({ ok: true, jobs });
  return EXIT.done;
}

/** The person's wish to stop, or the end of the time that was given. */
function within(signal: AbortSignal, seconds: string | undefined): AbortSignal {
  if (seconds === undefined) return signal;
  return AbortSignal.any([signal, AbortSignal.timeout(wholeNumber('--for', seconds, 1) * 1000)]);
}
