import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Asked {
  authorization: string | undefined;
  model: string;
  texts: string[];
}
/** How one call is answered: null = properly. */
export type Fault = ((response: ServerResponse) => void) | null;

/** A server on loopback that speaks /v1/chat/completions: a text with "bad" is 5 and frustrated, one with "good" 95, others 50. */
export class ChatServer {
  readonly asked: Asked[] = [];
  /** For the next calls, in their order. */
  readonly faults: Fault[] = [];
  /** What it says in place of proper content. */
  content: ((texts: string[]) => string) | null = null;
  private readonly server: Server;

  private constructor(server: Server) {
    this.server = server;
  }

  static async start(): Promise<ChatServer> {
    const server = createServer();
    const chat = new ChatServer(server);
    server.on('request', (request, response) => {
      let body = '';
      request.on('data', (part) => {
        body += part;
      });
      request.on('end', () => chat.answer(request.url, request.headers.authorization, body, response));
    });
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    return chat;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}/v1`;
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((done) => this.server.close(done));
  }

  private answer(url: string | undefined, authorization: string | undefined, body: string, response: ServerResponse) {
    if (url !== '/v1/chat/completions') {
      response.writeHead(404).end('{}');
      return;
    }
    const { model, messages } = JSON.parse(body) as { model: string; messages: { role: string; content: string }[] };
    const rows = JSON.parse(messages.find((m) => m.role === 'user')?.content ?? '[]') as { id: number; text: string }[];
    const texts = rows.map(({ text }) => text);
    this.asked.push({ authorization, model, texts });
    const fault = this.faults.shift();
    if (fault) {
      fault(response);
      return;
    }
    const content = this.content?.(texts) ?? properly(texts);
    response.writeHead(200, { 'content-type': 'application/json' });
    response.end(
      JSON.stringify({ id: 'x', object: 'chat.completion', choices: [{ message: { role: 'assistant', content } }] }),
    );
  }
}

export const properly = (texts: string[]): string =>
  JSON.stringify({
    judgements: texts.map((text, i) => ({
      id: i + 1,
      sentiment: text.includes('bad') ? 5 : text.includes('good') ? 95 : 50,
      frustrated: text.includes('bad'),
    })),
  });

export const status =
  (code: number, headers: Record<string, string> = {}): Fault =>
  (response) =>
    response.writeHead(code, { 'content-type': 'application/json', ...headers }).end('{"error":{"message":"no"}}');
/** Never answers. */
export const hang: Fault = () => {};
/** Breaks off in the middle of the answer. */
export const partial: Fault = (response) => {
  response.writeHead(200, { 'content-type': 'application/json', 'content-length': '500' });
  response.write('{"choices":[{"mess');
  setTimeout(() => response.destroy(), 10);
};
export const garbage: Fault = (response) => {
  response.writeHead(200, { 'content-type': 'text/html' }).end('<html>Bad gateway</html>');
};
