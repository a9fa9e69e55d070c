import { userIds } from '../../../connectors/salesforce/sandbox/keys.ts';
import type { SandboxHost } from '../../../src/cli/sandbox-host.ts';
import type { Faults } from '../../../src/sandbox/world.types.ts';
import type { Change, Judgement, Person } from './side.ts';

const TYPES = { customer: 'Customer', churned: 'Former Customer', partner: 'Partner' };

/** A user of the org, by its own REST interface. */
export class SalesforcePerson implements Person {
  readonly #origin: string;
  readonly #token: string;
  readonly #faults: Faults;
  readonly #users: Map<string, string>;

  private constructor({ crm, world }: Pick<SandboxHost, 'crm' | 'world'>, token: string) {
    this.#origin = crm.origin;
    this.#faults = crm.faults;
    this.#users = userIds(world);
    this.#token = token;
  }

  static async logIn(host: Pick<SandboxHost, 'crm' | 'env' | 'world'>): Promise<SalesforcePerson> {
    const { clientId } = host.crm.config.auth as { clientId: string };
    const response = await fetch(`${host.crm.origin}/services/oauth2/token`, {
      method: 'POST',
      body: new URLSearchParams({
        grant_type: 'client_credentials',
        client_id: clientId,
        client_secret: host.env.SALESFORCE_CLIENT_SECRET ?? '',
      }),
    });
    const answer = (await response.json()) as { access_token?: string };
    if (!answer.access_token) throw new Error(`login was refused: ${JSON.stringify(answer)}`);
    return new SalesforcePerson(host, answer.access_token);
  }

  edit = (account: string, { status, seats, score, note }: Change): Promise<void> =>
    this.#call('PATCH', `Account/${account}`, {
      ...(status && { Type: TYPES[status] }),
      ...(seats !== undefined && { Seats__c: seats }),
      ...(score !== undefined && { Health_Score__c: score }),
      ...(note && { Description: note }),
    });
  judge = (account: string, by: string, said: Judgement): void => {
    const name = (key: string): string =>
      `Health_${key.charAt(0).toUpperCase()}${key.slice(1).replace(/([a-z])([A-Z])/g, '$1_$2')}__c`;
    const set = Object.fromEntries(Object.entries(said).map(([key, value]) => [name(key), value]));
    this.#faults.add({ name: 'edited', with: { object: 'Account', id: account, by: this.#users.get(by), set } });
  };
  deleteAccount = (account: string): Promise<void> => this.#call('DELETE', `Account/${account}`);
  deleteContact = (contact: string): Promise<void> => this.#call('DELETE', `Contact/${contact}`);
  editTask = (task: string, { subject, done }: { subject?: string; done?: true }): Promise<void> =>
    this.#call('PATCH', `Task/${task}`, { ...(subject && { Subject: subject }), ...(done && { Status: 'Completed' }) });
  deleteTask = (task: string): Promise<void> => this.#call('DELETE', `Task/${task}`);
  moveOpportunity = (opportunity: string, account: string): Promise<void> =>
    this.#call('PATCH', `Opportunity/${opportunity}`, { AccountId: account });

  async #call(method: string, path: string, body?: object): Promise<void> {
    const response = await fetch(`${this.#origin}/services/data/v66.0/sobjects/${path}`, {
      method,
      headers: { authorization: `Bearer ${this.#token}`, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`);
  }
}
