import type { StoredRecord } from '@interlock/broker';
import {
  ApprovalGranted,
  HostClaimed,
  type Message,
  RunCancelled,
  RunCompleted,
  RunStarted,
  SignalReceived,
  StartRun,
  StepCompleted,
  WaitStarted,
} from '@interlock/contracts';
import type { CompiledWorkflow } from '@interlock/language';
import { eventId, FencedWriter, plainRecord, recordValue, seal } from '@interlock/log';
import { type AcceptedStart, acceptedRun, type OwnStart, ownStart } from '../src/run.view.js';
import { opened, requirements, voted } from './approval.records.js';
import { askedToGoDocument, compiled, waitingDocument } from './documents.js';

const olga = (tenant?: string) => ({
  sub: 'olga',
  roles: ['operator'],
  ...(tenant !== undefined && { tenant }),
});
const plan = compiled(waitingDocument);
const askingPlan = compiled(askedToGoDocument);
const workflow = { name: plan.name, version: plan.version, hash: plan.hash };

const SALT = 'a-salt-of-128-bits-0_0';

/** A start as the gateway writes it. `variant` tells two different requests for one run apart. */
export function startRecord(runId: string, offset: number, variant = 0, tenant?: string): StoredRecord {
  const issuedAt = 1_000 + offset;
  const commandId = `${runId}/start`;
  const input = { orderId: `${runId}-${variant}` };
  const data = {
    commandId,
    runId,
    by: olga(tenant),
    issuedAt,
    workflow,
    input,
    requestHash: `request-${variant}`,
    salt: SALT,
  };
  return {
    ...plainRecord(runId, StartRun.wire, { id: commandId, run: runId, time: issuedAt }, data),
    offset,
  };
}

/** The same start as the gateway that has written it tells the read model. */
export function ownStartOf({ value }: StoredRecord): OwnStart {
  const start = JSON.parse(Buffer.from(value ?? []).toString()) as AcceptedStart;
  return ownStart(acceptedRun(start), value);
}

function startedOf(runId: string, tenant: string | undefined, followed: CompiledWorkflow): Message {
  const { name, version, hash } = followed;
  return RunStarted({
    commandId: `${runId}/start`,
    rootRunId: runId,
    requestHash: 'request-0',
    salt: SALT,
    by: olga(tenant),
    workflow: { name, version, hash },
    compiled: followed,
    input: { orderId: `${runId}-0` },
    deadline: 9e12,
  });
}

/** What happens to a run that waits for `go`, in order. */
export function lifeOf(runId: string, tenant?: string): Message[] {
  const by = olga(tenant);
  return [
    startedOf(runId, tenant, plan),
    WaitStarted({ step: 'go', until: 8e12, signal: 'go' }),
    SignalReceived({ commandId: `${runId}/go`, by, name: 'go', data: null, reason: 'test' }),
    StepCompleted({ step: 'go', via: 'wait', output: null, detail: 'go' }),
    RunCompleted({ output: { go: null }, success: true }),
  ];
}

/** What happens to a run that asks two people, who grant it (`isGranted`) or whom its end leaves with an open question. */
export function askingLifeOf(runId: string, isGranted: boolean, tenant?: string): Message[] {
  const approvalId = `${runId}.2`;
  const vote = (sub: string) => voted(approvalId, sub, ['finance'], 'approve');
  const grant = ApprovalGranted({ approvalId, callHash: `hash of ${approvalId}`, votes: [] });
  return [
    startedOf(runId, tenant, askingPlan),
    ...opened(approvalId, requirements.dual),
    vote('fay'),
    ...(isGranted ? [vote('finn'), grant] : []),
    RunCancelled({ reason: 'test' }),
  ];
}

/** A fenced log written by the real writer; every append carries the events of one call of `append`. */
export class EventLog {
  readonly records: StoredRecord[] = [];
  readonly #seqs = new Map<string, number>();
  #writer: FencedWriter;

  constructor() {
    this.#writer = this.claim();
  }

  /** A new host takes the partition. */
  claim(): FencedWriter {
    const before = this.#writer?.position ?? { offset: 0, epoch: -1, index: 0 };
    const offset = this.records.length;
    const value = Buffer.from(JSON.stringify({ claimId: String(offset), host: 'test', versions: [] }));
    const meta = { id: String(offset), epoch: -1, index: 0, time: 0 };
    const { record } = seal({ key: 'host', wire: HostClaimed.wire, meta, value }, Buffer.alloc(32));
    this.records.push({ ...record, offset });
    const appender = {
      append: async (
        _topic: string,
        _partition: number,
        records: readonly Omit<StoredRecord, 'offset'>[],
      ) => {
        const first = this.records.length;
        for (const one of records) this.records.push({ ...one, offset: this.records.length });
        return first;
      },
    };
    this.#writer = new FencedWriter(
      appender,
      'run.events',
      0,
      { offset: offset + 1, epoch: offset, index: 0 },
      before,
    );
    return this.#writer;
  }

  /** One append. Events of one run that stand side by side are decided together, up to three of them. */
  async append(events: readonly (readonly [runId: string, event: Message])[]): Promise<void> {
    const decisions: { readonly runId: string; readonly events: Message[] }[] = [];
    for (const [runId, event] of events) {
      const last = decisions.at(-1);
      if (last?.runId === runId && last.events.length < 3) last.events.push(event);
      else decisions.push({ runId, events: [event] });
    }
    const drafts = decisions.map((decision) => this.#draft(decision.runId, decision.events));
    await this.#writer.append(drafts, {}, []);
  }

  #draft(runId: string, events: readonly Message[]) {
    const seq = (this.#seqs.get(runId) ?? 0) + 1;
    this.#seqs.set(runId, seq + events.length - 1);
    const meta = { id: eventId(runId, seq), run: runId, seq, time: 2_000 + this.records.length };
    const parts = events.map(({ type, data }) => ({ wire: `${type}/1`, data }));
    const wire = parts.map((part) => part.wire).join(',');
    return { key: runId, wire, value: recordValue(parts, runId), meta };
  }

  /** A record that a deposed host wrote too late: no reader accepts it, and the host whose place it took claims again. */
  late(runId: string, event: Message): void {
    const meta = { id: eventId(runId, 99), run: runId, seq: 99, epoch: -5, index: 7, time: 1 };
    const value = Buffer.from(JSON.stringify(event.data));
    const { record } = seal({ key: runId, wire: `${event.type}/1`, meta, value }, Buffer.alloc(32));
    this.records.push({ ...record, offset: this.records.length });
    this.claim();
  }
}
