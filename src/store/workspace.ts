import type { StoreContext } from './dialect.ts';
import { factStore } from './facts.ts';
import { fence } from './fence.ts';
import { intentStore } from './intents.ts';
import { judgementStore } from './judgements.ts';
import { linkStore } from './links.ts';
import { memoryStore } from './memory.ts';
import { modelStore } from './models.ts';
import { pageStore } from './pages.ts';
import { planStore } from './plans.ts';
import { publicationStore } from './publications.ts';
import { runStore } from './runs.ts';
import { scoreStore } from './scores.ts';
import { shadowStore } from './shadows.ts';
import type { WorkspaceStore } from './types.ts';

/** Everything of one workspace, put together from its parts. */
export function workspaceStore(ctx: StoreContext): WorkspaceStore {
  return {
    ...pageStore(ctx),
    ...factStore(ctx),
    ...linkStore(ctx),
    ...scoreStore(ctx),
    ...modelStore(ctx),
    ...publicationStore(ctx),
    ...shadowStore(ctx),
    ...judgementStore(ctx),
    ...memoryStore(ctx),
    ...planStore(ctx),
    ...intentStore(ctx),
    ...runStore(ctx),
    fenced: (name, holder, lost) => workspaceStore({ ...ctx, fence: fence(ctx, name, holder, lost) }),
  };
}
