import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { defaultLimits, type Input, ServiceHost } from '@interlock/actors';
import type { ApprovalState } from '@interlock/approvals';
import type { Broker, GroupMember } from '@interlock/broker';
import { openEmbeddedBroker } from '@interlock/broker/embedded';
import {
  approvalCommands,
  approvalEvents,
  groupOf,
  HostProgress,
  runEvents,
  topics,
} from '@interlock/contracts';
import { claim, eventId, FencedReader, type FencedWriter, partsOf, plainRecord } from '@interlock/log';
import { wallClock } from '@interlock/service';
import { approvalSpec } from '../src/approval.module.js';

const limits = { ...defaultLimits, drainMs: 100, progressMs: 100, commitMs: 50, trimMs: 50 };

/** A real log with the approval service on it, which can die at any moment and come back. One partition. */
export class ApprovalHarness {
  host: ServiceHost<ApprovalState> | undefined;
  readonly #dead: ServiceHost<ApprovalState>[] = [];

  private constructor(
    readonly directory: string,
    public broker: Broker,
    private runs: FencedWriter,
  ) {}

  static async open(): Promise<ApprovalHarness> {
    const directory = await mkdtemp(join(tmpdir(), 'approval-'));
    const broker = await openEmbeddedBroker({ directory });
    await broker.createTopics(topics, 1);
    return new ApprovalHarness(directory, broker, await orchestratorOn(broker));
  }

  async serve(): Promise<void> {
    const observer = { note: () => {}, stopped: () => {} };
    const ports = {
      broker: this.broker,
      runtime: wallClock,
      observer,
      consequences: { quarantine: () => {} },
    };
    this.host = new ServiceHost<ApprovalState>({ ...approvalSpec(), host: 'test', limits }, ports);
    await this.host.start(this.broker);
  }

  /** The process is gone from one moment to the next: nothing is drained, nothing committed. The log is there again at once. */
  async die(): Promise<void> {
    await this.broker.close();
    if (this.host !== undefined) this.#dead.push(this.host);
    this.host = undefined;
    this.broker = await openEmbeddedBroker({ directory: this.directory });
    this.runs = await orchestratorOn(this.broker);
  }

  async close(): Promise<void> {
    await this.host?.stop();
    await this.broker.close();
    await Promise.all(this.#dead.map((host) => host.stop()));
    await rm(this.directory, { recursive: true });
  }

  /** Puts messages where they come from: each is an append of its own. */
  async put(...inputs: Input[]): Promise<void> {
    for (const input of inputs) {
      if (input.kind !== 'message') throw new Error(`no message: ${input.kind}`);
      const { topic, type, data, meta } = input.message;
      const wire = `${type}/1`;
      const time = Date.now();
      if (topic === runEvents.name) {
        const { id, run = '' } = meta;
        const value = Buffer.from(JSON.stringify(data));
        const place = { run, id, seq: Number(id.split('/')[1]), time };
        await this.runs.append([{ key: 'root', wire, value, meta: place }], {}, []);
      } else {
        const record = plainRecord('root', wire, { id: `vote-${time}`, time }, data);
        await this.broker.producer().append(approvalCommands.name, 0, [record]);
      }
    }
  }

  /** What the service has said, as every reader accepts it. */
  async said(): Promise<{ readonly type: string; readonly data: Record<string, unknown> }[]> {
    const { start } = await this.broker.bounds(approvalEvents.name, 0);
    const reader = new FencedReader(approvalEvents.name, 0, { offset: start, epoch: -1, index: 0 });
    const found = [];
    for await (const records of this.broker.read(approvalEvents.name, 0, start)) {
      for (const record of records) {
        const accepted = reader.take(record);
        if (accepted?.meta.run === undefined) continue;
        for (const { wire, data } of partsOf(accepted, record.value))
          found.push({ type: wire.replace('/1', ''), data: data as Record<string, unknown> });
      }
    }
    return found;
  }

  async types(): Promise<string[]> {
    return (await this.said()).map(({ type }) => type);
  }

  /** First offset of `approval.events` that can still be read. */
  async start(): Promise<number> {
    return (await this.broker.bounds(approvalEvents.name, 0)).start;
  }

  /** Every reader of `approval.events` says that it has read all of it. */
  async allRead(): Promise<void> {
    const { end } = await this.broker.bounds(approvalEvents.name, 0);
    const position = { offset: end, metadata: '0.0' };
    const silent: GroupMember = { assigned() {}, revoked: async () => {}, records() {}, failed() {} };
    for (const reader of approvalEvents.readers ?? []) {
      const membership = await this.broker.join(groupOf(reader), [approvalEvents.name], silent);
      await membership.commit([{ topic: approvalEvents.name, partition: 0, position }]);
      await membership.leave();
    }
  }
}

/** The owner of `run.events`: what it writes is accepted by every reader. */
async function orchestratorOn(broker: Broker): Promise<FencedWriter> {
  const producer = broker.producer();
  const { name: topic } = runEvents;
  const source = {
    append: producer.append.bind(producer),
    read: (from: number) => broker.read(topic, 0, from),
  };
  const from = { offset: 0, epoch: -1, index: 0 };
  const owner = { claimId: eventId(topic, Date.now()), host: 'test', versions: [], now: 0 };
  const writer = await claim(source, { topic, partition: 0, from, ...owner, accepted: () => {} });
  const progress = { key: 'host', wire: HostProgress.wire, value: Buffer.from('{}'), meta: { time: 0 } };
  await writer.append([progress], {}, []);
  return writer;
}
