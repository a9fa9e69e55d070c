import { hash } from 'node:crypto';

/**
 * Ids as the vendor makes them: a prefix and letters that say nothing of order or age. Pure, so that a proof can name the object
 * of any payer, subscription or invoice of the world without asking the server.
 */
const TAIL = {
  acct: ['1', 15],
  ch: ['3', 23],
  cus: ['', 14],
  di: ['1', 23],
  du: ['1', 23],
  evt: ['1', 23],
  il: ['1', 23],
  in: ['1', 23],
  inpay: ['1', 23],
  mtr: ['1', 15],
  pi: ['3', 23],
  price: ['1', 23],
  prod: ['', 14],
  req: ['', 14],
  si: ['', 14],
  sub: ['1', 23],
} as const;
export type IdKind = keyof typeof TAIL;

export function idOf(kind: IdKind, key: string): string {
  const [first, length] = TAIL[kind];
  const text = hash('sha256', `${kind} ${key}`, 'base64').replace(/[+/=]/g, '0');
  return `${kind}_${first}${text.slice(0, length)}`;
}

export const customerId = (payerKey: string): string => idOf('cus', payerKey);
export const subscriptionId = (key: string): string => idOf('sub', key);
export const itemId = (key: string): string => idOf('si', key);
export const priceId = (itemKey: string, unit: string): string => idOf('price', `${itemKey} ${unit}`);
export const productId = (name: string): string => idOf('prod', name);
export const invoiceId = (key: string): string => idOf('in', key);
export const intentId = (invoiceKey: string): string => idOf('pi', invoiceKey);
export const invoicePaymentId = (invoiceKey: string): string => idOf('inpay', invoiceKey);
/** The nth attempt on an invoice: its failures first, then the one that succeeded. */
export const chargeId = (invoiceKey: string, nth: number): string => idOf('ch', `${invoiceKey} ${nth}`);
export const disputeId = (key: string): string => idOf('du', key);
export const discountId = (key: string): string => idOf('di', key);
