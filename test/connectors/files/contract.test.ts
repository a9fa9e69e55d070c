import { appendFile, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import { files } from '../../../connectors/files/index.ts';
import { writeExports } from '../../../src/sandbox/exports.ts';
import { describeConnector } from '../../contract/suite.ts';
import { NOW, worldOf } from '../../sandbox/world-support.ts';
import { testCtx } from './ctx.ts';

/** Usage and tickets fill several pages; two files have rows that a person spoilt. */
const folder = await mkdtemp(join(tmpdir(), 'files-contract-'));
afterAll(() => rm(folder, { recursive: true }));
await writeExports(worldOf({ customers: 30 }), folder);
await appendFile(join(folder, 'invoices.csv'), 'inv-spoilt,CUST-0000001,many,GBP,2026-10-01,2026-10-31,,0\n');
await appendFile(join(folder, 'surveys.csv'), 'survey-spoilt,CUST-0000001,last Tuesday,nps,9,0,10,,a@b.example\n');

await describeConnector({
  name: 'files',
  connector: files,
  rejectsIn: ['invoices', 'surveys'],
  makeCtx: async ({ log, signal }) => ({ ctx: { ...testCtx(folder, { now: NOW }), log, signal } }),
});
