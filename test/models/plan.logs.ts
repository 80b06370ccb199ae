import type { Broker } from '@interlock/broker';
import {
  catalogueOf,
  HostProgress,
  type Message,
  PlanRequested,
  PolicyDecided,
  planEvents,
  planHashOf,
  policyEvents,
  runEvents,
  type TopicSpec,
} from '@interlock/contracts';
import { claim, eventId, FencedReader, type FencedWriter, partsOf } from '@interlock/log';
import type { z } from 'zod';

type Request = z.output<typeof PlanRequested.schema>;
type Said = Partial<z.output<typeof PolicyDecided.schema>>;

/**
 * Orchestrator and policy as the planner sees them: their logs, claimed by a test that writes what they would. One partition.
 */
export class PlanLogs {
  readonly #asked = new Map<string, { readonly ref: number; readonly request: Request }>();

  private constructor(
    readonly broker: Broker,
    readonly runs: FencedWriter,
    readonly verdicts: FencedWriter,
  ) {}

  static async open(broker: Broker): Promise<PlanLogs> {
    return new PlanLogs(broker, await writerOf(broker, runEvents), await writerOf(broker, policyEvents));
  }

  /** A run asks for a plan, and policy answers. */
  async ask(run: string, request: Request, said: Said = {}): Promise<void> {
    await this.request(run, request);
    await this.allow(run, said);
  }

  async request(run: string, request: Request): Promise<void> {
    const ref = await append(this.runs, PlanRequested(request), { run, seq: 1 });
    this.#asked.set(run, { ref, request });
  }

  async allow(run: string, said: Said = {}): Promise<void> {
    const { ref, request } = this.#asked.get(run)!;
    const id = eventId(run, 1);
    const verdict = PolicyDecided({
      checkId: id,
      point: 'before',
      requestId: id,
      callHash: planHashOf(request),
      verdict: 'allow',
      bundle: 'b',
      policies: [],
      reason: '',
      inputDigest: 'd',
      mode: 'enforce',
      ...said,
    });
    await append(this.verdicts, verdict, { run, ref });
  }

  /** What the planner has written about a run, as every reader accepts and parses it. */
  written(run: string): Promise<Message[]> {
    return writtenAbout(this.broker, run);
  }
}

export async function writtenAbout(broker: Broker, run: string): Promise<Message[]> {
  const reader = new FencedReader(planEvents.name, 0);
  const catalogue = catalogueOf(planEvents);
  const found: Message[] = [];
  for await (const records of broker.read(planEvents.name, 0, 0)) {
    for (const record of records) {
      const accepted = reader.take(record);
      if (accepted?.meta.run !== run) continue;
      for (const { wire, data } of partsOf(accepted, record.value))
        found.push(catalogue.validData(wire, data));
    }
  }
  return found;
}

/** The topic's owner: what it writes is accepted by every reader. */
async function writerOf(broker: Broker, { name }: TopicSpec): Promise<FencedWriter> {
  const producer = broker.producer();
  const source = {
    append: producer.append.bind(producer),
    read: (from: number) => broker.read(name, 0, from),
  };
  const writer = await claim(source, {
    topic: name,
    partition: 0,
    from: { offset: 0, epoch: -1, index: 0 },
    claimId: name,
    host: 'test',
    versions: [],
    now: 0,
    accepted: () => {},
  });
  await writer.append(
    [{ key: 'host', wire: HostProgress.wire, value: Buffer.from('{}'), meta: { time: 0 } }],
    {},
    [],
  );
  return writer;
}

async function append(
  writer: FencedWriter,
  message: Message,
  { run, seq, ref }: { run: string; seq?: number; ref?: number },
): Promise<number> {
  const meta = {
    run,
    time: Date.now(),
    ...(seq !== undefined && { seq, id: eventId(run, seq) }),
    ...(ref !== undefined && { ref }),
  };
  const value = Buffer.from(JSON.stringify(message.data));
  return (await writer.append([{ key: run, wire: `${message.type}/1`, value, meta }], {}, [])).firstOffset;
}
