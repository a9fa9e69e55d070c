import { toYaml } from '../../kit/yaml.ts';
import { earlierModel } from '../../pipeline/publish.ts';
import { wholeNumber } from '../arguments.ts';
import type { CommandContext } from '../context.ts';

/** `model show [N]`: the live model, or that of a publication, as a model file; what was published is not lost with its file. */
export async function modelShow({ io, open }: CommandContext, _: object, [text]: string[]): Promise<undefined> {
  const number = text === undefined ? null : wholeNumber('publication', text, 1);
  const app = await open();
  if (!app.live) throw new Error('the configured app has no live model');
  const { model, hash } = number === null ? app.live : await earlierModel(app, app.live, number);
  io.say(toYaml(model).trimEnd());
  io.result({ ok: true, publication: number, hash, model });
  return undefined;
}
