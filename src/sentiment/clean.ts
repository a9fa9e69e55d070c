import { convert } from 'html-to-text';
import { isLogLine, isTraceLine } from './log-lines.ts';
import { withoutReplies } from './replies.ts';

/** Characters of a raw text that are looked at, and of a cleaned one that are judged: what somebody feels stands near the beginning. */
const RAW = 20_000;
const JUDGED = 2_000;

/**
 * What the writer wrote now: HTML as text; quoted replies, signatures, disclaimers, code, stack traces, log lines, addresses and long ids
 * cut off. May be empty. Pure.
 */
export function clean(raw: string): string {
  const text = plain(raw.slice(0, RAW))
    .replace(/\r\n?/g, '\n')
    .replace(/[\u200B-\u200D\uFEFF]/g, '')
    .replace(/\u00A0/g, ' ');
  const own = withoutReplies(withoutFences(text));
  return shorten(
    withoutAddresses(withoutLogs(own))
      .replace(/[ \t]+/g, ' ')
      .replace(/\n{2,}/g, '\n')
      .trim(),
  );
}

const HTML =
  /<\/?(?:p|div|br|span|html|body|table|td|b|i|em|strong|ul|li|a|blockquote|pre|font|h[1-6])(?:\s[^<>]{0,2000})?\/?>/i;
const QUOTES = [
  'blockquote',
  'pre',
  'code',
  'style',
  'script',
  'img',
  '.gmail_quote',
  '.gmail_signature',
  '.moz-cite-prefix',
  '#divRplyFwdMsg',
  '.zd-comment-quote',
];

function plain(text: string): string {
  if (!HTML.test(text)) return text;
  return convert(text, {
    wordwrap: false,
    // Mail nests some dozens deep; text that nests for thousands must not end a pull.
    limits: { maxDepth: 200, ellipsis: '' },
    selectors: [
      { selector: 'a', options: { ignoreHref: true } },
      ...['h1', 'h2', 'h3', 'h4', 'h5', 'h6'].map((selector) => ({ selector, options: { uppercase: false } })),
      ...QUOTES.map((selector) => ({ selector, format: 'skip' })),
    ],
  });
}

/** Code between fences, or short pieces of it between backticks. A fence that is never closed reaches to the end. */
function withoutFences(text: string): string {
  return text
    .split(/^[ \t]*(?:```|~~~).*$/m)
    .filter((_, i) => i % 2 === 0)
    .join('\n')
    .replace(/\{code(?::\w+)?\}[\s\S]*?(?:\{code\}|$)/g, ' ')
    .replace(/`[^`\n]{1,200}`/g, ' ');
}

/** A trace takes the indented lines below it along. */
function withoutLogs(text: string): string {
  let inTrace = false;
  return text
    .split('\n')
    .filter((line) => {
      if (isTraceLine(line)) inTrace = true;
      else if (line.trim() !== '' && !/^\s/.test(line)) inTrace = false;
      return !inTrace && !isLogLine(line);
    })
    .join('\n');
}

function withoutAddresses(text: string): string {
  return text
    .replace(/\b(?:https?|ftp):\/\/\S+|\bwww\.\S+/gi, ' ')
    .replace(/[\w.+-]+@[\w-]+(?:\.[\w-]+)+/g, ' ')
    .replace(/\b(?=[\w-]*\d)[\w-]{12,}\b/g, ' ');
}

function shorten(text: string): string {
  if (text.length <= JUDGED) return text;
  const cut = text.slice(0, JUDGED);
  return cut.slice(0, Math.max(cut.lastIndexOf(' '), JUDGED - 100));
}
