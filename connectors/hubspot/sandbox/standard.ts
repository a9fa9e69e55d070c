import type { Definition } from './definition.ts';
import type { TypeName } from './types.ts';

type Draft = Omit<Definition, 'groupName' | 'hubspotDefined' | 'createdAt' | 'updatedAt' | 'archivedAt'>;
type More = Partial<Draft>;

const draft = (name: string, label: string, type: string, fieldType: string, more: More = {}): Draft => ({
  name,
  label,
  type,
  fieldType,
  description: '',
  displayOrder: -1,
  hidden: false,
  formField: false,
  options: [],
  hasUniqueValue: false,
  externalOptions: false,
  calculated: false,
  readOnlyValue: false,
  ...more,
});
const text = (name: string, label: string, more?: More): Draft => draft(name, label, 'string', 'text', more);
const long = (name: string, label: string): Draft => draft(name, label, 'string', 'textarea');
const number = (name: string, label: string, more?: More): Draft => draft(name, label, 'number', 'number', more);
const date = (name: string, label: string): Draft => draft(name, label, 'date', 'date');
const stamp = (name: string, label: string, more?: More): Draft => draft(name, label, 'datetime', 'date', more);
const pick = (name: string, label: string, values: readonly (string | [string, string])[], more?: More): Draft =>
  draft(name, label, 'enumeration', 'select', {
    options: values.map((value, displayOrder) => {
      const [stored, shown] = typeof value === 'string' ? [value, value] : value;
      return { label: shown, value: stored, displayOrder, hidden: false };
    }),
    ...more,
  });
const flag = (name: string, label: string, more?: More): Draft => ({
  ...pick(
    name,
    label,
    [
      ['true', 'Yes'],
      ['false', 'No'],
    ],
    more,
  ),
  type: 'bool',
  fieldType: 'booleancheckbox',
});
const external = (name: string, label: string, referencedObjectType?: string): Draft =>
  draft(name, label, 'enumeration', 'select', {
    externalOptions: true,
    ...(referencedObjectType === undefined ? {} : { referencedObjectType }),
  });
const READ_ONLY = { readOnlyValue: true };
const CALCULATED = { readOnlyValue: true, calculated: true };

const OWNER = external('hubspot_owner_id', 'Owner', 'OWNER');
const OBJECT_ID = number('hs_object_id', 'Record ID', READ_ONLY);
const MERGED = text('hs_merged_object_ids', 'Merged record IDs', READ_ONLY);
const LIFECYCLE = pick('lifecyclestage', 'Lifecycle Stage', [
  ['subscriber', 'Subscriber'],
  ['lead', 'Lead'],
  ['marketingqualifiedlead', 'Marketing Qualified Lead'],
  ['salesqualifiedlead', 'Sales Qualified Lead'],
  ['opportunity', 'Opportunity'],
  ['customer', 'Customer'],
  ['evangelist', 'Evangelist'],
  ['other', 'Other'],
  // Added by this customer, as portals commonly do.
  ['churned', 'Churned'],
]);
const PRIORITY = ['LOW', 'MEDIUM', 'HIGH'];

const engagement = (...own: Draft[]): Draft[] => [
  stamp('hs_timestamp', 'Activity date'),
  stamp('hs_createdate', 'Create date', READ_ONLY),
  stamp('hs_lastmodifieddate', 'Last modified date', READ_ONLY),
  OBJECT_ID,
  OWNER,
  ...own,
];

