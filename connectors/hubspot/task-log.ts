/** Tasks that the log of one company remembers; older ones belong to renewals long past. */
const KEPT = 40;
const LINE = /^([A-Za-z0-9_-]{1,80}) (\d+)$/;

/** Which tasks were raised for a company: key → task id, oldest first. Lines that people spoiled are passed over. */
export function readLog(text: string | null): Map<string, string> {
  return new Map(
    (text ?? '').split('\n').flatMap((line) => {
      const [, key, id] = LINE.exec(line.trim()) ?? [];
      return key !== undefined && id !== undefined ? [[key, id] as const] : [];
    }),
  );
}

export const writeLog = (log: ReadonlyMap<string, string>): string =>
  [...log]
    .slice(-KEPT)
    .map(([key, id]) => `${key} ${id}`)
    .join('\n');
