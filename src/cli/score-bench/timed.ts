import type { WorkspaceStore } from '../../store/types.ts';

/** Time within the store's reading of facts. */
export class Stopwatch {
  seconds = 0;
  /** Accounts that were read again with all their rows. */
  inFull = 0;
  async run<T>(work: () => Promise<T>): Promise<T> {
    const began = performance.now();
    try {
      return await work();
    } finally {
      this.seconds += (performance.now() - began) / 1000;
    }
  }
}

/** The same store; whatever reads or aggregates facts for scoring is timed. */
export function timed(store: WorkspaceStore, watch: Stopwatch): WorkspaceStore {
  return new Proxy(store, {
    get(target, name) {
      if (name === 'accountFacts')
        return (query: Parameters<WorkspaceStore['accountFacts']>[0]) => {
          watch.inFull += query.accounts?.length ?? 0;
          return timedWalk(target.accountFacts(query), watch);
        };
      if (name === 'figures')
        return async (query: Parameters<WorkspaceStore['figures']>[0]) => {
          const reader = await watch.run(() => target.figures(query));
          return {
            ...reader,
            read: (members: Parameters<typeof reader.read>[0]) => watch.run(() => reader.read(members)),
          };
        };
      const value = Reflect.get(target, name);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
}

async function* timedWalk<T>(walk: AsyncIterable<T>, watch: Stopwatch): AsyncGenerator<T> {
  const steps = walk[Symbol.asyncIterator]();
  try {
    for (;;) {
      const step = await watch.run(() => steps.next());
      if (step.done) return;
      yield step.value;
    }
  } finally {
    await steps.return?.();
  }
}
