import { ConnectorError, type Ctx, InputError } from '../../src/contract/index.ts';
import type { Config } from './config.ts';

/** Where a call's access token comes from. */
export interface Tokens {
  /** One that is good for this moment. @throws InputError where a credential is missing */
  current(): Promise<string>;
  accepted(token: string): void;
  /** After a 401. Returns where a new one may be asked for; @throws ConnectorError where that is of no use */
  refused(token: string, error: ConnectorError, renewed: boolean): void;
}

export function tokensOf(ctx: Ctx<Config>): Tokens {
  return {
    async current() {
      const { token } = ctx.secrets;
      if (token) return token;
      throw new InputError('HubSpot credentials are missing: HUBSPOT_TOKEN', {
        hint: 'Set the environment variable HUBSPOT_TOKEN to a service key or private-app token.',
      });
    },
    accepted() {},
    refused(_token, error) {
      throw asFailure(error);
    },
  };
}

function asFailure(error: ConnectorError): ConnectorError {
  return new ConnectorError(error.message, {
    action: 'fail',
    cause: error,
    ...(error.code === undefined ? {} : { code: error.code }),
    ...(error.hint === undefined ? {} : { hint: error.hint }),
  });
}
