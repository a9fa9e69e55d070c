import type { Connector } from '../src/contract/index.ts';
import { files } from './files/index.ts';
import { hubspot } from './hubspot/index.ts';
import { salesforce } from './salesforce/index.ts';
import { stripe } from './stripe/index.ts';
import { zendesk } from './zendesk/index.ts';

/**
 * Every connector by name. A new source is a folder beside these and one line here. Of the CRMs the first is meant where a command
 * names none.
 */
export const connectors: Record<string, Connector> = {
  files: files as Connector,
  salesforce: salesforce as Connector,
  hubspot: hubspot as Connector,
  stripe: stripe as Connector,
  zendesk: zendesk as Connector,
};
