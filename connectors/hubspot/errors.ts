import { z } from 'zod';
import { ConnectorError, type ConnectorErrorOptions, type ErrorAction } from '../../src/contract/index.ts';
import { redact } from '../../src/http/redact.ts';
import { retryAfterMs } from '../../src/http/retry-after.ts';

/** Every field of the error model is optional in practice. https://developers.hubspot.com/docs/api/error-handling */
const Body = z
  .object({
    message: z.string().catch(''),
    category: z.string().optional().catch(undefined),
    subCategory: z.string().optional().catch(undefined),
    correlationId: z.string().optional().catch(undefined),
    policyName: z.string().optional().catch(undefined),
    context: z.unknown(),
    errors: z.array(z.unknown()).catch([]),
  })
  .partial();
type Body = z.infer<typeof Body>;

interface Rule {
  action: ErrorAction;
  hint?: string;
  retryAfterMs?: number;
  /** Surely not carried out, although the call failed. */
  refused?: boolean;
}

/** An answer of the portal that is an error. `code` is the vendor's category, else the status. */
export class ApiError extends ConnectorError {
  readonly status: number;
  /** OBJECT_NOT_FOUND, PROPERTY_DOESNT_EXIST, …; what `code` is too, where the vendor told. */
  readonly category: string | null;
  readonly subCategory: string | null;
  constructor(message: string, options: ConnectorErrorOptions, status: number, body: Body) {
    super(message, options);
    this.status = status;
    this.category = body.category ?? null;
    this.subCategory = body.subCategory ?? null;
  }
}

const STATUS_HINT = 'HubSpot may be disturbed: https://status.hubspot.com';
const TOKEN_HINT =
  'Put a valid service key or private-app token into HUBSPOT_TOKEN, or install the app anew (auth.flow: refresh-token); then run `npx pulseback check`.';

/** A text of the vendor without secrets and addresses, on one line. */
export function clean(message: string): string {
  const line = redact(message.replace(/<(script|style)[\s\S]*?<\/\1>/gi, ' ').replace(/<[^<>]*>/g, ' '))
    .replace(/[\w.+-]+@[\w-]+(\.[\w-]+)+/g, '[address]')
    .replace(/\s+/g, ' ')
    .trim();
  return line.length > 400 ? `${line.slice(0, 399)}…` : line;
}

const Detail = z.object({
  message: z.string().min(1),
  context: z
    .object({ propertyName: z.array(z.string()) })
    .nullish()
    .catch(null),
});

/** Details of one refusal that are told. */
const MOST_DETAILS = 5;

/**
 * The vendor's own words: each detail with the property that it is about, and what no detail says. Messages repeat the details in a
 * dump as JSON, where their quotes are escaped.
 */
export function wordsOf(message: string | null | undefined, errors: readonly unknown[] | null | undefined): string {
  const details = (errors ?? []).flatMap((error) => Detail.safeParse(error).data ?? []);
  const repeats = details.some((detail) => message?.includes(JSON.stringify(detail.message).slice(1, -1)));
  const told = details
    .slice(0, MOST_DETAILS)
    .map(({ message: text, context }) =>
      context?.propertyName.length ? `${context.propertyName.join(', ')}: ${text}` : text,
    );
  return [...new Set([...(message && !repeats ? [message] : []), ...told].map(clean))].join('; ');
}

/**
 * An answer that is not a success → what to do about it. The vendor documents no Retry-After but for 477; where one comes anyway,
 * it is honoured. `timezone` is the portal's: its midnight ends the daily quota.
 */
export function toConnectorError(
  label: string,
  response: { status: number; headers: Headers },
  text: string,
  now: number,
  timezone: string,
): ApiError {
  const { status } = response;
  const body = bodyOf(text);
  const code = body.policyName ?? body.category ?? String(status);
  const asked = retryAfterMs(response.headers.get('retry-after'), now);
  const rule = ruleOf(status, body, { now, timezone });
  const wait = asked === undefined ? rule.retryAfterMs : Math.max(asked, status === 423 ? (rule.retryAfterMs ?? 0) : 0);
  const said = wordsOf(body.message, body.errors) || clean(text);
  const trace = body.correlationId ? ` (correlationId ${clean(body.correlationId)})` : '';
  return new ApiError(
    `${label}: ${status}${code === String(status) ? '' : ` ${code}`}${said ? `: ${said}` : ''}${trace}`,
    {
      action: rule.action,
      code,
      ambiguous: rule.action === 'retry' && !rule.refused,
      ...(rule.hint === undefined ? {} : { hint: rule.hint }),
      ...(wait === undefined ? {} : { retryAfterMs: wait }),
    },
    status,
    body,
  );
}

