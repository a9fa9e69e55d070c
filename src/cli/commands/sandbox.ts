import { once } from 'node:events';
import { existsSync, readFileSync, renameSync } from 'node:fs';
import { wholeNumber } from '../arguments.ts';
import type { CommandContext } from '../context.ts';
import { crmNamed } from '../crm.ts';
import type { Io } from '../io.ts';
import { checkWritable, writeText } from '../output-file.ts';
import { startSandbox } from '../sandbox-host.ts';

interface SandboxArguments {
  crm?: string;
  accounts: string;
  seed: string;
  port: string;
  latency: string;
  perRecord: string;
  dir: string;
  usageDays: string;
  inFlight: string;
  rate?: string;
  crmOnly?: boolean;
  randomChurn?: boolean;
  write?: string;
}

/** `sandbox`: serves until stopped; stdout carries the configuration (YAML, or one JSON object), so it can be redirected to a file. */
export async function sandbox({ io, now, signal }: CommandContext, options: SandboxArguments): Promise<undefined> {
  if (options.write) checkWritable('--write', options.write);
  const host = await startSandbox({
    accounts: wholeNumber('--accounts', options.accounts, 1),
    seed: wholeNumber('--seed', options.seed),
    now: now(),
    dir: options.dir,
    port: wholeNumber('--port', options.port, 0, 65_535),
    latencyMs: wholeNumber('--latency', options.latency),
    perRecordMs: wholeNumber('--per-record', options.perRecord),
    usageDays: wholeNumber('--usage-days', options.usageDays, 1),
    inFlight: wholeNumber('--in-flight', options.inFlight, 1),
    crm: crmNamed(options.crm),
    limits: true,
    ...(options.rate === undefined ? {} : { rate: wholeNumber('--rate', options.rate, 1) }),
    others: options.crmOnly !== true,
    randomChurn: options.randomChurn === true,
  });
  const yaml = host.yaml({ tasks: { start: new Date(host.world.now()).toISOString().slice(0, 10) } });
  if (options.write) writeConfig(io, options.write, yaml);
  io.note(
    `${host.crmName} with ${host.world.size} accounts (${options.accounts} customers) is served at ${host.crm.origin}`,
  );
  for (const [name, server] of Object.entries(host.others))
    io.note(`${name}, of the same business, at ${server.origin}`);
  io.note(`Exports lie in ${options.dir}/exports. Stop with Ctrl-C.`);
  if (options.write) io.note(`Configuration: ${options.write}. In a second terminal: npx pulseback check`);
  io.say(yaml);
  io.result({
    ok: true,
    origin: host.crm.origin,
    crm: host.crmName,
    others: Object.fromEntries(Object.entries(host.others).map(([name, server]) => [name, server.origin])),
    accounts: host.world.size,
    rate: host.crm.rate ?? null,
    env: host.env,
    config: yaml,
  });
  // The world's clock follows this machine's.
  let last = Date.now();
  const tick = setInterval(() => {
    host.world.advance(Date.now() - last);
    last = Date.now();
  }, 1000);
  if (!signal.aborted) await once(signal, 'abort');
  clearInterval(tick);
  await host.close();
  return undefined;
}

const MARK = '# Written by `pulseback sandbox`: it points at a CRM on loopback.\n';

/** A configuration that is not the sandbox's own is somebody's work: it is kept under another name. */
function writeConfig(io: Io, path: string, yaml: string): void {
  if (existsSync(path) && !readFileSync(path, 'utf8').startsWith(MARK)) {
    let kept = `${path}.bak`;
    for (let n = 2; existsSync(kept); n++) kept = `${path}.bak${n}`;
    renameSync(path, kept);
    io.note(`${path} was there already; it is kept as ${kept}`);
  }
  writeText('--write', path, MARK + yaml);
}
