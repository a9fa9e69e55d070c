import assert from 'node:assert/strict';
import { isDeepStrictEqual } from 'node:util';
import { z } from 'zod';
import {
  type Connector,
  type Ctx,
  type Cursor,
  InputError,
  type Log,
  type Page,
  type StreamSpec,
} from '../../src/contract/index.ts';
import { CURRENCY, FACT_KINDS, FACTS, type Fact, factVersion, IsoDate } from '../../src/core/fact.ts';
import { parseYaml } from '../../src/kit/yaml.ts';

/** A connector under test. `makeCtx` gives a fresh context on the same, unchanging data each time. */
export interface Subject<C> {
  name: string;
  connector: Connector<C>;
  makeCtx(given: { log: Log; signal: AbortSignal }): Promise<{ ctx: Ctx<C>; close?: () => Promise<void> }>;
  /** Default: every stream that the connector has. */
  streams?: string[];
  /** Streams whose data hold bad rows on purpose: there must be rejects. */
  rejectsIn?: string[];
}

export type StreamCheck = <C>(subject: Subject<C>, stream: string) => Promise<void>;

interface Run<C> {
  ctx: Ctx<C>;
  spec: StreamSpec;
  stop: AbortController;
  logged: () => string;
}

const DAY = 86_400_000;
/** Far above any honest answer: tells a hang from slowness, measures nothing. */
const HANG_MS = 20_000;

async function withRun<C, T>(subject: Subject<C>, stream: string | null, use: (run: Run<C>) => Promise<T>): Promise<T> {
  const lines: string[] = [];
  const note = (fields: object, message: string): void => void lines.push(`${message} ${printed(fields)}`);
  const stop = new AbortController();
  const { ctx, close } = await subject.makeCtx({
    log: { debug: note, info: note, warn: note, error: note },
    signal: stop.signal,
  });
  try {
    const specs = subject.connector.streams(ctx);
    const spec = stream === null ? Object.values(specs)[0] : specs[stream];
    assert(spec, `${subject.name} has no stream ${stream}`);
    return await use({ ctx, spec, stop, logged: () => lines.join('\n') });
  } finally {
    await close?.();
  }
}

const printed = (value: unknown): string =>
  JSON.stringify(value, (_, v: unknown) =>
    v instanceof Error ? { ...v, message: v.message, stack: v.stack, cause: v.cause } : v,
  ) ?? '';

async function pages<C>(subject: Subject<C>, run: Run<C>, stream: string, from: Cursor | null): Promise<Page[]> {
  const all: Page[] = [];
  for await (const page of subject.connector.pull(run.ctx, stream, from)) all.push(structuredClone(page));
  return all;
}
const pull = <C>(subject: Subject<C>, stream: string, from: Cursor | null): Promise<Page[]> =>
  withRun(subject, stream, (run) => pages(subject, run, stream, from));

const copy = (cursor: Cursor): Cursor => JSON.parse(JSON.stringify(cursor)) as Cursor;
const keyOf = (f: Fact): string => `${f.kind} ${f.id} @${factVersion(f)}`;

/** What a set of pages leaves behind once stored, by storage key. */
function stored(list: Page[]): Map<string, unknown> {
  const map = new Map<string, unknown>();
  for (const page of list) {
    for (const fact of page.facts) map.set(keyOf(fact), fact);
    for (const held of page.held ?? []) map.set(`held ${held.account}`, held.values);
  }
  return map;
}

function sameStored(actual: Map<string, unknown>, expected: Map<string, unknown>, when: string): void {
  const lost = [...expected.keys()].filter((k) => !actual.has(k));
  assert.equal(lost.length, 0, `${when}: ${lost.length} rows are lost, first ${lost[0]}`);
  const extra = [...actual.keys()].filter((k) => !expected.has(k));
  assert.equal(
    extra.length,
    0,
    `${when}: ${extra.length} rows appear that the full pull does not have, first ${extra[0]}`,
  );
  const changed = [...expected].find(([k, v]) => !isDeepStrictEqual(actual.get(k), v));
  assert.equal(changed, undefined, `${when}: ${changed?.[0]} has another content than in the full pull`);
}

