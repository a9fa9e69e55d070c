import type { CheckItem } from '../../contract/index.ts';
import { loadReport } from '../../core/model-report.ts';
import { describeFailure } from '../../pipeline/pull.ts';
import type { CommandContext } from '../context.ts';
import { EXIT } from '../io.ts';
import { sayStanding } from '../publish/standing-text.ts';

/** `check`: everything that a run needs, source by source; exit 1 where something blocks a run. */
export async function check({ io, open }: CommandContext): Promise<number> {
  const app = await open();
  const reports: { source: string; connector: string; items: CheckItem[] }[] = [];
  for (const source of app.sources) {
    let items: CheckItem[];
    try {
      items = (await source.connector.check(source.ctx)).items;
    } catch (error) {
      app.signal.throwIfAborted();
      const { error: what, hint } = describeFailure(error);
      items = [{ ok: false, level: 'error', what, ...(hint ? { fix: hint } : {}) }];
    }
    reports.push({ source: source.name, connector: source.connector.name, items });
    io.say(`${source.name} (${source.connector.title})`);
    for (const item of items) {
      io.say(`  ${item.ok ? '✓' : item.level === 'error' ? '✗' : '!'} ${item.what}`);
      if (!item.ok && item.fix) io.say(`      → ${item.fix}`);
    }
  }
  io.say(`store\n  ✓ ${app.storeName}`);
  const model = loadReport(app.model);
  io.say(`model ${app.model.name} ${app.model.version}`);
  io.say(`  ✓ ${Math.round(model.leadingShare * 100)} % of the weight is on leading signals`);
  for (const warning of model.warnings) io.say(`  ! ${warning}`);
  const standing = await app.standing();
  sayStanding(io, standing);
  const notes = standing?.notes.length ?? 0;
  const items = reports.flatMap((r) => r.items);
  const errors = items.filter((i) => !i.ok && i.level === 'error').length;
  const warnings = items.filter((i) => !i.ok && i.level === 'warning').length + model.warnings.length + notes;
  io.say(
    errors
      ? `\n${errors} of ${items.length} checks block a run.`
      : `\nReady: ${items.length} checks, ${warnings} warnings.`,
  );
  io.result({ ok: errors === 0, errors, warnings, store: app.storeName, sources: reports, model, standing });
  return errors ? EXIT.failed : EXIT.done;
}
