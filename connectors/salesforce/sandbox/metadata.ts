import type { Answer } from '../../../src/sandbox/kit-types.ts';
import { checkChange, customField } from './custom-field.ts';
import { RowError } from './errors.ts';
import type { Field } from './field.ts';
import type { ObjectSpec } from './object.ts';
import { anyField, type Org } from './org.ts';
import { instant } from './values.ts';
import { violation } from './wsdl.ts';
import { child, type Element, escapeXml, parseXml, texts, toXml } from './xml.ts';

const MAX_COMPONENTS = 10;
/** Activity fields appear on both. */
const ACTIVITIES = ['Task', 'Event'];
const NAMESPACE = 'http://soap.sforce.com/2006/04/metadata';

export interface SoapCall {
  kind: string;
  method: string;
  session: string | null;
  body: Element | null;
}
interface Result {
  created?: boolean;
  errors?: { fields: string[]; message: string; statusCode: string };
  fullName: string;
  success: boolean;
}

const KINDS: Record<string, string> = {
  upsertMetadata: 'metadata.upsert',
  createMetadata: 'metadata.create',
  updateMetadata: 'metadata.update',
  deleteMetadata: 'metadata.delete',
  readMetadata: 'metadata.read',
  listMetadata: 'metadata.list',
};

/** The metadata API as far as custom fields need it. Elements are checked against the vendor's WSDL. */
export class MetadataApi {
  readonly #org: Org;

  constructor(org: Org) {
    this.#org = org;
  }

  read(text: string): SoapCall {
    const envelope = parseXml(text);
    const body = child(envelope, 'Body')?.children[0] ?? null;
    const session = child(child(child(envelope, 'Header'), 'SessionHeader'), 'sessionId')?.text ?? null;
    const method = body?.name ?? '';
    return { kind: KINDS[method] ?? 'metadata.other', method, session, body };
  }

  answer(call: SoapCall): Answer {
    const { body, method } = call;
    if (!body) return fault('soapenv:Client', 'the body is not a SOAP envelope');
    if (method === 'readMetadata') return this.#readMetadata(body);
    if (method === 'listMetadata') return this.#listMetadata(body);
    if (!(method in KINDS)) return fault('soapenv:Client', `No operation available for request ${method}`);
    if (!this.#org.access.has('ModifyMetadata')) {
      return fault(
        'sf:INSUFFICIENT_ACCESS',
        'use of the Metadata API requires a user with the Modify Metadata Through Metadata API Functions or Modify All Data permission',
      );
    }
    if (method === 'deleteMetadata') return fault('sf:UNKNOWN_EXCEPTION', 'this sandbox deletes no metadata');
    return this.#save(body, method);
  }

  expired(): Answer {
    return fault(
      'sf:INVALID_SESSION_ID',
      'INVALID_SESSION_ID: Invalid Session ID found in SessionHeader: Illegal Session',
    );
  }

  limited(): Answer {
    return fault('sf:REQUEST_LIMIT_EXCEEDED', 'REQUEST_LIMIT_EXCEEDED: TotalRequests Limit exceeded.');
  }

  #save(body: Element, method: string): Answer {
    const components = body.children.filter((c) => c.name === 'metadata');
    if (components.length > MAX_COMPONENTS) {
      return fault(
        'sf:EXCEEDED_ID_LIMIT',
        `EXCEEDED_ID_LIMIT: record limit reached. cannot submit more than ${MAX_COMPONENTS} records in this operation`,
      );
    }
    const types = new Set(components.map((c) => typeOf(c)));
    if (types.size > 1) return fault('sf:INVALID_TYPE', 'INVALID_TYPE: all components of one call must be of one type');
    if (!types.has('CustomField')) {
      return fault('sf:INVALID_TYPE', `INVALID_TYPE: this sandbox keeps no metadata of type ${[...types].join(', ')}`);
    }
    for (const component of components) {
      const wrong = violation(component, 'CustomField');
      if (wrong) return fault('soapenv:Client', wrong);
    }
    const results = components.map((c) => this.#saveOne(c, method));
    return envelope(
      method,
      results.map((r) => toXml({ result: method === 'upsertMetadata' ? r : without(r) })).join(''),
    );
  }

