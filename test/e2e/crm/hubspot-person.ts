import { userId } from '../../../connectors/hubspot/sandbox/keys.ts';
import type { SandboxHost } from '../../../src/cli/sandbox-host.ts';
import type { Faults, World } from '../../../src/sandbox/world.types.ts';
import type { Change, Judgement, Person } from './side.ts';

const STAGES = { customer: 'customer', churned: 'churned', partner: 'evangelist' };

/** A user of the portal, by its own REST interface. */
export class HubspotPerson implements Person {
  readonly #origin: string;
  readonly #token: string;
  readonly #faults: Faults;
  readonly #world: World;

  constructor(host: Pick<SandboxHost, 'crm' | 'env' | 'world'>) {
    this.#world = host.world;
    this.#origin = host.crm.origin;
    this.#token = host.env.HUBSPOT_TOKEN ?? '';
    this.#faults = host.crm.faults;
  }

  edit = (account: string, { status, seats, score, note }: Change): Promise<void> =>
    this.#set('companies', account, {
      ...(status && { lifecyclestage: STAGES[status] }),
      ...(seats !== undefined && { seats: String(seats) }),
      ...(score !== undefined && { chs_health_score: String(score) }),
      ...(note && { description: note }),
    });
  judge = (account: string, by: string, said: Judgement): void => {
    const name = (key: string): string => `chs_health_${key.replace(/([a-z])([A-Z])/g, '$1_$2').toLowerCase()}`;
    const set = Object.fromEntries(Object.entries(said).map(([key, value]) => [name(key), String(value ?? '')]));
    const user = userId(this.#world.users.findIndex(({ key }) => key === by));
    this.#faults.add({ name: 'edited', with: { id: account, by: user, set } });
  };
  deleteAccount = (account: string): Promise<void> => this.#call('DELETE', `objects/companies/${account}`);
  deleteContact = (contact: string): Promise<void> => this.#call('DELETE', `objects/contacts/${contact}`);
  editTask = (task: string, { subject, done }: { subject?: string; done?: true }): Promise<void> =>
    this.#set('tasks', task, {
      ...(subject && { hs_task_subject: subject }),
      ...(done && { hs_task_status: 'COMPLETED' }),
    });
  deleteTask = (task: string): Promise<void> => this.#call('DELETE', `objects/tasks/${task}`);

  /** No right that an app has: people do this in the portal itself. */
  moveOpportunity = async (deal: string, account: string): Promise<void> =>
    this.#faults.add({
      name: 'association-moved',
      with: { from: 'deals', id: deal, to: 'companies', target: account, alone: true },
    });

  #set = (type: string, id: string, properties: object): Promise<void> =>
    this.#call('PATCH', `objects/${type}/${id}`, { properties });

  async #call(method: string, path: string, body?: object): Promise<void> {
    const response = await fetch(`${this.#origin}/crm/v3/${path}`, {
      method,
      headers: { authorization: `Bearer ${this.#token}`, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`);
  }
}
