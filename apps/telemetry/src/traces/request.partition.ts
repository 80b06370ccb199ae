import type { StoredRecord } from '@interlock/broker';
import { type MessageOf, StartRun } from '@interlock/contracts';
import { open } from '@interlock/log';
import { requestSpan } from './request.span.js';
import type { Deliver } from './trace.partition.js';

/** The requests that began runs, of one partition of `run.commands`: a span for each. */
export class RequestPartition {
  #next: number;
  #pending = 0;
  #settled: number;

  constructor(
    from: number,
    private readonly deliver: Deliver,
  ) {
    this.#next = from;
    this.#settled = from;
  }

  /** In front of it everything is emitted and settled. */
  get offset(): number {
    return this.#pending > 0 ? this.#settled : this.#next;
  }

  take(records: readonly StoredRecord[]): void {
    for (const record of records) {
      if (record.offset < this.#next) continue;
      this.#next = record.offset + 1;
      const spans = spansOf(record);
      if (spans.length === 0) continue;
      if (this.#pending === 0) this.#settled = record.offset;
      this.#pending += 1;
      this.deliver(spans, () => {
        this.#pending -= 1;
        this.#settled = record.offset + 1;
      });
    }
  }
}

/** A record that is not a start command has no span: the orchestrator quarantines it. */
function spansOf(record: StoredRecord) {
  const opened = open(record);
  if (opened?.wires[0] !== StartRun.wire) return [];
  const command = commandOf(record.value);
  if (command === undefined) return [];
  const { commandId, runId, workflow, issuedAt } = command;
  const { time: receivedAt, traceparent } = opened.meta;
  return requestSpan({ commandId, runId, workflow: workflow.name, receivedAt, issuedAt, traceparent });
}

function commandOf(value: Uint8Array | null): MessageOf<typeof StartRun>['data'] | undefined {
  try {
    return StartRun.schema.safeParse(JSON.parse(Buffer.from(value ?? []).toString('utf8'))).data;
  } catch {
    return undefined;
  }
}
