import { HeldError, InputError } from '../contract/index.ts';
import { type Model, modelHash } from '../core/model.ts';
import { isPublished } from '../core/publish/standing.ts';
import type { NamedModel, NewPublication, Publication, WorkspaceStore } from '../store/types.ts';
import { type Live, publishedModel } from './live-model.ts';
import { modelOf } from './rescore.ts';

type Deps = { store: WorkspaceStore; now: () => number };

/** A model and what it is known by. */
export interface Known {
  model: Model;
  hash: string;
}

/** Why, by whom, and on what proof. */
export type Grounds = Pick<NewPublication, 'kind' | 'by' | 'reason' | 'figures'>;

/**
 * What a model is compared with: the live one. Where that is the model itself, since `model:` was set by hand to it, the one that had been
 * published before. null = there is no other.
 */
export async function rivalOf(deps: Deps, live: Live, candidate: Known): Promise<Known | null> {
  if (live.hash !== candidate.hash) return live;
  const byHand = live.last !== null && !isPublished({ published: live.last, configured: live.configured });
  if (!byHand || live.last === null || live.last.hash === candidate.hash) return null;
  return { model: await publishedModel(deps.store, live.last), hash: live.last.hash };
}

/**
 * Makes a model the live one, in one transaction. What is under way ends by the model it began with.
 * @throws HeldError where another process published since `live` was read
 */
export async function publish(
  { store, now }: Deps,
  live: Live,
  candidate: Known,
  replaced: Known,
  grounds: Grounds,
): Promise<Publication> {
  const { text, hash } = live.configured;
  const models = new Map<string, NamedModel>([
    [replaced.hash, replaced.model],
    [candidate.hash, candidate.model],
  ]);
  const row = { hash: candidate.hash, replacedHash: replaced.hash, configured: text, configuredHash: hash, at: now() };
  const after = live.last?.number ?? 0;
  const done = await store.publish({ ...row, ...grounds }, models, after);
  if (done) return done;
  throw new HeldError(
    'nothing was published: another model was published meanwhile',
    'Look at it with `npx pulseback model history`, then run the same command again.',
  );
}

/** The model to go back to: of a publication, or the one that was live before this one. @throws InputError where there is none */
export async function earlierModel({ store }: Deps, live: Live, number: number | null): Promise<Known> {
  const all = await store.publications(EVERY);
  const hash = number === null ? hashBefore(live, all) : all.find((p) => p.number === number)?.hash;
  if (hash === undefined)
    throw new InputError(
      number === null ? 'there is no earlier model to go back to' : `there is no publication ${number}`,
      {
        hint: all.length > 0 ? '`npx pulseback model history` lists them.' : 'Nothing has been published here yet.',
      },
    );
  const model = await modelOf({ store }, hash);
  if (!model)
    throw new InputError('this version cannot read that model any more', {
      hint: 'Run the version by which it was published, or publish its file.',
    });
  return { model, hash: modelHash(model) };
}

const EVERY = 100_000;

function hashBefore(live: Live, all: readonly Publication[]): string | undefined {
  if (live.last && live.last.hash !== live.hash) return live.last.hash;
  return all.find((p) => p.replacedHash !== live.hash)?.replacedHash;
}
