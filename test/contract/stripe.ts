import { readFileSync } from 'node:fs';
import { Ajv } from 'ajv';
import { Ajv2020, type ErrorObject, type ValidateFunction } from 'ajv/dist/2020.js';
import type { Exchange } from '../../src/sandbox/world.types.ts';
import { contractFile, toJsonSchema, type Verdict } from './openapi.ts';

type Json = Record<string, unknown>;
interface Parameter {
  name: string;
  in: string;
  schema: Json;
  required?: boolean;
}

export const API_VERSION = '2026-10-28.endive';
const SCHEMAS = contractFile('stripe/stripe-2026-10-28.endive.schemas.json');
const OPENAPI = contractFile('stripe/api-2023-08-16.openapi.trimmed.json');
/** Whether the contract is at hand at all. */
export const hasStripeContract = SCHEMAS !== null && OPENAPI !== null;

/** What an object calls itself → its schema. */
const DEFINITIONS: Record<string, string> = {
  charge: 'Charge',
  coupon: 'Coupon',
  customer: 'Customer',
  discount: 'Discount',
  dispute: 'Dispute',
  event: 'EventBase',
  invoice: 'Invoice',
  invoice_payment: 'InvoicePayment',
  line_item: 'InvoiceLineItem',
  plan: 'Plan',
  price: 'Price',
  product: 'Product',
  subscription: 'Subscription',
  subscription_item: 'SubscriptionItem',
};

const text = (name: string): Parameter => ({ name, in: 'query', schema: { type: 'string' } });
const whole = (name: string): Parameter => ({ name, in: 'query', schema: { type: 'integer' } });
const range = (name: string): Parameter => ({
  name,
  in: 'query',
  schema: {
    anyOf: [
      {
        type: 'object',
        properties: Object.fromEntries(['gt', 'gte', 'lt', 'lte'].map((op) => [op, { type: 'integer' }])),
      },
      { type: 'integer' },
    ],
  },
});
const expand: Parameter = { name: 'expand', in: 'query', schema: { type: 'array', items: { type: 'string' } } };
const list = [whole('limit'), text('starting_after'), text('ending_before'), expand];
/** Paths of the fact sheet that the older document does not have, or had cut away. */
const LATER_PATHS: Record<string, Parameter[]> = {
  '/v1/account': [expand],
  '/v1/coupons': [...list, range('created')],
  '/v1/coupons/{id}': [expand],
  '/v1/invoice_payments': [
    ...list,
    range('created'),
    text('invoice'),
    text('status'),
    { ...text('payment'), schema: { type: 'object' } },
  ],
  '/v1/invoice_payments/{id}': [expand],
  '/v1/disputes/{id}': [expand],
  '/v1/prices/{id}': [expand],
  '/v1/products/{id}': [expand],
};

const isHash = (value: unknown): value is Json => typeof value === 'object' && value !== null && !Array.isArray(value);
const told = (errors: ErrorObject[] | null | undefined): string[] =>
  (errors ?? []).map(
    (e) =>
      `${e.instancePath || '/'} ${e.message}${e.keyword === 'additionalProperties' ? ` (${e.params.additionalProperty})` : ''}`,
  );

/**
 * The vendor's contract: objects by the schemas of the pinned version, and nothing beside what they list; paths, parameters,
 * envelopes and errors by the older document.
 */
class StripeContract {
  readonly #schemas: { $defs: Record<string, Json> };
  readonly #document: Json;
  readonly #ajv = new Ajv2020({ strict: false, allErrors: true });
  readonly #plain = new Ajv({ strict: false, allErrors: true });
  readonly #validators = new Map<string, ValidateFunction>();
  objects = 0;

