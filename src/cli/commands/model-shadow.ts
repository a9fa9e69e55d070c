import { InputError } from '../../contract/index.ts';
import { modelHash } from '../../core/model.ts';
import { loadModel } from '../../kit/model-file.ts';
import { modelOf } from '../../pipeline/rescore.ts';
import { compareShadow } from '../../pipeline/shadow.ts';
import { booksJson, lineOf, sayBooks } from '../compare-books.ts';
import type { CommandContext } from '../context.ts';
import { timeText } from '../format.ts';
import { EXIT } from '../io.ts';
import type { MovedLine } from '../model-diff-text.ts';
import { modelFile, shortPath } from '../model-file.ts';
import { personOf } from '../publish/person.ts';

interface ShadowCommand {
  stop?: boolean;
  report?: boolean;
  by?: string;
}

/** `model shadow [FILE]`: begins to score a model beside the live one, ends that, or tells what it would have changed. */
export async function modelShadow(context: CommandContext, options: ShadowCommand, [file]: string[]): Promise<number> {
  const asked = [file !== undefined, options.stop === true, options.report === true].filter(Boolean).length;
  if (asked > 1)
    throw new InputError('a file, --stop and --report: expected one of them', {
      hint: '`npx pulseback model shadow FILE` begins, `--stop` ends, and `--report`, or nothing, tells what it would have changed.',
    });
  if (options.stop) return stop(context);
  return file === undefined ? tell(context) : start(context, file, options);
}

async function start({ io, open, now }: CommandContext, file: string, { by }: ShadowCommand): Promise<number> {
  const model = loadModel(shortPath(modelFile(file)));
  const app = await open();
  const hash = modelHash(model);
  const said = `${model.name} ${model.version}`;
  if (hash === app.live?.hash) throw new InputError(`${said} is the live model: beside itself it shows nothing`);
  const person = personOf(by);
  const before = await app.store.shadow();
  if (before !== null && before.hash !== hash) io.note('Another model was scored beside the live one; that ends here.');
  await app.store.startShadow({ hash, since: now(), by: person }, model);
  io.say(
    `${said} is scored beside ${app.model.name} ${app.model.version} from the next run on. It is written nowhere; \`npx pulseback model shadow\` tells what it would change.`,
  );
  io.result({ ok: true, shadow: said, hash, by: person, live: `${app.model.name} ${app.model.version}` });
  return EXIT.done;
}

async function stop({ io, open }: CommandContext): Promise<number> {
  const app = await open();
  const stopped = await app.store.stopShadow();
  io.say(stopped ? 'The shadow has ended; what it had scored is forgotten.' : 'There is no shadow.');
  io.result({ ok: true, stopped });
  return EXIT.done;
}

async function tell({ io, open }: CommandContext): Promise<number> {
  const app = await open();
  const shadow = await app.store.shadow();
  if (shadow === null) {
    io.say('There is no shadow: `npx pulseback model shadow FILE` scores a model beside the live one.');
    io.result({ ok: true, shadow: null });
    return EXIT.done;
  }
  const model = await modelOf(app, shadow.hash);
  if (model === null)
    throw new InputError('this version cannot read the model of the shadow', {
      hint: 'Start it again from its file, or end it with `npx pulseback model shadow --stop`.',
    });
  const moved: MovedLine[] = [];
  const { summary, matrix } = await compareShadow(app, shadow, model, (m) => moved.push(lineOf(m)));
  const models = { before: app.model, after: model };
  const { timezone } = app.config;
  io.say(
    `${summary.model} beside ${app.model.name} ${app.model.version} since ${timeText(shadow.since, timezone)}, begun by ${shadow.by}`,
  );
  if (summary.problem !== null) io.say(`Nothing to compare: ${summary.problem}. The next \`score\` or \`sync\` does.`);
  else {
    io.say(`As of ${timeText(Date.parse(summary.asOf ?? ''), timezone)}`);
    sayBooks(io, matrix, models, moved);
  }
  io.result({
    ok: true,
    shadow: summary,
    by: shadow.by,
    live: `${app.model.name} ${app.model.version}`,
    ...booksJson(matrix, models, moved),
  });
  return EXIT.done;
}
