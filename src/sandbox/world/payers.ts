import type { WorldPayer } from '../world.types.ts';
import type { Life } from './billing-life.ts';
import { type CustomerDraft, childKey, streamOf } from './draft.ts';
import { companyName } from './names.ts';
import { DAY, MINUTE } from './time.ts';

/**
 * The account's customer records in billing: one, or two where a second entity pays for a part, or where somebody entered the
 * customer twice. Most carry the account's key, some only an address of its domain, a few nothing that tells whose they are.
 */
export function makePayers(draft: CustomerDraft, life: Life, second: boolean): WorldPayer[] {
  const { id } = draft;
  const random = streamOf(draft, 'payers');
  const [linked, leaves, twice, kept] = [random.next(), random.next(), random.next(), random.next()];
  const createdAt = Math.max(id.createdAt, life.createdAt - MINUTE);
  const { slug } = companyName(id.index, 0);
  const deletedAt = id.leavesOn !== null && life.endedAt !== null && leaves < 0.25 ? life.endedAt + 30 * DAY : null;
  const first: WorldPayer = {
    key: childKey(draft, 'p', 0),
    name: id.name,
    email: linked < 0.94 ? `billing@${id.domain}` : linked < 0.97 ? `${slug}.${id.index}@gmail.com` : null,
    externalKey: linked < 0.8 ? id.externalKey : null,
    createdAt,
    deletedAt,
  };
  const other = (name: string, at: number, gone: number | null): WorldPayer => ({
    ...first,
    key: childKey(draft, 'p', 1),
    name,
    email: `accounts@${id.domain}`,
    createdAt: at,
    deletedAt: gone,
  });
  if (second) return [first, other(`${id.name} (International)`, createdAt, null)];
  if (life.outcome !== 'customer' || twice >= 0.04) return [first];
  const again = createdAt + 3 * DAY;
  return [first, other(id.name, again, kept < 0.7 ? again + 20 * DAY : null)];
}
