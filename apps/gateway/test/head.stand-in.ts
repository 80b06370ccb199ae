import { evidenceKeyPath, KeyFile, keysDirectoryOf, publishKeys } from '@interlock/authority';
import type { Broker } from '@interlock/broker';
import { auditEvents, auditHeaders, auditTypeOf, RunHead, runEvents } from '@interlock/contracts';
import { signHead } from '@interlock/evidence';
import { FencedReader, metaOfPart, startingAt } from '@interlock/log';

/** As much of the audit service as an export needs: folds the fenced log, and signs the head of every run that moves. */
export class HeadStandIn {
  readonly keys: KeyFile;
  #stops: readonly (() => Promise<void>)[] = [];

  private constructor(
    readonly broker: Broker,
    directory: string,
  ) {
    const keysDirectory = keysDirectoryOf({ INTERLOCK_DATA_DIR: directory });
    this.keys = KeyFile.open(evidenceKeyPath(keysDirectory));
    publishKeys(keysDirectory, this.keys);
  }

  static async start(broker: Broker, directory: string): Promise<HeadStandIn> {
    const standIn = new HeadStandIn(broker, directory);
    const partitions = await broker.partitions(runEvents.name);
    standIn.#stops = await Promise.all(
      Array.from({ length: partitions }, (_, partition) => standIn.#follow(partition)),
    );
    return standIn;
  }

  async stop(): Promise<void> {
    await Promise.all(this.#stops.map((stop) => stop()));
  }

  async #follow(partition: number): Promise<() => Promise<void>> {
    const reader = new FencedReader(runEvents.name, partition, startingAt(0));
    const producer = this.broker.producer();
    const following = await this.broker.follow(runEvents.name, partition, 0, {
      records: (records) => {
        for (const record of records) {
          const taken = reader.take(record);
          if (taken?.meta.run === undefined || taken.meta.seq === undefined) continue;
          const { run, time } = taken.meta;
          const { seq = 0 } = metaOfPart(taken.meta, taken.wires.length - 1);
          const hash = Buffer.from(taken.hash).toString('hex');
          void producer.append(auditEvents.name, partition, [this.#head(record.key, run, seq, hash, time)]);
        }
      },
      failed: (error) => {
        throw error;
      },
    });
    return () => following.stop();
  }

  #head(key: string, runId: string, seq: number, hash: string, time: number) {
    const head = signHead({ runId, seq, hash, time: new Date(time).toISOString() }, this.keys.current);
    return {
      key,
      headers: {
        [auditHeaders.type]: Buffer.from(auditTypeOf(RunHead.wire)),
        [auditHeaders.subject]: Buffer.from(runId),
      },
      value: Buffer.from(JSON.stringify(head)),
    };
  }
}
