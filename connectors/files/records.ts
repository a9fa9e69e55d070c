import { isUtf8 } from 'node:buffer';
import { BrokenFile } from './broken.ts';

const LF = 10;
const CR = 13;
const QUOTE = 34;

/** One record (CSV) or line (JSONL) as it stands in the file, without its line end. */
export interface RawRecord {
  text: string;
  /** The line it starts on, counted from 1. */
  line: number;
  /** Why it cannot be read; `text` is then empty. */
  problem?: string;
}

export interface RecordOptions {
  /** CSV: a quote at the start of a field lets it hold line ends. null = lines only (JSONL). */
  delimiter: string | null;
  encoding: 'utf-8' | 'windows-1252';
  /** Longer records are not read: a lost quote would swallow the file, a broken writer the memory. */
  maxBytes?: number;
  /** The number of the first line, where reading starts inside the file. */
  firstLine?: number;
}

/**
 * Cuts chunks into records, in batches. Blank lines are left out; the last line needs no line end. Works on bytes: line ends,
 * quotes and delimiters are the same byte in every encoding that reaches it, and a record is decoded as a whole.
 * @throws BrokenFile where a quote never closes, after all records before it were delivered.
 */
export async function* recordsOf(chunks: AsyncIterable<Buffer>, options: RecordOptions): AsyncGenerator<RawRecord[]> {
  const max = options.maxBytes ?? 1024 * 1024;
  const decode = decoder(options.encoding);
  let rest: Buffer = Buffer.alloc(0);
  let line = options.firstLine ?? 1;
  let skipping = false; // inside a line that is too long
  const cut = function* (buffer: Buffer, last: boolean): Generator<RawRecord, Buffer> {
    const find = recordEnds(buffer, options.delimiter);
    let start = 0;
    while (start < buffer.length) {
      const found = find(start, last);
      const end = found.end ?? buffer.length;
      const unfinished = found.end === null && !(last && found.openQuote === null);
      if (unfinished) {
        if (found.openQuote !== null && (last || end - start > max)) {
          const at = line + countLines(buffer, start, found.openQuote);
          const within = last ? 'before the end of the file' : `within ${Math.round(max / 1024)} KiB`;
          throw new BrokenFile(`a quote opens here and does not close ${within}`, at);
        }
        if (end - start <= max) return buffer.subarray(start);
        if (!skipping) yield { text: '', line, problem: tooLong(max) };
        skipping = true;
        return Buffer.alloc(0);
      }
      const stop = end > start && buffer[end - 1] === CR ? end - 1 : end;
      if (skipping) skipping = false;
      else if (stop - start > max) yield { text: '', line, problem: tooLong(max) };
      else if (stop > start) yield decode(buffer.subarray(start, stop), line);
      line += countLines(buffer, start, end) + 1;
      start = end + 1;
    }
    return Buffer.alloc(0);
  };
  const batchOf = function* (buffer: Buffer, last: boolean): Generator<RawRecord[]> {
    const batch: RawRecord[] = [];
    const records = cut(buffer, last);
    try {
      for (let next = records.next(); ; next = records.next()) {
        if (next.done) {
          rest = next.value;
          break;
        }
        batch.push(next.value);
      }
    } catch (error) {
      if (batch.length > 0) yield batch;
      throw error;
    }
    if (batch.length > 0) yield batch;
  };
  for await (const chunk of chunks) yield* batchOf(rest.length > 0 ? Buffer.concat([rest, chunk]) : chunk, false);
  yield* batchOf(rest, true);
}

const tooLong = (max: number): string => `longer than ${Math.round(max / 1024)} KiB`;

type Found = { end: number | null; openQuote: number | null };

/** Where the record that starts at a byte ends, or which quote is still open at the end of the buffer. */
function recordEnds(buffer: Buffer, delimiter: string | null): (start: number, last: boolean) => Found {
  const separator = delimiter?.charCodeAt(0);
  let quote = -2; // the next quote at or after the last place asked for; -1 = none
  const quoteFrom = (from: number): number => {
    if (quote !== -1 && quote < from) quote = buffer.indexOf(QUOTE, from);
    return quote;
  };
  return (start, last) => {
    for (let from = start; ; ) {
      const end = buffer.indexOf(LF, from);
      const open = separator === undefined ? -1 : quoteFrom(from);
      if (open < 0 || (end >= 0 && end < open)) return { end: end < 0 ? null : end, openQuote: null };
      // A quote inside an unquoted field is for the parser to judge; it hides no line end.
      const opens = open === start || buffer[open - 1] === separator;
      const close = opens ? closingQuote(buffer, open + 1, last) : open;
      if (close < 0) return { end: null, openQuote: open };
      from = close + 1;
    }
  };
}

function closingQuote(buffer: Buffer, from: number, last: boolean): number {
  for (let at = buffer.indexOf(QUOTE, from); at >= 0; at = buffer.indexOf(QUOTE, at + 2)) {
    if (at + 1 === buffer.length && !last) return -1; // half of an escaped quote, perhaps
    if (buffer[at + 1] !== QUOTE) return at;
  }
  return -1;
}

function countLines(buffer: Buffer, from: number, to: number): number {
  let count = 0;
  for (let at = buffer.indexOf(LF, from); at >= 0 && at < to; at = buffer.indexOf(LF, at + 1)) count += 1;
  return count;
}

function decoder(encoding: RecordOptions['encoding']): (bytes: Buffer, line: number) => RawRecord {
  if (encoding === 'windows-1252') {
    const ansi = new TextDecoder('windows-1252');
    return (bytes, line) => ({ text: ansi.decode(bytes), line });
  }
  return (bytes, line) => {
    const text = bytes.toString('utf8');
    // A replacement character may stand in the file itself; only invalid bytes are an error.
    if (!text.includes('\uFFFD') || isUtf8(bytes)) return { text, line };
    return {
      text: '',
      line,
      problem: 'found bytes that are not UTF-8; expected UTF-8, or set `encoding: windows-1252`',
    };
  };
}
