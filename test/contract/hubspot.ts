import { Ajv, type ErrorObject, type ValidateFunction } from 'ajv';
import formats from 'ajv-formats';
import type { Exchange } from '../../src/sandbox/world.types.ts';
import { LATER } from './hubspot-later.ts';
import { type Json, type Operation, readSurface } from './hubspot-surface.ts';
import { contractFile, type Verdict } from './openapi.ts';

const SURFACE = contractFile('hubspot/sdk-surface.json');
/** Whether the contract is at hand at all. */
export const hasHubspotContract = SURFACE !== null;

/** Numbers that a date stands for: the dated sets are the same calls (the surface has the numbered ones alone). */
const NUMBERS: Record<string, string> = { associations: 'v4', 'account-info': 'v3', oauth: 'v1' };
const DATED = /^\/(?:crm\/|settings\/)?([\w-]+)\/20\d\d-(?:03|09)(?=\/|$)/;

/** The path in the numbered set, without its slash at the end. */
export function numbered(pathname: string): string {
  const [head = '', area = ''] = DATED.exec(pathname) ?? [];
  const rest = pathname.slice(head.length);
  const number = area === 'objects' && rest.includes('/associations/') ? 'v4' : (NUMBERS[area] ?? 'v3');
  const [, room] = /^\/(crm|settings)\//.exec(pathname) ?? [];
  const path = head === '' ? pathname : `${room ? `/${room}/${number}/${area}` : `/${area}/${number}`}${rest}`;
  return path.replace(/\/$/, '');
}

export interface HubspotVerdict extends Verdict {
  /** Refusals, all of which were judged too. */
  errors: number;
}

/** Requests and answers by what the published client can send and read. */
class HubspotContract {
  readonly #operations: Operation[];
  readonly #definitions: Json;
  readonly #ajv = new Ajv({ strict: false, allErrors: true });
  readonly #validators = new Map<Json, ValidateFunction>();

  constructor(file: string) {
    const { definitions, operations } = readSurface(file);
    this.#operations = [...operations, ...LATER];
    this.#definitions = definitions;
    formats.default(this.#ajv);
    this.#ajv.addSchema({ $id: 'surface', $defs: definitions });
  }

  /** Literal parts before open ones; null = the contract does not have the path. */
  operation(method: string, url: string): Operation | null {
    const path = numbered(new URL(url, 'http://vendor').pathname);
    const fits = this.#operations.filter((o) => o.method === method && pattern(o.path).test(path));
    return fits.sort((a, b) => a.path.split('{').length - b.path.split('{').length)[0] ?? null;
  }

  request({ method, url, headers, body }: Exchange['request']): string[] {
    const operation = this.operation(method, url);
    if (!operation) return [`${method} ${numbered(new URL(url, 'http://vendor').pathname)} is not in the contract`];
    const problems = this.#query(operation, new URL(url, 'http://vendor').searchParams);
    if (operation.form) {
      if (!String(headers['content-type']).startsWith('application/x-www-form-urlencoded'))
        problems.push(`content type is ${String(headers['content-type'])}`);
      for (const name of new URLSearchParams(body).keys())
        if (!operation.form.includes(name)) problems.push(`form field ${name} is unknown`);
      return problems;
    }
    if (!/^Bearer \S+$/.test(String(headers.authorization))) problems.push('no bearer token');
    if (operation.body === null)
      return body === '' || LABELLED.test(operation.path) ? problems : [...problems, 'a body where none belongs'];
    if (!String(headers['content-type']).startsWith('application/json'))
      problems.push(`content type is ${String(headers['content-type'])}`);
    const sent = parse(body);
    const unknown = this.strangers(operation.body, sent).map((at) => `body ${at} is unknown`);
    return [...problems, ...this.#run(operation.body, sent).map((e) => `body ${e}`), ...unknown];
  }

  answer(method: string, url: string, status: number, body: unknown): string[] {
    const operation = this.operation(method, url);
    if (!operation) return [];
    if (status >= 400) return this.#refusal(operation, status, body);
    const schema = operation.answers[status];
    if (schema === undefined) return [`status ${status} is not in the contract`];
    if (schema === null) return body === undefined ? [] : ['a body where none belongs'];
    return this.#run(schema, body);
  }

  /** Fields that no model names. */
  strangers(schema: Json, value: unknown, at = ''): string[] {
    const known = this.#follow(schema);
    if (Array.isArray(value)) {
      const items = known.items as Json | undefined;
      return items ? value.flatMap((item) => this.strangers(items, item, `${at}[]`)) : [];
    }
    if (typeof value !== 'object' || value === null) return [];
    const { properties, additionalProperties } = known as {
      properties?: Record<string, Json>;
      additionalProperties?: Json;
    };
    return Object.entries(value).flatMap(([name, inner]) => {
      if (properties && !(name in properties)) return [`${at}.${name}`];
      const own = properties?.[name] ?? additionalProperties;
      return own ? this.strangers(own, inner, `${at}.${properties ? name : '*'}`) : [];
    });
  }

  #refusal({ form }: Operation, status: number, body: unknown): string[] {
    return this.#run(status === 429 ? REFUSALS.rate : form ? REFUSALS.oauth : REFUSALS.plain, body);
  }

  #query(operation: Operation, given: URLSearchParams): string[] {
    return [...new Set(given.keys())].flatMap((name) => {
      const schema = operation.query[name];
      if (!schema) return [`query parameter ${name} is unknown`];
      const values = given.getAll(name);
      const value = schema.type === 'array' ? values : values.length === 1 ? values[0] : values;
      return this.#run(schema, value).map((e) => `query parameter ${name}: ${e}`);
    });
  }

