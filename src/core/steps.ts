/**
 * Long pure work is a generator that yields every few milliseconds: whoever drives it decides what may run in between. `finish` takes
 * all of its steps at once.
 */
export function finish<T>(steps: Generator<void, T>): T {
  for (;;) {
    const step = steps.next();
    if (step.done) return step.value;
  }
}
