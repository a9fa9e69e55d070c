/** Small text rules of everything that is written for people. */

/** "declining fast" → "Declining fast" */
export const sentenceCase = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

/** One line: any run of white space or control characters becomes a space. */
export const oneLine = (text: string): string => (isOneLine(text) ? text : text.replace(/[\s\p{Cc}]+/gu, ' ').trim());

/** Whether it is one already, as nearly every text is: single spaces between letters of the first alphabets, which have no other white space. */
function isOneLine(text: string): boolean {
  let space = true;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit === 0x20) {
      if (space) return false;
      space = true;
    } else {
      if (unit < 0x20 || (unit > 0x7e && unit < 0xa1) || unit > 0x167f) return false;
      space = false;
    }
  }
  return text === '' || !space;
}

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
  let best: string | null = null;
  let start = '';
  for (const [i, item] of items.slice(0, -1).entries()) {
    start = i === 0 ? item : `${start}${separator}${item}`;
    if (start.length > max) break; // of thousands of names only the first few matter
    const text = `${start}${separator}+${items.length - i - 1} more`;
    if (text.length <= max) best = text;
  }
  if (best !== null) return best;
  return cutAtWord(full, max) || `${items.length} items`;
}
