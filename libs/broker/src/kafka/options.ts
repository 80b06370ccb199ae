import type { ConnectionOptions } from 'node:tls';
import type { SASLOptions } from 'kafkajs';
import type { KafkaLogLevel } from './client.log.js';

export interface KafkaOptions {
  /** `host:port`, at least one; the rest of the cluster is found through them. */
  readonly brokers: readonly string[];
  readonly clientId: string;
  readonly ssl?: ConnectionOptions | true;
  readonly sasl?: SASLOptions;
  /** Of topics it creates; -1 leaves it to the cluster. */
  readonly replicationFactor?: number;
  /** Least replicas that every topic has to have; 1 unless told. */
  readonly replicasMin?: number;
  /** After this an append is `OutcomeUnknownError`. 5 s unless told. */
  readonly appendTimeoutMs?: number;
  /** Told what kafkajs warns of, with a level that means something: `client.log.ts`. Quiet without it. */
  readonly logger?: (
    level: KafkaLogLevel,
    message: string,
    fields: Readonly<Record<string, unknown>>,
  ) => void;
}
