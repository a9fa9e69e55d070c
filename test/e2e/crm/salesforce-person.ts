import type { SandboxHost } from '../../../src/cli/sandbox-host.ts';
import type { Change, Person } from './side.ts';

const TYPES = { customer: 'Customer', churned: 'Former Customer', partner: 'Partner' };

/** A user of the org, by its own REST interface. */
export class SalesforcePerson implements Person {
  readonly #origin: string;
  readonly #token: string;

  private constructor(origin: string, token: string) {
    this.#origin = origin;
    this.#token = token;
  }

  static async logIn(host: Pick<SandboxHost, 'crm' | 'env'>): Promise<SalesforcePerson> {
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
    return new SalesforcePerson(host.crm.origin, answer.access_token);
  }

  edit = (account: string, { status, seats, score, note }: Change): Promise<void> =>
    this.#call('PATCH', `Account/${account}`, {
      ...(status && { Type: TYPES[status] }),
      ...(seats !== undefined && { Seats__c: seats }),
      ...(score !== undefined && { Health_Score__c: score }),
      ...(note && { Description: note }),
    });
  deleteAccount = (account: string): Promise<void> => this.#call('DELETE', `Account/${account}`);
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
