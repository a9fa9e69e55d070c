import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { files } from '../../../connectors/files/index.ts';
import type { Fact } from '../../../src/core/fact.ts';
import { testCtx } from '../../connectors/files/ctx.ts';

/** The shared data sets, outside the repository; null where they are absent. */
export function datasetFolder(name: string): string | null {
  const folder = join(import.meta.dirname, '../../../../shared/datasets', name);
  if (existsSync(folder)) return folder;
  process.stdout.write(`SKIPPED: ${name}: the folder ../shared/datasets is not here\n`);
  return null;
}

/** Every fact of a data set, as its mapping reads it. */
export async function loadFacts(folder: string, mapping: string): Promise<Map<string, Fact[]>> {
  const ctx = testCtx(folder, { mapping: join(import.meta.dirname, mapping, 'mapping.yaml') });
  const loaded = new Map<string, Fact[]>();
  for (const stream of Object.keys(files.streams(ctx))) {
    const facts: Fact[] = [];
    for await (const page of files.pull(ctx, stream, null)) {
      if (page.rejects.length > 0) throw new Error(`${page.rejects[0]?.where}: ${page.rejects[0]?.reason}`);
      facts.push(...page.facts);
    }
    loaded.set(stream, facts);
  }
  return loaded;
}
