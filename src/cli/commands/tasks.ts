import { InputError } from '../../contract/index.ts';
import { TASKS_STATE, tasksStarted } from '../../pipeline/decide.ts';
import type { CommandContext } from '../context.ts';

/** `tasks`: the first run is a silent baseline; this command lets manager tasks begin (or stops them). */
export async function tasks({ io, open }: CommandContext, _options: unknown, [action]: string[]): Promise<undefined> {
  if (action && action !== 'start' && action !== 'stop')
    throw new InputError(`tasks ${action}: expected start, stop or nothing`);
  const app = await open();
  const state = app.store.state(TASKS_STATE);
  if (action) {
    const before = await state.get('started');
    await state.set('started', before, action === 'start' ? new Date(app.now()).toISOString() : null);
  }
  const started = await tasksStarted(app.store, app.config.tasks.start, app.config.timezone, app.now());
  const known = (await app.store.knownTasks()).size;
  io.say(
    started.now
      ? `Manager tasks are raised by every sync (${started.why}); ${known} so far.`
      : `Manager tasks wait: ${started.why}.`,
  );
  io.result({ ok: true, started: started.now, why: started.why, known });
  return undefined;
}
