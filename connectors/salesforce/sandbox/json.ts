import type { KitRequest } from '../../../src/sandbox/kit-types.ts';
import { ApiError } from './errors.ts';
import type { ObjectSpec } from './object.ts';
import type { Org } from './org.ts';
import type { Json } from './records.ts';

/** The body as a JSON object, or the vendor's refusal. */
export function parseJson(request: KitRequest): Json {
  if (!/json/i.test(String(request.headers['content-type'] ?? ''))) {
    throw new ApiError(415, 'UNSUPPORTED_MEDIA_TYPE', 'Content-Type header specified in HTTP request is not supported');
  }
  let value: unknown;
  try {
    value = JSON.parse(request.body);
  } catch (error) {
    throw new ApiError(400, 'JSON_PARSER_ERROR', error instanceof Error ? error.message : 'unreadable JSON');
  }
  if (!isJson(value)) throw new ApiError(400, 'JSON_PARSER_ERROR', 'expected a JSON object');
  return value;
}

export const isJson = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** An object by its name in a path. */
export function objectNamed(org: Org, name: string): ObjectSpec {
  const object = org.object(name);
  if (!object) throw new ApiError(404, 'NOT_FOUND', 'The requested resource does not exist');
  return object;
}
