import type { ExportKind } from './tables.ts';

const ENTRIES: Record<ExportKind, string> = {
  accounts: `  accounts:
    kind: account
    file: accounts.csv
    account: external_key
    observedAt: since
    fields:
      name: name
      domains: domain
      createdOn: since
`,
  usage: `  usage:
    kind: usage
    file: usage.csv
    account: external_key
    observedAt: day
    metrics:
      activeUsers: active_users
      seats: seats
      logins: logins
      uses: uses
      advancedUses: advanced_uses
      featuresUsed: features_used
      featuresAvailable: { const: 12 }
      minutes: minutes
`,
  tickets: `  tickets:
    kind: ticket
    file: tickets.csv
    account: external_key
    id: ticket_id
    fields:
      subject: subject
      status: status
      priority: priority
      openedAt: opened_at
      solvedAt: solved_at
      firstReplyMinutes: first_reply_minutes
      resolutionHours: resolution_hours
      escalated: escalated
      reopens: reopens
      satisfaction: { column: rating, range: [1, 5] }
`,
  invoices: `  invoices:
    kind: invoice
    file: invoices.csv
    account: external_key
    id: invoice_id
    fields:
      amount: { column: amount, currency: currency }
      issuedOn: issued_on
      dueOn: due_on
      paidOn: paid_on
      failedPayments: failed_payments
`,
  surveys: `  surveys:
    kind: survey
    file: surveys.csv
    account: external_key
    id: survey_id
    observedAt: answered_at
    fields:
      type: type
      score: score
      scaleMin: scale_min
      scaleMax: scale_max
      comment: comment
      respondent: respondent_email
`,
};

/** The mapping file that reads these exports: which column of which file is which field. */
export const exportMapping = (kinds: readonly ExportKind[]): string =>
  `# Which column of which file is which field.\nversion: 1\ndefaults:\n  timezone: UTC\nfiles:\n${kinds.map((kind) => ENTRIES[kind]).join('')}`;