/** HubSpot's own properties that matter here: a portal has hundreds more. */
export const STANDARD: Record<TypeName, Draft[]> = {
  companies: [
    text('name', 'Company name'),
    text('domain', 'Company Domain Name'),
    text('website', 'Website URL'),
    // The vendor's list of industries is closed; this portal has opened it to its own words.
    text('industry', 'Industry'),
    text('country', 'Country/Region'),
    text('phone', 'Phone Number'),
    long('description', 'Description'),
    number('numberofemployees', 'Number of Employees'),
    number('annualrevenue', 'Annual Revenue'),
    LIFECYCLE,
    OWNER,
    // A deprecated property that portals still fill: the association is the vendor's word on parents.
    number('hs_parent_company_id', 'Parent Company', CALCULATED),
    stamp('createdate', 'Create Date'),
    stamp('hs_lastmodifieddate', 'Last Modified Date', READ_ONLY),
    stamp('notes_last_updated', 'Last Activity Date', READ_ONLY),
    stamp('notes_last_contacted', 'Last Contacted', READ_ONLY),
    number('num_associated_deals', 'Number of Associated Deals', CALCULATED),
    number('num_associated_contacts', 'Number of Associated Contacts', CALCULATED),
    OBJECT_ID,
    MERGED,
  ],
  contacts: [
    text('email', 'Email', { hasUniqueValue: true }),
    text('firstname', 'First Name'),
    text('lastname', 'Last Name'),
    text('jobtitle', 'Job Title'),
    text('phone', 'Phone Number'),
    LIFECYCLE,
    OWNER,
    stamp('createdate', 'Create Date'),
    stamp('lastmodifieddate', 'Last Modified Date', READ_ONLY),
    pick(
      'hs_email_hard_bounce_reason_enum',
      'Email hard bounce reason',
      ['BLOCKED', 'CONTENT', 'MAILBOX_FULL', 'OTHER', 'POLICY', 'SPAM', 'UNKNOWN_USER'],
      READ_ONLY,
    ),
    stamp('notes_last_updated', 'Last Activity Date', READ_ONLY),
    OBJECT_ID,
    MERGED,
  ],
  deals: [
    text('dealname', 'Deal Name'),
    number('amount', 'Amount'),
    pick('deal_currency_code', 'Currency', ['AUD', 'BRL', 'CAD', 'CHF', 'EUR', 'GBP', 'JPY', 'SEK', 'USD']),
    stamp('closedate', 'Close Date'),
    external('dealstage', 'Deal Stage'),
    external('pipeline', 'Pipeline'),
    pick('dealtype', 'Deal Type', [
      ['newbusiness', 'New Business'],
      ['existingbusiness', 'Existing Business'],
    ]),
    number('hs_deal_stage_probability', 'Deal probability', CALCULATED),
    flag('hs_is_closed', 'Is Deal Closed?', CALCULATED),
    flag('hs_is_closed_won', 'Is Closed Won', CALCULATED),
    OWNER,
    stamp('createdate', 'Create Date'),
    stamp('hs_lastmodifieddate', 'Last Modified Date', READ_ONLY),
    OBJECT_ID,
    MERGED,
  ],
  tickets: [
    text('subject', 'Ticket name'),
    long('content', 'Ticket description'),
    external('hs_pipeline', 'Pipeline'),
    external('hs_pipeline_stage', 'Ticket status'),
    pick('hs_ticket_priority', 'Priority', [...PRIORITY, 'URGENT']),
    pick('hs_ticket_category', 'Category', ['PRODUCT_ISSUE', 'BILLING_ISSUE', 'FEATURE_REQUEST', 'GENERAL_INQUIRY']),
    OWNER,
    stamp('createdate', 'Create date'),
    stamp('closed_date', 'Close date'),
    stamp('hs_lastmodifieddate', 'Last modified date', READ_ONLY),
    OBJECT_ID,
    MERGED,
  ],
  line_items: [
    text('name', 'Name'),
    number('hs_product_id', 'Product ID'),
    number('quantity', 'Quantity'),
    number('price', 'Unit price'),
    number('amount', 'Net price', CALCULATED),
    text('hs_recurring_billing_period', 'Term'),
    date('hs_recurring_billing_start_date', 'Billing start date'),
    stamp('createdate', 'Create Date'),
    stamp('hs_lastmodifieddate', 'Last Modified Date', READ_ONLY),
    OBJECT_ID,
  ],
  tasks: engagement(
    text('hs_task_subject', 'Task Title'),
    long('hs_task_body', 'Task Notes'),
    pick('hs_task_status', 'Task Status', ['NOT_STARTED', 'IN_PROGRESS', 'WAITING', 'COMPLETED', 'DEFERRED']),
    pick('hs_task_priority', 'Priority', ['NONE', ...PRIORITY]),
    pick('hs_task_type', 'Task Type', ['TODO', 'CALL', 'EMAIL', 'LINKED_IN', 'MEETING']),
    text('hs_task_reminders', 'Reminders'),
    stamp('hs_task_completion_date', 'Completed at', READ_ONLY),
  ),
  notes: engagement(long('hs_note_body', 'Note body')),
  meetings: engagement(
    text('hs_meeting_title', 'Meeting name'),
    long('hs_meeting_body', 'Meeting description'),
    stamp('hs_meeting_start_time', 'Meeting start time'),
    stamp('hs_meeting_end_time', 'Meeting end time'),
    pick('hs_meeting_outcome', 'Meeting outcome', ['SCHEDULED', 'COMPLETED', 'RESCHEDULED', 'NO_SHOW', 'CANCELED']),
  ),
  calls: engagement(
    text('hs_call_title', 'Call Title'),
    long('hs_call_body', 'Call notes'),
    pick('hs_call_direction', 'Call direction', ['INBOUND', 'OUTBOUND']),
    number('hs_call_duration', 'Call duration'),
    pick('hs_call_status', 'Call status', [
      'BUSY',
      'CANCELED',
      'COMPLETED',
      'FAILED',
      'NO_ANSWER',
      'QUEUED',
      'RINGING',
    ]),
  ),
  emails: engagement(
    text('hs_email_subject', 'Email subject'),
    long('hs_email_text', 'Email text body'),
    pick('hs_email_direction', 'Email direction', ['EMAIL', 'FORWARDED_EMAIL', 'INCOMING_EMAIL', 'LOGGED_EMAIL']),
    pick('hs_email_status', 'Email send status', ['BOUNCED', 'FAILED', 'SCHEDULED', 'SENDING', 'SENT']),
  ),
};

/** What this customer had made for itself before anybody connected. */
export const CUSTOM: Partial<Record<TypeName, Draft[]>> = {
  companies: [
    number('arr', 'Annual recurring revenue'),
    text('account_currency', 'Account currency'),
    date('renewal_date', 'Renewal date'),
    number('seats', 'Seats'),
    text('external_key', 'Billing ID'),
    pick('segment', 'Segment', [
      ['enterprise', 'Enterprise'],
      ['mid-market', 'Mid-Market'],
      ['smb', 'SMB'],
    ]),
    flag('test_account', 'Test account'),
    external('cs_manager', 'CS manager', 'OWNER'),
  ],
  tickets: [flag('escalated', 'Escalated')],
};

/** The group that a type's own properties stand in, and its label. */
export const HOME_GROUPS: Record<TypeName, [string, string]> = {
  companies: ['companyinformation', 'Company information'],
  contacts: ['contactinformation', 'Contact information'],
  deals: ['dealinformation', 'Deal information'],
  tickets: ['ticketinformation', 'Ticket information'],
  line_items: ['lineiteminformation', 'Line item information'],
  tasks: ['task', 'Task information'],
  notes: ['note', 'Note information'],
  meetings: ['meeting', 'Meeting information'],
  calls: ['call', 'Call information'],
  emails: ['email', 'Email information'],
};
