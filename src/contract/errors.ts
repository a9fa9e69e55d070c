/** What a caller should do about a failed call. The retry policy reads it; nothing else decides. */
export type ErrorAction =
  | 'retry' // transient: same call again, with backoff
  | 'wait' // the vendor's quota is used up: pause the run, resume later
  | 'reauthenticate' // the session expired: renew once
  | 'fail'; // a person must act

export interface ConnectorErrorOptions {
  action: ErrorAction;
  /** The vendor's own code: INVALID_FIELD, 429, … */
  code?: string;
  /** What the operator should do next, one sentence. */
  hint?: string;
  /** Whether the request may have been carried out although the answer was lost. */
  ambiguous?: boolean;
  /** From Retry-After or a quota header. */
  retryAfterMs?: number;
  cause?: unknown;
}

/** Every error that leaves a connector. Messages carry no secret and no personal data. */
export class ConnectorError extends Error {
  readonly action: ErrorAction;
  readonly code: string | undefined;
  readonly hint: string | undefined;
  readonly ambiguous: boolean;
  readonly retryAfterMs: number | undefined;
  constructor(message: string, options: ConnectorErrorOptions) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'ConnectorError';
    this.action = options.action;
    this.code = options.code;
    this.hint = options.hint;
    this.ambiguous = options.ambiguous ?? false;
    this.retryAfterMs = options.retryAfterMs;
  }
}

/** Wrong input from a person: configuration, mapping, arguments, files. Exit code 2. */
export class InputError extends Error {
  readonly hint: string | undefined;
  /** Each place with its own line, where several were found at once. */
  readonly problems: string[];
  constructor(message: string, options: { hint?: string; problems?: string[]; cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'InputError';
    this.hint = options.hint;
    this.problems = options.problems ?? [];
  }
}

/** The run stopped on purpose and waits for a person. Exit code 3. */
export class HeldError extends Error {
  readonly hint: string;
  constructor(message: string, hint: string) {
    super(message);
    this.name = 'HeldError';
    this.hint = hint;
  }
}
