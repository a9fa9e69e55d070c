import { ConnectorError } from '../contract/index.ts';

/** Failures before a connection exists: nothing was sent. */
const NEVER_SENT = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'UND_ERR_CONNECT_TIMEOUT',
]);

/** What fetch threw → what to do about it; the signal's own reason where that ended the call. */
export function networkError(label: string, cause: unknown, signal: AbortSignal): unknown {
  if (signal.aborted) return signal.reason;
  const inner = cause instanceof Error ? cause.cause : undefined;
  const code = typeof inner === 'object' && inner !== null && 'code' in inner ? String(inner.code) : 'NETWORK';
  return new ConnectorError(`${label}: the connection failed (${code})`, {
    action: 'retry',
    code,
    ambiguous: !NEVER_SENT.has(code),
    hint: 'Check the base URL, the network and the system’s status page.',
    cause,
  });
}
