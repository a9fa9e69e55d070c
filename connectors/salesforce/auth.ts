import { readFileSync } from 'node:fs';
import jsforce from 'jsforce';
import { z } from 'zod';
import { ConnectorError, type Ctx, InputError } from '../../src/contract/index.ts';
import { signJwtBearer } from '../../src/kit/jwt.ts';
import type { Config } from './config.ts';
import { clean, toConnectorError } from './errors.ts';

/** What a login gives. */
export interface Grant {
  accessToken: string;
  /** Bare origin that all calls go to. */
  instanceUrl: string;
  /** From the identity URL; some orgs leave it out. */
  userId: string | null;
}

const TokenAnswer = z.object({ access_token: z.string().min(1), instance_url: z.url(), id: z.string().optional() });

/**
 * Logs in by the configured flow. The token endpoint is called directly and not through jsforce's `authorize`, which fails where the
 * answer has no `id`.
 * @throws InputError where a credential is missing, ConnectorError where the org refuses it
 */
export async function logIn(ctx: Ctx<Config>): Promise<Grant> {
  const { auth, loginUrl } = ctx.config;
  const secret =
    auth.flow === 'client-credentials' ? required(ctx, 'clientSecret', 'SALESFORCE_CLIENT_SECRET') : undefined;
  const key = auth.flow === 'jwt' ? privateKey(ctx, auth.privateKeyFile) : '';
  const answer = await ctx.attempt(
    { label: 'token', kind: 'read', idempotent: true, bucket: 'auth', deadlineMs: ctx.config.timeoutSeconds * 1000 },
    async () => {
      const params: { grant_type: string; [name: string]: string } =
        auth.flow === 'client-credentials'
          ? { grant_type: 'client_credentials' }
          : { grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer', assertion: await assertion(ctx, auth, key) };
      const oauth2 = new jsforce.OAuth2({
        loginUrl,
        ...(secret ? { clientId: auth.clientId, clientSecret: secret } : {}),
      });
      try {
        return (await oauth2.requestToken(params)) as unknown;
      } catch (error) {
        throw refusal(error, ctx);
      }
    },
  );
  const parsed = TokenAnswer.safeParse(answer);
  if (!parsed.success)
    throw new ConnectorError('token: the login host answered without an access token and instance address', {
      action: 'fail',
      code: 'TOKEN_ANSWER',
      hint: `Check loginUrl (${loginUrl}): it must be a Salesforce login host or the org's My Domain.`,
    });
  const { access_token, instance_url, id } = parsed.data;
  return {
    accessToken: access_token,
    instanceUrl: new URL(instance_url).origin,
    userId: /\/(005[A-Za-z0-9]{12,15})\/?$/.exec(id ?? '')?.[1] ?? null,
  };
}

async function assertion(
  ctx: Ctx<Config>,
  auth: Extract<Config['auth'], { flow: 'jwt' }>,
  key: string,
): Promise<string> {
  return signJwtBearer({
    key,
    issuer: auth.clientId,
    subject: auth.username,
    audience: auth.audience ?? ctx.config.loginUrl,
    now: Date.now(), // compared with the org's own clock, whatever date is being scored
    ttlSeconds: 120, // the org accepts about three minutes at most
  });
}

function required(ctx: Ctx<Config>, name: string, env: string): string {
  const value = ctx.secrets[name];
  if (!value)
    throw new InputError(`Salesforce credentials are missing: ${env}`, {
      hint: `Set the environment variable ${env}.`,
    });
  return value;
}

function privateKey(ctx: Ctx<Config>, file: string | undefined): string {
  if (!file) return required(ctx, 'privateKey', 'SALESFORCE_PRIVATE_KEY');
  try {
    return readFileSync(ctx.file(file), 'utf8');
  } catch (cause) {
    throw new InputError(
      `auth.privateKeyFile: ${file} cannot be read (${(cause as NodeJS.ErrnoException).code ?? 'unknown reason'})`,
      {
        hint: 'Name a PEM file that this user may read, or set SALESFORCE_PRIVATE_KEY.',
        cause,
      },
    );
  }
}

/** Token errors are OAuth's: `name` is the error value, and there is no errorCode. */
function refusal(error: unknown, ctx: Ctx<Config>): ConnectorError {
  const name = error instanceof Error ? error.name : '';
  const http = /^ERROR_HTTP_\d+$/.test(name)
    ? Object.assign(new Error(clean(String((error as Error).message))), { errorCode: name })
    : null;
  if (http) return toConnectorError(http, { label: 'token', write: false });
  if (['server_error', 'temporarily_unavailable', 'unknown_error'].includes(name))
    return new ConnectorError(`token: ${name}`, { action: 'retry', code: name });
  if (!/^[a-z]+(_[a-z]+)*$/.test(name)) return toConnectorError(error, { label: 'token', write: false });
  const jwt = ctx.config.auth.flow === 'jwt';
  return new ConnectorError(`token: ${name}: ${clean((error as Error).message)}`, {
    action: 'fail',
    code: name,
    hint: jwt
      ? 'Check clientId, username, loginUrl/audience and the private key, and that the app is pre-authorised for this user.'
      : 'Check clientId and SALESFORCE_CLIENT_SECRET, that loginUrl is the My Domain address, and that the app has a run-as user.',
  });
}
