import { randomUUID } from 'node:crypto';
import type { Answer } from '../../../src/sandbox/kit-types.ts';

type Context = Record<string, string[]>;
export interface Detail {
  message: string;
  code?: string;
  in?: string;
  subCategory?: string;
  context?: Context;
}

/** One row of a batch that went wrong, as it stands in a 207's `errors`. `context` values are lists of strings. */
export interface RowProblem {
  status: 'error';
  category: string;
  subCategory?: string;
  message: string;
  context: Context;
  links: Record<string, string>;
  errors: Detail[];
}

/** A refusal of a whole call, in the vendor's shapes; `correlationId` is drawn anew for each. */
export class ApiError extends Error {
  readonly status: number;
  readonly body: Record<string, unknown>;
  readonly headers: Record<string, string>;
  /** Refuses the whole call where it would be that of one row, trace ids or not. */
  whole = false;

  constructor(
    status: number,
    body: { message: string } & Record<string, unknown>,
    headers: Record<string, string> = {},
  ) {
    super(body.message);
    this.status = status;
    this.body = body;
    this.headers = headers;
  }

  answer(): Answer {
    return {
      status: this.status,
      headers: this.headers,
      body: { status: 'error', correlationId: randomUUID(), ...this.body },
    };
  }

  /** The same refusal as that of one row; `ids` say which, by record id or trace id. */
  row(context: Context): RowProblem {
    const { category, subCategory, message, errors, context: own } = this.body;
    return {
      status: 'error',
      category: String(category),
      ...(subCategory === undefined ? {} : { subCategory: String(subCategory) }),
      message: String(message),
      context: { ...(own as Context | undefined), ...context },
      links: {},
      errors: (errors as Detail[] | undefined) ?? [],
    };
  }
}

/** 400: a bad value, property, filter or body. */
export const invalid = (message: string, errors?: Detail[], more: { subCategory?: string } = {}): ApiError =>
  new ApiError(400, { message, category: 'VALIDATION_ERROR', ...more, ...(errors ? { errors } : {}) });

/** 400: the body is no JSON of the asked shape. */
export const badBody = (why: string): ApiError => invalid(`Invalid input JSON on line 1, column 1: ${why}`);

/** What is wrong with one property's value. */
export interface ValueProblem {
  name: string;
  /** PROPERTY_DOESNT_EXIST, INVALID_OPTION, INVALID_INTEGER, INVALID_DATE, READ_ONLY_VALUE, … */
  error: string;
  message: string;
}
/** 400: values that a record cannot take; the vendor puts the list into the message as JSON as well. */
export function badValues(problems: ValueProblem[]): ApiError {
  const told = problems.map(({ name, error, message }) => ({ isValid: false, message, error, name }));
  const errors = problems.map(
    ({ name, error, message }): Detail => ({ message, code: error, context: { propertyName: [name] } }),
  );
  return invalid(`Property values were not valid: ${JSON.stringify(told)}`, errors);
}

/** 404 of a record, list or group. */
export const notFound = (message = 'resource not found', context?: Context): ApiError =>
  new ApiError(404, { message, category: 'OBJECT_NOT_FOUND', ...(context ? { context } : {}) });

/** 404 of a path that the API does not have: no JSON. */
export const NO_PATH: Answer = {
  status: 404,
  body: '<html><head><title>Error 404 Not Found</title></head><body><h2>HTTP ERROR 404</h2></body></html>',
  type: 'text/html',
};
/** 405 of a path that is there for other methods. */
export const NO_METHOD: Answer = {
  status: 405,
  body: '<html><head><title>Error 405 Method Not Allowed</title></head><body><h2>HTTP ERROR 405</h2></body></html>',
  type: 'text/html',
};

/** 409: a unique value that another record holds. */
export const conflict = (message: string, context?: Context): ApiError =>
  new ApiError(409, { message, category: 'CONFLICT', ...(context ? { context } : {}) });
