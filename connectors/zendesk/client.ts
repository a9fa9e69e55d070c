import { z } from 'zod';
import { ConnectorError, type Ctx, InputError } from '../../src/contract/index.ts';
import { type Http, type HttpAnswer, makeHttp } from '../../src/http/client.ts';
import { type Config, originOf } from './config.ts';

export interface Get<T> {
  /** For counters and logs: "tickets.export". */
  label: string;
  /** Below /api/v2/. */
  path: string;
  query?: Record<string, string | number | boolean | undefined>;
  /** Exports have a much smaller limit than the rest. */
  bucket?: 'default' | 'export';
  schema: z.ZodType<T>;
}

const More = z.object({
  meta: z.object({ has_more: z.boolean().nullish(), after_cursor: z.string().nullish() }).nullish(),
  links: z.object({ next: z.string().nullish() }).nullish(),
});
/** The cursor of the next page; both places are documented, and a link can be on another host name of the account. */
function nextOf({ meta, links }: z.infer<typeof More>): string | null {
  if (meta?.has_more === false) return null;
  const link = links?.next ? new URL(links.next, 'https://zendesk.invalid').searchParams.get('page[after]') : null;
  return meta?.has_more ? (meta.after_cursor ?? link) : link;
}

/** Every call goes through the shared client: one retrier, one host, Retry-After obeyed. Only reads. */
export class Client {
  readonly ctx: Ctx<Config>;
  readonly #http: Http;

  constructor(ctx: Ctx<Config>) {
    this.ctx = ctx;
    const authorization = authorizationOf(ctx);
    this.#http = makeHttp({
      attempt: ctx.attempt,
      baseUrl: `${originOf(ctx.config)}/api/v2/`,
      headers: () => ({ authorization }),
      retryTable: { 401: { action: 'fail' } }, // there is nothing to renew
      deadlineMs: ctx.config.timeoutSeconds * 1000,
      now: ctx.now,
    });
  }

  get<T>(call: Get<T>): Promise<T> {
    return this.answer(call).then((a) => a.body);
  }

  /** With headers, for those that tell limits. */
  async answer<T>(call: Get<T>): Promise<HttpAnswer<T>> {
    try {
      return await this.#http.request(call);
    } catch (error) {
      throw explained(error);
    }
  }

  /** null where the record does not exist: it was deleted since it was listed. */
  async find<T>(call: Get<T>): Promise<T | null> {
    try {
      return await this.get(call);
    } catch (error) {
      if (isGone(error)) return null;
      throw error;
    }
  }

  /** A list by cursor paging, 100 records a page; `after` resumes behind a page. Records that are no objects are left to the reader. */
  async *list(
    call: Omit<Get<unknown>, 'schema'>,
    key: string,
    after: string | null = null,
  ): AsyncGenerator<{ records: unknown[]; after: string | null }> {
    const schema = z.looseObject({ [key]: z.array(z.unknown()) }).and(More);
    for (let cursor = after; ; ) {
      const page = await this.get({
        ...call,
        query: { ...call.query, 'page[size]': 100, ...(cursor === null ? {} : { 'page[after]': cursor }) },
        schema,
      });
      const next = nextOf(page);
      yield { records: z.array(z.unknown()).parse((page as Record<string, unknown>)[key]), after: next };
      if (next === null) return;
      if (next === cursor) throw stuck(call.label);
      cursor = next;
    }
  }
}

/** An export may stand still for a few pages; one that never moves on would be asked for ever. */
export const STILL_AT_MOST = 5;
export const stuck = (label: string): ConnectorError =>
  new ConnectorError(`${label}: the answers name the same position again and again without coming to an end`, {
    action: 'fail',
    code: 'CURSOR_STUCK',
    hint: 'What was read is kept. Run again later; if it stays, report it to Zendesk with the time of the call.',
  });

export const isGone = (error: unknown): boolean => error instanceof ConnectorError && error.code === '404';
/** A missing permission or plan feature: Zendesk answers either. */
export const isForbidden = (error: unknown): error is ConnectorError =>
  error instanceof ConnectorError && (error.code === '403' || error.code === '404');

const HINTS: Record<string, string> = {
  401: 'Check ZENDESK_API_TOKEN with config.email, or ZENDESK_OAUTH_TOKEN, and that token access is switched on in the Admin Center.',
  403: 'This needs a permission or a plan feature that the user or account lacks: exports need an admin. See `npx pulseback check`.',
  404: 'Check the subdomain; otherwise the plan lacks this feature. See `npx pulseback check`.',
  422: 'Zendesk refuses the position: run `npx pulseback pull --reset` for this stream; nothing is doubled by it.',
};

function explained(error: unknown): unknown {
  const hint = error instanceof ConnectorError ? HINTS[error.code ?? ''] : undefined;
  if (!(error instanceof ConnectorError) || hint === undefined) return error;
  return new ConnectorError(error.message, { action: error.action, code: error.code ?? '', hint, cause: error });
}

function authorizationOf({ config, secrets }: Ctx<Config>): string {
  if (secrets.oauthToken) return `Bearer ${secrets.oauthToken}`;
  if (secrets.apiToken && config.email)
    return `Basic ${Buffer.from(`${config.email}/token:${secrets.apiToken}`).toString('base64')}`;
  throw new InputError(
    secrets.apiToken
      ? 'zendesk: config.email is missing, whose API token is given'
      : 'zendesk: credentials are missing',
    { hint: 'Set ZENDESK_OAUTH_TOKEN, or ZENDESK_API_TOKEN together with config.email.' },
  );
}
