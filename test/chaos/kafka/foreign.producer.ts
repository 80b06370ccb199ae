import kafkajs from 'kafkajs';

const { CompressionCodecs, CompressionTypes, Kafka, logLevel } = kafkajs;

export interface ForeignRecord {
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  readonly headers?: Readonly<Record<string, Buffer | Buffer[]>>;
  readonly partition: number;
  /** When the producer says it was, UTC ms. */
  readonly timestamp?: string;
}

/** Writes to Kafka as somebody would who knows nothing of Interlock: kafkajs's own producer, with whatever it lets through. */
export class ForeignProducer {
  readonly #producer;

  private constructor(brokers: string) {
    const kafka = new Kafka({ brokers: brokers.split(','), clientId: 'foreign', logLevel: logLevel.NOTHING });
    this.#producer = kafka.producer({ allowAutoTopicCreation: false });
  }

  static async connect(brokers: string): Promise<ForeignProducer> {
    const foreign = new ForeignProducer(brokers);
    await foreign.#producer.connect();
    return foreign;
  }

  /** Answers with the offset of the first record, each record in a batch of its own. */
  async send(topic: string, records: readonly ForeignRecord[]): Promise<string[]> {
    const places: string[] = [];
    for (const record of records) {
      const [sent] = await this.#producer.send({ topic, acks: -1, messages: [{ ...record }] });
      places.push(`${record.partition}/${sent?.baseOffset}`);
    }
    return places;
  }

  async sendGzip(topic: string, records: readonly ForeignRecord[]): Promise<void> {
    const messages = records.map((record) => ({ ...record }));
    await this.#producer.send({ topic, acks: -1, compression: CompressionTypes.GZIP, messages });
  }

  /** One batch in a compression that kafkajs itself cannot read; answers with the offset of the first. */
  async sendSnappy(topic: string, records: readonly ForeignRecord[]): Promise<number> {
    const before = CompressionCodecs[CompressionTypes.Snappy];
    CompressionCodecs[CompressionTypes.Snappy] = () => ({
      compress: async ({ buffer }: { buffer: Buffer }) => snappyLiteral(buffer),
      decompress: async () => {
        throw new Error('only written');
      },
    });
    try {
      const messages = records.map((record) => ({ ...record }));
      const [sent] = await this.#producer.send({
        topic,
        acks: -1,
        compression: CompressionTypes.Snappy,
        messages,
      });
      return Number(sent?.baseOffset);
    } finally {
      CompressionCodecs[CompressionTypes.Snappy] = before;
    }
  }

  close(): Promise<void> {
    return this.#producer.disconnect();
  }
}

/** The bytes as one literal of the Snappy format: its length, a tag that announces a two-byte length, and themselves. */
function snappyLiteral(bytes: Buffer): Buffer {
  const length: number[] = [];
  for (let left = bytes.length; ; left >>>= 7) {
    length.push(left > 127 ? (left & 127) | 128 : left);
    if (left <= 127) break;
  }
  const tag = Buffer.from([61 << 2, (bytes.length - 1) & 255, (bytes.length - 1) >>> 8]);
  return Buffer.concat([Buffer.from(length), tag, bytes]);
}