  #saveOne(component: Element, method: string): Result {
    const fullName = child(component, 'fullName')?.text ?? '';
    try {
      const created = this.#org.tables.transaction(() => this.#put(fullName, component, method));
      return { created, fullName, success: true };
    } catch (error) {
      if (!(error instanceof RowError)) throw error;
      const { fields, message, statusCode } = error;
      return { created: false, errors: { fields, message, statusCode }, fullName, success: false };
    }
  }

  #put(fullName: string, component: Element, method: string): boolean {
    const [parent = '', name = ''] = fullName.split('.');
    const objects = this.#objects(parent);
    const f = customField(component, name);
    const before = objects.map((o) => anyField(o, name));
    const [known] = before;
    if (!known) {
      if (method === 'updateMetadata')
        throw new RowError(
          'INVALID_CROSS_REFERENCE_KEY',
          `In field: fullName - no CustomField named ${fullName} found`,
        );
      for (const object of objects) this.#org.addField(object, { ...f });
      return true;
    }
    if (method === 'createMetadata') {
      throw new RowError(
        'DUPLICATE_DEVELOPER_NAME',
        `There is already a field named ${name.replace(/__c$/, '')} on ${parent}.`,
        ['fullName'],
      );
    }
    checkChange(known, f);
    for (const field of before) if (field) Object.assign(field, { ...f, name: field.name, secured: field.secured });
    return false;
  }

  #objects(parent: string): ObjectSpec[] {
    const names = parent === 'Activity' ? ACTIVITIES : [parent];
    return names.map((name) => {
      const object = ACTIVITIES.includes(name) && parent !== 'Activity' ? null : this.#org.object(name);
      if (!object)
        throw new RowError(
          'INVALID_CROSS_REFERENCE_KEY',
          `Entity Enumeration Or ID: bad value for restricted picklist field: ${parent}`,
          ['fullName'],
        );
      return object;
    });
  }

  #readMetadata(body: Element): Answer {
    const [type = ''] = texts(body, 'type');
    const names = texts(body, 'fullNames');
    if (names.length > MAX_COMPONENTS) {
      return fault(
        'sf:EXCEEDED_ID_LIMIT',
        `EXCEEDED_ID_LIMIT: record limit reached. cannot submit more than ${MAX_COMPONENTS} records in this operation`,
      );
    }
    if (type !== 'CustomField')
      return fault('sf:INVALID_TYPE', `INVALID_TYPE: this sandbox keeps no metadata of type ${type}`);
    const records = names.map((fullName) => {
      const [parent = '', name = ''] = fullName.split('.');
      const object = this.#org.object(parent === 'Activity' ? 'Task' : parent);
      const f = object ? anyField(object, name) : null;
      if (!f?.custom) return '<records xsi:nil="true"/>';
      return `<records xsi:type="CustomField">${toXml({ ...asMetadata(f), fullName })}</records>`;
    });
    return envelope('readMetadata', `<result>${records.join('')}</result>`);
  }

  #listMetadata(body: Element): Answer {
    const wanted = body.children.filter((c) => c.name === 'queries').flatMap((q) => texts(q, 'type'));
    if (wanted.length > 3) return fault('sf:EXCEEDED_ID_LIMIT', 'EXCEEDED_ID_LIMIT: at most 3 queries in one call');
    const unknown = wanted.find((t) => t !== 'CustomField');
    if (unknown) return fault('sf:INVALID_TYPE', `INVALID_TYPE: this sandbox lists no metadata of type ${unknown}`);
    const rows = this.#org
      .objects()
      .flatMap((o) => o.fields.filter((f) => f.custom).map((f) => this.#properties(o, f)));
    return envelope('listMetadata', wanted.length === 0 ? '' : rows.map((result) => toXml({ result })).join(''));
  }

  #properties(object: ObjectSpec, f: Field): Record<string, unknown> {
    const parent = ACTIVITIES.includes(object.name) ? 'Activity' : object.name;
    const at = instant(this.#org.now());
    const who = { id: this.#org.userId, name: 'CRM Integration' };
    return {
      createdById: who.id,
      createdByName: who.name,
      createdDate: at,
      fileName: `objects/${parent}.object`,
      fullName: `${parent}.${f.name}`,
      id: '',
      lastModifiedById: who.id,
      lastModifiedByName: who.name,
      lastModifiedDate: at,
      manageableState: 'unmanaged',
      type: 'CustomField',
    };
  }
}

const METADATA_TYPES: Partial<Record<Field['type'], string>> = {
  double: 'Number',
  currency: 'Currency',
  date: 'Date',
  datetime: 'DateTime',
  picklist: 'Picklist',
  reference: 'Lookup',
  string: 'Text',
  boolean: 'Checkbox',
};

/** Fields made here are read back as they were sent; those that were there before, from their shape. */
function asMetadata(f: Field): Record<string, unknown> {
  if (f.metadata) return f.metadata;
  const sized = f.type === 'string' ? { length: f.length } : {};
  const numeric = ['double', 'currency'].includes(f.type) ? { precision: f.precision, scale: f.scale } : {};
  const value = f.picklist.map((p) => ({ fullName: p.value, default: p.defaultValue, label: p.label }));
  const valueSet =
    f.type === 'picklist'
      ? { valueSet: { restricted: f.restricted, valueSetDefinition: { sorted: false, value } } }
      : {};
  return {
    fullName: f.name,
    externalId: f.externalId,
    label: f.label,
    ...sized,
    ...numeric,
    type: METADATA_TYPES[f.type],
    ...valueSet,
  };
}

const typeOf = (e: Element): string => (e.attributes.type ?? '').replace(/^.*:/, '');
const without = ({ created: _, ...rest }: Result): Omit<Result, 'created'> => rest;

function envelope(method: string, inner: string): Answer {
  return {
    status: 200,
    type: 'text/xml; charset=utf-8',
    body: `<?xml version="1.0" encoding="UTF-8"?><soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/" xmlns="${NAMESPACE}" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><soapenv:Body><${method}Response>${inner}</${method}Response></soapenv:Body></soapenv:Envelope>`,
  };
}

function fault(code: string, message: string): Answer {
  return {
    status: 500,
    type: 'text/xml; charset=utf-8',
    body: `<?xml version="1.0" encoding="UTF-8"?><soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/" xmlns:sf="${NAMESPACE}"><soapenv:Body><soapenv:Fault><faultcode>${code}</faultcode><faultstring>${escapeXml(message)}</faultstring></soapenv:Fault></soapenv:Body></soapenv:Envelope>`,
  };
}
