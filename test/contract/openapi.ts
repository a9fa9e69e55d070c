import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Ajv, type ErrorObject, type ValidateFunction } from 'ajv';
import formats from 'ajv-formats';
import type { Exchange } from '../../src/sandbox/world.types.ts';

type Json = Record<string, unknown>;

export interface Parameter {
  name: string;
  in: string;
  required?: boolean;
  schema?: Json;
}
interface Operation {
  parameters: Parameter[];
  /** Schema of the successful answer. */
  answer: Json;
}

/** What is known of the vendor beyond its document. Every entry says why, and is seen in what a test prints. */
export interface Amendments {
  /** Changes the parsed document: where its schemas are wrong about what the vendor is known to answer. */
  correct?: (document: Json) => void;
  /** Query parameters that the document forgets, by template of a path; `*` = every path. */
  parameters?: Record<string, Parameter[]>;
  /** The path as the document writes it. */
  path?: (path: string) => string;
}

/** A vendor's contract in ../shared/contracts, or null where that folder is not at hand. */
export function contractFile(name: string): string | null {
  const path = fileURLToPath(new URL(`../../../shared/contracts/${name}`, import.meta.url));
  return existsSync(path) ? path : null;
}

/** A vendor's OpenAPI 3.0 document, by which requests and answers are judged. */
export class OpenApi {
  readonly #ajv = new Ajv({ strict: false, allErrors: true, coerceTypes: false });
  readonly #queries = new Ajv({ strict: false, allErrors: true, coerceTypes: true });
  readonly #document: Json;
  readonly #amendments: Amendments;
  readonly #validators = new Map<string, ValidateFunction>();
  readonly #fields = new WeakMap<Json, Record<string, Json> | null>();