  #run(schema: Json, value: unknown): string[] {
    const validate = this.#validators.get(schema) ?? this.#ajv.compile(schema);
    this.#validators.set(schema, validate);
    return validate(value) ? [] : words(validate.errors);
  }

  #follow(schema: Json): Json {
    const name = typeof schema.$ref === 'string' ? schema.$ref.replace('surface#/$defs/', '') : null;
    return name === null ? schema : (this.#definitions[name] as Json);
  }
}

/** The vendor's error model; rate limits have an errorType instead of a category, OAuth two words of its own. */
const text = { type: 'string' };
const lists = { type: 'object', additionalProperties: { type: 'array', items: text } };
const refusal = (required: string[], status: Json): Json => ({
  type: 'object',
  required: ['status', 'message', 'correlationId', ...required],
  properties: {
    status,
    message: text,
    correlationId: { type: 'string', format: 'uuid' },
    category: text,
    subCategory: text,
    errorType: { const: 'RATE_LIMIT' },
    policyName: { enum: ['TEN_SECONDLY_ROLLING', 'SECONDLY', 'DAILY'] },
    context: lists,
    errors: {
      type: 'array',
      items: {
        type: 'object',
        required: ['message'],
        properties: { message: text, code: text, in: text, context: lists },
      },
    },
  },
});
const REFUSALS = {
  plain: refusal(['category'], { const: 'error' }),
  rate: refusal(['errorType', 'policyName'], { const: 'error' }),
  oauth: refusal(['error', 'error_description'], text),
};

/** PUT of an association carries its labels, which the surface does not list. */
const LABELLED = /\/associations\/\{toObjectType\}\/\{toObjectId\}$/;

const pattern = (template: string): RegExp =>
  new RegExp(`^${template.replace(/[.*+?^$()|[\]\\]/g, '\\$&').replace(/\{\w+\}/g, '[^/]+')}$`);
const words = (errors: ErrorObject[] | null | undefined): string[] =>
  (errors ?? []).map((e) => {
    const more = e.params.missingProperty ?? e.params.type ?? e.params.allowedValues;
    return `${e.instancePath || '/'} ${e.message}${more === undefined || e.keyword === 'required' ? '' : ` (${String(more)})`}`;
  });
function parse(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined; // no JSON: the schema says so
  }
}

/**
 * Judges every exchange of a running portal: hand `onExchange` to its `serve`, and ask `verdict` afterwards. Dated paths are judged
 * as their numbered counterparts. Answers in HTML come from the vendor's edge and have no contract.
 */
export function judgeHubspot(): {
  onExchange: (exchange: Exchange) => undefined;
  verdict: () => HubspotVerdict;
} {
  if (SURFACE === null) throw new Error('the contract is not at hand: ../shared/contracts/hubspot');
  const contract = new HubspotContract(SURFACE);
  const problems = new Map<string, string>();
  const paths = new Set<string>();
  const strangers = new Set<string>();
  const count = { requests: 0, answers: 0, valid: 0, errors: 0 };
  const note = ({ method, url }: Exchange['request'], what: string, found: string[]) => {
    for (const problem of found) {
      const place = contract.operation(method, url)?.path ?? url;
      const kind = `${what} ${method} ${place}: ${problem.replace(/\/\d+/g, '/#')}`;
      if (!problems.has(kind)) problems.set(kind, `${what} ${method} ${url}: ${problem}`);
    }
  };
  return {
    onExchange: ({ moment, request, answer }) => {
      const operation = contract.operation(request.method, request.url);
      if (moment === 'arrived') {
        count.requests += 1;
        paths.add(`${request.method} ${operation?.path ?? request.url}`);
        note(request, 'request', contract.request(request));
      }
      if (moment !== 'done' || !answer || typeof answer.body === 'string') return undefined;
      // What goes over the wire: undefined is gone.
      const body: unknown = answer.body === undefined ? undefined : JSON.parse(JSON.stringify(answer.body));
      const found = contract.answer(request.method, request.url, answer.status, body);
      note(request, 'answer', found);
      if (answer.status >= 400) count.errors += 1;
      else count.answers += 1;
      if (answer.status < 400 && found.length === 0) count.valid += 1;
      const schema = operation?.answers[answer.status];
      for (const field of schema ? contract.strangers(schema, body) : []) strangers.add(`${operation?.path} ${field}`);
      return undefined;
    },
    verdict: () => ({
      ...count,
      problems: [...problems.values()],
      paths: [...paths].sort(),
      strangers: [...strangers].sort(),
    }),
  };
}
