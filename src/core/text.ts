/** Small text rules of everything that is written for people. */

/** "declining fast" → "Declining fast" */
export const sentenceCase = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

/** One line: any run of white space or control characters becomes a space. */
export const oneLine = (text: string): string => text.replace(/[\s\p{Cc}]+/gu, ' ').trim();

/** At most `max` UTF-16 units, cut between words and closed with "…"; '' where not even one word fits. */
export function cutAtWord(text: string, max: number): string {
  if (text.length <= max) return text;
  let cut = '';
  for (const match of text.matchAll(/\s+/gu)) {
    if (match.index + 1 > max) break;
    if (match.index > 0) cut = text.slice(0, match.index);
  }
  return cut === '' ? '' : `${cut.replace(/[,;:.\s–-]+$/u, '')}…`;
}

/** As many whole items as fit, then "+3 more". */
export function joinWithin(items: readonly string[], separator: string, max: number): string {
  const full = items.join(separator);
  if (full.length <= max) return full;
  for (let kept = items.length - 1; kept > 0; kept--) {
    const text = `${items.slice(0, kept).join(separator)}${separator}+${items.length - kept} more`;
    if (text.length <= max) return text;
  }
  return cutAtWord(full, max) || `${items.length} items`;
}
