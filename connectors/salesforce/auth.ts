import { readFileSync } from 'node:fs';
import jsforce from 'jsforce';
import { z } from 'zod';
import { ConnectorError, type Ctx, InputError } from '../../src/contract/index.ts';
import { REFUSED_GRANT, RotatingTokens } from '../../src/http/rotating.ts';
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

const TokenAnswer = z.object({
  access_token: z.string().min(1),
  instance_url: z.url(),
  id: z.string().optional(),
  /** Where the app rotates them, the one that was sent is dead from now on. */
  refresh_token: z.string().min(1).optional(),
});
type TokenAnswer = z.infer<typeof TokenAnswer>;
type Params = { grant_type: string; [name: string]: string };

/** How sessions are opened, by the configured flow. */
export interface Login {
  /** @throws InputError where a credential is missing, ConnectorError where the org refuses it */
  open(): Promise<Grant>;
  /** The org refused this session: it is not given out again. */
  drop(grant: Grant): void;
}

export function loginOf(ctx: Ctx<Config>): Login {
  const { auth } = ctx.config;
  if (auth.flow !== 'refresh-token')
    return { open: async () => grantOf(await logIn(ctx, await paramsOf(ctx))), drop: () => undefined };
  const { clientId } = auth;
  const rotating = new RotatingTokens({
    credentials: ctx.credentials,
    first: { value: ctx.secrets.refreshToken, env: 'SALESFORCE_REFRESH_TOKEN' },
    refresh: async (refreshToken) => {
      const secret = ctx.secrets.clientSecret;
      const answer = await logIn(ctx, () => ({
        grant_type: 'refresh_token',
        refresh_token: refreshToken,
        client_id: clientId,
        ...(secret ? { client_secret: secret } : {}),
      }));
      const { accessToken, instanceUrl, userId } = grantOf(answer);
      return {
        accessToken,
        refreshToken: answer.refresh_token ?? null,
        expiresInSeconds: null, // never told: it ends with the org's session settings
        extra: { instanceUrl, ...(userId === null ? {} : { userId }) },
      };
    },
    now: ctx.now,
    log: ctx.log,
    signal: ctx.signal,
  });
  return {
    async open() {
      const { accessToken, extra } = await rotating.current();
      return { accessToken, instanceUrl: extra.instanceUrl ?? ctx.config.loginUrl, userId: extra.userId ?? null };
    },
    drop: ({ accessToken }) => rotating.drop(accessToken),
  };
}

/** Well below the patience of other processes that wait for a refresh, all tries together. */
const LONGEST_MS = 20_000;

/**
 * One call of the token endpoint, directly and not through jsforce's `authorize`, which fails where the answer has no `id`.
 * `params` is asked anew for each try: an assertion is short-lived.
 */
async function logIn(ctx: Ctx<Config>, params: () => Params | Promise<Params>): Promise<TokenAnswer> {
  const { loginUrl, timeoutSeconds } = ctx.config;
  const deadlineMs = Math.min(timeoutSeconds * 1000, LONGEST_MS);
  const answer = await ctx.attempt(
    { label: 'token', kind: 'read', idempotent: true, bucket: 'auth', deadlineMs },
    async () => {
      const sent = await params();
      try {
        return (await new jsforce.OAuth2({ loginUrl }).requestToken(sent)) as unknown;
      } catch (error) {
        throw refusal(error, ctx);
      }
    },
  );
  const parsed = TokenAnswer.safeParse(answer);
  if (parsed.success) return parsed.data;
  throw new ConnectorError('token: the login host answered without an access token and instance address', {
    action: 'fail',
    code: 'TOKEN_ANSWER',
    hint: `Check loginUrl (${loginUrl}): it must be a Salesforce login host or the org's My Domain.`,
  });
}

const grantOf = ({ access_token, instance_url, id }: TokenAnswer): Grant => ({
  accessToken: access_token,
  instanceUrl: new URL(instance_url).origin,
  userId: /\/(005[A-Za-z0-9]{12,15})\/?$/.exec(id ?? '')?.[1] ?? null,
});

/** What the flows that need no stored token send. @throws InputError where a credential is missing */
async function paramsOf(ctx: Ctx<Config>): Promise<() => Params | Promise<Params>> {
  const { auth } = ctx.config;
  if (auth.flow === 'jwt') {
    const key = privateKey(ctx, auth.privateKeyFile);
    return async () => ({
      grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer',
      assertion: await assertion(ctx, auth, key),
    });
  }
  const secret = required(ctx, 'clientSecret', 'SALESFORCE_CLIENT_SECRET');
  return () => ({ grant_type: 'client_credentials', client_id: auth.clientId, client_secret: secret });
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
  const { flow } = ctx.config.auth;
  return new ConnectorError(`token: ${name}: ${clean((error as Error).message)}`, {
    action: 'fail',
    code: flow === 'refresh-token' && name === 'invalid_grant' ? REFUSED_GRANT : name,
    hint: HINTS[flow],
  });
}

const HINTS: Record<Config['auth']['flow'], string> = {
  jwt: 'Check clientId, username, loginUrl/audience and the private key, and that the app is pre-authorised for this user.',
  'client-credentials':
    'Check clientId and SALESFORCE_CLIENT_SECRET, that loginUrl is the My Domain address, and that the app has a run-as user.',
  'refresh-token':
    'Check clientId, SALESFORCE_CLIENT_SECRET and the allowed addresses of the app. Where the token was revoked, or not used for 30 days, authorise the app anew and set SALESFORCE_REFRESH_TOKEN.',
};
