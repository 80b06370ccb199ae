import type { Broker, StoredRecord } from '@interlock/broker';
import { auditEvents, auditHeaders, auditTypeOf, RunHead } from '@interlock/contracts';
import { z } from 'zod';
import { TopicFollower } from '../log/topic-follower.js';

/** The signed head of a run, as the last line of an export. */
export interface KnownHead {
  readonly seq: number;
  readonly line: string;
}

const signedHead = z
  .string()
  .transform((json, context) => {
    try {
      return JSON.parse(json) as unknown;
    } catch {
      context.addIssue('is not JSON');
      return z.NEVER;
    }
  })
  .pipe(RunHead.schema);

const TYPE = auditTypeOf(RunHead.wire);
/** About 600 bytes each. The head of a run that is forgotten comes back when the run moves or the gateway starts anew. */
const RUNS_MAX = 200_000;

/**
 * Heads of runs, as the audit stream tells them. The gateway signs nothing and checks nothing here: whoever reads an export checks
 * the signature, so that what a gateway shows need not be believed.
 */
export class Heads {
  readonly #known = new Map<string, KnownHead>();
  readonly #waiting = new Map<string, Set<() => void>>();
  readonly #follower: TopicFollower;

  constructor(broker: Broker, dead: (error: Error) => void) {
    this.#follower = new TopicFollower(broker, auditEvents.name, {
      take: (records) => this.take(records),
      failed: dead,
    });
  }

  start(): Promise<void> {
    return this.#follower.start();
  }

  stop(): Promise<void> {
    return this.#follower.stop();
  }

  take(records: readonly StoredRecord[]): void {
    for (const { headers, value } of records) {
      if (text(headers[auditHeaders.type]) !== TYPE) continue;
      const parsed = signedHead.safeParse(text(value ?? undefined));
      if (parsed.success) this.#add(parsed.data.head.runId, parsed.data);
    }
  }

  /** The latest head of a run: at once when it covers event `seq`, else once it does or `signal` comes. */
  async covering(runId: string, seq: number, signal: AbortSignal): Promise<KnownHead | undefined> {
    for (;;) {
      const known = this.#known.get(runId);
      if (signal.aborted || (known !== undefined && known.seq >= seq)) return known;
      await this.#changed(runId, signal);
    }
  }

  #add(runId: string, { head, signature }: { head: { seq: number }; signature: string }): void {
    const before = this.#known.get(runId);
    if (before !== undefined && before.seq >= head.seq) return;
    this.#known.delete(runId);
    this.#known.set(runId, { seq: head.seq, line: JSON.stringify({ head, signature }) });
    const [oldest] = this.#known.keys();
    if (this.#known.size > RUNS_MAX && oldest !== undefined) this.#known.delete(oldest);
    for (const wake of this.#waiting.get(runId) ?? []) wake();
  }

  #changed(runId: string, signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const waiting = this.#waiting.get(runId) ?? new Set();
      this.#waiting.set(runId, waiting);
      const done = () => {
        waiting.delete(done);
        if (waiting.size === 0) this.#waiting.delete(runId);
        signal.removeEventListener('abort', done);
        resolve();
      };
      waiting.add(done);
      signal.addEventListener('abort', done);
    });
  }
}

const text = (bytes: Uint8Array | undefined): string => Buffer.from(bytes ?? []).toString('utf8');
