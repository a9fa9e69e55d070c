import { InputError } from '../contract/index.ts';

/** The error that carries a code, among what was thrown and what caused it. */
function coded(error: unknown): (Error & { code: string }) | null {
  if (error instanceof AggregateError && error.errors.length > 0) return coded(error.errors[0]);
  if (!(error instanceof Error)) return null;
  return 'code' in error && typeof error.code === 'string' ? (error as Error & { code: string }) : coded(error.cause);
}

/** PostgreSQL's five-letter code (SQLSTATE), or the system's ("ECONNREFUSED"); null for any other error. */
export const postgresCode = (error: unknown): string | null => coded(error)?.code ?? null;

/** Deadlock, or two transactions that cannot both have been first. */
export const retriable = (error: unknown): boolean => ['40P01', '40001'].includes(postgresCode(error) ?? '');
export const lockTimedOut = (error: unknown): boolean => postgresCode(error) === '55P03';

/** Whether the server, or the way to it, went away: shut down, restarted, cut off. */
export function connectionLost(error: unknown): boolean {
  const code = postgresCode(error);
  if (code === null) return error instanceof Error && /connection terminated|not queryable/i.test(error.message);
  return /^(08...|57P0[123]|25P03|E[A-Z]+)$/.test(code);
}

/** Where the store lies, in words that may be shown: without the password. */
export interface Place {
  host: string;
  port: number;
  database: string;
  user: string;
}
export const placeText = ({ host, port, database, user }: Place): string =>
  `PostgreSQL ${database} at ${host.startsWith('/') ? host : `${host}:${port}`} (user ${user})`;

const CERTIFICATE = /^(UNABLE_TO|DEPTH_ZERO|SELF_SIGNED|CERT_|ERR_TLS)/;

/** What a person can do about an error while opening; errors that are not about the server pass through. */
export function explain(error: unknown, place: Place): unknown {
  if (error instanceof InputError) return error;
  const at = placeText(place);
  const code = postgresCode(error) ?? '';
  const said = (what: string, hint: string) => new InputError(`${at}: ${what}`, { hint, cause: error });
  switch (code) {
    case '28P01':
      return said(
        'the password was refused',
        'Correct user and password in DATABASE_URL; % and @ in them are written %25 and %40.',
      );
    case '28000':
      return said(
        `the server does not let this user in (${messageOf(error)})`,
        'Correct the user in DATABASE_URL, or let the administrator allow it in pg_hba.conf.',
      );
    case '3D000':
      return said('there is no such database', `Create it (\`createdb ${place.database}\`), or correct DATABASE_URL.`);
    case '42501':
      return said(
        `a right is missing (${messageOf(error)})`,
        `Let this user create tables there: \`grant create, usage on schema NAME to "${place.user}"\`, or make it the owner of the database.`,
      );
    case '25006':
      return said('it can only be read', 'Point DATABASE_URL at the primary server, not at a replica.');
    case '53300':
      return said(
        'it takes no more connections',
        'Raise max_connections, or let fewer processes run; each uses up to 8.',
      );
    case '57P03':
      return said(`it is not ready (${messageOf(error)})`, 'Wait until it has started, and try again.');
  }
  if (/password must be a string/.test(messageOf(error)))
    return said('it asks for a password', 'Write it into DATABASE_URL: postgresql://user:password@host:5432/database.');
  if (CERTIFICATE.test(code))
    return said(
      `its certificate is not trusted (${messageOf(error)})`,
      'Name the authority in DATABASE_URL: ?sslmode=verify-full&sslrootcert=FILE.',
    );
  const unreachable = /^E[A-Z]+$/.test(code) || /timeout|terminated|SSL connections/i.test(messageOf(error));
  return unreachable
    ? said(
        `cannot be reached (${messageOf(error) || code})`,
        'Check host and port in DATABASE_URL and that the server runs; unset DATABASE_URL to use the file that `store` names.',
      )
    : error;
}

/** What the server or the system said. */
export function messageOf(error: unknown): string {
  const told = coded(error) ?? error;
  return told instanceof Error ? told.message : String(told);
}
