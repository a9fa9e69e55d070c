import { InputError } from '../contract/index.ts';
import { type Model, modelHash } from '../core/model.ts';
import { isPublished, type Standing, standingOf } from '../core/publish/standing.ts';
import type { Publication, WorkspaceStore } from '../store/types.ts';
import { modelOf } from './rescore.ts';

/** What `model:` of the configuration names, read. */
export interface Configured {
  /** As it stands there. */
  text: string;
  model: Model;
  /** Whether it is one of the shipped ones. */
  shipped: boolean;
}

/** The model that scores: the one that was published last, as long as `model:` is what it was then, else the one that `model:` names. */
export interface Live {
  model: Model;
  hash: string;
  configured: Configured & { hash: string };
  /** The last publication, whether or not its model is live; null = nothing was ever published. */
  last: Publication | null;
}

type ModelStore = Pick<WorkspaceStore, 'publications' | 'keptModel' | 'lastProof' | 'modelSince'>;

/** Reads it anew: another process may have published meanwhile. @throws InputError where this version cannot read what was published */
export async function liveModel(store: ModelStore, configured: Configured): Promise<Live> {
  const named = { ...configured, hash: modelHash(configured.model) };
  const [last = null] = await store.publications(1);
  const live = { model: configured.model, hash: named.hash, configured: named, last };
  if (last === null || last.hash === named.hash) return live;
  if (!isPublished({ published: last, configured: named })) return live;
  return { ...live, model: await publishedModel(store, last), hash: last.hash };
}

/** The model of a publication. @throws InputError where this version of Pulseback cannot read it */
export async function publishedModel(
  store: Pick<WorkspaceStore, 'keptModel'>,
  { hash, name, version, number }: Publication,
): Promise<Model> {
  const model = await modelOf({ store }, hash);
  if (model) return model;
  throw new InputError(
    `publication ${number}: this version cannot read the model ${name} ${version} that was published`,
    {
      hint: 'Run the version by which it was published, or name its file under `model:` in pulseback.yaml, in other words than before: then that file is live.',
    },
  );
}

/** How well the live model is proven as of now. */
export async function standing(
  deps: { store: ModelStore; now: () => number },
  { model, hash, last, configured }: Live,
  remindAfterDays: number,
): Promise<Standing> {
  const proof = await deps.store.lastProof(hash);
  const known = {
    live: { name: model.name, version: model.version, hash },
    published: last,
    configured,
    provenAt: proof?.at ?? null,
    since: await deps.store.modelSince(hash),
  };
  return standingOf(known, deps.now(), remindAfterDays);
}
