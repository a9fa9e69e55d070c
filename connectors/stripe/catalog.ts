import { z } from 'zod';
import { type Client, PAGE } from './client.ts';
import { everyRow } from './rows.ts';
import { type Catalog, couponIn } from './subscription.ts';
import { Coupon, Discount, type Event, Price, type Subscription, type Tier } from './wire.ts';

const WithDiscounts = z.object({ discounts: z.array(z.union([z.string(), Discount])).nullish() });
const WithDiscount = z.object({ discount: Discount.nullish() });
const Product = z.object({ id: z.string(), name: z.string().nullish() });
type Discounts = Subscription['discounts'];
type Place = 'item' | 'whole';

/**
 * What subscriptions name by id only, each asked for once a pull: coupons (an expansion goes four levels deep, and a list of
 * subscriptions uses them up before it reaches one), tiers, products' names.
 */
export class Lookup implements Catalog {
  readonly #client: Client;
  readonly #coupons: Record<Place, Map<string, Coupon | null>> = { item: new Map(), whole: new Map() };
  readonly #discounts = new Map<string, Discount>();
  readonly #tiers = new Map<string, Tier[] | null>();
  #products: Map<string, string> | null = null;

  constructor(client: Client) {
    this.#client = client;
  }

  coupon = (id: string, on: Place): Coupon | null => this.#coupons[on].get(id) ?? null;
  discount = (id: string): Discount | null => this.#discounts.get(id) ?? null;
  tiers = (price: string): Tier[] | null => this.#tiers.get(price) ?? null;
  product = (id: string): string | null => this.#products?.get(id) ?? null;

  /** Asks for what these subscriptions need. What is not told stays unknown. */
  async prepare(subscriptions: Subscription[]): Promise<void> {
    for (const sub of subscriptions) {
      const ofItems = sub.items.data.flatMap((item) => item.discounts ?? []);
      const ofCustomer = sub.customer.discount ? [sub.customer.discount] : [];
      this.#note([...(sub.discounts ?? []), ...ofCustomer], 'whole');
      this.#note(ofItems, 'item');
      await this.#learn(sub.discounts, 'whole', () => this.#couponsOf(sub.id));
      await this.#learn(ofCustomer, 'whole', () => this.#couponOfCustomer(sub.customer.id));
      await this.#learn(ofItems, 'item', () => this.#couponsOfItems(sub.id));
      for (const { price } of sub.items.data) await this.#preparePrice(price);
    }
  }

  /** Discounts that are gone are told by their own events only. */
  async prepareHistory(events: Event[]): Promise<void> {
    for (const { type, data } of events) {
      const discount = type.startsWith('customer.discount.') ? Discount.safeParse(data.object).data : undefined;
      if (!discount) continue;
      const on = discount.subscription_item ? 'item' : 'whole';
      this.#note([discount], on);
      await this.#learn([discount], on, async () => []);
    }
  }

  #note(discounts: Discounts, on: Place): void {
    for (const discount of discounts ?? []) {
      if (typeof discount === 'string') continue;
      this.#discounts.set(discount.id, discount);
      const coupon = couponIn(discount);
      if (coupon !== null && typeof coupon !== 'string') this.#coupons[on].set(coupon.id, coupon);
    }
  }

  async #learn(discounts: Discounts, on: Place, ask: () => Promise<Discounts>): Promise<void> {
    const missing = (): string[] =>
      (discounts ?? []).flatMap((discount) => {
        const coupon = typeof discount === 'string' ? null : couponIn(discount);
        return typeof coupon === 'string' && !this.#coupons[on].has(coupon) ? [coupon] : [];
      });
    if (!missing().length) return;
    this.#note(await ask(), on);
    for (const coupon of missing()) this.#coupons[on].set(coupon, await this.#couponAlone(coupon));
  }

  async #couponAlone(id: string): Promise<Coupon | null> {
    const answer = await this.#client.retrieve('coupons.retrieve', (sdk) =>
      sdk.coupons.retrieve(id, { expand: ['applies_to'] }),
    );
    const coupon = Coupon.safeParse(answer).data ?? null;
    if (!coupon) this.#client.ctx.log.warn({ coupon: id }, 'a coupon is gone; what its subscriptions bring is unknown');
    return coupon;
  }

  async #couponsOf(id: string): Promise<Discounts> {
    const answer = await this.#client.retrieve('subscriptions.retrieve', (sdk) =>
      sdk.subscriptions.retrieve(id, { expand: ['discounts.source.coupon.applies_to'] }),
    );
    return WithDiscounts.safeParse(answer).data?.discounts;
  }

  async #couponsOfItems(subscription: string): Promise<Discounts> {
    const { rows } = await this.#client.list('subscriptionItems.list', (sdk) =>
      sdk.subscriptionItems.list({ subscription, limit: PAGE, expand: ['data.discounts.source.coupon'] }),
    );
    return rows.flatMap((row) => WithDiscounts.safeParse(row).data?.discounts ?? []);
  }

  async #couponOfCustomer(id: string): Promise<Discounts> {
    const answer = await this.#client.retrieve('customers.retrieve', (sdk) =>
      sdk.customers.retrieve(id, { expand: ['discount.source.coupon.applies_to'] }),
    );
    const discount = WithDiscount.safeParse(answer).data?.discount;
    return discount ? [discount] : [];
  }

  async #preparePrice(price: Price): Promise<void> {
    if (price.billing_scheme === 'tiered' && !price.tiers && !this.#tiers.has(price.id)) await this.#tiersOf(price);
    if (!price.nickname && !this.#products) await this.#productNames();
  }

  async #tiersOf({ id, product }: Price): Promise<void> {
    this.#tiers.set(id, null);
    for await (const row of everyRow(this.#client, 'prices.list', (sdk, after) =>
      sdk.prices.list({ product, limit: PAGE, expand: ['data.tiers'], ...after }),
    )) {
      const price = Price.safeParse(row).data;
      if (price?.tiers) this.#tiers.set(price.id, price.tiers);
    }
  }

  /** Prices without a nickname are told by their product. */
  async #productNames(): Promise<void> {
    const names = new Map<string, string>();
    for await (const row of everyRow(this.#client, 'products.list', (sdk, after) =>
      sdk.products.list({ limit: PAGE, ...after }),
    )) {
      const product = Product.safeParse(row).data;
      if (product?.name) names.set(product.id, product.name);
    }
    this.#products = names;
  }
}
