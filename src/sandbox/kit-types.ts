import type { IncomingMessage } from 'node:http';
import type { CallType } from './kit-calls.ts';

export interface KitRequest {
  method: string;
  /** Decoded by URL: path and query. */
  url: URL;
  headers: IncomingMessage['headers'];
  body: string;
}

/** What a vendor answers. An object body is sent as JSON, a string as it is. */
export interface Answer {
  status: number;
  headers?: Record<string, string>;
  body?: unknown;
  /** Content type of a string body. Default text/plain. */
  type?: string;
  /** Records written, for the latency of big writes. */
  records?: number;
}

/** What a request is, decided before it is carried out, so that faults and counts can act on it. */
export interface Route {
  kind: string;
  type: CallType;
  handle(): Answer;
}

/** One vendor's behaviour, free of sockets. `handle` is synchronous: each request is atomic. */
export interface KitApp {
  route(request: KitRequest): Route;
  rows(object: string): Record<string, unknown>[];
  /** The vendor's own words where the fault is `429` or `503-…`; absent = plain text and HTML. */
  tooMany?(): Answer;
  unavailable?(): Answer;
  close(): void;
}
