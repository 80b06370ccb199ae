import { setTimeout as after } from 'node:timers/promises';
import type { Approval } from '@interlock/contracts/http';
import type { Call } from '../models/reply.ts';
import { type Address, Person } from './person.ts';

/** What was asked for and how it was answered, over HTTP. */
export interface Vote {
  readonly approvalId: string;
  readonly runId: string;
  readonly by: string;
  readonly required: 'single' | 'dual';
  readonly tool: string;
}

/**
 * Those who approve what the model does: one of support, two of finance. They agree to exactly the calls of a run they were told of, and
 * to each of them once.
 */
export class Approvers {
  readonly votes: Vote[] = [];
  readonly #expected = new Map<string, string[]>();
  readonly #seen = new Set<string>();
  readonly #support: Person;
  readonly #finance: readonly Person[];
  #working: Promise<void> | undefined;
  #stopping = false;

  constructor(system: Address) {
    this.#support = new Person(system, 'sam', ['support']);
    this.#finance = ['fay', 'gil'].map((name) => new Person(system, name, ['finance']));
  }

  /** Of one run, the calls that people will agree to. */
  expect(runId: string, calls: readonly Call[]): void {
    this.#expected.set(
      runId,
      calls.map(({ tool, arguments: given }) => keyOf(tool, given)),
    );
  }

  /** Those whose agreement is needed. */
  of(required: 'single' | 'dual'): readonly Person[] {
    return required === 'dual' ? this.#finance : [this.#support];
  }

  start(): void {
    this.#stopping = false;
    this.#working = this.#work();
  }

  /** @throws what went wrong while they voted */
  async stop(): Promise<void> {
    this.#stopping = true;
    await this.#working;
  }

  async #work(): Promise<void> {
    while (!this.#stopping) {
      const fresh = (await this.#pending()).filter(({ approvalId }) => !this.#seen.has(approvalId));
      await Promise.all(fresh.map((approval) => this.#judge(approval)));
      if (fresh.length === 0) await after(25);
    }
  }

  async #pending(): Promise<Approval[]> {
    const path = '/v1/approvals?status=pending&limit=500';
    const { status, body } = await this.#support.ask<{ items: Approval[] }>('GET', path);
    if (status !== 200) throw new Error(`the approvals were answered ${status}: ${JSON.stringify(body)}`);
    return body.items;
  }

  async #judge({ approvalId, runId, required, action }: Approval): Promise<void> {
    const expected = this.#expected.get(runId);
    const place = expected?.indexOf(keyOf(action?.tool ?? '', action?.arguments)) ?? -1;
    if (expected === undefined || place < 0) return;
    this.#seen.add(approvalId);
    expected.splice(place, 1);
    for (const person of this.of(required)) {
      const { status, body } = await person.votes(approvalId, 'approve');
      if (status !== 202)
        throw new Error(`${person.sub} was answered ${status} for ${action?.tool}: ${JSON.stringify(body)}`);
      this.votes.push({ approvalId, runId, by: person.sub, required, tool: action?.tool ?? '' });
    }
  }
}

const keyOf = (tool: string, given: unknown): string => JSON.stringify([tool, sorted(given)]);

function sorted(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1)));
}
