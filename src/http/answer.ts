import type { z } from 'zod';
import { ConnectorError } from '../contract/index.ts';

/** The body of a good answer as the schema wants it; an empty body is null. @throws ConnectorError NOT_JSON, UNEXPECTED_ANSWER */
export function parseAnswer<T>(
  label: string,
  schema: z.ZodType<T>,
  response: { status: number; headers: Headers },
  text: string,
): T {
  const type = response.headers.get('content-type') ?? 'no content type';
  let value: unknown = null;
  try {
    if (text !== '') value = JSON.parse(text);
  } catch {
    throw new ConnectorError(
      `${label}: expected JSON, got ${type} (status ${response.status}, ${text.length} characters)`,
      {
        // Maintenance pages come with status 200 too, and pass.
        action: 'retry',
        ambiguous: true,
        code: 'NOT_JSON',
        hint: 'The system may be under maintenance, or a proxy or login page stands in the way: check its status page and the base URL.',
      },
    );
  }
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const where = result.error.issues.slice(0, 3).map((i) => `${i.path.join('.') || '(answer)'}: ${i.message}`);
  throw new ConnectorError(
    `${label}: the answer (status ${response.status}) has an unexpected shape: ${where.join('; ')}`,
    {
      action: 'fail',
      code: 'UNEXPECTED_ANSWER',
      hint: 'The system may have changed its API; report this with the label of the call.',
    },
  );
}
