import { ConnectorError, type ErrorAction } from '../../src/contract/index.ts';

interface Rule {
  action: ErrorAction;
  hint?: string;
  /** Surely not carried out, although the call failed. */
  refused?: boolean;
}

const SETUP =
  'Check the name in the mapping file, grant the field to the integration user (permission set Pulseback Runtime), then run `npx pulseback setup` and `npx pulseback check`.';
const ACCESS =
  'Give the integration user access (permission sets, Modify Metadata for setup), then run `npx pulseback check`.';

/** https://developer.salesforce.com/docs/atlas.en-us.api_rest.meta/api_rest/errorcodes.htm */
const RULES: Record<string, Rule> = {
  INVALID_SESSION_ID: { action: 'reauthenticate', refused: true },
  INVALID_AUTH_HEADER: { action: 'reauthenticate', refused: true },
  REQUEST_LIMIT_EXCEEDED: {
    action: 'wait',
    refused: true,
    hint: 'The org has used up its API calls of the rolling 24 hours. Run again later: what was finished is kept.',
  },
  SERVER_UNAVAILABLE: { action: 'retry' },
  UNKNOWN_EXCEPTION: { action: 'retry' },
  UNABLE_TO_LOCK_ROW: { action: 'retry', refused: true },
  INVALID_FIELD: { action: 'fail', hint: SETUP },
  INVALID_FIELD_FOR_INSERT_UPDATE: { action: 'fail', hint: SETUP },
  INVALID_TYPE: { action: 'fail', hint: ACCESS },
  INSUFFICIENT_ACCESS: { action: 'fail', hint: ACCESS },
  INSUFFICIENT_ACCESS_OR_READONLY: { action: 'fail', hint: ACCESS },
  INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY: { action: 'fail', hint: ACCESS },
  API_DISABLED_FOR_ORG: {
    action: 'fail',
    hint: 'Enable the API for the org and "API Enabled" for the integration user.',
  },
  UNSUPPORTED_API_VERSION: { action: 'fail', hint: 'Set apiVersion to one that the org offers.' },
  QUERY_TIMEOUT: { action: 'fail', hint: 'The org took too long; the query is narrowed automatically, run again.' },
  QUERY_TOO_COMPLICATED: { action: 'fail', hint: 'Map fewer formula fields.' },
};

const NETWORK_UNSENT = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTDOWN',
  'ENETDOWN',
  'ENETUNREACH',
  'EHOSTUNREACH',
  'UND_ERR_CONNECT_TIMEOUT',
]);

/** Anything that looks like a session id, and more than a line of a page, stays out of messages. */
export function clean(message: string): string {
  const line = message
    .replace(/<(script|style)[\s\S]*?<\/\1>/gi, ' ')
    .replace(/<[^>]*>/g, ' ')
    .replace(/00D\w{12,15}![\w.]+/g, '[session]')
    .replace(/\s+/g, ' ')
    .trim();
  return line.length > 400 ? `${line.slice(0, 399)}…` : line;
}

/**
 * What jsforce threw → what to do about it (fact sheet §12). `write` marks calls whose lost answer leaves open whether they were
 * carried out.
 */
export function toConnectorError(error: unknown, call: { label: string; write: boolean }): ConnectorError {
  if (error instanceof ConnectorError) return error;
  const { code, message } = codeAndMessage(error);
  const make = (rule: Rule, shown = code): ConnectorError =>
    new ConnectorError(`${call.label}: ${shown ? `${shown}: ` : ''}${clean(message)}`, {
      action: rule.action,
      ambiguous: call.write && rule.action === 'retry' && !rule.refused,
      cause: error instanceof Error ? new Error(clean(error.message)) : undefined,
      ...(shown ? { code: shown } : {}),
      ...(rule.hint ? { hint: rule.hint } : {}),
    });
  if (isTooMuchAtOnce(code, message)) return make({ action: 'fail' }, 'GOVERNOR_LIMIT');
  if (code === 'REQUEST_LIMIT_EXCEEDED' && /^\s*Concurrent/i.test(message))
    return make({ action: 'retry', refused: true });
  const rule = RULES[code];
  if (rule) return make(rule);
  const status = /^ERROR_HTTP_(\d+)$/.exec(code)?.[1];
  if (status) return make(httpRule(Number(status)), status);
  const network = networkCode(error);
  if (network)
    return make(
      { action: 'retry', refused: NETWORK_UNSENT.has(network), hint: 'Check the network between here and the org.' },
      network,
    );
  return make({ action: 'fail' });
}

function httpRule(status: number): Rule {
  if (status === 401) return { action: 'reauthenticate', refused: true };
  if (status === 420 || status === 429) return { action: 'retry', refused: true };
  if (status >= 500)
    return { action: 'retry', hint: 'Salesforce is unavailable or under maintenance: https://status.salesforce.com' };
  if (status === 404) return { action: 'fail', hint: 'Check loginUrl and apiVersion.' };
  return { action: 'fail', hint: ACCESS };
}

function codeAndMessage(error: unknown): { code: string; message: string } {
  if (!(error instanceof Error)) return { code: '', message: String(error) };
  const { errorCode, data } = error as Error & { errorCode?: unknown; data?: unknown };
  if (errorCode === 'MULTIPLE_API_ERRORS' && Array.isArray(data)) {
    const all = data.filter((d): d is { errorCode: string; message: string } => typeof d?.errorCode === 'string');
    // The first that has a rule decides; all are told.
    const first = all.find((d) => d.errorCode in RULES) ?? all[0];
    if (first) return { code: first.errorCode, message: all.map((d) => `${d.errorCode}: ${d.message}`).join('; ') };
  }
  // SOAP faults keep their prefix: sf:UNKNOWN_EXCEPTION.
  return { code: typeof errorCode === 'string' ? errorCode.replace(/^\w+:/, '') : '', message: error.message };
}

function networkCode(error: unknown): string | null {
  if (!(error instanceof Error)) return null;
  if (error.name === 'AbortError') return 'TIMEOUT';
  for (let e: unknown = error; e instanceof Error; e = e.cause) {
    const { code } = e as NodeJS.ErrnoException;
    if (typeof code === 'string' && /^(E[A-Z]+|UND_ERR_\w+|CERT_\w+|DEPTH_ZERO\w*)$/.test(code)) return code;
  }
  return /fetch failed|terminated|premature close|socket hang up/i.test(error.message) ? 'NETWORK' : null;
}

/** Triggers, flows and governor limits: the same rows may pass in smaller numbers (W14). */
export function isTooMuchAtOnce(code: string, message: string): boolean {
  return (
    ['CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY', 'LIMIT_EXCEEDED', 'REQUEST_RUNNING_TOO_LONG', 'GOVERNOR_LIMIT'].includes(
      code,
    ) || /LimitException|CPU time limit|Too many (SOQL|DML|query)|heap size too large/i.test(message)
  );
}

/** Row errors that the same row does not meet again later. */
export const isTransientRow = (code: string): boolean =>
  ['UNABLE_TO_LOCK_ROW', 'SERVER_UNAVAILABLE', 'UNKNOWN_EXCEPTION', 'ALL_OR_NONE_OPERATION_ROLLED_BACK'].includes(code);
