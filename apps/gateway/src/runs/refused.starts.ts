import type { Broker, StoredRecord } from '@interlock/broker';
import { QuarantineMessage, quarantineOf, runCommands, StartRun } from '@interlock/contracts';
import { open } from '@interlock/log';
import type { BeforeApplicationShutdown, OnApplicationBootstrap } from '@nestjs/common';
import { z } from 'zod';
import { TopicFollower } from '../log/topic-follower.js';
import type { KnownRun } from '../read-model/read-model.js';

const quarantine = quarantineOf('orchestrator');
/** About 500 bytes each; of more than these the oldest are shown as accepted again. */
const REFUSALS_MAX = 20_000;

interface Refusal {
  readonly requestHash: string;
  readonly code: string;
  readonly message: string;
}

const refusedStart = z.object({ runId: z.string(), requestHash: z.string() });

/**
 * Starts that the orchestrator has set aside, by the run that they would have begun. Nothing of them may stand in `run.events`, because
 * nobody has proven who gave them: what the orchestrator says of them is in its quarantine, and whoever asks for the run is told that.
 */
export class RefusedStarts implements OnApplicationBootstrap, BeforeApplicationShutdown {
  readonly #refusals = new Map<string, Refusal>();
  readonly #follower: TopicFollower;

  constructor(
    broker: Broker,
    private readonly dead: (error: Error) => void,
  ) {
    this.#follower = new TopicFollower(broker, quarantine.name, {
      take: (records) => this.take(records),
      failed: dead,
    });
  }

  onApplicationBootstrap(): void {
    this.#follower.start().catch(this.dead);
  }

  beforeApplicationShutdown(): Promise<void> {
    return this.#follower.stop();
  }

  /** The run as people see it: one that nothing has taken up, and nothing will, is refused. */
  shown(runId: string, run: KnownRun): KnownRun {
    const refusal = run.status === 'accepted' ? this.#refusals.get(runId) : undefined;
    if (refusal === undefined || refusal.requestHash !== run.requestHash) return run;
    const { code, message } = refusal;
    const failure = { class: 'unauthorized', code, message };
    return {
      ...run,
      status: 'refused',
      body: JSON.stringify({ ...JSON.parse(run.body), status: 'refused', failure }),
    };
  }

  /** It is started again: whether that is refused too is not known yet. */
  forget(runId: string): void {
    this.#refusals.delete(runId);
  }

  take(records: readonly StoredRecord[]): void {
    for (const record of records) {
      if (open(record)?.wire !== QuarantineMessage.wire) continue;
      const { data: said } = QuarantineMessage.schema.safeParse(jsonIn(record.value));
      if (said === undefined || said.topic !== runCommands.name || !isStart(said.headers)) continue;
      const { data: start } = refusedStart.safeParse(jsonIn(bytesOf(said.value ?? '')));
      if (start === undefined) continue;
      const { code, message } = said;
      this.#refusals.delete(start.runId);
      this.#refusals.set(start.runId, { requestHash: start.requestHash, code, message });
      const [oldest] = this.#refusals.keys();
      if (this.#refusals.size > REFUSALS_MAX && oldest !== undefined) this.#refusals.delete(oldest);
    }
  }
}

const bytesOf = (base64: string): Buffer => Buffer.from(base64, 'base64');

const isStart = (headers: Readonly<Record<string, string>>): boolean =>
  bytesOf(headers.t ?? '').toString('utf8') === StartRun.wire;

function jsonIn(value: Uint8Array | null): unknown {
  try {
    return JSON.parse(Buffer.from(value ?? []).toString('utf8'));
  } catch {
    return undefined;
  }
}
