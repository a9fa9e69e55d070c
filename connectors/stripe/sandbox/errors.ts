import type { Answer } from '../../../src/sandbox/kit-types.ts';

export interface ErrorDetails {
  type?: 'invalid_request_error' | 'api_error';
  code?: string;
  param?: string;
  headers?: Record<string, string>;
}

/** An error in the vendor's shape `{error: {type, code?, message, param?, …}}`. */
export class StripeError extends Error {
  readonly status: number;
  readonly details: ErrorDetails;
  constructor(status: number, message: string, details: ErrorDetails = {}) {
    super(message);
    this.status = status;
    this.details = details;
  }
  answer(): Answer {
    const { type = 'invalid_request_error', code, param, headers } = this.details;
    const documented =
      code === undefined ? {} : { code, doc_url: `https://stripe.com/docs/error-codes/${code.replaceAll('_', '-')}` };
    const error = { ...documented, message: this.message, ...(param === undefined ? {} : { param }), type };
    return { status: this.status, headers, body: { error } };
  }
}

export const missing = (object: string, id: string, param = 'id'): StripeError =>
  new StripeError(param === 'id' ? 404 : 400, `No such ${object}: '${id}'`, { code: 'resource_missing', param });

export const unavailable = (headers: Record<string, string> = {}): StripeError =>
  new StripeError(503, 'An error occurred on our side. Try again.', { type: 'api_error', headers });

export const rateLimited = (reason: string): StripeError =>
  new StripeError(
    429,
    'Request rate limit exceeded. Learn more about rate limits here https://stripe.com/docs/rate-limits.',
    { code: 'rate_limit', headers: { 'stripe-rate-limited-reason': reason } },
  );

export const lockTimeout = (): StripeError =>
  new StripeError(
    429,
    'This object cannot be accessed right now because another API request or Stripe process is currently accessing it. If you see this error intermittently, retry the request.',
    { code: 'lock_timeout', headers: { 'stripe-rate-limited-reason': 'resource-specific' } },
  );
