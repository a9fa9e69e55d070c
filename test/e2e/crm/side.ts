import type { SandboxHost } from '../../../src/cli/sandbox-host.ts';
import type { FaultSpec, RunningSandbox, World } from '../../../src/sandbox/world.types.ts';

/** Logical names of the fields that we write, as the shipped model makes them. */
export const FIELDS = [
  'score',
  'band',
  'trend',
  'change30',
  'actionCode',
  'actionText',
  'reasons',
  'dim_usage',
  'dim_support',
  'dim_billing',
  'dim_engagement',
  'dim_relationship',
  'riskFlags',
  'confidence',
  'coverage',
  'scoredAt',
  'modelVersion',
] as const;
export type FieldName = (typeof FIELDS)[number];

/** An account record as the CRM's own store holds it. */
export interface SeenAccount {
  id: string;
  name: string;
  /** In the recycle bin. */
  deleted: boolean;
  /** Marked as a customer, and no test account. */
  customer: boolean;
  /** When it last changed, as the CRM says it: for comparisons only. */
  stamp: string;
  /** The field that is none of our business (`Change.note`). */
  note: string | null;
  /** Ours: numbers, texts, epoch ms for instants; null = empty. */
  fields: Record<FieldName, string | number | null>;
  /** As a vendor row, to see that nothing at all was touched. */
  row: Record<string, unknown>;
}

/** A task that carries our key. */
export interface SeenTask {
  id: string;
  key: string;
  account: string;
  owner: string;
  subject: string;
  body: string;
  /** YYYY-MM-DD */
  dueOn: string;
  closed: boolean;
  deleted: boolean;
}

/** Somebody who works in the CRM beside us, through its own interface. */
export interface Person {
  /** `note` = a field that is none of our business. */
  edit(account: string, change: Change): Promise<void>;
  deleteAccount(account: string): Promise<void>;
  editTask(task: string, change: { subject?: string; done?: true }): Promise<void>;
  deleteTask(task: string): Promise<void>;
  /** Gives an opportunity or deal to another account. */
  moveOpportunity(opportunity: string, account: string): Promise<void>;
}
export interface Change {
  status?: 'customer' | 'churned' | 'partner';
  seats?: number;
  score?: number;
  note?: string;
}

/** What differs between CRMs for somebody who looks at the product from outside. */
export interface Side {
  /** The connector's name. */
  name: string;
  /** Most accounts that one write call carries. */
  writeBatch: number;
  /** Read calls of a sync that finds nothing new: nothing that grows with the accounts. */
  idleReads: number;
  accounts(crm: RunningSandbox): SeenAccount[];
  /** Manager tasks. */
  tasks(crm: RunningSandbox): SeenTask[];
  /** Kinds of calls by which the server counts: pages of records, field writes, task creation. `*` at the end stands for anything. */
  kinds: { read: string; fields: string; tasks: string };
  /** Ids of the world's records. */
  ids: {
    account(index: number): string;
    users(world: World): Map<string, string>;
  };
  /** How an account id looks. */
  accountId: RegExp;
  logIn(host: Pick<SandboxHost, 'crm' | 'env'>): Promise<Person>;
  faults: {
    /** The CRM refuses these accounts, in these words. */
    refuse(ids: string[], message: string): FaultSpec;
    /** These accounts are locked so many times. */
    lock(ids: string[], times: number): FaultSpec;
    /** The day's calls are used up. */
    exhausted(on: string, skip: number): FaultSpec;
    /** The login ends in the middle of things. */
    expired(on: string, skip: number): FaultSpec;
    /** The login is refused whatever we do. */
    barred(on?: string, skip?: number): FaultSpec;
  };
  /** The vendor's own words, as they must reach the person. */
  words: { refused: RegExp; exhausted: RegExp; barred: RegExp; gone: RegExp };
}
