import { type EventPage, isTerminal, type RunEvent, type Run as ShownRun } from '@interlock/contracts/http';
import { eventually } from './eventually.ts';
import { tokenOf } from './tokens.ts';

/** Of the workflows of the tests every output is an object. */
export type Run = ShownRun & { readonly output?: Readonly<Record<string, unknown>> };

export interface Answer<Body> {
  readonly status: number;
  readonly body: Body;
}

/** It has ended, or nothing goes on until people do something. */
export const isSettled = ({ status, waitingFor = [] }: Run): boolean =>
  isTerminal(status) ||
  (status === 'waiting' && waitingFor.some(({ kind }) => kind === 'operator' || kind === 'approval'));

/** Who operates the systems of the tests. */
const operator = { sub: 'olga', roles: ['operator', 'admin'] };

/** The HTTP interface of one gateway, for olga, who operates it. Throws when there is no answer at all. */
export class SystemClient {
  #token: Promise<string> | undefined;

  /** @param keys the folder with the key that the gateway trusts */
  constructor(
    readonly url: string,
    readonly keys: string,
  ) {}

  async fetch(path: string, init: RequestInit = {}): Promise<Response> {
    const headers = new Headers(init.headers);
    this.#token ??= tokenOf(this.keys, operator);
    if (!headers.has('authorization')) headers.set('authorization', `Bearer ${await this.#token}`);
    return fetch(this.url + path, { ...init, headers });
  }

  /** The status of a GET; 0 when nobody answers. */
  async status(path: string): Promise<number> {
    try {
      const response = await this.fetch(path);
      await response.arrayBuffer();
      return response.status;
    } catch {
      return 0;
    }
  }

  async get<Body>(path: string): Promise<Answer<Body>> {
    const response = await this.fetch(path);
    return { status: response.status, body: (await response.json()) as Body };
  }

  async post<Body>(path: string, body: unknown, headers: Record<string, string> = {}): Promise<Answer<Body>> {
    const response = await this.fetch(path, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify(body),
    });
    return { status: response.status, body: (await response.json()) as Body };
  }

  /** @throws unless the start is accepted */
  async start(workflow: string, input: unknown, key?: string): Promise<Run> {
    const headers: Record<string, string> = key === undefined ? {} : { 'idempotency-key': key };
    const { status, body } = await this.post<Run>('/v1/runs', { workflow, input }, headers);
    if (status !== 202)
      throw new Error(`the start of ${workflow} was answered ${status}: ${JSON.stringify(body)}`);
    return body;
  }

  async run(runId: string): Promise<Run> {
    const { status, body } = await this.get<Run>(`/v1/runs/${runId}`);
    if (status !== 200) throw new Error(`run ${runId} was answered ${status}: ${JSON.stringify(body)}`);
    return body;
  }

  /** Every run, newest first. */
  async runs(): Promise<Run[]> {
    const found: Run[] = [];
    let cursor = '';
    do {
      const { body } = await this.get<{ items: Run[]; next?: string }>(`/v1/runs?limit=500${cursor}`);
      found.push(...body.items);
      cursor = body.next === undefined ? '' : `&cursor=${encodeURIComponent(body.next)}`;
    } while (cursor !== '');
    return found;
  }

  async events(runId: string): Promise<readonly RunEvent[]> {
    const found: RunEvent[] = [];
    let cursor: string | undefined = '';
    while (cursor !== undefined) {
      const path: string = `/v1/runs/${runId}/events?limit=10000${cursor === '' ? '' : `&cursor=${cursor}`}`;
      const { body }: Answer<EventPage> = await this.get(path);
      found.push(...body.items);
      cursor = body.next;
    }
    return found;
  }

  /** Resolves with the run once it is settled. */
  async settled(runId: string, withinMs?: number): Promise<Run> {
    let run = await this.run(runId);
    const holds = async () => {
      if (!isSettled(run)) run = await this.run(runId);
      return isSettled(run);
    };
    await eventually(`run ${runId} to settle`, holds, withinMs).catch((error: Error) => {
      throw new Error(`${error.message}; it is ${JSON.stringify(run)}`);
    });
    return run;
  }
}
