import { runCli } from './cli/program.ts';

// `pulseback plan show 1 | head` closes the pipe early: that is no failure.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
  process.exit(0);
});

const stop = new AbortController();
let asked = false;
for (const name of ['SIGINT', 'SIGTERM'] as const)
  process.on(name, () => {
    if (asked) process.exit(130); // asked twice: at once; committed work is safe either way
    asked = true;
    stop.abort(new Error(`stopped by ${name}`));
  });

const code = await runCli(process.argv.slice(2), {
  stdout: process.stdout,
  stderr: process.stderr,
  signal: stop.signal,
});
// What a slow reader has not taken out of a pipe yet would end with the process, and a long JSON line in its middle.
await new Promise<unknown>((resolve) => process.stdout.write('', resolve));
process.exit(code);