  constructor(schemas: string, openapi: string) {
    this.#schemas = JSON.parse(readFileSync(schemas, 'utf8')) as { $defs: Record<string, Json> };
    for (const definition of Object.values(this.#schemas.$defs)) {
      const open = Object.keys(definition.properties ?? {}).length === 0;
      if (!open) definition.additionalProperties = false;
    }
    this.#document = toJsonSchema(JSON.parse(readFileSync(openapi, 'utf8'))) as Json;
    this.#ajv.addSchema({ $id: 'vendor', $defs: this.#schemas.$defs });
    this.#plain.addSchema({ $id: 'document', ...this.#document });
  }

  template(url: string): string | null {
    const { pathname } = new URL(url, 'http://vendor');
    const all = [...Object.keys(this.#document.paths as Json), ...Object.keys(LATER_PATHS)];
    const fits = all.filter((t) => new RegExp(`^${t.replace(/\{\w+\}/g, '[^/]+')}$`).test(pathname));
    return fits.sort((a, b) => a.split('{').length - b.split('{').length)[0] ?? null;
  }

  request({ method, url, headers }: Exchange['request']): string[] {
    const problems: string[] = [];
    if (headers['stripe-version'] !== API_VERSION)
      problems.push(`Stripe-Version is ${String(headers['stripe-version'])}`);
    if (!/^(Bearer|Basic) ./.test(String(headers.authorization ?? ''))) problems.push('no key');
    const template = this.template(url);
    if (method !== 'GET' || template === null) return [...problems, `${method} ${url} is not in the contract`];
    const known = this.#parameters(template);
    const given = nested(new URL(url, 'http://vendor').searchParams);
    for (const [name, value] of Object.entries(given)) {
      const parameter = known.find((p) => p.name === name && p.in === 'query');
      if (!parameter) problems.push(`query parameter ${name} is unknown`);
      else {
        const validate = this.#compile(`parameter ${template} ${name}`, {
          ...QUERY,
          properties: { value: parameter.schema },
        });
        if (!validate({ value })) problems.push(...told(validate.errors).map((e) => `parameter ${name}: ${e}`));
      }
    }
    for (const { name, in: where, required } of known)
      if (where === 'query' && required && !(name in given)) problems.push(`parameter ${name} is missing`);
    return problems;
  }

  answer(url: string, status: number, body: unknown): string[] {
    if (status !== 200) return this.#run('error', { $ref: 'document#/components/schemas/error' }, body);
    if (!isHash(body)) return ['no object'];
    if (body.object === 'list' || body.object === 'search_result') return this.#envelope(url, body);
    return this.object(body);
  }

  /** An object by its own name; what stands expanded in it is judged by its own schema. */
  object(body: Json): string[] {
    const name = body.deleted === true ? 'DeletedCustomer' : DEFINITIONS[String(body.object)];
    if (name === undefined) return body.object === 'account' ? [] : [`object "${String(body.object)}" has no schema`];
    this.objects += 1;
    const problems: string[] = [];
    const plain = this.#collapse(body, { $ref: `#/$defs/${name}` }, problems);
    const validate = this.#validators.get(name) ?? this.#ajv.compile({ $ref: `vendor#/$defs/${name}` });
    this.#validators.set(name, validate);
    if (!validate(plain)) problems.push(...told(validate.errors).map((e) => `${name} ${e}`));
    if (body.object === 'event' && body.api_version === API_VERSION) {
      const { data } = body as { data: { object: Json } };
      problems.push(...this.object(data.object).map((e) => `event ${e}`));
    }
    return problems;
  }

  #envelope(url: string, body: Json): string[] {
    const { data, ...rest } = body;
    if (!Array.isArray(data)) return ['data is no array'];
    const template = this.template(url) ?? '';
    const { pathname } = new URL(url, 'http://vendor');
    const problems = body.url === pathname ? [] : [`url is ${String(body.url)}`];
    const responses = at(this.#document, 'paths', template, 'get', 'responses', '200');
    const schema = responses ? (at(responses, 'content', 'application/json', 'schema') as Json) : LIST;
    const envelope = {
      ...schema,
      additionalProperties: false,
      properties: { ...(schema.properties as Json), data: true },
    };
    problems.push(...this.#run(`envelope ${template}`, envelope, { ...rest, data: [] }));
    for (const object of data as Json[]) problems.push(...this.object(object));
    return problems;
  }

  /** Expanded references become ids again, as the schemas have them. */
  #collapse(value: unknown, schema: Json, problems: string[]): unknown {
    const known = this.#follow(schema);
    if (known['x-expandable'] && isHash(value)) {
      problems.push(...this.object(value));
      return value.id;
    }
    if (known['x-opaque'] && isHash(value) && typeof value.object === 'string' && value.object in DEFINITIONS) {
      problems.push(...this.object(value));
      return value;
    }
    if (Array.isArray(value))
      return value.map((v) => this.#collapse(v, (known.items as Json | undefined) ?? {}, problems));
    if (!isHash(value)) return value;
    const properties = (known.properties ?? {}) as Record<string, Json>;
    return Object.fromEntries(
      Object.entries(value).map(([k, v]) => [k, this.#collapse(v, properties[k] ?? {}, problems)]),
    );
  }

  #follow(schema: Json): Json {
    if (typeof schema.$ref === 'string')
      return this.#follow(this.#schemas.$defs[schema.$ref.replace('#/$defs/', '')] ?? {});
    const some = (schema.anyOf as Json[] | undefined)?.find((s) => s.type !== 'null');
    return some && !schema['x-expandable'] ? this.#follow(some) : schema;
  }

  #parameters(template: string): Parameter[] {
    const operation = at(this.#document, 'paths', template, 'get') as { parameters?: Parameter[] } | undefined;
    return operation?.parameters ?? LATER_PATHS[template] ?? [];
  }

  #compile(key: string, schema: Json): ValidateFunction {
    const ajv = key.startsWith('parameter') ? QUERIES : this.#plain;
    const validate = this.#validators.get(key) ?? ajv.compile(schema);
    this.#validators.set(key, validate);
    return validate;
  }

  #run(key: string, schema: Json, value: unknown): string[] {
    const validate = this.#compile(key, schema);
    return validate(value) ? [] : told(validate.errors);
  }
}
const QUERIES = new Ajv({ strict: false, allErrors: true, coerceTypes: true });
const QUERY = { type: 'object' };
const LIST: Json = {
  type: 'object',
  required: ['data', 'has_more', 'object', 'url'],
  properties: { object: { const: 'list' }, has_more: { type: 'boolean' }, url: { type: 'string' } },
};

const at = (node: unknown, ...path: string[]): unknown =>
  path.reduce<unknown>((n, key) => (isHash(n) ? n[key] : undefined), node);

/** `created[gte]=1&types[]=a` → {created: {gte: '1'}, types: ['a']}. */
function nested(query: URLSearchParams): Json {
  const made: Json = {};
  for (const [raw, value] of query) {
    const [, name = raw, inner] = /^([^[]+)\[([^\]]*)\]$/.exec(raw) ?? [];
    if (inner === undefined) made[name] = value;
    else if (/^\d*$/.test(inner)) made[name] = [...((made[name] as unknown[]) ?? []), value];
    else made[name] = { ...((made[name] as Json) ?? {}), [inner]: value };
  }
  return made;
}

export interface StripeVerdict extends Omit<Verdict, 'strangers'> {
  /** Objects judged one by one, those within others included. */
  objects: number;
  /** Refusals judged. */
  errors: number;
}

/** Judges every exchange of a running sandbox: hand `onExchange` to its `serve`, and ask `verdict` afterwards. */
export function judgeStripe(): {
  onExchange: (exchange: Exchange) => undefined;
  verdict: () => StripeVerdict;
  object: (body: Json) => string[];
} {
  if (SCHEMAS === null || OPENAPI === null) throw new Error('the contract is not at hand: ../shared/contracts/stripe');
  const contract = new StripeContract(SCHEMAS, OPENAPI);
  const problems = new Map<string, string>();
  const paths = new Set<string>();
  const count = { requests: 0, answers: 0, valid: 0, errors: 0 };
  const note = (url: string, what: string, found: string[]) => {
    for (const problem of found) {
      const kind = `${what} ${contract.template(url) ?? url}: ${problem.replace(/\/\d+/g, '/#')}`;
      if (!problems.has(kind)) problems.set(kind, `${what} ${url}: ${problem}`);
    }
  };
  return {
    object: (body) => contract.object(body),
    onExchange: ({ moment, request, answer }) => {
      if (moment === 'arrived') {
        count.requests += 1;
        paths.add(contract.template(request.url) ?? request.url);
        note(request.url, 'request', contract.request(request));
      }
      if (moment === 'done' && answer && isHash(answer.body)) {
        // What goes over the wire: undefined is gone.
        const body: unknown = JSON.parse(JSON.stringify(answer.body));
        const found = contract.answer(request.url, answer.status, body);
        if (answer.status === 200) count.answers += 1;
        else count.errors += 1;
        if (found.length === 0 && answer.status === 200) count.valid += 1;
        note(request.url, 'answer', found);
      }
      return undefined;
    },
    verdict: () => ({
      ...count,
      objects: contract.objects,
      problems: [...problems.values()],
      paths: [...paths].sort(),
    }),
  };
}