/** Facts are what they say: declared kinds, data by FACTS, ids, instants. */
export const factsAreValid: StreamCheck = (subject, stream) =>
  withRun(subject, stream, async (run) => {
    const all = (await pages(subject, run, stream, null)).flatMap((p) => p.facts);
    assert(all.length > 0, `${stream}: the test data bring no fact, so nothing is proved`);
    for (const fact of all) {
      const where = `${stream}: ${keyOf(fact)}`;
      assert(run.spec.kinds.includes(fact.kind), `${where}: kind is not declared (${run.spec.kinds.join(', ')})`);
      const shape: z.ZodRawShape = FACTS[fact.kind].data.shape;
      const result = z.strictObject(shape).safeParse(fact.data);
      assert(
        result.success,
        `${where}: data do not satisfy FACTS.${fact.kind}: ${result.error && z.prettifyError(result.error)}`,
      );
      assert(typeof fact.id === 'string' && fact.id !== '', `${where}: the id is empty`);
      assert(
        fact.account === null || (typeof fact.account === 'string' && fact.account !== ''),
        `${where}: account is neither null nor a key`,
      );
      for (const name of ['at', 'knownAt'] as const)
        assert(Number.isSafeInteger(fact[name]), `${where}: ${name} is not epoch milliseconds (${fact[name]})`);
      if (FACTS[fact.kind].shape === 'series')
        assert(fact.at % DAY === 0, `${where}: at is not the start of a UTC day`);
    }
    for (const kind of new Set(run.spec.kinds))
      assert(FACT_KINDS.includes(kind), `${stream}: no such fact kind: ${kind}`);
  });

/** The stream describes itself in a way that the scheduler and the reconciliation can use. */
export const specIsComplete: StreamCheck = (subject, stream) =>
  withRun(subject, stream, async ({ spec }) => {
    assert(spec.title.trim() !== '', `${stream}: no title`);
    assert(spec.kinds.length > 0, `${stream}: no fact kinds`);
    assert(spec.overlapMs >= 0 && Number.isFinite(spec.overlapMs), `${stream}: overlapMs is ${spec.overlapMs}`);
    assert.match(spec.schedule, /^(\S+ ){4}\S+$/, `${stream}: schedule is not a cron expression of five fields`);
    if (spec.deletions === 'ids')
      assert(subject.connector.ids, `${stream}: deletions are 'ids', but the connector has no ids()`);
  });

/** Every cursor satisfies the stream's schema, and survives being stored as JSON. */
export const cursorsAreStorable: StreamCheck = (subject, stream) =>
  withRun(subject, stream, async (run) => {
    const all = await pages(subject, run, stream, null);
    assert(all.length > 0, `${stream}: no page, so no cursor: the next run would pull everything again`);
    for (const [i, page] of all.entries()) {
      const where = `${stream}: the cursor of page ${i + 1}`;
      assert.deepStrictEqual(copy(page.cursor), page.cursor, `${where} changes when it is stored as JSON`);
      const result = run.spec.cursor.safeParse(copy(page.cursor));
      assert(result.success, `${where} does not satisfy the schema: ${result.error && z.prettifyError(result.error)}`);
      assert.deepStrictEqual(result.data, page.cursor, `${where} loses parts in its schema`);
    }
  });

/** After a crash behind any page, the rest comes: nothing lost, nothing new, nothing different. */
export const resumesAnywhere: StreamCheck = async (subject, stream) => {
  const all = await pull(subject, stream, null);
  const whole = stored(all);
  sameStored(stored(await pull(subject, stream, null)), whole, `${stream}: pulled in full again`);
  const step = Math.max(1, Math.ceil(all.length / 8)); // a handful of pages is enough, the last but one among them
  const tried = new Set([...all.keys()].filter((i) => i % step === 0 || i === all.length - 2));
  for (const [i, page] of all.entries()) {
    if (!tried.has(i)) continue;
    const rest = await pull(subject, stream, copy(page.cursor));
    sameStored(
      stored([...all.slice(0, i + 1), ...rest]),
      whole,
      `${stream}: resumed after page ${i + 1} of ${all.length}`,
    );
  }
};

/** Nothing new: only rows of the overlap come again, and not the whole stream. */
export const secondPullIsQuiet: StreamCheck = (subject, stream) =>
  withRun(subject, stream, async (run) => {
    const all = await pages(subject, run, stream, null);
    const last = all.at(-1);
    assert(last, `${stream}: no page`);
    const again = await pull(subject, stream, copy(last.cursor));
    const whole = stored(all);
    const repeated = stored(again);
    for (const [key, value] of repeated) {
      assert(whole.has(key), `${stream}: the second pull brings ${key}, which the first did not have`);
      assert.deepStrictEqual(value, whole.get(key), `${stream}: the second pull brings ${key} with another content`);
    }
    const known = all.flatMap((p) => p.facts.map((f) => f.knownAt));
    const span =
      known.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY) -
      known.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY);
    if (run.spec.mode === 'incremental' && span > run.spec.overlapMs)
      assert(repeated.size < whole.size, `${stream}: the second pull brings everything again (${repeated.size} rows)`);
  });

