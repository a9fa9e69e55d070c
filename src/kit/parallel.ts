/**
 * Runs `work` over batches, at most `limit` at once, and yields what it emits as it comes. The next batch is read ahead, so that a
 * free slot is used at once. After a failure no further batch starts; those under way finish, what they emit is yielded, then the
 * first failure is thrown.
 */
export async function* inFlight<B, O>(
  batches: AsyncIterable<B>,
  limit: number,
  work: (batch: B, emit: (output: O) => void) => Promise<void>,
): AsyncGenerator<O> {
  const source = batches[Symbol.asyncIterator]();
  const running = new Set<Promise<void>>();
  const failures: unknown[] = [];
  let ready: O[] = [];
  const read = (): Promise<IteratorResult<B>> => {
    const next = source.next();
    next.catch(() => {}); // it is awaited later; a failure must not count as unhandled until then
    return next;
  };
  let ahead: Promise<IteratorResult<B>> | null = read();
  try {
    for (;;) {
      while (ahead && failures.length === 0 && running.size < limit) {
        const next: IteratorResult<B> = await ahead;
        if (next.done) {
          ahead = null;
          break;
        }
        const task: Promise<void> = work(next.value, (output) => ready.push(output))
          .catch((error: unknown) => void failures.push(error))
          .finally(() => running.delete(task));
        running.add(task);
        ahead = read();
      }
      const outputs = ready;
      ready = [];
      yield* outputs;
      if (ready.length > 0) continue;
      if (running.size > 0) await Promise.race(running);
      else if (ready.length === 0 && (ahead === null || failures.length > 0)) break;
    }
    if (failures.length > 0) throw failures[0];
  } finally {
    await Promise.allSettled(running);
    await source.return?.();
  }
}

/** Items in batches of at most `size`; `clash` starts a new batch where an item must not share one with an earlier item. */
export async function* batchesOf<T>(
  items: AsyncIterable<T>,
  size: number,
  clash: (item: T) => string,
): AsyncGenerator<T[]> {
  let batch: T[] = [];
  let keys = new Set<string>();
  for await (const item of items) {
    const key = clash(item);
    if (batch.length >= size || keys.has(key)) {
      yield batch;
      batch = [];
      keys = new Set();
    }
    batch.push(item);
    keys.add(key);
  }
  if (batch.length > 0) yield batch;
}

export function split<T>(items: readonly T[], size: number): T[][] {
  const parts: T[][] = [];
  for (let i = 0; i < items.length; i += size) parts.push(items.slice(i, i + size));
  return parts;
}
