import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { type Connector, InputError, type RateTable } from '../../src/contract/index.ts';
import { connectorIsComplete, ratesAreTold, STREAM_CHECKS } from './checks.ts';
import {
  after,
  changing,
  type MemoryConfig,
  memory,
  pageOf,
  ROWS,
  readCursor,
  SECRET,
  streamSpec,
  subjectOf,
} from './memory.ts';
import { describeConnector } from './suite.ts';

await describeConnector(subjectOf());

type Broken = Partial<Connector<MemoryConfig>>;
const withData = (data: object): Broken =>
  changing((page) => ({ ...page, facts: page.facts.map((f) => ({ ...f, data }) as typeof f) }));
/** Its own pager, for variants that resume wrongly. */
const pager = (resume: (from: { at: number; id: string }) => typeof ROWS): Broken => ({
  async *pull(_ctx, _stream, from) {
    const start = readCursor(from);
    const rows = start ? resume(start) : ROWS;
    for (let i = 0; i < rows.length; i += 3) {
      const page = rows.slice(i, i + 3);
      const last = page.at(-1);
      if (last) yield pageOf(page, { at: last.changedAt, id: last.id });
    }
  },
});

const BROKEN: [string, string, RegExp, Broken][] = [
  [
    'a kind that is not declared',
    'delivers valid facts of its declared kinds',
    /kind is not declared/,
    streamSpec({ kinds: ['user'] }),
  ],
  [
    'data of a wrong type',
    'delivers valid facts of its declared kinds',
    /do not satisfy FACTS\.account/,
    withData({ name: 5 }),
  ],
  [
    'data with an unknown member',
    'delivers valid facts of its declared kinds',
    /Unrecognized key/,
    withData({ name: 'x', nmae: 'y' }),
  ],
  [
    'an instant in seconds with a fraction',
    'delivers valid facts of its declared kinds',
    /knownAt is not epoch/,
    changing((p) => ({ ...p, facts: p.facts.map((f) => ({ ...f, knownAt: f.knownAt + 0.5 })) })),
  ],
  [
    'no facts at all',
    'delivers valid facts of its declared kinds',
    /bring no fact/,
    changing((p) => ({ ...p, facts: [] })),
  ],
  ['a schedule that is none', 'describes itself', /five fields/, streamSpec({ schedule: 'daily' })],
  ['deletions by ids without ids()', 'describes itself', /no ids\(\)/, { ids: undefined } as unknown as Broken],
  [
    'a cursor with a Date',
    'gives cursors that can be stored',
    /changes when it is stored/,
    changing((p) => ({ ...p, cursor: { ...p.cursor, seen: new Date(0) } })),
  ],
  [
    'a cursor that its schema refuses',
    'gives cursors that can be stored',
    /does not satisfy the schema/,
    changing((p) => ({ ...p, cursor: { time: 1 } })),
  ],
  [
    'a cursor that its schema cuts',
    'gives cursors that can be stored',
    /loses parts/,
    { ...streamSpec({ cursor: z.object({ at: z.int() }) }) },
  ],
  [
    'a bare time > t',
    'resumes after any page without loss',
    /rows are lost/,
    pager((from) => ROWS.filter((r) => r.changedAt > from.at)),
  ],
  [
    'a cursor that runs ahead',
    'resumes after any page without loss',
    /rows are lost/,
    changing((p) => ({ ...p, cursor: { at: Number(p.cursor.at) + 18_000_000, id: 'a' } })),
  ],
  [
    'a lost page when resumed',
    'resumes after any page without loss',
    /rows are lost/,
    pager((from) => ROWS.filter((r) => after(r, from)).slice(3)),
  ],
  [
    'another content when resumed',
    'resumes after any page without loss',
    /another content/,
    {
      async *pull(ctx, stream, from) {
        for await (const page of memory.pull(ctx, stream, from))
          yield from === null
            ? page
            : { ...page, facts: page.facts.map((f) => ({ ...f, data: { name: 'else' } }) as typeof f) };
      },
    },
  ],
  ['a full pull every time', 'brings only the overlap when nothing is new', /everything again/, pager(() => ROWS)],
  [
    'pages after an abort',
    'ends promptly when aborted',
    /aborted before it began/,
    pager((from) => ROWS.filter((r) => after(r, from))),
  ],
  [
    'more pages after an abort between pages',
    'ends promptly when aborted',
    /goes on for \d pages/,
    {
      async *pull(ctx, stream, from) {
        ctx.signal.throwIfAborted();
        yield* memory.pull({ ...ctx, signal: new AbortController().signal }, stream, from);
      },
    },
  ],
  [
    'a quiet full pull on an unreadable cursor',
    'refuses an unreadable cursor with a reset hint',
    /took the unreadable cursor/,
    {
      async *pull(ctx, stream, from) {
        yield* memory.pull(ctx, stream, from && 'at' in from && typeof from.at === 'number' ? from : null);
      },
    },
  ],
  [
    'a refusal without the way out',
    'refuses an unreadable cursor with a reset hint',
    /how to reset/,
    {
      async *pull(ctx, stream, from) {
        if (from && !('at' in from)) throw new InputError('bad cursor');
        yield* memory.pull(ctx, stream, from);
      },
    },
  ],
  [
    'a bug on an unreadable cursor',
    'refuses an unreadable cursor with a reset hint',
    /must be an InputError/,
    {
      async *pull(ctx, stream, from) {
        if (from && !('at' in from)) throw new TypeError('undefined is not a number');
        yield* memory.pull(ctx, stream, from);
      },
    },
  ],
  [
    'a schema that accepts any cursor',
    'refuses an unreadable cursor with a reset hint',
    /accepts anything/,
    streamSpec({ cursor: z.record(z.string(), z.unknown()) }),
  ],
  [
    'rejects without a place',
    'explains its rejects',
    /does not say where/,
    changing((p) => ({ ...p, rejects: p.rejects.map((r) => ({ ...r, where: '' })) })),
  ],
  [
    'rejects without a reason',
    'explains its rejects',
    /does not say why/,
    changing((p) => ({ ...p, rejects: p.rejects.map((r) => ({ ...r, reason: ' ' })) })),
  ],
  ['bad rows that vanish', 'explains its rejects', /are not rejected/, changing((p) => ({ ...p, rejects: [] }))],
  [
    'a secret in the log',
    'keeps secrets out of logs, pages and errors',
    /secret key stands in the logs/,
    {
      async *pull(ctx, stream, from) {
        ctx.log.debug({ headers: { authorization: `Bearer ${SECRET}` } }, 'calling');
        yield* memory.pull(ctx, stream, from);
      },
    },
  ],
  [
    'a secret in an error',
    'keeps secrets out of logs, pages and errors',
    /secret key stands in the errors/,
    {
      async *pull(ctx, stream, from) {
        if (from) throw new InputError(`refused with ${SECRET}`);
        yield* memory.pull(ctx, stream, from);
      },
    },
  ],
  [
    'a secret in a cursor',
    'keeps secrets out of logs, pages and errors',
    /stands in the pages/,
    changing((p) => ({ ...p, cursor: { ...p.cursor, key: SECRET } })),
  ],
  [
    'ids that leave records out',
    'lists every existing id',
    /leaves out 1 records/,
    {
      async *ids() {
        yield { kind: 'account', ids: ROWS.slice(1).map((r) => r.id) };
      },
    },
  ],
];

