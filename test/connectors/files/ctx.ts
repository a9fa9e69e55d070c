import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, isAbsolute, join } from 'node:path';
import { onTestFinished } from 'vitest';
import { files } from '../../../connectors/files/index.ts';
import type { Ctx, Page } from '../../../src/contract/connector.ts';

export type FilesCtx = Parameters<typeof files.streams>[0];

/** A context over one folder, with a fixed clock. */
export function testCtx(folder: string, options: { mapping?: string; now?: number } = {}): FilesCtx {
  const silent = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined };
  const config = options.mapping === undefined ? { path: folder } : { path: folder, mapping: options.mapping };
  const ctx: Ctx<{ path: string; mapping?: string | undefined }> = {
    config,
    secrets: {},
    log: silent,
    signal: new AbortController().signal,
    now: () => options.now ?? Date.parse('2026-11-25T06:00:00Z'),
    timezone: 'UTC',
    currency: 'GBP',
    fields: [],
    file: (path) => (isAbsolute(path) ? path : join(folder, path)),
    attempt: () => Promise.reject(new Error('files make no calls')),
    state: { get: async () => null, set: async () => false },
    credentials: { get: async () => null, set: async () => false },
  };
  return ctx;
}

/** A folder that exists for one test. */
export function folderOf(contents: Record<string, string | Buffer>): string {
  const folder = mkdtempSync(join(tmpdir(), 'files-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  for (const [name, content] of Object.entries(contents)) put(folder, name, content);
  return folder;
}

export function put(folder: string, name: string, content: string | Buffer): void {
  mkdirSync(dirname(join(folder, name)), { recursive: true });
  writeFileSync(join(folder, name), content);
}

export interface Pulled {
  pages: Page[];
  facts: Page['facts'];
  rejects: Page['rejects'];
  /** Cursor of the last page. */
  cursor: Page['cursor'] | null;
  error: Error | null;
}

/** Pulls a stream to its end, or to its error. */
export async function pullAll(ctx: FilesCtx, stream: string, from: Page['cursor'] | null = null): Promise<Pulled> {
  const pages: Page[] = [];
  let error: Error | null = null;
  try {
    // Through JSON, as the store keeps cursors.
    for await (const page of files.pull(ctx, stream, from)) pages.push(JSON.parse(JSON.stringify(page)));
  } catch (thrown) {
    error = thrown as Error;
  }
  return {
    pages,
    facts: pages.flatMap((p) => p.facts),
    rejects: pages.flatMap((p) => p.rejects),
    cursor: pages.at(-1)?.cursor ?? from,
    error,
  };
}
