import type { Answer } from '../../../src/sandbox/kit-types.ts';

/** An error of the whole request, in the vendor's REST shape `[{message, errorCode, fields?}]`. */
export class ApiError extends Error {
  readonly status: number;
  readonly errorCode: string;
  readonly fields: string[] | undefined;
  constructor(status: number, errorCode: string, message: string, fields?: string[]) {
    super(message);
    this.status = status;
    this.errorCode = errorCode;
    this.fields = fields;
  }
  answer(): Answer {
    const { message, errorCode, fields } = this;
    return { status: this.status, body: [fields ? { message, errorCode, fields } : { message, errorCode }] };
  }
}

/** An error of one record, in the vendor's row shape `{statusCode, message, fields}`. */
export class RowError extends Error {
  readonly statusCode: string;
  readonly fields: string[];
  constructor(statusCode: string, message: string, fields: string[] = []) {
    super(message);
    this.statusCode = statusCode;
    this.fields = fields;
  }
}