describe('the conformance suite catches', () => {
  it.each(BROKEN)('%s', async (_, check, message, broken) => {
    const run = STREAM_CHECKS[check];
    if (!run) throw new Error(`no check "${check}"`);
    await expect(run(subjectOf(broken), 'accounts')).rejects.toThrow(message);
  });

  it('has a broken variant for every check', () => {
    expect(new Set(BROKEN.map(([, check]) => check))).toEqual(new Set(Object.keys(STREAM_CHECKS)));
  });

  it.each<[string, RegExp, Broken]>([
    ['an example that its own schema refuses', /example of memory has a problem/, { example: 'labl: x\n' }],
    ['a name with capitals', /lower-case/, { name: 'Memory' }],
    [
      'a secret without a variable',
      /no environment variable/,
      { secrets: { key: { env: 'key', description: 'x', optional: false } } },
    ],
    [
      'a failed check without advice',
      /does not say what to do/,
      {
        async check() {
          return { items: [{ ok: false, level: 'error', what: 'cannot log in' }] };
        },
      },
    ],
    [
      'a check that tells a secret',
      /tells the secret/,
      {
        async check(ctx) {
          return { items: [{ ok: true, level: 'error', what: `logged in with ${ctx.secrets.key}` }] };
        },
      },
    ],
  ])('%s', async (_, message, broken) => {
    await expect(connectorIsComplete(subjectOf(broken))).rejects.toThrow(message);
  });

  it.each<[string, RegExp, RateTable]>([
    ['a base in words', /base "pound" is no ISO/, { base: 'pound', rates: [{ currency: 'USD', from: null, rate: 1 }] }],
    ['a table without rates', /without a rate/, { base: 'GBP', rates: [] }],
    ['a symbol', /"\$" is no ISO/, { base: 'GBP', rates: [{ currency: '$', from: null, rate: 1 }] }],
    ['a rate of zero', /USD at 0 is no rate/, { base: 'GBP', rates: [{ currency: 'USD', from: null, rate: 0 }] }],
    ['an instant', /which is no date/, { base: 'GBP', rates: [{ currency: 'USD', from: '2026-01-01T00Z', rate: 2 }] }],
    ['a base unlike itself', /worth 2 of itself/, { base: 'GBP', rates: [{ currency: 'GBP', from: null, rate: 2 }] }],
  ])('rates with %s', async (_, message, table) => {
    await expect(ratesAreTold(subjectOf({ rates: async () => table }))).rejects.toThrow(message);
  });

  it('rates that change between two answers', async () => {
    let rate = 1;
    const rates = async () => ({ base: 'GBP', rates: [{ currency: 'USD', from: null, rate: rate++ }] });
    await expect(ratesAreTold(subjectOf({ rates }))).rejects.toThrow(/second answer differs/);
  });
});