  constructor(path: string, amendments: Amendments = {}) {
    const document = JSON.parse(readFileSync(path, 'utf8')) as Json;
    amendments.correct?.(document);
    this.#document = toJsonSchema(document) as Json;
    this.#amendments = amendments;
    for (const ajv of [this.#ajv, this.#queries]) {
      formats.default(ajv);
      ajv.addSchema({ $id: 'document', ...this.#document });
    }
  }

  /** The template of a path in the document, literal parts before open ones; null = the document does not have it. */
  template(url: string): string | null {
    const path = this.#path(url);
    const paths = Object.keys(this.#document.paths as Json);
    const fits = paths.filter((template) => pattern(template).test(path));
    return fits.sort((a, b) => a.split('{').length - b.split('{').length)[0] ?? null;
  }

  /** What is wrong with a request: path and query parameters. */
  request(method: string, url: string): string[] {
    const template = this.template(url);
    const operation = template === null ? null : this.#operation(template, method);
    if (template === null || operation === null) return [`${method} ${this.#path(url)} is not in the contract`];
    const more = [...(this.#amendments.parameters?.[template] ?? []), ...(this.#amendments.parameters?.['*'] ?? [])];
    const replaced = new Set(more.map((p) => p.name));
    const known = [...operation.parameters.filter((p) => !replaced.has(p.name)), ...more];
    const given = new URL(url, 'http://vendor').searchParams;
    const open = pattern(template).exec(this.#path(url))?.groups ?? {};
    const problems: string[] = [];
    for (const name of new Set(given.keys())) {
      if (!known.some((p) => p.in === 'query' && p.name === name)) problems.push(`query parameter ${name} is unknown`);
    }
    for (const parameter of known) {
      // Some documents list parameters of a path that the path does not have.
      if (parameter.in === 'path' && !template.includes(`{${parameter.name}}`)) continue;
      const value = parameter.in === 'path' ? open[parameter.name] : given.get(parameter.name);
      if (value === null || value === undefined) {
        if (parameter.required && parameter.in !== 'header') problems.push(`parameter ${parameter.name} is missing`);
      } else problems.push(...this.#value(parameter, value));
    }
    return problems;
  }

  /** What is wrong with a successful answer's body. */
  answer(method: string, url: string, body: unknown): string[] {
    const template = this.template(url);
    const operation = template === null ? null : this.#operation(template, method);
    if (template === null || operation === null) return [`${method} ${this.#path(url)} is not in the contract`];
    const key = `${method} ${template}`;
    const validate = this.#validators.get(key) ?? this.#ajv.compile(operation.answer);
    this.#validators.set(key, validate);
    return validate(body) ? [] : told(validate.errors);
  }

  /** Fields of an answer that the document does not name. Schemas leave most fields optional, so a misspelt one would pass otherwise. */
  strangers(method: string, url: string, body: unknown): string[] {
    const template = this.template(url);
    const operation = template === null ? null : this.#operation(template, method);
    return operation ? [...new Set(this.#strangers(operation.answer, body, ''))] : [];
  }

  #strangers(schema: Json, value: unknown, at: string): string[] {
    if (Array.isArray(value)) {
      const items = (this.#resolve(schema).items ?? {}) as Json;
      return value.flatMap((item) => this.#strangers(items, item, `${at}[]`));
    }
    if (value === null || typeof value !== 'object') return [];
    const named = this.#named(schema);
    if (named === null) return [];
    return Object.entries(value).flatMap(([name, inner]) => {
      const own = named[name];
      return own ? this.#strangers(own, inner, `${at}.${name}`) : [`${at}.${name}`];
    });
  }

  /** The fields that a schema names, all its parts together; null = it leaves them open. */
  #named(node: Json): Record<string, Json> | null {
    const known = this.#fields.get(node);
    if (known !== undefined) return known;
    const schema = this.#resolve(node);
    const parts = [schema.allOf, schema.anyOf, schema.oneOf].flatMap((list) => (list ?? []) as Json[]);
    const all = [schema.properties as Record<string, Json> | undefined, ...parts.map((part) => this.#named(part))];
    const named = all.filter((fields) => fields !== undefined && fields !== null);
    const fields: Record<string, Json> | null = named.length === 0 ? null : Object.assign({}, ...named);
    this.#fields.set(node, fields);
    return fields;
  }

  #value({ name, schema = {} }: Parameter, text: string): string[] {
    const key = `parameter ${JSON.stringify(schema)}`;
    const validate =
      this.#validators.get(key) ?? this.#queries.compile({ type: 'object', properties: { value: schema } });
    this.#validators.set(key, validate);
    return validate({ value: text }) ? [] : [`parameter ${name}=${text}: ${told(validate.errors).join('; ')}`];
  }

  #path(url: string): string {
    const { pathname } = new URL(url, 'http://vendor');
    return this.#amendments.path?.(pathname) ?? pathname;
  }

  #operation(template: string, method: string): Operation | null {
    const path = (this.#document.paths as Json)[template] as Json;
    const operation = path[method.toLowerCase()] as Json | undefined;
    if (!operation) return null;
    const responses = operation.responses as Record<string, { content?: Record<string, { schema?: Json }> }>;
    const [, success] = Object.entries(responses).find(([status]) => /^(2..|default)$/.test(status)) ?? [];
    const schema = Object.entries(success?.content ?? {}).find(([type]) => type.includes('json'))?.[1].schema ?? {};
    const listed = [...((path.parameters as Json[]) ?? []), ...((operation.parameters as Json[]) ?? [])];
    return { parameters: listed.map((p) => this.#resolve(p) as unknown as Parameter), answer: schema };
  }

  #resolve(node: Json): Json {
    const ref = node.$ref;
    if (typeof ref !== 'string') return node;
    const parts = ref.replace(/^document#\//, '').split('/');
    return parts.reduce((at, part) => at[part] as Json, this.#document);
  }
}

/**
 * OpenAPI 3.0 schemas → JSON Schema draft 7: `nullable` becomes a null alternative, also beside `$ref` and combinations and where an
 * `enum` forgets null; examples and formats that are no formats go.
 */
export function toJsonSchema(node: unknown): unknown {
  if (Array.isArray(node)) return node.map(toJsonSchema);
  if (node === null || typeof node !== 'object') return node;
  const { nullable, example: _example, examples: _examples, discriminator: _discriminator, ...rest } = node as Json;
  const made = Object.fromEntries(
    // The names under `properties` are the vendor's, whatever they are called.
    Object.entries(rest).map(([key, value]) => [key, key === 'properties' ? eachOf(value) : toJsonSchema(value)]),
  );
  if (typeof made.$ref === 'string') made.$ref = made.$ref.replace(/^#/, 'document#');
  if (typeof made.format === 'string' && !FORMATS.has(made.format)) delete made.format;
  if (nullable !== true) return made;
  const plain = typeof made.type === 'string' && !['$ref', 'allOf', 'anyOf', 'oneOf'].some((key) => key in made);
  if (!plain) return { anyOf: [made, { type: 'null' }] };
  if (Array.isArray(made.enum)) made.enum = [...new Set([...made.enum, null])];
  return { ...made, type: [made.type, 'null'] };
}
const eachOf = (properties: unknown): Json =>
  Object.fromEntries(Object.entries(properties as Json).map(([name, schema]) => [name, toJsonSchema(schema)]));
const FORMATS = new Set(['date-time', 'date', 'email', 'uri', 'uuid', 'ipv4', 'ipv6']);

const pattern = (template: string): RegExp => {
  const escaped = template.replace(/[.*+?^$()|[\]\\]/g, '\\$&');
  return new RegExp(`^${escaped.replace(/\{(\w+)\}/g, '(?<$1>[^/]+)')}$`);
};

const told = (errors: ErrorObject[] | null | undefined): string[] =>
  (errors ?? []).map((e) => `${e.instancePath || '/'} ${e.message}${e.params.type ? ` (${e.params.type})` : ''}`);

export interface Verdict {
  requests: number;
  answers: number;
  /** Answers that nothing was wrong with. */
  valid: number;
  /** One of each kind, with the place where it was first seen. */
  problems: string[];
  /** Templates of paths that were asked. */
  paths: string[];
  /** Fields of answers that the document does not name, by template of the path. */
  strangers: string[];
}

/**
 * Judges every exchange of a running sandbox: hand `onExchange` to its `serve`, and ask `verdict` afterwards. Requests are judged
 * always, answers where they succeeded and were not cut off by a fault.
 */
export function judge(contract: OpenApi): {
  onExchange: (exchange: Exchange) => undefined;
  verdict: () => Verdict;
} {
  const problems = new Map<string, string>();
  const paths = new Set<string>();
  const strangers = new Set<string>();
  let requests = 0;
  let answers = 0;
  let valid = 0;
  const note = ({ method, url }: Exchange['request'], what: string, found: string[]) => {
    for (const problem of found) {
      const kind = `${what} ${method} ${contract.template(url) ?? url}: ${problem.replace(/\/\d+/g, '/#')}`;
      if (!problems.has(kind)) problems.set(kind, `${what} ${method} ${url}: ${problem}`);
    }
  };
  return {
    onExchange: ({ moment, request, answer }) => {
      if (moment === 'arrived') {
        requests += 1;
        paths.add(contract.template(request.url) ?? request.url);
        note(request, 'request', contract.request(request.method, request.url));
      }
      if (moment === 'done' && answer?.status === 200 && typeof answer.body === 'object') {
        answers += 1;
        // What goes over the wire: undefined is gone.
        const body: unknown = JSON.parse(JSON.stringify(answer.body));
        const found = contract.answer(request.method, request.url, body);
        if (found.length === 0) valid += 1;
        note(request, 'answer', found);
        const place = contract.template(request.url);
        for (const field of contract.strangers(request.method, request.url, body)) strangers.add(`${place} ${field}`);
      }
      return undefined;
    },
    verdict: () => ({
      requests,
      answers,
      valid,
      problems: [...problems.values()],
      paths: [...paths].sort(),
      strangers: [...strangers].sort(),
    }),
  };
}
