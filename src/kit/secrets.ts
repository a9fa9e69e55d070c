import { readFileSync } from 'node:fs';
import { type Connector, InputError } from '../contract/index.ts';
import { type Keyring, keyringOf } from './keyring.ts';
import { nearest } from './nearest.ts';

/**
 * A connector's secrets: from the environment, else from the files that the source names.
 * @throws InputError listing every one that is missing, and naming a file that cannot be read or a name that the connector lacks
 */
export function secretsOf(
  connector: Connector,
  where: string,
  env: NodeJS.ProcessEnv,
  files: { named: Record<string, string>; resolve(path: string): string } = { named: {}, resolve: (path) => path },
): Record<string, string> {
  const known = Object.keys(connector.secrets);
  for (const name of Object.keys(files.named))
    if (!known.includes(name)) {
      const close = nearest(name, known);
      throw new InputError(`${where}.secretFiles.${name}: ${connector.name} has no secret of that name`, {
        hint: `${close ? `The nearest is "${close}". ` : ''}Known are: ${known.join(', ')}.`,
      });
    }
  const secrets: Record<string, string> = {};
  const missing: string[] = [];
  for (const [name, spec] of Object.entries(connector.secrets)) {
    const file = files.named[name];
    const value =
      env[spec.env] ||
      (file === undefined ? undefined : readSecret(files.resolve(file), `${where}.secretFiles.${name}`));
    if (value) secrets[name] = value;
    else if (!spec.optional) missing.push(`environment variable ${spec.env}: ${spec.description}`);
  }
  if (missing.length)
    throw new InputError(`${where}: credentials are missing`, {
      problems: missing,
      hint: `Set them in the environment of this command, or name files that hold them under ${where}.secretFiles; they never stand in the configuration itself.`,
    });
  return secrets;
}

function readSecret(path: string, where: string): string {
  try {
    return readFileSync(path, 'utf8').trim();
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? String(cause.code) : 'unknown reason';
    throw new InputError(`${where}: ${path} cannot be read (${code})`, {
      hint: 'Correct the path or its permissions.',
      cause,
    });
  }
}

/**
 * The key that credentials are encrypted with, read when the first one needs it: PULSEBACK_SECRET_KEY, else the file that
 * PULSEBACK_SECRET_KEY_FILE or `secretKeyFile` names.
 */
export function lazyKeyring(
  config: { path: string; secretKeyFile?: string | undefined; file(path: string): string },
  env: NodeJS.ProcessEnv,
): () => Keyring {
  let ring: Keyring | null = null;
  const open = (): Keyring => {
    if (env.PULSEBACK_SECRET_KEY) return keyringOf(env.PULSEBACK_SECRET_KEY, 'PULSEBACK_SECRET_KEY');
    const file = env.PULSEBACK_SECRET_KEY_FILE || config.secretKeyFile;
    const named = env.PULSEBACK_SECRET_KEY_FILE ? 'PULSEBACK_SECRET_KEY_FILE' : `${config.path}: secretKeyFile`;
    if (file) return keyringOf(readSecret(config.file(file), named), named);
    throw new InputError(
      'PULSEBACK_SECRET_KEY: this way to log in stores tokens, and there is no key to encrypt them',
      {
        hint: 'Set it to 32 random bytes in base64 (`openssl rand -base64 32`), or name a file with PULSEBACK_SECRET_KEY_FILE or secretKeyFile.',
      },
    );
  };
  return () => {
    ring ??= open();
    return ring;
  };
}
