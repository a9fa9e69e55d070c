/**
 * A signal that aborts with the first of several, for as long as `work` runs. Node's own AbortSignal.any keeps what it made for as
 * long as the longest-lived of them exists, and ours live as long as the service.
 */
export async function underAll<T>(signals: AbortSignal[], work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const any = new AbortController();
  const ends = signals.map((signal) => onAbort(signal, (reason) => any.abort(reason)));
  try {
    return await work(any.signal);
  } finally {
    for (const end of ends) end();
  }
}

/** What `work` comes to, unless the signal aborts first: then its reason, whether or not `work` ever ends. */
export async function unless<T>(signal: AbortSignal, work: Promise<T>): Promise<T> {
  let end = (): void => {};
  const aborted = new Promise<never>((_, reject) => {
    end = onAbort(signal, reject);
  });
  try {
    return await Promise.race([work, aborted]);
  } finally {
    end();
  }
}

/** @returns how to listen no more. */
function onAbort(signal: AbortSignal, tell: (reason: unknown) => void): () => void {
  const listen = (): void => tell(signal.reason);
  if (signal.aborted) listen();
  else signal.addEventListener('abort', listen);
  return () => signal.removeEventListener('abort', listen);
}
