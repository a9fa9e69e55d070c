import { count, date, flag, type KindSpec, percent, text } from './kind-spec.ts';

/** What signals may name of the kinds that customer-success tools feed; see KINDS. */

/** Derived of every event here: `one` = 1, so that rows add up beside an account field that holds their number. */
const event = (plural: string, coverage: KindSpec['coverage'], fields: KindSpec['fields']): KindSpec => ({
  plural,
  fields: { ...fields, person: text, one: count },
  dates: ['at'],
  open: false,
  coverage,
});

export const SUCCESS_KINDS = {
  milestone: {
    plural: 'milestones',
    // derived: done (unknown while not due), donePercent (the same as 0 or 100), daysTaken (from the account's start until it was done, or until now)
    fields: {
      ...{ name: text, type: text, startOn: date, dueOn: date, doneOn: date },
      ...{ done: flag, donePercent: percent, daysTaken: count },
    },
    dates: ['dueOn', 'doneOn'],
    open: false,
    coverage: 'milestones',
  },
  // derived: completedPercent (0 or 100)
  training: event('trainings', 'training', { type: text, name: text, completed: flag, completedPercent: percent }),
  community: event('community posts', 'community', { type: text }),
  participation: event('events', 'participation', { type: text, name: text, attended: flag, outcome: text }),
  marketing: event('marketing e-mails', 'marketing', { type: text }),
  advocacy: event('references', 'advocacy', { type: text }),
  resource: event('resources', 'resources', { type: text, name: text }),
  pulse: {
    plural: 'judgements of the account manager',
    // derived: ageDays (since it last changed)
    fields: {
      ...{ value: percent, label: text, ageDays: count, byId: text },
      ...{ overrideBand: text, overrideScore: percent, overrideReason: text, overrideUntil: date },
      ...{ context: text, contextUntil: date },
    },
    dates: [],
    open: false,
    coverage: null,
  },
} satisfies Record<string, KindSpec>;
