import { generateKeyPairSync } from 'node:crypto';
import { createServer } from 'node:http';
import { resolve } from 'node:path';
import { text } from 'node:stream/consumers';
import nock from 'nock';
import { type Config, Config as ConfigSchema } from '../../../connectors/salesforce/config.ts';
import { type Org, orgOf } from '../../../connectors/salesforce/org.ts';
import type { Ctx, FieldSpec, Log } from '../../../src/contract/index.ts';
import { makeAttempt } from '../../../src/http/attempt.ts';

export const HOST = 'https://acme.my.salesforce.com';
export const DATA = '/services/data/v66.0';
export const NOW = Date.parse('2026-11-25T09:00:00Z');
export const TOKEN = '00D000000000001!AQ.secret.token';
export const USER_ID = '005000000000001AAA';

export const KEY = generateKeyPairSync('rsa', { modulusLength: 2048 });
export const PEM = KEY.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();

export const FIELDS: FieldSpec[] = [
  { name: 'score', label: 'Health Score', help: '0–100.', type: 'integer', direction: 'ours' },
  {
    name: 'band',
    label: 'Health Band',
    help: 'Band.',
    type: 'picklist',
    values: ['green', 'red', 'not scored'],
    direction: 'ours',
  },
  { name: 'change30', label: 'Change', help: 'In 30 days.', type: 'decimal', direction: 'ours' },
  { name: 'reasons', label: 'Reasons', help: 'Why.', type: 'longText', length: 2000, direction: 'ours' },
  { name: 'scoredAt', label: 'Scored At', help: 'When.', type: 'datetime', direction: 'ours' },
  {
    name: 'csmPulse',
    label: 'CSM Pulse',
    help: 'Set by the CSM.',
    type: 'picklist',
    values: ['good', 'bad'],
    direction: 'theirs',
  },
];

/** An 18-character id of an object ("001" Account, "00T" Task, …). */
export const sfId = (prefix: string, n: number): string => `${prefix}${String(n).padStart(12, '0')}AAA`;

