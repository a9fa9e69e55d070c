import type { VendorSandbox } from '../src/sandbox/world.types.ts';

/**
 * Vendor sandboxes by name, loaded only when one is served: their parsers are optional dependencies and no part of
 * the product's own work.
 */
export const sandboxes: Record<string, () => Promise<VendorSandbox>> = {
  hubspot: async () => (await import('./hubspot/sandbox.ts')).hubspotSandbox,
  salesforce: async () => (await import('./salesforce/sandbox.ts')).salesforceSandbox,
  stripe: async () => (await import('./stripe/sandbox.ts')).stripeSandbox,
  zendesk: async () => (await import('./zendesk/sandbox.ts')).zendeskSandbox,
};
