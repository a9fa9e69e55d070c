import { appendFile, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import { files } from '../../../connectors/files/index.ts';
import { writeExports } from '../../../src/sandbox/exports.ts';
import { describeConnector } from '../../contract/suite.ts';
import { NOW, worldOf } from '../../sandbox/world-support.ts';
import { testCtx } from './ctx.ts';

/** What the world does not have: kinds that customer-success tools feed. */
const CUSTOMER_SUCCESS = `
  milestones: { file: milestones.csv, kind: milestone, account: key, id: name, fields: { name: name, startOn: day, doneOn: done } }
  trainings: { file: trainings.csv, kind: training, account: key, observedAt: day, fields: { type: type, completed: done, person: who } }
  community: { file: community.csv, kind: community, mode: append, account: key, observedAt: day, fields: { type: type, person: who } }
  events: { file: events.csv, kind: participation, account: key, observedAt: day, fields: { type: type, attended: came, outcome: outcome } }
  marketing: { file: marketing.csv, kind: marketing, mode: append, account: key, observedAt: day, fields: { type: type, person: who } }
  advocacy: { file: advocacy.csv, kind: advocacy, account: key, observedAt: day, fields: { type: type } }
  resources: { file: resources.csv, kind: resource, account: key, observedAt: day, fields: { type: type, name: name } }
  judgement: { file: judgement.csv, kind: pulse, account: key, observedAt: day, fields: { label: label, context: context, contextUntil: until } }
`;
const ROWS = {
  'milestones.csv': 'name,done\nCUST-0000001,2026-05-01,Kick-off,2026-05-20\nCUST-0000001,2026-05-01,Live,\n',
  'trainings.csv': 'type,done,who\nCUST-0000001,2026-06-01,course,yes,p1\nCUST-0000002,2026-06-02,quiz,yes,p2\n',
  'community.csv': 'type,who\nCUST-0000001,2026-06-01,post,p1\nCUST-0000001,2026-06-01,post,p1\n',
  'events.csv': 'type,came,outcome\nCUST-0000001,2026-07-01,review,yes,positive\n',
  'marketing.csv': 'type,who\nCUST-0000001,2026-07-01,sent,p1\nCUST-0000001,2026-07-01,open,p1\n',
  'advocacy.csv': 'type\nCUST-0000002,2026-07-01,reference\n',
  'resources.csv': 'type,name\nCUST-0000002,2026-07-01,guide,Single sign-on\n',
  'judgement.csv':
    'label,context,until\nCUST-0000001,2026-07-01,green,,\nCUST-0000001,2026-08-01,red,migration,2026-09-01\n',
};

/** Usage and tickets fill several pages; two files have rows that a person spoilt. */
const folder = await mkdtemp(join(tmpdir(), 'files-contract-'));
afterAll(() => rm(folder, { recursive: true }));
await writeExports(worldOf({ customers: 30 }), folder);
await appendFile(join(folder, 'invoices.csv'), 'inv-spoilt,CUST-0000001,many,GBP,2026-10-01,2026-10-31,,0\n');
await appendFile(join(folder, 'mapping.yaml'), CUSTOMER_SUCCESS);
for (const [file, rows] of Object.entries(ROWS)) await writeFile(join(folder, file), `key,day,${rows}`);
await appendFile(join(folder, 'surveys.csv'), 'survey-spoilt,CUST-0000001,last Tuesday,nps,9,0,10,,a@b.example\n');

await describeConnector({
  name: 'files',
  connector: files,
  rejectsIn: ['invoices', 'surveys', 'trainings'],
  makeCtx: async ({ log, signal }) => ({ ctx: { ...testCtx(folder, { now: NOW }), log, signal } }),
});
