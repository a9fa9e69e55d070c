import type { SandboxHost } from '../../../src/cli/sandbox-host.ts';
import type { Change, Person } from './side.ts';

const STAGES = { customer: 'customer', churned: 'churned', partner: 'evangelist' };

/** A user of the portal, by its own REST interface. */
export class HubspotPerson implements Person {
  readonly #origin: string;
  readonly #token: string;

  constructor(host: Pick<SandboxHost, 'crm' | 'env'>) {
    this.#origin = host.crm.origin;
    this.#token = host.env.HUBSPOT_TOKEN ?? '';
  }

  edit = (account: string, { status, seats, score, note }: Change): Promise<void> =>
    this.#set('companies', account, {
      ...(status && { lifecyclestage: STAGES[status] }),
      ...(seats !== undefined && { seats: String(seats) }),
      ...(score !== undefined && { chs_health_score: String(score) }),
      ...(note && { description: note }),
    });
  deleteAccount = (account: string): Promise<void> => this.#call('DELETE', `objects/companies/${account}`);
  editTask = (task: string, { subject, done }: { subject?: string; done?: true }): Promise<void> =>
    this.#set('tasks', task, {
      ...(subject && { hs_task_subject: subject }),
      ...(done && { hs_task_status: 'COMPLETED' }),
    });
  deleteTask = (task: string): Promise<void> => this.#call('DELETE', `objects/tasks/${task}`);

  /** The deal's other companies go first: the new one is to be its only one. */
  async moveOpportunity(deal: string, account: string): Promise<void> {
    const listed = await this.#ask('GET', `v4/objects/deals/${deal}/associations/companies`);
    const { results } = (await listed.json()) as { results: { toObjectId: number | string }[] };
    for (const { toObjectId } of results)
      await this.#ask('DELETE', `v4/objects/deals/${deal}/associations/companies/${toObjectId}`);
    await this.#ask('PUT', `v4/objects/deals/${deal}/associations/companies/${account}`, [
      { associationCategory: 'HUBSPOT_DEFINED', associationTypeId: 5 },
    ]);
  }

  #set = (type: string, id: string, properties: object): Promise<void> =>
    this.#call('PATCH', `objects/${type}/${id}`, { properties });

  async #call(method: string, path: string, body?: object): Promise<void> {
    await this.#ask(method, `v3/${path}`, body);
  }

  async #ask(method: string, path: string, body?: object): Promise<Response> {
    const response = await fetch(`${this.#origin}/crm/${path}`, {
      method,
      headers: { authorization: `Bearer ${this.#token}`, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`);
    return response;
  }
}
