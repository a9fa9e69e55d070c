import { z } from 'zod';
import { ConnectorError, type Ctx, InputError } from '../../src/contract/index.ts';
import { parseAnswer } from '../../src/http/answer.ts';
import { networkError } from '../../src/http/network.ts';
import { type Issued, REFUSED_GRANT, RotatingTokens } from '../../src/http/rotating.ts';
import type { Config } from './config.ts';
import { clean, toConnectorError } from './errors.ts';
import { pathsOf } from './paths.ts';
import { send } from './transport.ts';

/** Where a call's access token comes from. */
export interface Tokens {
  /** One that is good for this moment. @throws InputError where a credential is missing */
  current(): Promise<string>;
  /** Forgets a token that the portal refused. false = there is no other to be had. */
  drop(token: string): boolean;
}

export function tokensOf(ctx: Ctx<Config>): Tokens {
  const { auth } = ctx.config;
  if (auth.flow === 'token') return { current: async () => secret(ctx, 'token', 'HUBSPOT_TOKEN'), drop: () => false };
  const rotating = new RotatingTokens({
    credentials: ctx.credentials,
    first: { value: ctx.secrets.refreshToken, env: 'HUBSPOT_REFRESH_TOKEN' },
    refresh: (refreshToken) => refresh(ctx, auth.clientId, refreshToken),
    now: ctx.now,
    log: ctx.log,
    signal: ctx.signal,
  });
  return {
    current: async () => (await rotating.current()).accessToken,
    drop: (token) => {
      rotating.drop(token);
      return true;
    },
  };
}

const TokenAnswer = z.object({
  access_token: z.string().min(1),
  /** Not said to rotate, and to be stored each time all the same. */
  refresh_token: z.string().min(1).optional(),
  expires_in: z.number().positive(),
});
/** OAuth's own error fields beside the vendor's. */
const Refusal = z.object({ error: z.string(), error_description: z.string(), status: z.string(), message: z.string() });

/** Well below the patience of other processes, all tries together. */
const LONGEST_MS = 20_000;

/** https://developers.hubspot.com/docs/api-reference/latest/authentication/manage-oauth-tokens */
async function refresh(ctx: Ctx<Config>, clientId: string, refreshToken: string): Promise<Issued> {
  const clientSecret = secret(ctx, 'clientSecret', 'HUBSPOT_CLIENT_SECRET');
  const { config } = ctx;
  const deadlineMs = Math.min(config.timeoutSeconds * 1000, LONGEST_MS);
  // Sent again after a lost answer too: the old token is all there is, and it may still be good.
  const options = { label: 'token', kind: 'read', idempotent: true, bucket: 'auth', deadlineMs } as const;
  return ctx.attempt(options, async (signal) => {
    let response: Response;
    let text: string;
    try {
      response = await send({
        baseUrl: config.baseUrl,
        accessToken: null,
        method: 'POST',
        path: pathsOf(config.apiVersion).token(),
        form: {
          grant_type: 'refresh_token',
          client_id: clientId,
          client_secret: clientSecret,
          refresh_token: refreshToken,
        },
        signal,
      });
      text = await response.text();
    } catch (cause) {
      throw networkError('token', cause, signal);
    }
    if (!response.ok) throw refusal(ctx, response, text);
    const answer = parseAnswer('token', TokenAnswer, response, text);
    return {
      accessToken: answer.access_token,
      refreshToken: answer.refresh_token ?? null,
      expiresInSeconds: answer.expires_in,
      extra: {},
    };
  });
}

function refusal(ctx: Ctx<Config>, response: Response, text: string): ConnectorError {
  const said = Refusal.partial().safeParse(jsonOf(text)).data ?? {};
  const words = [said.status, said.error, said.error_description ?? said.message].filter((w) => w !== undefined);
  const told = `token: ${response.status} ${clean([...new Set(words)].join(', '))}`;
  if (said.status === 'BAD_REFRESH_TOKEN' || said.error === 'invalid_grant')
    return new ConnectorError(told, {
      action: 'fail',
      code: REFUSED_GRANT,
      hint: 'The installation was revoked or the app removed: install the app in the portal anew and set HUBSPOT_REFRESH_TOKEN to the token that it gives.',
    });
  if (response.status === 401 || response.status === 400 || response.status === 403)
    return new ConnectorError(told, {
      action: 'fail',
      code: said.status ?? said.error ?? String(response.status),
      hint: 'Check auth.clientId and HUBSPOT_CLIENT_SECRET: they must be those of the app that was installed.',
    });
  return toConnectorError('token', response, text, ctx.now(), ctx.timezone);
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null; // a page of somebody in between: the status decides
  }
}

function secret(ctx: Ctx<Config>, name: string, env: string): string {
  const value = ctx.secrets[name];
  if (value) return value;
  throw new InputError(`HubSpot credentials are missing: ${env}`, { hint: `Set the environment variable ${env}.` });
}
