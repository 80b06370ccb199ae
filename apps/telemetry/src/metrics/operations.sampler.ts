import type { Broker } from '@interlock/broker';
import { acls, groupOf, quarantineOf, type ServiceName, serviceNames, topics } from '@interlock/contracts';

export interface Lag {
  readonly service: ServiceName;
  readonly topic: string;
  readonly partition: number;
  readonly records: number;
}

export interface OperationsSample {
  readonly quarantined: ReadonlyMap<ServiceName, number>;
  readonly lags: readonly Lag[];
}

/** Scrapes closer together than this get the same sample: it costs a request for each partition of each input. */
const FRESH_MS = 5_000;

/** What the topics and the commits of the services' groups say. */
export class OperationsSampler {
  #at = Number.NEGATIVE_INFINITY;
  #sample: Promise<OperationsSample | undefined> = Promise.resolve(undefined);

  constructor(
    private readonly broker: Pick<Broker, 'bounds' | 'committed' | 'partitions'>,
    private readonly now: () => number,
  ) {}

  /** Undefined while the broker does not answer; a scrape still shows everything else. */
  sample(): Promise<OperationsSample | undefined> {
    const now = this.now();
    if (now - this.#at > FRESH_MS) {
      this.#at = now;
      this.#sample = inTime(this.#ask()).catch(() => undefined);
    }
    return this.#sample;
  }

  async #ask(): Promise<OperationsSample> {
    const quarantined = new Map<ServiceName, number>();
    for (const service of serviceNames)
      quarantined.set(service, await this.#recordsIn(quarantineOf(service).name));
    const lags: Lag[] = [];
    for (const [service, topic] of inputs) lags.push(...(await this.#lagsOf(service, topic)));
    return { quarantined, lags };
  }

  async #recordsIn(topic: string): Promise<number> {
    let records = 0;
    for (let partition = 0; partition < (await this.broker.partitions(topic)); partition++) {
      const { start, end } = await this.broker.bounds(topic, partition);
      records += end - start;
    }
    return records;
  }

  /** Without a commit it has never read, or reads without a group. */
  async #lagsOf(service: ServiceName, topic: string): Promise<Lag[]> {
    const lags: Lag[] = [];
    for (let partition = 0; partition < (await this.broker.partitions(topic)); partition++) {
      const committed = await this.broker.committed(groupOf(service), topic, partition);
      if (committed === undefined) continue;
      const { end } = await this.broker.bounds(topic, partition);
      lags.push({ service, topic, partition, records: Math.max(0, end - committed.offset) });
    }
    return lags;
  }
}

/** A scrape has to end within seconds, and an unreachable broker lets its callers wait longer. */
const ANSWER_MS = 3_000;

function inTime<T>(answer: Promise<T>): Promise<T> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => late.reject(new Error('the broker did not answer')), ANSWER_MS);
  return Promise.race([answer, late.promise]).finally(() => clearTimeout(timer));
}

/** The topics of others that each service may read. */
const inputs: readonly (readonly [ServiceName, string])[] = acls()
  .filter(({ resource, operation }) => resource === 'topic' && operation === 'Read')
  .filter(({ principal, name }) => topics.some((topic) => topic.name === name && topic.writer !== principal))
  .map(({ principal, name }) => [principal, name] as const);
