import { z } from 'zod';
import type { Answer } from '../../../src/sandbox/kit-types.ts';
import { type Definition, read } from './definition.ts';
import { type ApiError, invalid, notFound } from './errors.ts';
import type { PropertyTable } from './properties.ts';
import { type TypeName, typeNamed } from './types.ts';

/**
 * Lists ("segments"): https://developers.hubspot.com/docs/api-reference/latest/crm/lists/guide. Kept as definitions: who is in one
 * is the user interface's to show.
 */
interface Kept {
  listId: string;
  name: string;
  objectTypeId: string;
  processingType: string;
  filterBranch: Branch | undefined;
  createdAt: number;
  deletedAt: number | null;
}

const Operation = z.looseObject({ operationType: z.string(), operator: z.string() });
const Filter = z.looseObject({
  filterType: z.string(),
  property: z.string().optional(),
  operation: Operation.optional(),
});
interface Branch {
  filterBranchType: string;
  filterBranches: Branch[];
  filters: z.infer<typeof Filter>[];
  [more: string]: unknown;
}
const Branch: z.ZodType<Branch> = z.lazy(() =>
  z.looseObject({
    filterBranchType: z.string(),
    filterBranches: z.array(Branch).default([]),
    filters: z.array(Filter).default([]),
  }),
);
const Create = z.object({
  name: z.string().min(1),
  objectTypeId: z.string(),
  processingType: z.enum(['MANUAL', 'DYNAMIC', 'SNAPSHOT']),
  filterBranch: Branch.optional(),
});

/** Operations by the type of the property that they ask of; ALL_PROPERTY fits every one. */
const OPERATIONS: Record<string, readonly string[]> = {
  string: ['STRING', 'MULTISTRING'],
  number: ['NUMBER', 'NUMBER_RANGED'],
  bool: ['BOOL', 'ENUMERATION'],
  enumeration: ['ENUMERATION'],
  date: ['TIME_POINT', 'TIME_RANGED', 'CALENDAR_DATE', 'DATE'],
  datetime: ['TIME_POINT', 'TIME_RANGED', 'CALENDAR_DATE', 'DATETIME'],
};
const OPERATORS: Record<string, readonly string[]> = {
  ALL_PROPERTY: ['IS_KNOWN', 'IS_UNKNOWN'],
  BOOL: ['IS_EQUAL_TO', 'IS_NOT_EQUAL_TO', 'HAS_EVER_BEEN_EQUAL_TO', 'HAS_NEVER_BEEN_EQUAL_TO'],
  ENUMERATION: [
    'IS_ANY_OF',
    'IS_NONE_OF',
    'IS_EXACTLY',
    'IS_NOT_EXACTLY',
    'CONTAINS_ALL',
    'DOES_NOT_CONTAIN_ALL',
    'HAS_EVER_BEEN_ANY_OF',
    'HAS_NEVER_BEEN_ANY_OF',
  ],
  NUMBER: [
    'IS_EQUAL_TO',
    'IS_NOT_EQUAL_TO',
    'IS_GREATER_THAN',
    'IS_GREATER_THAN_OR_EQUAL_TO',
    'IS_LESS_THAN',
    'IS_LESS_THAN_OR_EQUAL_TO',
  ],
  NUMBER_RANGED: ['IS_BETWEEN', 'IS_NOT_BETWEEN'],
  STRING: ['IS_EQUAL_TO', 'IS_NOT_EQUAL_TO', 'CONTAINS', 'DOES_NOT_CONTAIN', 'STARTS_WITH', 'ENDS_WITH'],
  MULTISTRING: ['IS_EQUAL_TO', 'IS_NOT_EQUAL_TO', 'CONTAINS', 'DOES_NOT_CONTAIN', 'STARTS_WITH', 'ENDS_WITH'],
};

export class ListTable {
  readonly #properties: PropertyTable;
  readonly #now: () => number;
  readonly #lists: Kept[] = [];

  constructor(properties: PropertyTable, now: () => number) {
    this.#properties = properties;
    this.#now = now;
  }

