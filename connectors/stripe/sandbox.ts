import { serveKit } from '../../src/sandbox/kit.ts';
import { FaultList } from '../../src/sandbox/kit-faults.ts';
import type { Answer, KitApp, KitRequest, Route } from '../../src/sandbox/kit-types.ts';
import type { RunningSandbox, ServeOptions, VendorSandbox } from '../../src/sandbox/world.types.ts';
import { Access, type AccessOptions, VENDOR_FAULTS } from './sandbox/access.ts';
import { Book } from './sandbox/book.ts';
import { rateLimited, StripeError, unavailable } from './sandbox/errors.ts';
import { API_VERSION } from './sandbox/events.ts';
import { idOf } from './sandbox/ids.ts';
import { catchUp, loadShelf } from './sandbox/load.ts';
import { LISTS, showRow } from './sandbox/objects.ts';
import { Rest } from './sandbox/rest.ts';
import { type Listed, type Row, Shelf } from './sandbox/shelf.ts';

export interface StripeOptions extends ServeOptions, AccessOptions {
  /** Whether the objects are real money's. Default true. */
  livemode?: boolean;
}

/** The vendor's HTTP behaviour over the world, for the read endpoints that a health-score integration uses. */
export const stripeSandbox: VendorSandbox = {
  name: 'stripe',
  serve: (options) => serveStripe(options),
};

/** As `stripeSandbox.serve`, with this vendor's own options. Loads the whole world before it listens. */
export async function serveStripe(options: StripeOptions): Promise<RunningSandbox> {
  const { world, livemode = true } = options;
  const book = new Book(world, livemode);
  const shelf = new Shelf();
  loadShelf(shelf, book);
  const faults = new FaultList(VENDOR_FAULTS);
  const access = new Access(idOf('acct', `seed ${world.options.seed}`), livemode, faults, options);
  const app = makeApp(shelf, book, new Rest(shelf, book, access, options.minPages ?? 1));
  const server = await serveKit(app, faults, options);
  return {
    ...server,
    config: { baseUrl: server.origin },
    env: { STRIPE_API_KEY: access.key },
    rows: (object) => app.rows(object),
  };
}

function makeApp(shelf: Shelf, book: Book, rest: Rest): KitApp {
  let asked = 0;

  /** Every answer carries an id and the version; errors have a place where they were logged. */
  function dressed(answer: () => Answer): Answer {
    const id = idOf('req', `request ${asked++}`);
    const { headers, ...plain } = refusals(answer, id);
    return { ...plain, headers: { 'request-id': id, 'stripe-version': API_VERSION, ...headers } };
  }

  function route(request: KitRequest): Route {
    const inner = rest.route(request);
    return { ...inner, handle: () => dressed(inner.handle) };
  }

  return {
    route,
    rows: (object) => {
      if (!(object in LISTS)) return [];
      catchUp(shelf, book);
      const now = Math.floor(book.world.now() / 1000);
      const sql = 'SELECT * FROM shelf WHERE object = ? AND created <= ? ORDER BY created, seq';
      const rows = shelf.tables.all(sql, [object as Listed, now]) as unknown as Row[];
      return rows.filter((r) => (r.gone ?? now + 1) > now).map((row) => showRow(book, row));
    },
    tooMany: () => dressed(() => rateLimited('global-rate').answer()),
    unavailable: () => dressed(() => unavailable().answer()),
    close: () => shelf.tables.close(),
  };
}

function refusals(answer: () => Answer, id: string): Answer {
  try {
    return logged(answer(), id);
  } catch (error) {
    if (!(error instanceof StripeError)) throw error;
    return logged(error.answer(), id);
  }
}

function logged(answer: Answer, id: string): Answer {
  if (answer.status < 400) return answer;
  const { error } = answer.body as { error: Record<string, unknown> };
  return { ...answer, body: { error: { ...error, request_log_url: `https://dashboard.stripe.com/logs/${id}` } } };
}
