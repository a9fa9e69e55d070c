import type { Answer, KitRequest, Route } from '../../../src/sandbox/kit-types.ts';
import type { Access } from './access.ts';
import { type Book, type Json, nth, type View } from './book.ts';
import { missing, StripeError } from './errors.ts';
import { expand, type Include, type Resolve } from './expand.ts';
import { listPage } from './lists.ts';
import { catchUp } from './load.ts';
import { LISTS, showRow } from './objects.ts';
import { limitOf, one, onlyKnown, PAGING, type Params, readParams } from './params.ts';
import { searchCustomers } from './search.ts';
import type { Listed, Row, Shelf } from './shelf.ts';
import { deletedCustomer, isDeleted } from './show-customer.ts';
import { showInvoicePayment, showLines } from './show-invoice.ts';
import { showItems } from './show-subscription.ts';

/** Everything under /v1/. */
export class Rest {
  readonly #shelf: Shelf;
  readonly #book: Book;
  readonly #access: Access;
  readonly #minPages: number;

  constructor(shelf: Shelf, book: Book, access: Access, minPages: number) {
    this.#shelf = shelf;
    this.#book = book;
    this.#access = access;
    this.#minPages = minPages;
  }

  route(request: KitRequest): Route {
    const [version, name = '', id, part] = request.url.pathname.split('/').slice(1).map(decodeURIComponent);
    const found = (Object.entries(LISTS) as [Listed, (typeof LISTS)[Listed]][]).find(([, { path }]) => path === name);
    if (request.method !== 'GET' || version !== 'v1') return this.#unknown(request);
    if (name === 'account' && id === undefined) return this.#guard(request, 'account.get', null, () => this.#account());
    if (name === 'subscription_items' && id === undefined)
      return this.#guard(request, 'subscription_items.list', LISTS.subscription.scope, (params) => this.#items(params));
    if (name === 'credit_notes' && id === undefined)
      return this.#guard(request, 'credit_notes.list', 'rak_credit_note_read', (params) => noCreditNotes(params));
    if (!found) return this.#unknown(request);
    const [object, { scope, path }] = found;
    const guard = (kind: string, handle: (params: Params) => Json) =>
      this.#guard(request, `${path}.${kind}`, scope, handle);
    if (id === undefined) return guard('list', (params) => this.#list(object, params));
    if (object === 'customer' && id === 'search')
      return guard('search', (params) => searchCustomers(this.#shelf, this.#book, params));
    if (object === 'invoice' && part === 'lines') return guard('lines', (params) => this.#lines(id, params));
    if (part !== undefined) return this.#unknown(request);
    return guard('get', (params) => {
      onlyKnown(params, ['expand[]']);
      return this.#one(object, id) ?? this.#none(object, id);
    });
  }

  #guard(request: KitRequest, kind: string, scope: string | null, handle: (params: Params) => Json): Route {
    return {
      kind,
      type: 'read',
      handle: (): Answer => {
        this.#access.check(request, kind, scope);
        catchUp(this.#shelf, this.#book);
        const params = readParams(request.url.searchParams);
        const body = handle(params);
        expand(body, params.get('expand[]') ?? [], this.#resolve, this.#include);
        return { status: 200, body };
      },
    };
  }

  #unknown({ method, url }: KitRequest): Route {
    const message = `Unrecognized request URL (${method}: ${url.pathname}). If you are trying to list objects, remove the trailing slash. If you are trying to retrieve an object, make sure you passed a valid (non-empty) identifier in your code.`;
    return {
      kind: 'unknown',
      type: 'read',
      handle: () => {
        throw new StripeError(404, message);
      },
    };
  }

  #account(): Json {
    return {
      id: this.#access.account,
      object: 'account',
      business_profile: { name: 'Pulse Software Ltd' },
      country: 'GB',
      default_currency: 'gbp',
      settings: { dashboard: { display_name: 'Pulse Software' } },
      type: 'standard',
    };
  }

  #list(object: Listed, params: Params): Json {
    const { data, hasMore } = listPage(this.#shelf, this.#book, object, params, this.#minPages);
    return { object: 'list', data, has_more: hasMore, url: `/v1/${LISTS[object].path}` };
  }

  #items(params: Params): Json {
    onlyKnown(params, ['subscription', ...PAGING]);
    const id = one(params, 'subscription');
    if (id === null)
      throw new StripeError(400, 'Missing required param: subscription.', {
        code: 'parameter_missing',
        param: 'subscription',
      });
    const row = this.#shelf.find('subscription', id);
    if (!row || !this.#exists(row.created)) throw missing('subscription', id, 'subscription');
    const view = this.#view(row.account);
    const items = showItems(view, nth(view.account.subscriptions, row.pos, 'subscription'));
    return slice(items, params, 'subscription_item', '/v1/subscription_items');
  }

  #lines(id: string, params: Params): Json {
    onlyKnown(params, PAGING);
    const row = this.#shelf.find('invoice', id);
    if (!row || !this.#exists(row.created)) throw missing('invoice', id);
    const view = this.#view(row.account);
    const lines = showLines(view, nth(view.account.invoices, row.pos, 'invoice'));
    return slice(lines, params, 'line_item', `/v1/invoices/${id}/lines`);
  }

  #one(object: Row['object'], id: string): Json | null {
    const row = this.#shelf.find(object, id);
    if (!row || !this.#exists(row.created)) return null;
    if (object === 'customer') {
      const payer = nth(this.#book.account(row.account).payers, row.pos, 'payer');
      if (isDeleted(payer, this.#book.world.now())) return deletedCustomer(payer);
    }
    return showRow(this.#book, row);
  }

  #none(object: Listed, id: string): never {
    throw missing(object, id);
  }

  #exists(created: number): boolean {
    return created * 1000 <= this.#book.world.now();
  }

  #view(account: number): View {
    return { account: this.#book.account(account), at: this.#book.world.now(), livemode: this.#book.livemode };
  }

  readonly #resolve: Resolve = (field, id) => {
    const object = { latest_invoice: 'invoice', discounts: 'discount' }[field] ?? field;
    return object in LISTS || object === 'discount' ? this.#one(object as Row['object'], id) : null;
  };

  readonly #include: Include = (target, field) => {
    if (target.object === 'invoice' && field === 'payments') {
      const row = this.#shelf.find('invoice', String(target.id));
      if (!row) return undefined;
      const view = this.#view(row.account);
      const data = [showInvoicePayment(view, nth(view.account.invoices, row.pos, 'invoice'))];
      return { object: 'list', data, has_more: false, url: `/v1/invoice_payments?invoice=${target.id}` };
    }
    if (target.object === 'customer' && field === 'subscriptions') {
      const params: Params = new Map([['customer', [String(target.id)]]]);
      const url = `/v1/customers/${target.id}/subscriptions`;
      const { data, hasMore } = listPage(this.#shelf, this.#book, 'subscription', params, 1);
      return { object: 'list', data, has_more: hasMore, url };
    }
    return undefined;
  };
}

/** A page of a list that is short enough to be made whole. */
function slice(all: Json[], params: Params, object: string, url: string): Json {
  const [after, before] = [one(params, 'starting_after'), one(params, 'ending_before')];
  const at = (id: string, param: string): number => {
    const found = all.findIndex((o) => o.id === id);
    if (found < 0) throw missing(object, id, param);
    return found;
  };
  const limit = limitOf(params);
  if (before !== null) {
    const end = at(before, 'ending_before');
    const start = Math.max(0, end - limit);
    return { object: 'list', data: all.slice(start, end), has_more: start > 0, url };
  }
  const start = after === null ? 0 : at(after, 'starting_after') + 1;
  return { object: 'list', data: all.slice(start, start + limit), has_more: start + limit < all.length, url };
}

/** Nobody in this world is ever credited. */
function noCreditNotes(params: Params): Json {
  onlyKnown(params, ['customer', 'invoice', ...PAGING]);
  return { object: 'list', data: [], has_more: false, url: '/v1/credit_notes' };
}
