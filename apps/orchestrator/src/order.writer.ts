import type { Effect, Performing, Runtime } from '@interlock/actors';
import {
  type Broker,
  type NewRecord,
  OutcomeUnknownError,
  partitionOf,
  RenewingProducer,
} from '@interlock/broker';
import { runOrders } from '@interlock/contracts';
import { plainRecord } from '@interlock/log';
import {
  BULK_EFFECT,
  type BulkDone,
  type BulkItem,
  bulkItems,
  type OpenBulk,
  type Order,
  type OrderGiven,
  orderMessage,
  orderWire,
} from '@interlock/schedules';

const AGAIN_MS = 500;
/** Orders of one append: with the longest reasons and signals they fit into it. */
const BULK_AT_ONCE = 50;

/** Writes orders to runs of any partition. An order may be written several times: a run takes each commandId once. */
export class OrderWriter {
  readonly #producer: RenewingProducer;

  constructor(
    broker: Pick<Broker, 'producer'>,
    readonly runtime: Runtime,
    readonly partitions: number,
    readonly salt: () => string,
  ) {
    this.#producer = new RenewingProducer(broker);
  }

  /** Tries until the order is durable, or the partition is somebody else’s: who has it then finds the order open. */
  async perform(effect: Effect, performing: Performing): Promise<void> {
    if (effect.kind === BULK_EFFECT) return this.#giveBulk(effect.data as OpenBulk, performing);
    const { signal, result } = performing;
    const order = effect.data as Order;
    const { id, runId } = order;
    while (!signal.aborted) {
      if (await this.#isWritten(order)) {
        result({ id, runId, order: order.order } satisfies OrderGiven);
        return;
      }
      await this.#pause();
    }
  }

  /** Run after run of each partition, some at a time. What was written before a crash is written again, and taken once. */
  async #giveBulk(bulk: OpenBulk, { signal, result }: Performing): Promise<void> {
    const items = bulkItems(bulk, this.runtime.clock.now());
    const places = Map.groupBy(items, ({ key }) => partitionOf(key, this.partitions));
    for (const [partition, own] of places) {
      for (let at = 0; at < own.length; at += BULK_AT_ONCE) {
        const records = own.slice(at, at + BULK_AT_ONCE).map(recordOfItem);
        while (!signal.aborted && !(await this.#isAppended(partition, records))) await this.#pause();
        if (signal.aborted) return;
      }
    }
    result({ bulkId: bulk.bulkId } satisfies BulkDone);
  }

  #pause(): Promise<void> {
    return new Promise((resolve) => void this.runtime.scheduler.after(AGAIN_MS, resolve));
  }

  async #isWritten(order: Order): Promise<boolean> {
    const { runId } = order;
    const time = this.runtime.clock.now();
    const { data } = orderMessage(order, time, this.salt);
    const meta = { id: order.command.commandId, run: runId, time };
    const record = plainRecord(runId, orderWire(order), meta, data);
    return this.#isAppended(partitionOf(runId, this.partitions), [record]);
  }

  async #isAppended(partition: number, records: readonly NewRecord[]): Promise<boolean> {
    try {
      await this.#producer.append(runOrders.name, partition, records);
      return true;
    } catch (error) {
      if (error instanceof OutcomeUnknownError) return false;
      throw error;
    }
  }
}

const recordOfItem = ({ runId, key, commandId, wire, data }: BulkItem): NewRecord =>
  plainRecord(key, wire, { id: commandId, run: runId, time: Number(data.issuedAt) }, data);
