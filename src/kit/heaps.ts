import { setFlagsFromString } from 'node:v8';

/** How little heaps may grow between two collections, where the launcher says so; see src/bin.js. */
const KEPT_SMALL = process.execArgv.find((flag) => flag.startsWith('--heap-growing-percent='));
/** Half as fast again as with a tenth (--heap-growing-percent=10), for 20 MB more; without a limit it is no faster, for 200 MB. */
const ROOMY = '--heap-growing-percent=50';
let growing = 0;

/**
 * Lets the heaps of all threads grow by half until the returned function is called: threads that score, and calls that write, leave
 * so much behind that small heaps cost them half as much again.
 */
export function letHeapsGrow(): () => void {
  if (!KEPT_SMALL) return () => {};
  growing++;
  setFlagsFromString(ROOMY);
  return () => {
    growing--;
    if (growing === 0) setFlagsFromString(KEPT_SMALL);
  };
}