/** 409: a property, group or list of that name is there, archived ones included. */
export const alreadyExists = (message: string, subCategory?: string): ApiError =>
  new ApiError(409, { message, category: 'OBJECT_ALREADY_EXISTS', ...(subCategory ? { subCategory } : {}) });

export const noToken = (): ApiError =>
  new ApiError(401, {
    message:
      'Authentication credentials not found. This API supports OAuth 2.0 authentication and you can find more details at https://developers.hubspot.com/docs/methods/auth/oauth-overview',
    category: 'INVALID_AUTHENTICATION',
  });
export const badToken = (): ApiError =>
  new ApiError(401, {
    message:
      'The OAuth token used to make this call is invalid or belongs to an app that is not installed in this account.',
    category: 'INVALID_AUTHENTICATION',
  });
/** 401 that a refresh cures. Both epoch ms. */
export const expiredToken = (expiredAt: number, now: number): ApiError =>
  new ApiError(401, {
    message: `The OAuth token used to make this call expired ${Math.max(0, Math.floor((now - expiredAt) / 1000))} second(s) ago.`,
    category: 'EXPIRED_AUTHENTICATION',
    context: { 'expire time': [new Date(expiredAt).toISOString()] },
  });

/** 403: the token may not do this; `requiredGranularScopes` names what would. */
export const missingScopes = (scopes: string[]): ApiError =>
  new ApiError(403, {
    message:
      "This app hasn't been granted all required scopes to make this call. Read more about required scopes here: https://developers.hubspot.com/scopes.",
    category: 'MISSING_SCOPES',
    errors: [
      {
        message: 'One or more of the following scopes are required.',
        context: { requiredGranularScopes: scopes },
      },
    ],
    links: { scopes: 'https://developers.hubspot.com/scopes' },
  });
/** 403 of a private app whose creator has lost rights. */
export const noPermission = (): ApiError =>
  new ApiError(403, {
    message: 'The scope needed for this API call is only available to super admins of the account',
    category: 'USER_DOES_NOT_HAVE_PERMISSIONS',
  });

export type Policy = 'TEN_SECONDLY_ROLLING' | 'SECONDLY' | 'DAILY';
const POLICIES: Record<Policy, string> = {
  TEN_SECONDLY_ROLLING: 'You have reached your ten_secondly_rolling limit.',
  SECONDLY: 'You have reached your secondly limit.',
  DAILY: 'You have reached your daily limit.',
};
/** 429: `errorType` where other errors have `category`, and no Retry-After. */
export const tooMany = (policyName: Policy, groupName: string, headers: Record<string, string> = {}): ApiError =>
  new ApiError(
    429,
    {
      message: POLICIES[policyName],
      errorType: 'RATE_LIMIT',
      policyName,
      groupName,
      requestId: randomUUID().replaceAll('-', ''),
    },
    headers,
  );

/** 423: many writes at once hold a lock. */
export const locked = (): ApiError =>
  new ApiError(423, {
    message: 'The resource is locked, it could be updated by another request. Try again in a few seconds.',
    category: 'LOCKED',
  });
/** 477: the portal moves to another data centre; the one answer that documents Retry-After, in seconds. */
export const migrating = (seconds: number): ApiError =>
  new ApiError(
    477,
    {
      message: 'This account is currently being migrated between data hosting locations.',
      category: 'MIGRATION_IN_PROGRESS',
    },
    { 'retry-after': String(seconds) },
  );
/** Transient failures of the vendor's own. */
export const broken = (status: 500 | 502 | 503 | 504): Answer =>
  status === 500
    ? new ApiError(500, { message: 'internal error', category: 'INTERNAL_ERROR' }).answer()
    : {
        status,
        body: `<html><head><title>${status}</title></head><body><center><h1>${status}</h1></center><hr><center>cloudflare</center></body></html>`,
        type: 'text/html',
      };

/** 400 of the token endpoint: OAuth's two words beside the vendor's own. */
export const oauthError = (error: string, description: string, status: string): ApiError =>
  new ApiError(400, { error, error_description: description, status, message: description });
