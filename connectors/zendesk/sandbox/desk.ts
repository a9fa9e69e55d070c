import { type Cell, Tables } from '../../../src/sandbox/kit-tables.ts';
import type { World } from '../../../src/sandbox/world.types.ts';
import { auditsOf } from './audits.ts';
import { markOf, type OrganizationStory, organizationChanges, organizationsOf, sharedDomains } from './homes.ts';
import type { Kept } from './kept.ts';
import { ratingId, requesterId } from './keys.ts';
import { nameOf, type Person, TEAM } from './people.ts';
import { ratingComment, scoreOf } from './ratings.ts';
import { seconds } from './show.ts';
import { ARCHIVED_AFTER, duplicateOf, storyChanges, type TicketStory, ticketStory } from './story.ts';

const TABLE = { ticket: 'tickets', organization: 'organizations', user: 'users' } as const;
type Kind = keyof typeof TABLE;

/**
 * The help desk's store. Every record's whole story is written at the start; `catchUp` lets the changes up to the world's now
 * happen, which moves the stamps by which exports page. A record without a stamp does not exist yet.
 */
export class Desk {
  readonly world: World;
  readonly tables = new Tables();
  readonly redacted = new Set<number>();
  #caughtUpTo: number;

  constructor(world: World) {
    this.world = world;
    this.#caughtUpTo = world.now();
    const key = { name: 'id', type: 'INTEGER' } as const;
    const number = (name: string) => ({ name, type: 'INTEGER' }) as const;
    const text = (name: string) => ({ name, type: 'TEXT' }) as const;
    const kept = [key, text('story'), number('stamp'), number('updated'), number('gone')];
    this.tables.create('tickets', [...kept, number('opened'), number('archives')], 'id');
    this.tables.create('organizations', [...kept, text('external')], 'id');
    this.tables.create('users', [...kept, { name: 'email', type: 'TEXT', collate: 'NOCASE' }], 'id');
    this.tables.create('changes', [key, number('at'), text('kind'), number('record'), number('system')], 'id');
    this.tables.create('events', [key, number('ticket'), number('at')], 'id');
    this.tables.create('ratings', [key, number('ticket'), number('at'), text('score'), number('told')], 'id');
    this.tables.transaction(() => this.#load());
    for (const [table, columns] of [
      ['tickets', ['stamp', 'id']],
      ['tickets', ['opened', 'id']],
      ['organizations', ['stamp', 'id']],
      ['organizations', ['external']],
      ['users', ['stamp', 'id']],
      ['users', ['email']],
      ['changes', ['at']],
      ['events', ['at', 'id']],
    ] as const) {
      this.tables.index(table, [...columns]);
    }
  }

  /** Seconds, as the vendor counts. */
  now(): number {
    return seconds(this.world.now());
  }

  catchUp(): void {
    const now = this.world.now();
    if (now <= this.#caughtUpTo) return;
    const due = this.tables.all(
      'SELECT at, kind, record, system FROM changes WHERE at > ? AND at <= ? ORDER BY at, id',
      [this.#caughtUpTo, now],
    );
    this.#caughtUpTo = now;
    this.tables.transaction(() => {
      for (const { at, kind, record, system } of due) {
        this.touch(kind as Kind, Number(record), seconds(Number(at)), system === 1);
      }
    });
  }

  /** A change of the record: its stamp moves, and `updated` too unless only a system did it. */
  touch(kind: Kind, id: number, at: number, bySystem: boolean): void {
    const sql = `UPDATE ${TABLE[kind]} SET stamp = ?1${bySystem ? '' : ', updated = ?1'} WHERE id = ?2`;
    this.tables.run(sql, [at, id]);
  }

  ticket(id: number): Kept<TicketStory> | null {
    return this.#one('tickets', id);
  }

  organization(id: number): Kept<OrganizationStory> | null {
    const found = this.#one<OrganizationStory>('organizations', id);
    return found && !this.isGone(found.story) ? found : null;
  }

  user(id: number): Kept<Person> | null {
    return this.#one('users', id);
  }

  /** Whether an organization was merged away. */
  isGone(story: OrganizationStory): boolean {
    return story.merged !== null && story.merged.at <= this.world.now();
  }

  /** Records that exist, by a condition over their columns. */
  select<T>(table: 'tickets' | 'organizations' | 'users', rest: string, params: readonly Cell[]): Kept<T>[] {
    const sql = `SELECT story, stamp, updated FROM ${table} WHERE stamp IS NOT NULL AND ${rest}`;
    return this.tables.arrays(sql, params).map((row) => kept<T>(row));
  }

  #one<T>(table: string, id: number): Kept<T> | null {
    const [row] = this.tables.arrays(`SELECT story, stamp, updated FROM ${table} WHERE id = ? AND stamp IS NOT NULL`, [
      id,
    ]);
    return row ? kept<T>(row) : null;
  }

  #load(): void {
    const { world } = this;
    const shared = sharedDomains(world);
    const people = new Map<string, Person>();
    for (const person of TEAM) this.#addUser(person);
    for (const account of world.accounts()) {
      if (account.tickets.length === 0) continue;
      const [main, second] = organizationsOf(world, account, markOf(account, shared));
      for (const organization of [main, second]) if (organization) this.#addOrganization(organization);
      const home = {
        organization: main?.id ?? null,
        before: second?.merged ? { organization: second.id, until: second.merged.at } : null,
      };
      for (const [n, ticket] of account.tickets.entries()) {
        const requester = this.#requester(people, ticket.requesterEmail, home.organization, ticket.openedAt);
        const story = ticketStory(account, n, ticket, requester, home);
        this.#addTicket(story);
        const again = duplicateOf(story, n);
        if (again) this.#addTicket(again);
      }
    }
    for (const person of people.values()) this.#addUser(person);
  }

  /** One user per address, with the organization and the time of the first message. */
  #requester(people: Map<string, Person>, address: string, organization: number | null, at: number): number {
    const email = address.toLowerCase();
    const known = people.get(email);
    if (known) {
      known.createdAt = Math.min(known.createdAt, at);
      return known.id;
    }
    const id = requesterId(people.size);
    people.set(email, { id, email, name: nameOf(email), role: 'end-user', organization, createdAt: at });
    return id;
  }

