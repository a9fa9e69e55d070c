import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { pipeline, Transform } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { BrokenFile } from './broken.ts';

/** Packed 500 times smaller than it is: no export is, a bomb is. Judged after this many bytes came out. */
const MAX_RATIO = 500;
const RATIO_FROM = 64 * 1024 * 1024;

/** What the first bytes of a file say about the rest. */
export interface Shape {
  gzip: boolean;
  /** By its byte order mark; null = one byte is one unit, as the mapping's `encoding` says. */
  utf16: 'utf-16le' | 'utf-16be' | null;
  zip: boolean;
}

export async function shapeOf(path: string): Promise<Shape> {
  const file = await open(path);
  try {
    const { buffer } = await file.read(Buffer.alloc(4), 0, 4, 0);
    const gzip = buffer[0] === 0x1f && buffer[1] === 0x8b;
    return { gzip, utf16: gzip ? null : utf16Of(buffer), zip: buffer.toString('latin1') === 'PK\u0003\u0004' };
  } finally {
    await file.close();
  }
}

const utf16Of = (bytes: Buffer): Shape['utf16'] =>
  bytes[0] === 0xff && bytes[1] === 0xfe ? 'utf-16le' : bytes[0] === 0xfe && bytes[1] === 0xff ? 'utf-16be' : null;

export interface ByteOptions {
  /** Byte to begin at: only for files that are neither packed nor UTF-16. */
  start?: number;
  signal?: AbortSignal;
  /** Told of bytes read from disk, for progress. */
  onRead?: (bytes: number) => void;
}

/**
 * The content of a file in chunks: unpacked, UTF-16 turned into UTF-8, without byte order mark.
 * @throws BrokenFile for a damaged or suspicious archive.
 */
export async function* contentOf(path: string, options: ByteOptions = {}): AsyncGenerator<Buffer> {
  const { gzip } = await shapeOf(path);
  const disk = createReadStream(path, { start: options.start ?? 0, highWaterMark: 64 * 1024 });
  let packed = 0;
  disk.on('data', (chunk) => {
    packed += chunk.length;
    options.onRead?.(chunk.length);
  });
  // `pipeline` hands errors on, `pipe` does not: a damaged archive would hang the reader. The reader sees them by itself.
  const source = gzip
    ? pipeline(
        disk,
        createGunzip(),
        ratioGuard(() => packed),
        () => undefined,
      )
    : disk;
  try {
    yield* decoded(source, options.start ?? 0, options.signal);
  } catch (cause) {
    const code: unknown = (cause as { code?: unknown }).code; // a number where the reading was aborted
    if (typeof code === 'string' && code.startsWith('Z_'))
      throw new BrokenFile(`the gzip archive is damaged or cut short (${code})`, null);
    throw cause;
  } finally {
    disk.destroy();
    source.destroy();
  }
}

async function* decoded(chunks: AsyncIterable<Buffer>, start: number, signal?: AbortSignal): AsyncGenerator<Buffer> {
  let utf16: InstanceType<typeof TextDecoder> | null = null;
  let first = true;
  for await (const chunk of chunks) {
    signal?.throwIfAborted();
    let bytes = chunk;
    if (first && start === 0) {
      const encoding = utf16Of(bytes);
      if (encoding) utf16 = new TextDecoder(encoding);
      else if (bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf) bytes = bytes.subarray(3);
    }
    first = false;
    yield utf16 ? Buffer.from(utf16.decode(bytes, { stream: true })) : bytes;
  }
  if (utf16) yield Buffer.from(utf16.decode());
}

/** Stops an archive that unpacks to absurd sizes; memory is safe anyway, time and disk are not. */
function ratioGuard(packed: () => number): Transform {
  let out = 0;
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      out += chunk.length;
      const bomb = out > RATIO_FROM && out > packed() * MAX_RATIO;
      done(
        bomb ? new BrokenFile(`the gzip archive unpacks to more than ${MAX_RATIO} times its size`, null) : null,
        chunk,
      );
    },
  });
}
