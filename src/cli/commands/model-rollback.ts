import { InputError } from '../../contract/index.ts';
import { earlierModel, publish } from '../../pipeline/publish.ts';
import { wholeNumber } from '../arguments.ts';
import type { CommandContext } from '../context.ts';
import { EXIT } from '../io.ts';
import { personOf } from '../publish/person.ts';

interface RollbackCommand {
  to?: string;
  reason?: string;
  by?: string;
}

/** `model rollback`: puts back the model that was live before, or that of a publication. It was live already, so it is not judged anew. */
export async function modelRollback({ io, open }: CommandContext, command: RollbackCommand): Promise<number> {
  const { to, by, reason } = command;
  const number = to === undefined ? null : wholeNumber('--to', to, 1);
  const app = await open();
  const { live } = app;
  if (!live) throw new Error('the configured app has no live model');
  const earlier = await earlierModel(app, live, number);
  const said = `${earlier.model.name} ${earlier.model.version}`;
  if (earlier.hash === live.hash) throw new InputError(`${said} is the live model already`);
  app.scoringBy(earlier.model); // what does not go with the playbook must not go live
  const done = await publish(app, live, earlier, live, {
    kind: 'rollback',
    by: personOf(by),
    reason: reason?.trim() || null,
    figures: null,
  });
  const replaced = `${live.model.name} ${live.model.version}`;
  io.say(`Publication ${done.number}: ${said} is live again in place of ${replaced}, from the next run on.`);
  io.result({
    ok: true,
    publication: done.number,
    model: said,
    hash: done.hash,
    replaced,
    by: done.by,
    reason: done.reason,
  });
  return EXIT.done;
}
