const HIDDEN = '[hidden]';

/** Names whose value is a secret, in JSON, headers and `name=value` texts. */
const SECRET_NAME = '[\\w-]*(?:token|secret|password|passwd|passphrase|assertion|api[_-]?key|private[_-]?key)s?';
/** In a URL these are secrets too: an OAuth code, a session id, a signature. */
const SECRET_PARAMETER = `(?:${SECRET_NAME}|pwd|sid|code|sig|signature)`;

const RULES: [RegExp, string][] = [
  [/-----BEGIN [A-Z0-9 ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z0-9 ]*PRIVATE KEY-----|$)/g, HIDDEN],
  [/\beyJ[\w-]{5,}\.[\w-]+(?:\.[\w-]*)?/g, HIDDEN], // JWT, signed or not
  [/\b(authorization["']?\s*[:=]\s*["']?)(?:(?:bearer|basic|digest|oauth)\s+)?[^\s"',;]+/gi, `$1${HIDDEN}`],
  [/\b(bearer|basic)\s+(?=[\w~+/.=!-]*[\d.=!_-])[\w~+/.=!-]{8,}/gi, `$1 ${HIDDEN}`],
  [/(\b[a-z][a-z0-9+.-]*:\/\/)[^\s/@:]*:[^\s/@]+@/gi, `$1${HIDDEN}@`], // user:password@host
  [new RegExp(`([?&#]${SECRET_PARAMETER}=)[^&#\\s"']*`, 'gi'), `$1${HIDDEN}`],
  [new RegExp(`(["']${SECRET_NAME}["']\\s*:\\s*)"(?:[^"\\\\]|\\\\.)*"`, 'gi'), `$1"${HIDDEN}"`],
  [new RegExp(`\\b(${SECRET_NAME}\\s*[=:]\\s*)(?!\\[hidden)["']?[^\\s"'&,;]+`, 'gi'), `$1${HIDDEN}`],
  [/\b(?:sk|pk|rk|xox[abposr]|gh[pousr]|pat)[-_][A-Za-z0-9_-]{16,}/g, HIDDEN], // keys that say what they are
  [/\b00D[A-Za-z0-9]{12,15}![A-Za-z0-9._]{10,}/g, HIDDEN], // organisation id ! session
];

/**
 * A text without its secrets: bearer tokens, JWTs, keys, passwords, private key blocks, secret query parameters and JSON members.
 * What is left still says what happened. Not a licence to log bodies.
 */
export function redact(text: string): string {
  let clean = text;
  for (const [pattern, put] of RULES) clean = clean.replace(pattern, put);
  return clean;
}
