import type { Contents } from './contents.ts';

export interface Difference {
  section: string;
  key: string;
  /** null = is not there. */
  undisturbed: string | null;
  killed: string | null;
}

/**
 * What the killed and repeated run left otherwise than the undisturbed one. A run that was killed while it wrote reads its own writes
 * when it is repeated, as the undisturbed one does next time: the cursor of the CRM's records may stand among them already.
 */
export function differences(undisturbed: Contents, killed: Contents): Difference[] {
  const found: Difference[] = [];
  for (const [section, expected] of undisturbed) {
    const got = killed.get(section) ?? new Map<string, string>();
    for (const key of new Set([...expected.keys(), ...got.keys()])) {
      const [a, b] = [expected.get(key) ?? null, got.get(key) ?? null];
      if (a !== b && !(section === 'cursors' && b !== null && amongOwnWrites(key, b)))
        found.push({ section, key, undisturbed: a, killed: b });
    }
  }
  return found;
}

const amongOwnWrites = (stream: string, cursor: string): boolean =>
  stream.startsWith('crm.') && cursor.includes('<run ');

const isRecords = (section: string): boolean => section.startsWith('CRM ');
const copies = (text: string | null): number => Number(text ?? 0);

/** Records of the CRM that are there once more than they should be; one that differs is no record more. */
export function moreRecords(found: readonly Difference[]): number {
  const balance = new Map<string, number>();
  for (const d of found.filter(({ section }) => isRecords(section)))
    balance.set(d.section, (balance.get(d.section) ?? 0) + copies(d.killed) - copies(d.undisturbed));
  return [...balance.values()].reduce((sum, n) => sum + Math.max(0, n), 0);
}

/** Everything that is missing or not the same; records too many are counted by `moreRecords`. */
export function lostOf(found: readonly Difference[]): number {
  return found.reduce(
    (sum, d) => sum + (isRecords(d.section) ? Math.max(0, copies(d.undisturbed) - copies(d.killed)) : 1),
    0,
  );
}
