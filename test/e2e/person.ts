import type { SandboxHost } from '../../src/cli/sandbox-host.ts';

/** Somebody who works in the CRM beside us, through its own REST interface. */
export class Person {
  readonly #origin: string;
  readonly #token: string;

  private constructor(origin: string, token: string) {
    this.#origin = origin;
    this.#token = token;
  }

  static async login(host: Pick<SandboxHost, 'crm' | 'env'>): Promise<Person> {
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
    return new Person(host.crm.origin, answer.access_token);
  }

  create = (object: string, fields: object): Promise<string> => this.#call('POST', object, fields);
  async update(object: string, id: string, fields: object): Promise<void> {
    await this.#call('PATCH', `${object}/${id}`, fields);
  }
  async delete(object: string, id: string): Promise<void> {
    await this.#call('DELETE', `${object}/${id}`);
  }

  async #call(method: string, path: string, body?: object): Promise<string> {
    const response = await fetch(`${this.#origin}/services/data/v66.0/sobjects/${path}`, {
      method,
      headers: { authorization: `Bearer ${this.#token}`, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`);
    return text === '' ? '' : String((JSON.parse(text) as { id?: string }).id ?? '');
  }
}
