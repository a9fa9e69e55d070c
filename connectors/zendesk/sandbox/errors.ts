import type { Answer } from '../../../src/sandbox/kit-types.ts';

/** A refusal in one of the vendor's shapes. */
export class ApiError extends Error {
  readonly status: number;
  readonly body: unknown;

  constructor(status: number, body: unknown) {
    super(JSON.stringify(body));
    this.status = status;
    this.body = body;
  }

  answer(): Answer {
    return { status: this.status, body: this.body };
  }
}

export const unauthorized = (): ApiError => new ApiError(401, { error: "Couldn't authenticate you" });
export const forbidden = (): ApiError =>
  new ApiError(403, {
    error: {
      title: 'Forbidden',
      message:
        'You do not have access to this page. Please contact the account owner of this help desk for further help.',
    },
  });
export const noEndpoint = (): ApiError => new ApiError(404, { error: 'InvalidEndpoint', description: 'Not found' });
export const noRecord = (): ApiError => new ApiError(404, { error: 'RecordNotFound', description: 'Not found' });
export const invalid = (status: 400 | 422, description: string, error = 'InvalidValue'): ApiError =>
  new ApiError(status, { error, description });

export const TOO_MANY = {
  error: 'APIRateLimitExceeded',
  description: 'Number of allowed API requests per minute exceeded',
};
