import type { Approval, RunEvent } from '@interlock/contracts/http';
import { eventually } from './eventually.ts';
import type { Answer, Run } from './system.client.ts';
import { tokenOf } from './tokens.ts';

export interface Address {
  /** Of a gateway, as it is now. */
  readonly url: string;
  /** The folder with its keys: it trusts tokens signed with the one in there. */
  readonly keys: string;
}

/** Somebody with a token of their own, who knows the system by HTTP alone. */
export class Person {
  #token: Promise<string> | undefined;

  constructor(
    readonly system: Address,
    readonly sub: string,
    readonly roles: readonly string[],
    readonly tenant?: string,
  ) {}

  /** @throws when nobody answers */
  async ask<Body>(
    method: 'GET' | 'POST',
    path: string,
    body?: unknown,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<Answer<Body>> {
    this.#token ??= tokenOf(this.system.keys, this);
    const response = await fetch(this.system.url + path, {
      method,
      headers: {
        authorization: `Bearer ${await this.#token}`,
        ...(body !== undefined && { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    return { status: response.status, body: (await response.json()) as Body };
  }

  async #good<Body>(method: 'GET' | 'POST', path: string, body?: unknown): Promise<Body> {
    const answer = await this.ask<Body>(method, path, body);
    if (answer.status < 300) return answer.body;
    throw new Error(`${method} ${path} was answered ${answer.status}: ${JSON.stringify(answer.body)}`);
  }

  /** Starts a run; resolves with what it asks people first. */
  async asksFor(workflow: string, input: unknown): Promise<Approval> {
    const run = await this.#good<Run>('POST', '/v1/runs?wait=30s', { workflow, input });
    // Whatever has become of it: some expire before a slow machine has looked.
    return this.#firstOf(`runId=${run.runId}`);
  }

  /** Resolves with the approval that the run waits for. */
  pendingOf(runId: string, except?: string): Promise<Approval> {
    return this.#firstOf(`runId=${runId}&status=pending`, except);
  }

  async #firstOf(wanted: string, except?: string): Promise<Approval> {
    let found: Approval | undefined;
    await eventually(`people to be asked: ${wanted}`, async () => {
      const { items } = await this.#good<{ items: Approval[] }>('GET', `/v1/approvals?${wanted}`);
      found = items.find(({ approvalId }) => approvalId !== except);
      return found !== undefined;
    });
    return found!;
  }

  /** For what the approval shows. */
  async votes(approvalId: string, vote: 'approve' | 'deny', headers: Readonly<Record<string, string>> = {}) {
    const shown = await this.ask<Approval>('GET', `/v1/approvals/${approvalId}`);
    if (shown.status !== 200) return shown;
    const body = { vote, callHash: shown.body.callHash, reason: `${this.sub} says so` };
    return this.ask<Approval>('POST', `/v1/approvals/${approvalId}/votes`, body, headers);
  }

  approval(approvalId: string): Promise<Approval> {
    return this.#good('GET', `/v1/approvals/${approvalId}`);
  }

  /** Resolves with the approval once it is as it should be. */
  async until(approvalId: string, holds: (approval: Approval) => boolean): Promise<Approval> {
    let approval = await this.approval(approvalId);
    await eventually(`approval ${approvalId}, which was ${JSON.stringify(approval)}`, async () => {
      approval = await this.approval(approvalId);
      return holds(approval);
    });
    return approval;
  }

  run(runId: string): Promise<Run> {
    return this.#good('GET', `/v1/runs/${runId}`);
  }

  /** Resolves with the run once it is in this status. */
  async runUntil(runId: string, ...statuses: readonly string[]): Promise<Run> {
    let run = await this.run(runId);
    await eventually(`run ${runId} to be ${statuses.join(' or ')}`, async () => {
      run = await this.run(runId);
      return statuses.includes(run.status);
    }).catch((error: Error) => {
      throw new Error(`${error.message}; it is ${JSON.stringify(run)}`);
    });
    return run;
  }

  async events(runId: string): Promise<readonly RunEvent[]> {
    const found: RunEvent[] = [];
    let cursor: string | undefined = '';
    while (cursor !== undefined) {
      const path: string = `/v1/runs/${runId}/events?limit=10000${cursor === '' ? '' : `&cursor=${cursor}`}`;
      const page: { items: RunEvent[]; next?: string } = await this.#good('GET', path);
      found.push(...page.items);
      cursor = page.next;
    }
    return found;
  }

  orders(runId: string, command: Readonly<Record<string, unknown>>) {
    return this.ask('POST', `/v1/runs/${runId}/commands`, { reason: `${this.sub} says so`, ...command });
  }

  publishes(artifact: unknown) {
    return this.ask('POST', '/v1/artifacts', artifact);
  }

  /** Publishes a bundle and puts it into force. */
  async activates(bundle: unknown) {
    const { status, body } = await this.publishes(bundle);
    if (status !== 201) throw new Error(`the bundle was answered ${status}: ${JSON.stringify(body)}`);
    const { hash } = body as { hash: string };
    return this.ask('POST', '/v1/policy/activations', { hash, reason: `${this.sub} says so` });
  }

  async bundle(): Promise<{
    name: string;
    version: number;
    document: { policies: { id: string; text: string }[] };
  }> {
    type Bundle = Awaited<ReturnType<Person['bundle']>>;
    const { items } = await this.#good<{ items: Bundle[] }>(
      'GET',
      '/v1/artifacts?kind=policy&documents=true',
    );
    return items.toSorted((a, b) => b.version - a.version)[0]!;
  }
}
