/** Long work in steps: between two of them other work gets its turn, and whoever waits may stop it. */
export type Steps<T> = Generator<void, T>;

/** All steps at once. */
export function done<T>(steps: Steps<T>): T {
  for (;;) {
    const { done: ended, value } = steps.next();
    if (ended) return value;
  }
}
