import {
  type Actor,
  defaultLimits,
  type HostSpec,
  type Input,
  type Runtime,
  ServiceHost,
} from '@interlock/actors';
import { SimulatedCluster } from '@interlock/broker/simulated';
import { HostProgress, type Message, topics } from '@interlock/contracts';
import {
  claim,
  eventId,
  FencedReader,
  type FencedWriter,
  isClaim,
  type Meta,
  partsOf,
  plainRecord,
} from '@interlock/log';
import { ProcessUnderTest, type SimulatedSpec, seededRandom, VirtualTime } from '@interlock/simulation';

export const RUN = 'run-1';

/** What a host does outside of its log: a check that the test saw it. */
interface Quarantined {
  readonly topic: string;
  readonly offset: number;
  readonly code: string;
}

/** One service on a log of its own, in virtual time; its decisions break when the test says so. */
export class HostBench {
  readonly time = new VirtualTime(1_000_000);
  readonly quarantined: Quarantined[] = [];
  /** Kinds of input that the actor was asked about. */
  readonly asked: Input['kind'][] = [];
  readonly notes: string[] = [];
  /** What the clock of the host says at an instant. */
  clock: (now: number) => number = (now) => now;
  /** Which decisions break. */
  breaks: (input: Input) => boolean = () => false;
  #host: ServiceHost<unknown> | undefined;
  #under: ProcessUnderTest;
  readonly #cluster: SimulatedCluster;
  readonly #writers = new Map<string, FencedWriter>();
  readonly #specOf: (bench: HostBench) => SimulatedSpec;
  #numbered = 0;

  private constructor(specOf: (bench: HostBench) => SimulatedSpec) {
    const { time } = this;
    const after = (ms: number, task: () => void) => void time.after(ms, task);
    this.#cluster = new SimulatedCluster({ now: () => time.now(), after, random: seededRandom(1) });
    for (const topic of topics) this.#cluster.create(topic, 1);
    this.#specOf = specOf;
    this.#under = this.#process('others');
  }

  static async open(specOf: (bench: HostBench) => SimulatedSpec): Promise<HostBench> {
    const bench = new HostBench(specOf);
    for (const { topic, kind } of specOf(bench).inputs)
      if (kind === 'fenced') bench.#writers.set(topic, await bench.#owner(topic));
    await bench.serve();
    return bench;
  }

  get spec(): SimulatedSpec {
    return this.#specOf(this);
  }

  get runtime(): Runtime {
    const { runtime } = this.#under;
    return { ...runtime, clock: { now: () => this.clock(runtime.clock.now()) } };
  }

  get broker() {
    return this.#under.broker;
  }

