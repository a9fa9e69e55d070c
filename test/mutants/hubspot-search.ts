import type { Mutant } from './mutant.ts';

const at = (file: string): string => `connectors/hubspot/${file}.ts`;
const tests = (file: string): string[] => [`test/connectors/hubspot/${file}.test.ts`];

/** Mistakes in what is found to have changed in the other CRM. */
export const HUBSPOT_SEARCH: Mutant[] = [
  {
    name: 'hubspot-watermark-by-our-clock',
    file: at('pull'),
    find: 't: Math.max(mark.t, Math.min(to, newest))',
    replace: 't: to',
    why: 'a clock that runs ahead of the portal’s leaves changes unread for good',
    tests: tests('pull'),
  },
  {
    name: 'hubspot-watermark-backwards',
    file: at('pull'),
    find: 't: Math.max(mark.t, Math.min(to, newest))',
    replace: 't: Math.min(to, newest, mark.t)',
    why: 'the position never moves: every pull reads all changes since the first one',
    tests: tests('pull'),
  },
  {
    name: 'hubspot-window-without-end',
    file: at('search'),
    find: "operator: 'LTE', value: String(to)",
    replace: "operator: 'GTE', value: String(from)",
    why: 'rows beyond the window are read while they are still incomplete, and others of their moment never',
    tests: tests('pull'),
  },
  {
    name: 'hubspot-window-without-its-start',
    file: at('search'),
    find: "operator: 'GTE', value: String(from)",
    replace: "operator: 'GT', value: String(from)",
    why: 'rows that share the stamp of the watermark are lost',
    tests: tests('pull-edges'),
  },
  {
    name: 'hubspot-search-first-page',
    file: at('search'),
    find: 'if (results.length === 0 || !paging?.next) return;',
    replace: 'return;',
    why: 'of all changes of a night two hundred arrive',
    tests: tests('pull'),
  },
  {
    name: 'hubspot-search-not-behind-the-last',
    file: at('search'),
    find: '[...filters, ...behind]',
    replace: '[...filters]',
    why: 'the same page comes for ever, or ends the pull',
    tests: tests('pull'),
  },
  {
    name: 'hubspot-unsorted-accepted',
    file: at('search'),
    find: 'throw disorder(type);',
    replace: 'continue;',
    why: 'an index under repair leaves rows out, and the watermark passes over them',
    tests: tests('associations'),
  },
  {
    name: 'hubspot-search-in-the-common-budget',
    file: at('search'),
    find: `    bucket: 'search',
`,
    replace: '',
    why: 'searches go out faster than five a second, and the portal refuses them for all apps',
    tests: tests('associations'),
  },
  {
    name: 'hubspot-last-batch-lost',
    file: at('pull'),
    find: `done += batch.records.length;
  yield { ...(await pageOf(work, batch)), cursor: { list`,
    replace: `done += batch.records.length;
  yield { ...(await pageOf(work, { records: [], rejects: [] })), cursor: { list`,
    why: 'the newest companies, behind the last full thousand, are missing',
    tests: tests('pull'),
  },
  {
    name: 'hubspot-resume-with-a-newer-watermark',
    file: at('pull'),
    find: 'const newest = from?.newest ?? (await newestStamp(portal, stream.object)) ?? 0;',
    replace: 'const newest = (await newestStamp(portal, stream.object)) ?? from?.newest ?? 0;',
    why: 'what changed before a broken-off load went on is never read',
    tests: tests('pull-edges'),
  },
  {
    name: 'hubspot-begun-window-forgotten',
    file: at('pull'),
    find: 'if (begun) mark = yield*',
    replace: 'if (begun && !begun) mark = yield*',
    why: 'a window that broke off is read from its start again, and perhaps never to its end',
    tests: tests('pull'),
  },
  {
    name: 'hubspot-window-without-position',
    file: at('pull'),
    find: 'id = hit.id;',
    replace: '',
    why: 'a window that broke off is read from its start again',
    tests: tests('pull'),
  },
  {
    name: 'hubspot-archived-not-read',
    file: at('pull'),
    find: 'yield* archivedPages(work, from, mark);',
    replace: '',
    why: 'deleted companies are scored for ever',
    tests: tests('pull'),
  },
];
