import type { Effect, Performing, Runtime } from '@interlock/actors';
import { type Broker, OutcomeUnknownError, partitionOf, RenewingProducer } from '@interlock/broker';
import { runOrders } from '@interlock/contracts';
import { plainRecord } from '@interlock/log';
import { type Order, type OrderGiven, orderMessage, orderWire } from '@interlock/schedules';

const AGAIN_MS = 500;

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
  async perform({ data }: Effect, { signal, result }: Performing): Promise<void> {
    const order = data as Order;
    const { id, runId } = order;
    while (!signal.aborted) {
      if (await this.#isWritten(order)) {
        result({ id, runId, order: order.order } satisfies OrderGiven);
        return;
      }
      await new Promise<void>((resolve) => void this.runtime.scheduler.after(AGAIN_MS, resolve));
    }
  }

  async #isWritten(order: Order): Promise<boolean> {
    const { runId } = order;
    const time = this.runtime.clock.now();
    const { data } = orderMessage(order, time, this.salt);
    const meta = { id: order.command.commandId, run: runId, time };
    try {
      const record = plainRecord(runId, orderWire(order), meta, data);
      await this.#producer.append(runOrders.name, partitionOf(runId, this.partitions), [record]);
      return true;
    } catch (error) {
      if (error instanceof OutcomeUnknownError) return false;
      throw error;
    }
  }
}