  /** A process of the service starts; one that ran before is gone from one moment to the next. */
  async serve(): Promise<void> {
    this.#under.kill();
    this.#under = this.#process(`host-${this.time.now()}`);
    const spec = this.spec;
    const { broker, runtime } = this;
    const breaking: HostSpec<unknown> = {
      ...spec,
      actor: this.#breaking(spec.actor),
      host: 'bench',
      limits: defaultLimits,
    };
    this.#host = new ServiceHost<unknown>(breaking, {
      broker,
      runtime,
      observer: {
        note: (_level, what, facts) => void this.notes.push(what, ...Object.values(facts).map(String)),
        stopped: (_partition, error) => void this.notes.push(`stopped: ${String(error)}`),
      },
      consequences: {
        quarantine: (_partition, batch) => {
          for (const { topic, record, code } of batch.quarantined)
            this.quarantined.push({ topic, offset: record.offset, code });
        },
      },
    });
    void this.#host.start(broker);
    await this.#run(60_000, () => this.#host?.isReady === true);
  }

  async pass(ms: number): Promise<void> {
    await this.#run(ms, () => false);
  }

  /** @throws it does not come to that within a minute */
  async until(done: () => boolean): Promise<void> {
    if (!(await this.#run(60_000, done))) throw new Error(this.notes.join('\n'));
  }

  /** Its owner, or who may write a plain topic, says something about the run. */
  async put(
    topic: string,
    { type, data }: Message,
    meta: Partial<Pick<Meta, 'id' | 'ref'>> = {},
  ): Promise<number> {
    return this.putRaw(topic, `${type}/1`, Buffer.from(JSON.stringify(data)), meta);
  }

  /** A record with these bytes, whether or not they are a message. */
  async putRaw(
    topic: string,
    wire: string,
    value: Uint8Array | null,
    meta: Partial<Pick<Meta, 'id' | 'ref'>> = {},
  ): Promise<number> {
    this.#numbered += 1;
    const time = Math.floor(this.time.now());
    const writer = this.#writers.get(topic);
    if (writer === undefined) {
      const record = plainRecord(RUN, wire, { id: `c${this.#numbered}`, run: RUN, time, ...meta }, null);
      return this.#cluster.stored(topic, 0).land([{ ...record, value }]);
    }
    const id = eventId(RUN, this.#numbered);
    const full = { run: RUN, id, seq: this.#numbered, time, ...meta };
    const draft = { key: RUN, wire, value: value ?? Buffer.alloc(0), meta: full };
    return (await this.#settled(writer.append([draft], {}, []))).firstOffset;
  }

  /** Where the log of the host says that it stands in each of its inputs, and where they end. */
  get positions(): { readonly topic: string; readonly at: number | undefined; readonly end: number }[] {
    const own = this.#host?.hosts.get(0)?.own;
    return this.spec.inputs.map(({ topic }) => ({
      topic,
      at: own?.cursor[topic]?.offset,
      end: this.#cluster.stored(topic, 0).bounds.end,
    }));
  }

  /** How many records the test has put; the last one's event id ends with it. */
  get sent(): number {
    return this.#numbered;
  }

  get isReady(): boolean {
    return this.#host?.isReady === true && this.#host.hosts.get(0)?.haltedBy === undefined;
  }

  /** What the service has said, as every reader accepts it. */
  said(): Message[] {
    const { topic, events } = this.spec;
    const reader = new FencedReader(topic, 0);
    return this.#cluster
      .stored(topic, 0)
      .slice(0, Number.POSITIVE_INFINITY)
      .flatMap((record) => {
        const taken = reader.take(record);
        if (taken === undefined || isClaim(taken)) return [];
        return partsOf(taken, record.value).flatMap(({ wire, data }) =>
          events.knows(wire) ? [events.validData(wire, data)] : [],
        );
      });
  }

  #breaking(actor: Actor<unknown>): Actor<unknown> {
    return {
      ...actor,
      decide: (input, state, context, key) => {
        this.asked.push(input.kind);
        const decision = actor.decide(input, state, context, key);
        if (this.breaks(input)) throw new Error('planted');
        return decision;
      },
    };
  }

  #process(name: string): ProcessUnderTest {
    return new ProcessUnderTest(name, this.#cluster, this.time, seededRandom(2));
  }

  async #owner(topic: string): Promise<FencedWriter> {
    const { broker } = this.#process(`owner of ${topic}`);
    const producer = broker.producer();
    const source = {
      append: producer.append.bind(producer),
      read: (from: number) => broker.read(topic, 0, from),
    };
    const from = { offset: 0, epoch: -1, index: 0 };
    const owner = { claimId: topic, host: 'bench', versions: [], now: 0, accepted: () => {} };
    const writer = await this.#settled(claim(source, { topic, partition: 0, from, ...owner }));
    const progress = { key: 'host', wire: HostProgress.wire, value: Buffer.from('{}'), meta: { time: 0 } };
    await this.#settled(writer.append([progress], {}, []));
    return writer;
  }

  /** Lets virtual time pass until the answer is there. */
  async #settled<T>(answer: Promise<T>): Promise<T> {
    let isSettled = false;
    const watched = answer.finally(() => {
      isSettled = true;
    });
    if (!(await this.#run(60_000, () => isSettled))) throw new Error('no answer in a minute');
    return watched;
  }

  /** What was asked just now plans its first task when promises have gone round. */
  async #run(ms: number, done: () => boolean): Promise<boolean> {
    await new Promise((resolve) => void setImmediate(resolve));
    return this.time.runUntil(this.time.now() + ms, done);
  }
}