  #addUser(person: Person): void {
    const { id, email } = person;
    const stamps = this.#changes('user', id, [{ at: person.createdAt, bySystem: false }]);
    const row = [id, JSON.stringify(person), ...stamps, email];
    this.tables.run('INSERT INTO users (id, story, stamp, updated, email) VALUES (?, ?, ?, ?, ?)', row);
  }

  #addOrganization(o: OrganizationStory): void {
    const changes = organizationChanges(o).map((at) => ({ at, bySystem: false }));
    const external = o.externalId?.toLowerCase() ?? null;
    const row = [
      o.id,
      JSON.stringify(o),
      ...this.#changes('organization', o.id, changes),
      o.merged?.at ?? null,
      external,
    ];
    const sql = 'INSERT INTO organizations (id, story, stamp, updated, gone, external) VALUES (?, ?, ?, ?, ?, ?)';
    this.tables.run(sql, row);
  }

  #addTicket(story: TicketStory): void {
    const { id, world, deletedAt, closedAt } = story;
    const stamps = this.#changes('ticket', id, storyChanges(story));
    const archives = closedAt === null ? null : closedAt + ARCHIVED_AFTER;
    const row = [id, JSON.stringify(story), ...stamps, deletedAt, world.openedAt, archives];
    const sql = 'INSERT INTO tickets (id, story, stamp, updated, gone, opened, archives) VALUES (?, ?, ?, ?, ?, ?, ?)';
    this.tables.run(sql, row);
    for (const audit of auditsOf(story)) {
      this.tables.run('INSERT INTO events (id, ticket, at) VALUES (?, ?, ?)', [audit.id, id, seconds(audit.at)]);
    }
    if (world.solvedAt === null) return;
    const told = world.rating !== null && ratingComment(world.rating) !== '' ? 1 : 0;
    const rating = [ratingId(id), id, seconds(world.solvedAt), scoreOf(world.rating), told];
    this.tables.run('INSERT INTO ratings (id, ticket, at, score, told) VALUES (?, ?, ?, ?, ?)', rating);
  }

  /** Keeps what is still to happen; gives the stamps [any, by people] of what has happened already. */
  #changes(kind: Kind, record: number, changes: { at: number; bySystem: boolean }[]): [number | null, number | null] {
    let stamp: number | null = null;
    let updated: number | null = null;
    for (const { at, bySystem } of changes.toSorted((a, b) => a.at - b.at)) {
      if (at > this.#caughtUpTo) {
        const row = [at, kind, record, bySystem ? 1 : 0];
        this.tables.run('INSERT INTO changes (at, kind, record, system) VALUES (?, ?, ?, ?)', row);
        continue;
      }
      stamp = seconds(at);
      if (!bySystem) updated = stamp;
    }
    return [stamp, updated];
  }
}

const kept = <T>([story, stamp, updated]: Cell[]): Kept<T> => ({
  story: JSON.parse(String(story)) as T,
  stamp: Number(stamp),
  updated: Number(updated),
});
