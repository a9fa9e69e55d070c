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

/** What an account's manager fills in; null = emptied. */
export interface Judgement {
  pulse?: string | null;
  overrideBand?: string | null;
  overrideScore?: number | null;
  overrideReason?: string | null;
  overrideUntil?: string | null;
  context?: string | null;
  contextUntil?: string | null;
}

/** Somebody who works in the CRM beside us, through its own interface. */
export interface Person {
  /** The account's manager, a user of the world, says what they think of it. */
  judge(account: string, by: string, said: Judgement): void;
  /** `note` = a field that is none of our business. */
  edit(account: string, change: Change): Promise<void>;
  deleteAccount(account: string): Promise<void>;
  deleteContact(contact: string): Promise<void>;
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
  /** Kinds of calls by which the server counts: what an object looks like, pages of records (`*` = whatever it asks), field writes, task creation. */
  kinds: { describe: string; read: string; fields: string; tasks: string };
  /** Each call that raises tasks is followed by a field write that notes them on the accounts. */
  notesTasks: boolean;
  /** How long a CRM is mistrusted that shows changes late: a pull leaves what is newer to the next. ms. */
  lagMs: number;
  /** Ids of the world's records. */
  ids: {
    account(index: number): string;
    contact(account: number, position: number): string;
    users(world: World): Map<string, string>;
  };
  /** Settings with which the pages of a small org are several. */
  smallPages: Record<string, unknown>;
  /** How an account id looks. */
  accountId: RegExp;
  logIn(host: Pick<SandboxHost, 'crm' | 'env' | 'world'>): Promise<Person>;
  /** A further server of the same world: of another org, or with so many of the day's calls used up. */
  serve(world: World, options: { other?: true; daily?: { limit: number; used: number } }): Promise<RunningSandbox>;
  /** An org or portal id that is not this one's, and how one is told to people. */
  org: { strange: string; told: RegExp };
  faults: {
    /** Faults of single calls in the middle of a pull, which cost a retry each and no row. */
    pages: FaultSpec[];
    /** Names of faults that lose the answer to a write or refuse it for a moment. */
    lost: string[];
    /** The CRM refuses these accounts, in these words. */
    refuse(ids: string[], message: string): FaultSpec;
    /** Locks, each of which lets a later attempt through. */
    lock(ids: string[]): FaultSpec & { times: number };
    /** The day's calls are used up, until cleared. */
    exhausted(on: string, skip: number): FaultSpec;
    /** The login is refused whatever we do, until cleared. */
    barred(skip?: number): FaultSpec;
  };
  /** The vendor's own words, or ours about what is its own, as they must reach the person. */
  words: {
    refused: RegExp;
    exhausted: RegExp;
    barred: RegExp;
    gone: RegExp;
    hangs: RegExp;
    page: RegExp;
    taskCall: RegExp;
    /** `check` on a value that its list lacks, and the CRM on being sent it. */
    optionMissing: RegExp;
    optionRefused: RegExp;
    fieldMissing: RegExp;
  };
  /** Lines of the configuration and the shipped mapping, for spoiling. */
  settings: {
    /** What is spoiled, the line, its spoiled form, and words that must be told. */
    spoiled: [what: string, from: string, to: string, words: string[]][];
    /** How the mapping names the CSM's field, and the field of the ARR. */
    csm: string;
    arr: string;
    /** The secret that the served CRM is reached with. */
    secret: { name: string; env: string };
  };
}

/** Faults of the transport that every vendor's server can show, on the way of a call. */
export const ON_THE_WAY = ['503-before', 'reset-before', 'html', '429'];
/** The same where the call was a write, which may have been carried out. */
export const LOST = [...ON_THE_WAY, '503-after-commit', 'reset-after-commit'];

/** What a sandbox's fault says with `on`: a kind, or with a star at its end all that begin so. */
export const isOf = (pattern: string, kind: string): boolean =>
  pattern.endsWith('*') ? kind.startsWith(pattern.slice(0, -1)) : kind === pattern;
