import type { WorldOpportunity } from '../../../src/sandbox/world.types.ts';

interface Stage {
  id: string;
  label: string;
  metadata: Record<string, string>;
}
export interface Pipeline {
  id: string;
  label: string;
  stages: Stage[];
}

/** Stage names of the world with the probability that a portal gives them. */
const STAGES = [
  ['Prospecting', 'prospecting', '0.1'],
  ['Qualification', 'qualification', '0.2'],
  ['Discovery', 'discovery', '0.3'],
  ['Proposal', 'proposal', '0.5'],
  ['Negotiation', 'negotiation', '0.8'],
  ['Closed Won', 'closedwon', '1.0'],
  ['Closed Lost', 'closedlost', '0.0'],
] as const;
const closed = (label: string): string => String(label.startsWith('Closed'));

/** Stage ids of a portal's first pipeline are words, those of later ones numbers: nobody may guess one from the other. */
const DEALS: Pipeline[] = [
  {
    id: 'default',
    label: 'Sales',
    stages: STAGES.map(([label, id, probability]) => ({
      id,
      label,
      metadata: { isClosed: closed(label), probability },
    })),
  },
  {
    id: 'renewals',
    label: 'Renewals',
    stages: STAGES.map(([label, , probability], n) => ({
      id: String(166_001 + n),
      label,
      metadata: { isClosed: closed(label), probability },
    })),
  },
];
const TICKETS: Pipeline[] = [
  {
    id: '0',
    label: 'Support Pipeline',
    stages: [
      { id: '1', label: 'New', metadata: { ticketState: 'OPEN', isClosed: 'false' } },
      { id: '2', label: 'Waiting on contact', metadata: { ticketState: 'OPEN', isClosed: 'false' } },
      { id: '3', label: 'Waiting on us', metadata: { ticketState: 'OPEN', isClosed: 'false' } },
      { id: '4', label: 'Closed', metadata: { ticketState: 'CLOSED', isClosed: 'true' } },
    ],
  },
];

/** Pipelines of a type; null = the type has none. */
export function pipelinesOf(type: string): Pipeline[] | null {
  if (type === 'deals') return DEALS;
  return type === 'tickets' ? TICKETS : null;
}

/** Where a deal of the world stands: pipeline and stage ids. */
export function placeOf(type: WorldOpportunity['type'], stage: string): { pipeline: string; dealstage: string } {
  const pipeline = DEALS[type === 'Renewal' ? 1 : 0];
  const found = pipeline?.stages.find((s) => s.label === stage);
  if (!pipeline || !found) throw new Error(`World stage without a pipeline stage: ${stage}`);
  return { pipeline: pipeline.id, dealstage: found.id };
}

/** What a portal itself says of a deal in this stage. */
export function stateOf(stage: string | undefined): Record<string, string> {
  const found = DEALS.flatMap((p) => p.stages).find((s) => s.id === stage);
  if (!found) return {};
  return {
    hs_is_closed: found.metadata.isClosed ?? 'false',
    hs_is_closed_won: String(found.label === 'Closed Won'),
    hs_deal_stage_probability: found.metadata.probability ?? '0',
  };
}

/** Whether the pipeline has the stage. */
export const hasStage = (type: string, pipeline: string, stage: string): boolean =>
  pipelinesOf(type)?.some((p) => p.id === pipeline && p.stages.some((s) => s.id === stage)) ?? false;

/** Whether a pipeline or stage is there, by the property that names it. */
export function isPlace(property: string, value: string): boolean {
  const pipelines = pipelinesOf(property.startsWith('hs_') ? 'tickets' : 'deals') ?? [];
  if (!property.endsWith('stage')) return pipelines.some((p) => p.id === value);
  return pipelines.some((p) => p.stages.some((s) => s.id === value));
}

/** As the vendor shows a pipeline. `at` = when the portal was set up. */
export function showPipeline(pipeline: Pipeline, at: number, displayOrder: number) {
  const made = new Date(at).toISOString();
  const stamps = { createdAt: made, updatedAt: made, archived: false };
  const stages = pipeline.stages.map((stage, order) => ({
    ...stage,
    displayOrder: order,
    writePermissions: 'CRM_PERMISSIONS_ENFORCEMENT',
    ...stamps,
  }));
  return { id: pipeline.id, label: pipeline.label, displayOrder, ...stamps, stages };
}
