import { type Broker, partitionOf } from '@interlock/broker';
import { type Message, RunStarted, runEvents } from '@interlock/contracts';
import { claim, eventId, type FencedWriter, recordValue, startingAt } from '@interlock/log';
import { askedToGoDocument, compiled } from '../../../libs/read-model/test/documents.js';

const plan = compiled(askedToGoDocument);
const workflow = { name: plan.name, version: plan.version, hash: plan.hash };

/** Writes `run.events` as an orchestrator does: what a test wants to have happened. One decision a call. */
export class RunStandIn {
  readonly #writers = new Map<number, Promise<FencedWriter>>();
  readonly #seqs = new Map<string, number>();
  #last: Promise<unknown> = Promise.resolve();

  constructor(
    readonly broker: Broker,
    /** UTC ms of the next append. */
    public now = 1_795_338_900_000,
  ) {}

  /** A run that `requester` started. */
  async start(runId: string, requester = 'rita'): Promise<void> {
    await this.append(
      runId,
      RunStarted({
        commandId: `${runId}/start`,
        rootRunId: runId,
        requestHash: 'request',
        salt: 'a-salt-of-128-bits-0_0',
        by: { sub: requester, roles: ['operator'] },
        workflow,
        compiled: plan,
        input: { orderId: runId },
        deadline: 9e12,
      }),
    );
  }

  append(runId: string, ...events: readonly Message[]): Promise<void> {
    const done = this.#last.then(() => this.#append(runId, events));
    this.#last = done.catch(() => undefined);
    return done;
  }

  async #append(runId: string, events: readonly Message[]): Promise<void> {
    const writer = await this.#writer(partitionOf(runId, await this.broker.partitions(runEvents.name)));
    const seq = (this.#seqs.get(runId) ?? 0) + 1;
    this.#seqs.set(runId, seq + events.length - 1);
    const meta = { id: eventId(runId, seq), run: runId, seq, time: this.now };
    const parts = events.map(({ type, data }) => ({ wire: `${type}/1`, data }));
    const wire = parts.map((part) => part.wire).join(',');
    const value = recordValue(parts, runId);
    await writer.append([{ key: runId, wire, value, meta }], {}, []);
    this.now += 1_000;
  }

  #writer(partition: number): Promise<FencedWriter> {
    const known = this.#writers.get(partition);
    if (known !== undefined) return known;
    const producer = this.broker.producer();
    const source = {
      append: producer.append.bind(producer),
      read: (from: number) => this.broker.read(runEvents.name, partition, from),
    };
    const writer = claim(source, {
      topic: runEvents.name,
      partition,
      from: startingAt(0),
      claimId: `run stand-in ${partition}`,
      host: 'test',
      versions: [],
      now: 0,
      accepted: () => undefined,
    });
    this.#writers.set(partition, writer);
    return writer;
  }
}