  /** POST: 200 with the list. A name is taken once among all lists, whatever their object. @throws ApiError 400 */
  create(body: unknown): Answer {
    const { name, objectTypeId, processingType, filterBranch } = read(Create, body);
    const type = typeNamed(objectTypeId);
    if (!type || objectTypeId !== objectTypeId.match(/^0-\d+$/)?.[0])
      throw invalid(`Object type ${objectTypeId} does not support lists`);
    if (this.#live().some((list) => list.name === name))
      throw invalid(`List name "${name}" is already used by another list`, undefined, {
        subCategory: 'ILS.DUPLICATE_LIST_NAMES',
      });
    if (processingType === 'MANUAL' && filterBranch) throw badFilter('MANUAL lists have no filterBranch');
    if (processingType === 'DYNAMIC' && !filterBranch) throw badFilter('DYNAMIC lists need a filterBranch');
    if (filterBranch) this.#checkRoot(type, filterBranch);
    const listId = String(this.#lists.length + 1);
    const list = { listId, name, objectTypeId, processingType, filterBranch, createdAt: this.#now(), deletedAt: null };
    this.#lists.push(list);
    return { status: 200, body: { list: show(list, true) } };
  }

  one(listId: string, filters: boolean): Answer {
    return {
      status: 200,
      body: {
        list: show(
          this.#find((list) => list.listId === listId),
          filters,
        ),
      },
    };
  }

  byName(objectTypeId: string, name: string, filters: boolean): Answer {
    const found = this.#find((list) => list.objectTypeId === objectTypeId && list.name === name);
    return { status: 200, body: { list: show(found, filters) } };
  }

  archive(listId: string): Answer {
    this.#find((list) => list.listId === listId).deletedAt = this.#now();
    return { status: 204 };
  }

  #find(is: (list: Kept) => boolean): Kept {
    const found = this.#live().find(is);
    if (!found) throw notFound('List does not exist.');
    return found;
  }

  #live(): Kept[] {
    return this.#lists.filter((list) => list.deletedAt === null);
  }

  /** The root is OR without filters of its own; each of its branches is AND. */
  #checkRoot(type: TypeName, root: Branch): void {
    if (root.filterBranchType !== 'OR') throw badFilter('The root filter branch must be of type OR');
    if (root.filters.length > 0) throw badFilter('The root filter branch cannot have filters of its own');
    if (root.filterBranches.length === 0) throw badFilter('The root filter branch needs at least one AND branch');
    for (const branch of root.filterBranches) {
      if (branch.filterBranchType !== 'AND') throw badFilter('Branches of the root must be of type AND');
      for (const filter of branch.filters) this.#checkFilter(type, filter);
    }
  }

  #checkFilter(type: TypeName, { filterType, property, operation }: z.infer<typeof Filter>): void {
    if (filterType !== 'PROPERTY') return; // lists, events and forms are not of this portal's making
    const found = property === undefined ? null : this.#properties.find(type, property);
    if (!found) throw badFilter(`Property ${property ?? ''} does not exist`);
    if (!operation) throw badFilter(`The filter on ${found.name} has no operation`);
    const { operationType, operator } = operation;
    const fitting = ['ALL_PROPERTY', ...(OPERATIONS[found.type] ?? [])];
    if (!fitting.includes(operationType))
      throw badFilter(`Operation ${operationType} does not fit property ${found.name} of type ${found.type}`);
    const operators = OPERATORS[operationType];
    if (operators && !operators.includes(operator))
      throw badFilter(`Operator ${operator} is not one of operation ${operationType}`);
    checkValues(found, operation);
  }
}

function checkValues(property: Definition, { operationType, operator, ...given }: z.infer<typeof Operation>): void {
  if (operationType === 'ENUMERATION') {
    const values = z.array(z.string()).min(1).safeParse(given.values);
    if (!values.success) throw badFilter(`Operator ${operator} needs values`);
    const stranger = values.data.find((value) => !property.options.some((option) => option.value === value));
    if (stranger !== undefined && !property.externalOptions)
      throw badFilter(`${stranger} is not an option of ${property.name}`);
  }
  const kind = { NUMBER: 'number', BOOL: 'boolean', STRING: 'string' }[operationType];
  if (kind !== undefined && typeof given.value !== kind) throw badFilter(`Operation ${operationType} needs a ${kind}`);
}

const badFilter = (message: string): ApiError => invalid(message, undefined, { subCategory: 'ILS.INVALID_FILTER' });

function show(list: Kept, filters: boolean): Record<string, unknown> {
  const { createdAt, deletedAt: _deleted, filterBranch, ...own } = list;
  const at = new Date(createdAt).toISOString();
  return {
    ...own,
    processingStatus: 'COMPLETE',
    listVersion: 1,
    createdAt: at,
    updatedAt: at,
    filtersUpdatedAt: at,
    ...(filters && filterBranch ? { filterBranch } : {}),
  };
}
