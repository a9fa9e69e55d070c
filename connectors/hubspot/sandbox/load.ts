import type { Change, Owners } from './change.ts';
import { changesOf } from './changes.ts';
import type { Links } from './links.ts';
import { type Seed, seedRecord } from './seed.ts';
import { merged, type Portal, type Rec } from './store.ts';

const ACCOUNTS_PER_TRANSACTION = 250;

/** Owner id of a world user; an owner that nobody knows is no owner. */
export const ownersOf =
  (portal: Portal): Owners =>
  (key) =>
    key === null ? null : (portal.owners.get(key) ?? null);

/** Follows a world: fills the portal as of now, and applies what comes due each time it is asked. */
export class Follower {
  readonly #portal: Portal;
  readonly #links: Links;

  constructor(portal: Portal, links: Links) {
    this.#portal = portal;
    this.#links = links;
    const columns = [
      { name: 'seq', type: 'INTEGER' as const },
      { name: 'at', type: 'INTEGER' as const },
      { name: 'change', type: 'TEXT' as const },
    ];
    portal.tables.create('pending', columns, 'seq');
  }

  /** The whole world as of now. What concerns another account (the winner of a merge) comes last. */
  load(): void {
    const { tables, world } = this.#portal;
    const owners = ownersOf(this.#portal);
    const others: Change[] = [];
    let batch: Change[][] = [];
    const flush = (): void => {
      tables.transaction(() => {
        for (const changes of batch) others.push(...this.#loadAccount(changes));
      });
      batch = [];
    };
    for (const account of world.accounts()) {
      batch.push(changesOf(account, owners));
      if (batch.length >= ACCOUNTS_PER_TRANSACTION) flush();
    }
    flush();
    this.#portal.index();
    tables.index('pending', ['at']);
    others.sort((a, b) => a.at - b.at);
    tables.transaction(() => {
      for (const change of others) this.#apply(change);
    });
    tables.run('DELETE FROM unindexed'); // the index has seen what was there before the portal was first asked
  }

  /** Hand-made records instead of the world's. */
  fill(seeds: Iterable<Seed>): void {
    const { tables } = this.#portal;
    tables.transaction(() => {
      for (const seed of seeds) seedRecord(this.#portal, seed);
    });
    this.#portal.index();
  }

  /** Applies what has come due since the last call, each change with its own stamp. */
  catchUp(): void {
    const { tables } = this.#portal;
    const now = this.#portal.now();
    tables.run('DELETE FROM unindexed WHERE until <= ?', [now]);
    const due = tables.all('SELECT change FROM pending WHERE at <= ? ORDER BY at, seq', [now]);
    if (due.length === 0) return;
    tables.transaction(() => {
      for (const row of due) this.#apply(JSON.parse(String(row.change)) as Change);
      tables.run('DELETE FROM pending WHERE at <= ?', [now]);
    });
  }

  #loadAccount(changes: Change[]): Change[] {
    const now = this.#portal.now();
    const records = new Map<number, Rec>();
    const others: Change[] = [];
    for (const change of changes) {
      if (change.at > now) this.#wait(change);
      else if (change.kind === 'merge') others.push(change);
      else if (change.kind === 'create') records.set(change.id, created(change));
      else if (change.kind === 'link') this.#label(change);
      else {
        const rec = records.get(change.id);
        if (!rec) throw new Error(`World change of a record that is not there: ${change.type} ${change.id}`);
        rec.updated = Math.max(rec.updated, change.at);
        if (change.kind === 'archive') rec.archivedAt = change.at;
        else rec.props = merged(rec.type, rec.props, change.set);
      }
    }
    for (const rec of records.values()) this.#portal.insert(rec);
    return others;
  }

  #apply(change: Change): void {
    if (change.kind === 'create') this.#portal.add(created(change));
    else if (change.kind === 'link') this.#label(change);
    else this.#alter(change);
  }

  #alter(change: Change): void {
    const rec = this.#portal.read(change.type, change.id);
    // A record that somebody deleted through the API has no further life.
    if (!rec || rec.archivedAt !== null) return;
    if (change.kind === 'archive') this.#portal.archive(rec, change.at);
    else if (change.kind === 'merge' && change.loser !== undefined) this.#portal.merge(rec, change.loser, change.at);
    else this.#portal.change(rec, change.set, change.at);
  }

  #label(change: Change): void {
    if (!change.link) return;
    for (const label of change.link.labels) this.#links.label(change.id, change.link.contact, label);
  }

  #wait(change: Change): void {
    this.#portal.tables.run('INSERT INTO pending (at, change) VALUES (?, ?)', [
      Math.floor(change.at),
      JSON.stringify(change),
    ]);
  }
}

function created(change: Change): Rec {
  const at = Math.floor(change.at);
  const rec = { type: change.type, id: change.id, created: at, updated: at, archivedAt: null };
  return { ...rec, homes: change.homes ?? {}, props: merged(change.type, {}, change.set) };
}
