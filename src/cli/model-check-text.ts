import type { Feed } from '../core/feed.ts';
import { counted, listed } from '../core/format.ts';
import { enabledSignals, type Model } from '../core/model.ts';
import type { Finding, LoadReport } from '../core/model-report.ts';
import type { Seen } from '../pipeline/seen.ts';
import { percent, table } from './format.ts';
import type { Io } from './io.ts';

const share = (part: number): string => `${Math.round(part * 100)} %`;

export function sayModel(io: Io, file: string, model: Model, report: LoadReport): void {
  const all = model.dimensions.reduce((sum, d) => sum + d.signals.length, 0);
  const on = model.dimensions.reduce((sum, d) => sum + enabledSignals(d).length, 0);
  const segments = report.segments.map((s) => `${s.segment} ${share(s.leadingShare)}`);
  io.say(`${model.name} ${model.version} (${file})`);
  io.say(
    `  ✓ ${counted(model.dimensions.length, 'dimension')}, ${counted(on, 'signal')} switched on${all > on ? `, ${all - on} more offered` : ''}`,
  );
  io.say(
    `  ✓ ${share(report.leadingShare)} of the weight is on leading signals${segments.length ? ` (${segments.join(', ')})` : ''}`,
  );
}

/** Warnings first marked by "!", what is merely worth knowing by "·". */
export function sayFindings(io: Io, findings: Finding[], lineOf: (path: readonly PropertyKey[]) => number): void {
  for (const { level, path, text } of findings)
    io.say(`  ${level === 'warning' ? '!' : '·'} ${path.length === 0 ? '' : `line ${lineOf(path)}: `}${text}`);
}

export function saySources(io: Io, { kinds }: Feed): void {
  io.say('\nConnected sources');
  for (const [source, own] of Object.entries(kinds)) io.say(`  ✓ ${source} delivers ${listed([...own])}`);
}

export function saySeen(io: Io, model: Model, seen: Seen): void {
  if (seen.accounts === 0) {
    io.say('\nNo customer was found among what has been pulled; see the population rule.');
    return;
  }
  const label = new Map(model.dimensions.flatMap((d) => d.signals.map((s) => [s.key, s.label])));
  const rows = seen.signals.map((s) => [
    s.signal,
    label.get(s.signal) ?? '',
    percent(s.measured, seen.accounts),
    s.why ?? '',
  ]);
  io.say(`\nMeasured in ${counted(seen.accounts, 'account')} of what has been pulled`);
  io.say(table(['signal', '', 'has it', 'most frequent reason why not'], rows, { right: [2], max: 70 }));
}