export interface Logged {
  level: string;
  fields: object;
  message: string;
}
export function recorder(): { log: Log; lines: Logged[] } {
  const lines: Logged[] = [];
  const at = (level: string) => (fields: object, message: string) => void lines.push({ level, fields, message });
  return { lines, log: { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') } };
}

export interface Calls {
  label: string;
  kind: 'read' | 'write';
}

/** A context as the composition root would build it, with retries that do not wait. */
export function makeCtx(config: Record<string, unknown> = {}, extra: Partial<Ctx<Config>> = {}) {
  const { log, lines } = recorder();
  const calls: Calls[] = [];
  const signal = new AbortController().signal;
  const ctx: Ctx<Config> = {
    config: ConfigSchema.parse({
      loginUrl: 'https://login.salesforce.com',
      auth: { flow: 'client-credentials', clientId: 'app' },
      ...config,
    }),
    secrets: { clientSecret: 'hush', privateKey: PEM },
    log,
    signal,
    now: () => NOW,
    timezone: 'Europe/London',
    currency: 'GBP',
    fields: FIELDS,
    file: (path) => resolve(import.meta.dirname, '../../..', path),
    attempt: makeAttempt({
      log,
      signal,
      buckets: { default: { concurrency: 20 }, auth: { concurrency: 1 } },
      sleep: async () => {},
      onCall: (call) => void calls.push(call),
    }),
    state: { get: async () => null, set: async () => true },
    credentials: { get: async () => null, set: async () => true },
    ...extra,
  };
  return { ctx, lines, calls };
}

export function makeOrg(config: Record<string, unknown> = {}): { org: Org; lines: Logged[]; calls: Calls[] } {
  const { ctx, lines, calls } = makeCtx(config);
  return { org: orgOf(ctx), lines, calls };
}

export const tokenAnswer = (token = TOKEN) => ({
  access_token: token,
  instance_url: HOST,
  id: `https://login.salesforce.com/id/00D000000000001AAA/${USER_ID}`,
  token_type: 'Bearer',
});

/** Lets logins succeed; `times` of them. */
export const allowLogin = (times = 1, token = TOKEN): nock.Scope =>
  nock('https://login.salesforce.com').post('/services/oauth2/token').times(times).reply(200, tokenAnswer(token));

export interface FieldOptions {
  type?: string;
  [key: string]: unknown;
}
export const describeAnswer = (name: string, fields: Record<string, FieldOptions | string>) => ({
  name,
  fields: Object.entries(fields).map(([field, o]) => ({
    name: field,
    type: typeof o === 'string' ? o : (o.type ?? 'string'),
    updateable: true,
    createable: true,
    ...(typeof o === 'string' ? {} : o),
  })),
});

export const CUSTOM_ACCOUNT: Record<string, FieldOptions | string> = {
  ARR__c: 'currency',
  Renewal_Date__c: 'date',
  Segment__c: 'picklist',
  CSM__c: { type: 'reference', referenceTo: ['User'], relationshipName: 'CSM__r' },
  External_Key__c: { type: 'string', externalId: true },
  Test_Account__c: 'boolean',
  Seats__c: 'double',
};
export const OURS: Record<string, FieldOptions | string> = {
  Health_Score__c: 'double',
  Health_Band__c: {
    type: 'picklist',
    picklistValues: ['green', 'red', 'not scored'].map((value) => ({ value, active: true })),
  },
  Health_Change_30__c: 'double',
  Health_Reasons__c: 'textarea',
  Health_Scored_At__c: 'datetime',
  Health_Csm_Pulse__c: { type: 'picklist', picklistValues: ['good', 'bad'].map((value) => ({ value, active: true })) },
};
export const ACCOUNT = describeAnswer('Account', {
  Id: 'id',
  Name: 'string',
  Type: 'picklist',
  Website: 'url',
  OwnerId: { type: 'reference', referenceTo: ['User'], relationshipName: 'Owner' },
  ParentId: { type: 'reference', referenceTo: ['Account'], relationshipName: 'Parent' },
  CurrencyIsoCode: 'picklist',
  ...CUSTOM_ACCOUNT,
  ...OURS,
});
export const TASK = describeAnswer('Task', {
  Id: 'id',
  Priority: {
    type: 'picklist',
    picklistValues: [
      { value: 'High', active: true },
      { value: 'Normal', active: true },
    ],
  },
  ActivityDate: 'date',
  TaskSubtype: 'picklist',
  CompletedDateTime: 'datetime',
  Health_Task_Key__c: { type: 'string', externalId: true, idLookup: true, unique: true },
});

export const describeOf = (answer: ReturnType<typeof describeAnswer>): nock.Scope =>
  nock(HOST).get(`${DATA}/sobjects/${answer.name}/describe`).reply(200, answer);

export async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}

export async function* stream<T>(items: T[]): AsyncGenerator<T> {
  yield* items;
}

/** Everything until the end or the first error, which is handed back beside it. */
export async function collectUntilError<T>(items: AsyncIterable<T>): Promise<{ got: T[]; error: unknown }> {
  const got: T[] = [];
  try {
    for await (const item of items) got.push(item);
    return { got, error: null };
  } catch (error) {
    return { got, error };
  }
}

/** An org on loopback, for answers that are lost on the way: `answer` gets each call after login and may destroy its socket. */
export async function loopback(
  answer: (
    call: { method: string; url: URL; body: string },
    lose: () => null,
  ) => { status: number; body: unknown } | null,
): Promise<{ origin: string; close: () => Promise<void> }> {
  const server = createServer(async (request, response) => {
    const body = await text(request);
    const url = new URL(request.url ?? '/', 'http://127.0.0.1');
    const lose = (): null => {
      request.socket.destroy();
      return null;
    };
    const reply =
      url.pathname === '/services/oauth2/token'
        ? { status: 200, body: { ...tokenAnswer(), instance_url: origin } }
        : answer({ method: request.method ?? '', url, body }, lose);
    if (reply) response.writeHead(reply.status, { 'content-type': 'application/json' }).end(JSON.stringify(reply.body));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const origin = `http://127.0.0.1:${typeof address === 'object' && address ? address.port : 0}`;
  return {
    origin,
    close: () =>
      new Promise((done) => {
        server.close(() => done());
        server.closeAllConnections();
      }),
  };
}
