import { refundRequests, workflow as refundWorkflow } from '../../examples/refund-desk/requests.ts';
import type { Run, SystemClient } from '../e2e/system.client.ts';

export interface Job {
  readonly key: string;
  readonly workflow: string;
  readonly input: unknown;
}

const ledgers = ['keyed', 'verified', 'asked'];

/** `total` runs: the sixty refund requests, and writes of every kind of recovery, in turns. */
export function jobsOf(total: number): Job[] {
  const refunds = refundRequests().map(({ input }) => ({
    key: `refund-${input.requestId}`,
    workflow: refundWorkflow,
    input,
  }));
  const entries = Array.from({ length: total - refunds.length }, (_, index) => ({
    key: `entry-${index}`,
    workflow: `ledger-${ledgers[index % ledgers.length]}`,
    input: { entry: `entry-${index}` },
  }));
  const every = Math.floor(total / refunds.length);
  return Array.from({ length: total }, (_, index) =>
    index % every === 0 && refunds.length > 0 ? refunds.shift()! : entries.shift()!,
  );
}

/** Submits jobs under their keys; what is not accepted, because nobody was there to accept it, is left for later. */
export class Submitter {
  readonly accepted = new Map<string, Run>();
  readonly #waiting: Job[];

  constructor(jobs: readonly Job[]) {
    this.#waiting = [...jobs];
  }

  get left(): number {
    return this.#waiting.length;
  }

  async submit(client: SystemClient, atMost: number): Promise<void> {
    await Promise.all(
      this.#waiting.splice(0, atMost).map(async (job) => {
        const run = await client.start(job.workflow, job.input, job.key).catch(() => undefined);
        if (run === undefined) this.#waiting.unshift(job);
        else this.accepted.set(job.key, run);
      }),
    );
  }
}
