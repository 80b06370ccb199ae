import { createRequire } from 'node:module';
import { connect as connectTcp, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { connect as connectTls } from 'node:tls';
import kafkajs, { type KafkaConfig, type Cluster as KafkaJsCluster } from 'kafkajs';
import { BrokerError } from '../errors.js';
import { levelOf } from './client.log.js';
import { readAllCompressions } from './codecs.js';
import type { KafkaOptions } from './options.js';
import { type Cluster, isStale, protocolError } from './wire.js';

const CONNECT_WITHIN_MS = 3_000;
const RETRY_FIRST_MS = 50;
const RETRY_MAX_MS = 500;
/** Servers learn of a new topic one after the other; one that does not know it is believed only after this. */
const UNKNOWN_TOPIC_FOR_MS = 1_000;

/**
 * One client of the cluster with sockets of its own, so that dropping it cuts nobody else.
 *
 * After a connection error the client is thrown away as a whole: kafkajs keeps half-read bytes of a lost connection,
 * and a new one costs a few milliseconds.
 */
export class Link {
  #client: { cluster: Cluster; sockets: Set<Socket>; connected: Promise<void> } | undefined;
  #closed = false;

  constructor(
    readonly options: KafkaOptions,
    readonly requestTimeoutMs: number,
  ) {}

  /** The connected cluster with the metadata of `topics`. Throws at once when it cannot be reached. */
  async open(topics: readonly string[] = []): Promise<Cluster> {
    if (this.#closed) throw new Error('the connection to Kafka was closed');
    this.#client ??= connect(this.options, this.requestTimeoutMs);
    const client = this.#client;
    try {
      await client.connected;
      // Also without topics: kafkajs knows no server by its id before the first metadata.
      if (topics.length === 0) await client.cluster.refreshMetadataIfNecessary();
      else await client.cluster.addMultipleTargetTopics(topics);
      return client.cluster;
    } catch (error) {
      if (protocolError(error) === undefined && this.#client === client) this.drop();
      throw error;
    }
  }

  /**
   * Runs a request that may be repeated, until it is answered or `forMs` have passed; then throws what came last.
   * Answers that are not about stale metadata are thrown at once.
   */
  async retry<T>(
    topics: readonly string[],
    forMs: number,
    request: (cluster: Cluster) => Promise<T>,
    unknownTopicForMs = UNKNOWN_TOPIC_FOR_MS,
  ): Promise<T> {
    const startedAt = performance.now();
    for (let waitMs = RETRY_FIRST_MS; ; waitMs = Math.min(waitMs * 2, RETRY_MAX_MS)) {
      try {
        return await request(await this.open(topics));
      } catch (error) {
        const type = protocolError(error);
        if (this.#closed || error instanceof BrokerError) throw error;
        if (type !== undefined && !isStale(type)) throw error;
        const budgetMs = type === 'UNKNOWN_TOPIC_OR_PARTITION' ? Math.min(forMs, unknownTopicForMs) : forMs;
        if (performance.now() + waitMs - startedAt > budgetMs) throw error;
        await this.recover(error);
        await sleep(waitMs);
      }
    }
  }

  /** Makes the next request start from fresh metadata, or from a fresh connection when no server answered. */
  async recover(error: unknown): Promise<void> {
    if (protocolError(error) === undefined) this.drop();
    else await this.#client?.cluster.refreshMetadata().catch(() => this.drop());
  }

  /** Cuts the connection; requests without an answer fail. The next `open` makes a new one. */
  drop(): void {
    const client = this.#client;
    this.#client = undefined;
    if (client === undefined) return;
    for (const socket of client.sockets) socket.destroy(new Error('connection dropped'));
    client.connected.then(() => client.cluster.disconnect()).catch(() => undefined);
  }

  close(): void {
    this.#closed = true;
    this.drop();
  }
}

function connect(options: KafkaOptions, requestTimeout: number) {
  const sockets = new Set<Socket>();
  const cluster = clusterOf({
    brokers: [...options.brokers],
    clientId: options.clientId,
    connectionTimeout: CONNECT_WITHIN_MS,
    requestTimeout,
    retry: { retries: 2, initialRetryTime: RETRY_FIRST_MS, maxRetryTime: RETRY_MAX_MS },
    ...(options.ssl === undefined ? {} : { ssl: options.ssl }),
    ...(options.sasl === undefined ? {} : { sasl: options.sasl }),
    ...logging(options),
    socketFactory: ({ host, port, ssl, onConnect }) => {
      const socket = ssl
        ? connectTls({ host, port, servername: host, ...ssl }, onConnect)
        : connectTcp({ host, port }, onConnect);
      socket.setNoDelay(true).setKeepAlive(true, 30_000);
      sockets.add(socket);
      socket.once('close', () => sockets.delete(socket));
      return socket;
    },
  });
  const connected = cluster.connect();
  connected.catch(() => undefined);
  return { cluster, sockets, connected };
}

interface RequestQueue {
  readonly pending: readonly unknown[];
  readonly throttledUntil: number;
  scheduleCheckPendingRequests(): void;
}

/**
 * kafkajs 2.2.4 requests a timer after every answer even when nothing waits, and that timer requests itself again: a thousand wake-ups
 * a second for every connection, and a warning of Node 24, because it is requested with a time in the past.
 */
function silenceIdleTimers(): void {
  const queue = createRequire(import.meta.url)('kafkajs/src/network/requestQueue') as {
    prototype: RequestQueue;
  };
  const schedule = queue.prototype.scheduleCheckPendingRequests;
  queue.prototype.scheduleCheckPendingRequests = function (this: RequestQueue) {
    if (this.pending.length > 0 || this.throttledUntil > Date.now()) schedule.call(this);
  };
}
silenceIdleTimers();
readAllCompressions();

/** kafkajs hands its cluster to partition assigners and to nobody else; the consumer made for that is never run. */
function clusterOf(config: KafkaConfig): Cluster {
  let captured: KafkaJsCluster | undefined;
  new kafkajs.Kafka(config).consumer({
    groupId: 'never-run',
    allowAutoTopicCreation: false,
    readUncommitted: true,
    retry: { retries: 2 },
    partitionAssigners: [
      ({ cluster }) => {
        captured = cluster;
        return {
          name: 'never',
          version: 0,
          assign: async () => [],
          protocol: () => ({ name: 'never', metadata: Buffer.alloc(0) }),
        };
      },
    ],
  });
  return captured as unknown as Cluster;
}

function logging({ logger }: KafkaOptions): Pick<KafkaConfig, 'logLevel' | 'logCreator'> {
  if (logger === undefined) return { logLevel: kafkajs.logLevel.NOTHING };
  return {
    logLevel: kafkajs.logLevel.WARN,
    logCreator:
      () =>
      ({ namespace, log }) => {
        const { message, ...fields } = log;
        logger(levelOf({ namespace, log }), String(message), { ...fields, source: namespace });
      },
  };
}
