/** "2026-11-25T08:00:00Z": whole seconds, as the vendor writes them. */
export const iso = (at: number): string => `${new Date(at).toISOString().slice(0, 19)}Z`;
export const isoOrNull = (at: number | null): string | null => (at === null ? null : iso(at));
export const seconds = (at: number): number => Math.floor(at / 1000);

/** Text → HTML, as a comment's `html_body` holds it. */
export const html = (text: string): string =>
  `<div class="zd-comment" dir="auto"><p dir="auto">${text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')}</p></div>`;
