import { setTimeout as after } from 'node:timers/promises';
import { isTerminal, type RunEvent } from '@interlock/contracts/http';
import type { RetailData } from '../../examples/retail/desk/records.ts';
import type { RetailStore } from '../../examples/retail/retail.store.ts';
import { Person } from './person.ts';
import type { RetailCase } from './retail.calls.ts';
import type { Course, ScriptedModel } from './retail.model.ts';
import type { Approvers } from './retail.people.ts';
import type { RetailSystem } from './retail.system.ts';
import type { Run } from './system.client.ts';

/** Fifty runs go on at a time, on whatever machine this is. */
const END_WITHIN_MS = 300_000;
/** So that looking takes little of what is measured. */
const LOOK_EVERY_MS = 200;

/** Everybody of the scenarios: the system, who plans, who approves, and the customers. */
export class Shop {
  readonly #customers = new Map<string, Person>();

  constructor(
    readonly system: RetailSystem,
    readonly model: ScriptedModel,
    readonly approvers: Approvers,
    readonly data: RetailData,
  ) {}

  get store(): RetailStore {
    return this.system.desk.store;
  }

  customer(id: string): Person {
    const known = this.#customers.get(id) ?? new Person(this.system, id, ['operator']);
    this.#customers.set(id, known);
    return known;
  }

  /** Starts the run of a request; the model will take this course. Answers with its id. */
  async starts(requestId: string, customer: string, request: string, course: Course): Promise<string> {
    this.model.set(requestId, course);
    const body = { workflow: 'retail-request', input: { requestId, request } };
    const started = await this.customer(customer).ask<Run>('POST', '/v1/runs', body);
    if (started.status === 202) return started.body.runId;
    throw new Error(`the start was answered ${started.status}: ${JSON.stringify(started.body)}`);
  }

  /** Works a request of the data set to its end, with people who agree to its calls. */
  async works({ id, customer, request, calls }: RetailCase): Promise<Run> {
    const isTransfer = calls.some(({ tool }) => tool === 'transfer_to_human_agents');
    const outcome = isTransfer ? 'transferred' : 'resolved';
    const runId = await this.starts(id, customer, request, { calls, outcome });
    this.approvers.expect(runId, calls);
    return this.ended(customer, runId);
  }

  /** Resolves with the run once it has ended. */
  async ended(customer: string, runId: string): Promise<Run> {
    const deadline = performance.now() + END_WITHIN_MS;
    for (;;) {
      const run = await this.customer(customer).run(runId);
      if (isTerminal(run.status)) return run;
      if (performance.now() > deadline) throw new Error(`it did not end: ${JSON.stringify(run)}`);
      await after(LOOK_EVERY_MS);
    }
  }

  /** Why rules acted in these runs instead of the model, where they did. */
  async fallBacks(cases: readonly RetailCase[], runs: readonly Run[]): Promise<unknown[]> {
    const events = await Promise.all(
      cases.map(({ customer }, place) => this.events(customer, runs[place]!.runId)),
    );
    return events.flat().flatMap(({ type, data }) => (type === 'agent.fell_back' ? [data.failure] : []));
  }

  events(customer: string, runId: string): Promise<readonly RunEvent[]> {
    return this.customer(customer).events(runId);
  }
}
