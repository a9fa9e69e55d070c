import { createHash, timingSafeEqual } from 'node:crypto';
import type { NextFunction, Request, RequestHandler, Response } from 'express';

export const TOKEN_VARIABLE = 'PULSEBACK_API_TOKEN';

/** An answer that is no success: JSON with what to do, never a stack. */
export function refuse(res: Response, status: number, message: string, hint?: string): void {
  res.status(status).json({ error: { message, ...(hint === undefined ? {} : { hint }) } });
}

/** For JSON that no browser has any business with. */
export const headers: RequestHandler = (_req, res, next) => {
  res.set({
    'Cache-Control': 'no-store',
    'Content-Security-Policy': "default-src 'none'; frame-ancestors 'none'",
    'Cross-Origin-Resource-Policy': 'same-origin',
    'Referrer-Policy': 'no-referrer',
    'X-Content-Type-Options': 'nosniff',
    'X-Frame-Options': 'DENY',
  });
  next();
};

const digest = (text: string): Buffer => createHash('sha256').update(text).digest();

/** Lets in who sends the token; compared by digest, so that time tells neither its length nor its beginning. */
export function bearer(token: string | null): RequestHandler {
  const expected = token === null ? null : digest(token);
  return (req, res, next) => {
    if (expected === null) {
      refuse(
        res,
        503,
        'this is switched off: no token is set',
        `Set ${TOKEN_VARIABLE} in the environment of \`serve\`.`,
      );
      return;
    }
    const [, given] = /^Bearer +(\S+)$/i.exec(req.get('authorization') ?? '') ?? [];
    if (given !== undefined && timingSafeEqual(digest(given), expected)) return next();
    res.set('WWW-Authenticate', 'Bearer');
    refuse(
      res,
      401,
      'a valid bearer token is needed',
      `Send \`Authorization: Bearer\` with the value of ${TOKEN_VARIABLE}.`,
    );
  };
}

/** Last resort: what the body parser refuses is the caller's fault and told; anything else is ours and only logged. */
export function failures(log: (error: unknown) => void) {
  return (error: unknown, _req: Request, res: Response, next: NextFunction): void => {
    const status = statusOf(error);
    if (res.headersSent) next(error);
    else if (status === 413) refuse(res, 413, 'the body is too large');
    else if (status === 415) refuse(res, 415, 'the body has an encoding that is not known here');
    else if (status !== null && status >= 400 && status < 500)
      refuse(res, status, 'the request cannot be read; expected JSON');
    else {
      log(error);
      refuse(res, 500, 'something went wrong here; the log of `serve` tells what');
    }
  };
}

function statusOf(error: unknown): number | null {
  const status = typeof error === 'object' && error !== null && 'status' in error ? error.status : null;
  return typeof status === 'number' ? status : null;
}