/** An abort ends the pull at once: before it starts, and between pages. */
export const abortEndsPromptly: StreamCheck = async (subject, stream) => {
  await withRun(subject, stream, async (run) => {
    run.stop.abort(new DOMException('stopped by the test', 'AbortError'));
    const extra = await drain(subject.connector.pull(run.ctx, stream, null)[Symbol.asyncIterator](), stream);
    assert(extra === 0, `${stream}: delivers ${extra} pages although it was aborted before it began`);
  });
  await withRun(subject, stream, async (run) => {
    const iterator = subject.connector.pull(run.ctx, stream, null)[Symbol.asyncIterator]();
    if ((await iterator.next()).done) return;
    run.stop.abort(new DOMException('stopped by the test', 'AbortError'));
    const extra = await drain(iterator, stream);
    assert(extra <= 1, `${stream}: goes on for ${extra} pages after the abort`);
  });
};

async function drain(iterator: AsyncIterator<Page>, stream: string): Promise<number> {
  let timer: NodeJS.Timeout | undefined;
  const hang = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () => reject(new assert.AssertionError({ message: `${stream}: still hangs after the abort` })),
      HANG_MS,
    );
  });
  const run = async (): Promise<number> => {
    for (let n = 0; ; n++) {
      const step = await iterator.next().catch((error: unknown) => {
        assert(
          !(error instanceof TypeError || error instanceof ReferenceError),
          `${stream}: the abort meets a bug: ${error}`,
        );
        return { done: true };
      });
      if (step.done) return n;
    }
  };
  try {
    return await Promise.race([run(), hang]);
  } finally {
    clearTimeout(timer);
  }
}

/** A cursor that cannot be read is told, with the way out; never a quiet full pull. */
export const refusesUnreadableCursor: StreamCheck = async (subject, stream) => {
  const last = (await pull(subject, stream, null)).at(-1)?.cursor ?? {};
  const spoilt: Cursor = Object.fromEntries(
    Object.entries(last).map(([k, v]) => [k, typeof v === 'object' ? 7 : { not: v }]),
  );
  await withRun(subject, stream, async (run) => {
    const unreadable = [{ nonsense: true }, spoilt, {}].filter((c) => !run.spec.cursor.safeParse(c).success);
    assert(unreadable.length > 0, `${stream}: the cursor's schema accepts anything`);
    for (const cursor of unreadable) {
      const error: unknown = await pages(subject, run, stream, cursor).then(
        (list) =>
          new assert.AssertionError({
            message: `${stream}: took the unreadable cursor ${JSON.stringify(cursor)} and delivered ${list.length} pages`,
          }),
        (e: unknown) => e,
      );
      if (error instanceof assert.AssertionError) throw error;
      assert(error instanceof InputError, `${stream}: an unreadable cursor must be an InputError, not ${error}`);
      assert.match(`${error.hint}`, /reset/i, `${stream}: the hint does not say how to reset the cursor`);
    }
  });
};

/** Bad rows are told with place and reason, and do not stop the good ones. */
export const rejectsAreExplained: StreamCheck = async (subject, stream) => {
  const all = await pull(subject, stream, null);
  const rejects = all.flatMap((p) => p.rejects);
  for (const reject of rejects) {
    assert(reject.where.trim() !== '', `${stream}: a reject does not say where`);
    assert(reject.reason.trim() !== '', `${stream}: the reject at ${reject.where} does not say why`);
  }
  if (!subject.rejectsIn?.includes(stream)) return;
  assert(rejects.length > 0, `${stream}: the bad rows of the test data are not rejected`);
  assert(
    all.some((p) => p.facts.length > 0),
    `${stream}: a bad row stopped the good ones`,
  );
};

/** No secret in logs, facts, rejects, cursors or errors. */
export const keepsSecrets: StreamCheck = (subject, stream) =>
  withRun(subject, stream, async (run) => {
    const all = await pages(subject, run, stream, null);
    const error: unknown = await pages(subject, run, stream, { nonsense: true }).catch((e: unknown) => e);
    const secrets = Object.entries(run.ctx.secrets).filter(([, value]) => value.length >= 6);
    const told = { logs: run.logged(), pages: printed(all), errors: printed(error) };
    for (const [name, value] of secrets)
      for (const [place, text] of Object.entries(told))
        for (const part of [value, JSON.stringify(value).slice(1, -1)])
          assert(!text.includes(part), `${stream}: the secret ${name} stands in the ${place}`);
  });

