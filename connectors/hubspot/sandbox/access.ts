import type { FaultList } from '../../../src/sandbox/kit-faults.ts';
import type { KitRequest } from '../../../src/sandbox/kit-types.ts';
import { missingScopes } from './errors.ts';
import { refuseByFault } from './faults.ts';
import type { Limits } from './limits.ts';
import type { Tokens } from './oauth.ts';

interface Parts {
  tokens: Tokens;
  limits: Limits;
  faults: FaultList;
  /** What the caller was granted. */
  granted: readonly string[];
}

/** Who may call, what for, and how often. */
export class Access {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /**
   * Lets a call pass and tells the headers of its answer. A call that fails afterwards has been counted all the same.
   * @param scopes any one of which would do; [] = none is needed
   * @throws ApiError 401, 403, 423, 429, 477
   */
  check(request: KitRequest, kind: string, scopes: readonly string[]): Record<string, string> {
    const { tokens, limits, faults, granted } = this.#parts;
    const caller = tokens.caller(request.headers.authorization, kind);
    refuseByFault(faults, limits, kind, scopes);
    const headers = limits.take(kind.endsWith('.search'), caller);
    if (scopes.length > 0 && !scopes.some((scope) => granted.includes(scope))) throw missingScopes([...scopes]);
    return headers;
  }
}
