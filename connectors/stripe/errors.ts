import type Stripe from 'stripe';
import { ConnectorError, type ErrorAction } from '../../src/contract/index.ts';
import { redact } from '../../src/http/redact.ts';
import { retryAfterMs } from '../../src/http/retry-after.ts';

interface Rule {
  action: ErrorAction;
  hint?: string;
}

const KEY_HINT =
  'Put a valid restricted key into STRIPE_API_KEY (Dashboard → Developers → API keys); it may have expired or been rolled.';
const STATUS_HINT = 'Stripe may be disturbed: https://status.stripe.com';

/**
 * What the SDK threw → what to do about it. A plain 429 is always tried again with backoff (the SDK would not); otherwise the
 * vendor's own advice, `stripe-should-retry`, decides. https://docs.stripe.com/error-low-level
 */
export function toConnectorError(error: unknown, label: string, now: number): ConnectorError {
  if (error instanceof ConnectorError) return error;
  if (!isStripeError(error))
    return make(label, 'UNEXPECTED', error instanceof Error ? error.message : String(error), { action: 'fail' });
  const headers = error.headers ?? {};
  const status = error.statusCode;
  const code = error.code ?? (status === undefined ? undefined : String(status));
  if (error.type === 'StripeConnectionError')
    return make(label, 'NETWORK', error.message, {
      action: 'retry',
      hint: 'Check the network between here and Stripe, and baseUrl.',
    });
  // No status: the answer was no JSON (a proxy's or maintenance page).
  if (status === undefined) return make(label, 'NOT_JSON', error.message, { action: 'retry', hint: STATUS_HINT });
  const reason = headers['stripe-rate-limited-reason'];
  const wait = retryAfterMs(headers['retry-after'], now);
  return make(
    label,
    code,
    reason ? `${error.message} (${reason})` : error.message,
    ruleOf(error, status, headers['stripe-should-retry']),
    wait,
  );
}

/** By its documented type, not its class, so that the SDK need not be loaded to tell. https://docs.stripe.com/error-handling?lang=node */
function isStripeError(error: unknown): error is Stripe.errors.StripeError {
  return error instanceof Error && 'type' in error && typeof error.type === 'string' && error.type.startsWith('Stripe');
}

/** An answer that the SDK takes for a good one, since it holds no `error`. */
export function badStatus(label: string, status: number): ConnectorError {
  const action = status === 429 || status === 409 || status >= 500 ? 'retry' : 'fail';
  return make(label, String(status), 'an answer that is not Stripe’s', {
    action,
    hint: 'Check baseUrl and what stands between here and Stripe.',
  });
}

function ruleOf(error: Stripe.errors.StripeError, status: number, advice: string | undefined): Rule {
  if (status === 401) return { action: 'fail', hint: KEY_HINT };
  if (status === 403) return { action: 'fail', hint: scopeHint(error.message) };
  if (status === 429) return { action: 'retry', hint: 'Lower requestsPerSecond: others use the account’s limit too.' };
  const again = advice === 'true' || (advice !== 'false' && (status === 409 || status >= 500));
  if (again) return { action: 'retry', hint: STATUS_HINT };
  if (status >= 500) return { action: 'fail', hint: STATUS_HINT };
  if (error.code === 'resource_missing') return { action: 'fail' };
  return { action: 'fail', hint: 'Run `npx pulseback check`; if it finds nothing, report this as a defect.' };
}

/** The permission that the vendor says is missing: "Having the 'rak_invoice_read' permission would allow …". */
export function scopeHint(message: string): string {
  const scopes = [...new Set(message.match(/\brak_\w+/g) ?? [])];
  return scopes.length
    ? `Give the restricted key the permission ${scopes.join(', ')} (Dashboard → Developers → API keys), then run \`npx pulseback check\`.`
    : 'Give the restricted key read access to this resource (Dashboard → Developers → API keys), then run `npx pulseback check`.';
}

function make(label: string, code: string | undefined, message: string, rule: Rule, wait?: number): ConnectorError {
  const line = redact(message).replace(/\s+/g, ' ').trim().slice(0, 400);
  return new ConnectorError(`${label}: ${code ? `${code}: ` : ''}${line}`, {
    action: rule.action,
    ...(code === undefined ? {} : { code }),
    ...(rule.hint === undefined ? {} : { hint: rule.hint }),
    ...(wait === undefined ? {} : { retryAfterMs: wait }),
  });
}