/** What `ids` lists for the reconciliation contains every record that was delivered and not deleted. */
export const idsAreComplete: StreamCheck = (subject, stream) =>
  withRun(subject, stream, async (run) => {
    if (run.spec.deletions !== 'ids' || !subject.connector.ids) return;
    const listed = new Set<string>();
    for await (const { kind, ids } of subject.connector.ids(run.ctx, stream))
      for (const id of ids) listed.add(`${kind} ${id}`);
    const latest = new Map<string, Fact>();
    for (const fact of (await pages(subject, run, stream, null)).flatMap((p) => p.facts)) {
      const before = latest.get(`${fact.kind} ${fact.id}`);
      if (!before || before.at <= fact.at) latest.set(`${fact.kind} ${fact.id}`, fact);
    }
    const lost = [...latest].filter(([key, fact]) => !fact.deleted && !listed.has(key)).map(([key]) => key);
    assert.equal(
      lost.length,
      0,
      `${stream}: ids() leaves out ${lost.length} records that exist, first ${lost[0]}: they would be deleted`,
    );
  });

export const STREAM_CHECKS: Record<string, StreamCheck> = {
  'describes itself': specIsComplete,
  'delivers valid facts of its declared kinds': factsAreValid,
  'gives cursors that can be stored': cursorsAreStorable,
  'resumes after any page without loss': resumesAnywhere,
  'brings only the overlap when nothing is new': secondPullIsQuiet,
  'ends promptly when aborted': abortEndsPromptly,
  'refuses an unreadable cursor with a reset hint': refusesUnreadableCursor,
  'explains its rejects': rejectsAreExplained,
  'keeps secrets out of logs, pages and errors': keepsSecrets,
  'lists every existing id': idsAreComplete,
};

/** The connector as a whole: name, example, secrets, and a check that says what to do. */
export const connectorIsComplete = async <C>(subject: Subject<C>): Promise<void> => {
  const { connector } = subject;
  assert.match(connector.name, /^[a-z][a-z0-9-]*$/, `name "${connector.name}" is not lower-case-with-dashes`);
  assert(connector.title.trim() !== '', 'no title');
  for (const [name, secret] of Object.entries(connector.secrets)) {
    assert.match(secret.env, /^[A-Z][A-Z0-9_]*$/, `secret ${name}: env "${secret.env}" is no environment variable`);
    assert(secret.description.trim() !== '', `secret ${name}: no description`);
  }
  parseYaml(connector.example, `example of ${connector.name}`, connector.config);
  await withRun(subject, null, async (run) => {
    const { items } = await connector.check(run.ctx);
    assert(items.length > 0, 'check() reports nothing');
    for (const item of items) {
      assert(item.what.trim() !== '', 'check(): an item without words');
      assert(item.ok || item.fix?.trim(), `check(): "${item.what}" fails and does not say what to do`);
    }
    for (const [name, value] of Object.entries(run.ctx.secrets))
      assert(
        value.length < 6 || !`${run.logged()}${printed(items)}`.includes(value),
        `check() tells the secret ${name}`,
      );
  });
};

/** What the source says of its currencies; only sources that keep rates. */
export const ratesAreTold = async <C>(subject: Subject<C>): Promise<void> => {
  const once = () =>
    withRun(subject, null, async ({ ctx }) => {
      assert(subject.connector.rates, `${subject.name} keeps no rates`);
      return subject.connector.rates(ctx);
    });
  const table = await once();
  if (table === null) return;
  assert.match(table.base, CURRENCY, `rates(): the base "${table.base}" is no ISO 4217 code`);
  assert(table.rates.length > 0, 'rates(): a table without a rate; null says that there are none');
  for (const { currency, from, rate } of table.rates) {
    assert.match(currency, CURRENCY, `rates(): "${currency}" is no ISO 4217 code`);
    assert(Number.isFinite(rate) && rate > 0, `rates(): ${currency} at ${rate} is no rate`);
    assert(
      from === null || IsoDate.safeParse(from).success,
      `rates(): ${currency} from "${from}" on, which is no date`,
    );
    assert(currency !== table.base || rate === 1, `rates(): the base ${currency} is worth ${rate} of itself`);
  }
  assert.deepEqual(await once(), table, 'rates(): the second answer differs from the first');
};

/** The streams to check. */
export const streamsOf = async <C>(subject: Subject<C>): Promise<string[]> =>
  subject.streams ?? withRun(subject, null, async (run) => Object.keys(subject.connector.streams(run.ctx)));