function ruleOf(status: number, body: Body, clock: { now: number; timezone: string }): Rule {
  if (status === 401) return { action: 'reauthenticate', refused: true, hint: TOKEN_HINT };
  if (status === 403) return { action: 'fail', hint: accessHint(body) };
  if (status === 404) return { action: 'fail', hint: 'Check the names in the mapping, and apiVersion.' };
  if (status === 423) return { action: 'retry', refused: true, retryAfterMs: 2_000 };
  if (status === 429) return tooMany(body, clock);
  if (status === 477)
    return {
      action: 'retry',
      refused: true,
      retryAfterMs: 60_000,
      hint: 'HubSpot is moving this portal to another data centre; run again later: what was finished is kept.',
    };
  if (status === 408 || status >= 500) return { action: 'retry', hint: STATUS_HINT };
  if (status < 400) return { action: 'fail', hint: 'Check baseUrl: the answer points elsewhere.' };
  return { action: 'fail', hint: 'Run `npx pulseback check`; if it finds nothing, report this as a defect.' };
}

function tooMany(body: Body, clock: { now: number; timezone: string }): Rule {
  const policy = body.policyName ?? body.message ?? '';
  if (/daily/i.test(policy))
    return {
      action: 'wait',
      refused: true,
      retryAfterMs: untilMidnight(clock.now, clock.timezone),
      hint: 'The portal has used up its API calls of today; they begin anew at midnight of its own time zone. Run again then: what was finished is kept.',
    };
  // A window of a second is soon over; one of ten seconds may hold its oldest call for almost that long.
  const wait = /^secondly/i.test(policy) || /\bsecondly limit/i.test(policy) ? 1_000 : 10_000;
  const hint =
    'Lower ratePer10s or searchPerSecond: somebody else uses the same budget, or the subscription grants less.';
  return { action: 'retry', refused: true, retryAfterMs: wait, hint };
}

function accessHint(body: Body): string {
  const scopes = scopesIn(body);
  if (scopes.length)
    return `Grant ${scopes.length > 1 ? 'one of the scopes' : 'the scope'} ${scopes.join(', ')} to the app or service key, then run \`npx pulseback check\`.`;
  if (/USER_DOES_NOT_HAVE_PERMISSIONS/.test(`${body.category} ${body.subCategory} ${body.message}`))
    return 'A private app may do what its creator may: give that user super-admin rights again, or use a service key.';
  return 'Give the app or service key access to this, then run `npx pulseback check`.';
}

/** Scope names wherever the vendor puts them: context.requiredGranularScopes, errors[].context: "{missingScopes=[…]}", … */
function scopesIn(body: Body): string[] {
  const found = new Set<string>();
  const look = (value: unknown, named: boolean): void => {
    if (typeof value === 'string') {
      const list = named ? value : (/scopes?=\[([^\]]*)\]/i.exec(value)?.[1] ?? '');
      for (const scope of list.match(/[a-z][\w-]*(?:\.[\w-]+)*/g) ?? []) found.add(scope);
    } else if (Array.isArray(value)) for (const item of value) look(item, named);
    else if (typeof value === 'object' && value !== null)
      for (const [key, inner] of Object.entries(value)) look(inner, /scopes?$/i.test(key));
  };
  look(body.context, false);
  look(body.errors, false);
  return [...found];
}

function bodyOf(text: string): Body {
  try {
    const parsed = Body.safeParse(JSON.parse(text));
    return parsed.success ? parsed.data : {};
  } catch {
    return {}; // a proxy's page: the status decides
  }
}

/** Milliseconds until the next midnight in a time zone, an hour off at most on the day of a clock change. */
function untilMidnight(now: number, timezone: string): number {
  const parts = new Intl.DateTimeFormat('en-GB', { timeZone: timezone, timeStyle: 'medium', hourCycle: 'h23' })
    .format(now)
    .split(':')
    .map(Number);
  const [hours = 0, minutes = 0, seconds = 0] = parts;
  return 86_400_000 - ((hours * 60 + minutes) * 60 + seconds) * 1_000;
}
