import { join } from 'node:path';
import { setTimeout as after } from 'node:timers/promises';
import { freePort } from '@interlock/testing';
import { RedisServer } from '../../../libs/read-model/test/redis.server.ts';
import { eventually } from '../../e2e/eventually.ts';
import type { Address } from '../../e2e/person.ts';
import { type Run, SystemClient } from '../../e2e/system.client.ts';
import { KafkaSystem } from './kafka.system.ts';
import { allReady, ServiceProcess } from './service.process.ts';

const READ_EVERY_MS = 20;

export interface Outage {
  readonly name: string;
  /** From the end of the outage until both gateways list runs. */
  readonly ms: number;
}

export const msOf = (ms: number): string => `${Math.round(ms)} ms`;

/** Interlock on Kafka with two gateways that share a Redis, a third with a file of its own, and somebody who reads from both all the time. */
export class SharedReadModel {
  readonly clients: readonly SystemClient[];
  readonly addresses: readonly Address[];
  readonly #reads = new Map<string, number>();
  readonly #wrong: string[] = [];
  #slowestMs = 0;
  #isReading = true;
  readonly #reading: Promise<unknown>;

  private constructor(
    readonly system: KafkaSystem,
    readonly redis: RedisServer,
    gateways: readonly SystemClient[],
    readonly reference: SystemClient,
  ) {
    this.clients = gateways;
    this.addresses = gateways;
    this.#reading = Promise.all(this.clients.map((client) => this.#readOn(client)));
  }

  static async start(): Promise<SharedReadModel> {
    const redis = await RedisServer.start();
    let system: KafkaSystem | undefined;
    try {
      system = await KafkaSystem.start({ environment: { REDIS_URL: redis.url }, apart: ['gateway'] });
      const { REDIS_URL: _, ...without } = system.environment;
      const second = await startGateway(system, 'gateway-2', system.environment);
      const reference = await startGateway(system, 'gateway-with-file', without);
      return new SharedReadModel(system, redis, [system.client, second], reference);
    } catch (error) {
      await system?.stop();
      await redis.remove();
      throw error;
    }
  }

  /** Resolves when both gateways list runs after `happen`. */
  async outage(name: string, happen: () => Promise<void>): Promise<Outage> {
    await happen();
    const since = performance.now();
    for (const client of this.clients) {
      const lists = async () => (await client.status('/v1/runs?limit=1')) === 200;
      await eventually(`${client.url} to list runs`, lists, 60_000);
    }
    return { name, ms: performance.now() - since };
  }

  /** Answers to those who read all the time, by status. `wrong`: an answer that is neither right nor 503. */
  async metrics() {
    this.#isReading = false;
    await this.#reading;
    const [, bytes] = /used_memory:(\d+)/.exec(String(await this.redis.command('INFO', 'memory'))) ?? [];
    return {
      redisBytes: Number(bytes),
      reads: Object.fromEntries(this.#reads),
      wrong: this.#wrong,
      slowestMs: this.#slowestMs,
    };
  }

  /** Everything a gateway shows of these runs. */
  async seenBy(client: SystemClient, runs: readonly Run[]) {
    const approvals = await client.get<{ items: unknown[] }>('/v1/approvals?limit=500');
    const events = await Promise.all(runs.map(({ runId }) => client.events(runId)));
    const listed = await client.runs();
    return { listed, approvals: approvals.body.items, events };
  }

  async remove(): Promise<void> {
    this.#isReading = false;
    await this.#reading;
    await this.system.stop();
    await this.redis.remove();
  }

  /** A run that was listed once is never unknown afterwards. */
  async #readOn(client: SystemClient): Promise<void> {
    let known: string | undefined;
    while (this.#isReading) {
      const list = await this.#ask(client, '/v1/runs?limit=50');
      known ??= list?.items?.at(-1)?.runId;
      if (known !== undefined) await this.#ask(client, `/v1/runs/${known}`);
      await after(READ_EVERY_MS);
    }
  }

  async #ask(client: SystemClient, path: string): Promise<{ items?: Run[] } | undefined> {
    const since = performance.now();
    const response = await client.fetch(path).catch(() => undefined);
    const body = await response?.json().catch(() => undefined);
    this.#slowestMs = Math.max(this.#slowestMs, performance.now() - since);
    const status = String(response?.status ?? 'none');
    this.#reads.set(status, (this.#reads.get(status) ?? 0) + 1);
    const isRight = status === '200' || (status === '503' && response?.headers.get('retry-after') !== null);
    if (!isRight) this.#wrong.push(`${status} ${client.url}${path} ${JSON.stringify(body)}`);
    return status === '200' ? (body as { items?: Run[] }) : undefined;
  }
}

/** One more gateway of the system, which ends with it. */
async function startGateway(
  system: KafkaSystem,
  name: string,
  environment: Readonly<Record<string, string>>,
): Promise<SystemClient> {
  const port = String(await freePort());
  const own = {
    ...environment,
    INTERLOCK_PORT: port,
    INTERLOCK_DATA_DIR: join(system.place.directory, 'data', name),
  };
  const process = new ServiceProcess(['gateway'], own);
  system.processes.push(process);
  await allReady(() => [process]);
  return new SystemClient(`http://127.0.0.1:${port}`, system.client.keys);
}
