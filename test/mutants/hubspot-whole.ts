import type { Mutant } from './mutant.ts';

const at = (file: string): string => `connectors/hubspot/${file}.ts`;

/** Mistakes around the other CRM that only the whole product shows. */
export const HUBSPOT_WHOLE: Mutant[] = [
  {
    name: 'hubspot-persons-edit-wins',
    file: at('streams'),
    find: 'values: heldValues(ours, valuesOf(record))',
    replace: 'values: {}',
    why: 'what the portal holds is not known: a score changed by hand stays',
    tests: ['test/e2e/wire.test.ts'],
  },
  {
    name: 'hubspot-deletions-dropped',
    file: at('archived'),
    find: 'if (facts.length > 0) yield',
    replace: 'if (facts.length > 1_000) yield',
    why: 'deleted companies are scored and refused every night',
    tests: ['test/e2e/wire.test.ts'],
  },
  {
    name: 'hubspot-tasks-to-a-stranger',
    file: at('owners'),
    find: 'const Id = z.union([z.string(), z.int()]).transform(String);',
    replace: 'const Id = z.union([z.string(), z.int()]).transform((id) => String(Number(id) + 1));',
    why: 'tasks go to whoever happens to have the next id',
    tests: ['test/e2e/same.test.ts'],
  },
  {
    name: 'hubspot-currency-unmapped',
    file: 'mappings/crm/hubspot.yaml',
    find: `  account: account_currency
`,
    replace: '',
    why: 'yen count as pounds in the priority of tasks',
    tests: ['test/e2e/same.test.ts'],
  },
  {
    name: 'hubspot-test-companies-scored',
    file: 'mappings/crm/hubspot.yaml',
    find: `      - { field: test_account, not: true }
`,
    replace: '',
    why: 'test companies get scores and tasks',
    tests: ['test/e2e/same.test.ts'],
  },
  {
    name: 'hubspot-prospects-scored',
    file: 'mappings/crm/hubspot.yaml',
    find: `      - { field: lifecyclestage, is: customer }
`,
    replace: '',
    why: 'every prospect gets a score',
    tests: ['test/e2e/same.test.ts'],
  },
  {
    name: 'hubspot-renewals-in-the-wrong-pipeline',
    file: 'mappings/crm/hubspot.yaml',
    find: 'renewalDeal: { field: pipeline, is: renewals }',
    replace: 'renewalDeal: { field: pipeline, is: default }',
    why: 'new business counts as renewal',
    tests: ['test/e2e/same.test.ts'],
  },
  {
    name: 'hubspot-owner-as-csm',
    file: 'mappings/crm/hubspot.yaml',
    find: 'csm: [{ field: cs_manager }, owner]',
    replace: 'csm: [owner]',
    why: 'the sales person’s manager gets the tasks of customer success',
    tests: ['test/e2e/same.test.ts'],
  },
  {
    name: 'hubspot-keys-unmapped',
    file: 'mappings/crm/hubspot.yaml',
    find: 'keys: [external_key]',
    replace: 'keys: []',
    why: 'usage and invoices find no account',
    tests: ['test/e2e/same.test.ts'],
  },
  {
    name: 'hubspot-champions-unknown',
    file: at('facts-deals'),
    find: 'data: { opportunityId: record.id, contactId, role, primary }',
    replace: 'data: { opportunityId: record.id, contactId: record.id, role, primary }',
    why: 'nobody sees that the champion has left',
    tests: ['test/e2e/same.test.ts'],
  },
  {
    name: 'hubspot-contacts-of-nobody',
    file: at('streams'),
    find: "contactFact(record, accountOf(links('companies')))",
    replace: 'contactFact(record, null)',
    why: 'no account has contacts',
    tests: ['test/e2e/same.test.ts'],
  },
];
