import { join } from 'node:path';
import { freePort } from '@interlock/testing';
import {
  type OrderSystemProcess,
  startOrderSystem,
} from '../../../examples/refund-desk/order-system.process.ts';
import { newPlace } from '../../e2e/place.ts';
import { SystemClient } from '../../e2e/system.client.ts';
import { LogRecorder } from './log.recorder.ts';
import { OneKafka } from './one.kafka.ts';
import { allReady, type ServiceName, ServiceProcess, serviceNames, trouble } from './service.process.ts';

export interface KafkaSystemOptions {
  /** Answers of the order system to writes wait this long, ms. */
  readonly orderDelayMs?: number;
  /** Of the ledger, before and after a line, ms. */
  readonly ledgerPauseMs?: number;
  readonly environment?: Readonly<Record<string, string>>;
  /**
   * Services that have a process of their own: those that the scenario kills, suspends or has several of. The others share one, which
   * starts in a fraction of the time. Absent: every service has its own.
   */
  readonly apart?: readonly ServiceName[];
}

const RESTART_AFTER_MS = 200;
/** It would end the same way again: nobody starts it, so that its last words are found. */
const REFUSED = 2;

/**
 * Interlock on the one Kafka of this run, one process a service (but see `apart`), the order system, and somebody who starts a service
 * again when it has died. Everything the log ever held is recorded from the first record on.
 */
export class KafkaSystem {
  /** Every process that was ever started, oldest first. */
  readonly processes: ServiceProcess[] = [];
  readonly #supervised = new Map<ServiceName, ServiceProcess>();
  readonly #away = new Set<ServiceName>();
  #stopping = false;

  private constructor(
    readonly place: Awaited<ReturnType<typeof newPlace>>,
    readonly kafka: OneKafka,
    readonly orders: OrderSystemProcess,
    readonly recorder: LogRecorder,
    readonly client: SystemClient,
    readonly environment: Readonly<Record<string, string>>,
  ) {}

  /** Resolves when every service is ready. */
  static async start({
    orderDelayMs = 60,
    ledgerPauseMs = 40,
    environment,
    apart = serviceNames,
  }: KafkaSystemOptions = {}) {
    const place = await newPlace('kafka-chaos');
    const kafka = await OneKafka.forScenario();
    const orders = await startOrderSystem(join(place.directory, 'orders'), {
      REFUND_DESK_DELAY_MS: String(orderDelayMs),
    });
    const recorder = await LogRecorder.open(kafka.brokers);
    const port = String(await freePort());
    const keys = join(place.directory, 'data', 'keys');
    const system = new KafkaSystem(
      place,
      kafka,
      orders,
      recorder,
      new SystemClient(`http://127.0.0.1:${port}`, keys),
      {
        KAFKA_BROKERS: kafka.brokers,
        INTERLOCK_KEYS_DIR: keys,
        INTERLOCK_PORT: port,
        INTERLOCK_DEMO: '0',
        INTERLOCK_MODULES: 'examples/refund-desk/module.ts,test/chaos/ledger.module.ts',
        REFUND_DESK_URL: orders.url,
        LEDGER_FILE: join(place.directory, 'ledger.jsonl'),
        LEDGER_PAUSE_MS: String(ledgerPauseMs),
        ...environment,
      },
    );
    for (const name of apart) system.#supervise([name]);
    const others = serviceNames.filter((name) => !apart.includes(name));
    if (others.length > 0) system.#supervise(others);
    try {
      await system.ready();
      return system;
    } catch (error) {
      await system.stop();
      throw error;
    }
  }

  get ledgerFile(): string {
    return join(this.place.directory, 'ledger.jsonl');
  }

  get requestsFile(): string {
    return join(this.place.directory, 'orders', 'requests.jsonl');
  }

  /** The process that is kept running for a service, maybe with others. */
  service(name: ServiceName): ServiceProcess {
    const found = this.#supervised.get(name);
    if (found === undefined) throw new Error(`${name} does not run`);
    return found;
  }

  /** One more process of a service that nobody starts again. */
  startAnother(name: ServiceName): ServiceProcess {
    return this.#spawn([name], `${name}-${this.processes.length}`);
  }

  /** Kills services that have a process of their own; nobody starts them again until `bringBack`. */
  async takeAway(...names: readonly ServiceName[]): Promise<void> {
    for (const name of names) this.#away.add(name);
    await Promise.all(names.map((name) => this.service(name).kill()));
  }

  /** Starts again what was taken away, everything when nothing is named; resolves when it is ready. */
  async bringBack(...names: readonly ServiceName[]): Promise<void> {
    for (const name of names.length > 0 ? names : [...this.#away])
      if (this.#away.delete(name)) this.#supervise([name]);
    await this.ready();
  }

  /** Resolves when every service is ready that was not taken away. */
  ready(withinMs?: number): Promise<void> {
    return allReady(
      () => [
        ...new Set(serviceNames.filter((name) => !this.#away.has(name)).map((name) => this.service(name))),
      ],
      withinMs,
    );
  }

  /** What services warned of, newest last. */
  trouble(last?: number): string[] {
    return trouble(this.processes, last);
  }

  /** Ends the services, gracefully. Answers with those that had to be killed. */
  async stopServices(): Promise<string[]> {
    this.#stopping = true;
    const running = this.processes.filter(({ isRunning }) => isRunning);
    const stubborn: string[] = [];
    await Promise.all(
      running.map(async (one) => {
        one.signal('SIGTERM');
        const insist = setTimeout(() => {
          stubborn.push(one.name);
          one.signal('SIGKILL');
        }, 20_000);
        await one.ended;
        clearTimeout(insist);
      }),
    );
    return stubborn;
  }

  async stop(): Promise<void> {
    this.#stopping = true;
    await Promise.all(this.processes.filter(({ isRunning }) => isRunning).map((one) => one.kill()));
    await this.recorder.close();
    await this.orders.stop();
    await this.place.remove();
  }

  /** One process for these services. */
  #supervise(names: readonly ServiceName[]): void {
    const process = this.#spawn(names, names.join('+'));
    for (const name of names) this.#supervised.set(name, process);
    const isOurs = (name: ServiceName) => !this.#away.has(name) && this.#supervised.get(name) === process;
    void process.ended.then((code) => {
      if (code === REFUSED) return;
      setTimeout(() => !this.#stopping && names.every(isOurs) && this.#supervise(names), RESTART_AFTER_MS);
    });
  }

  #spawn(names: readonly ServiceName[], directory: string): ServiceProcess {
    const dataDir = join(this.place.directory, 'data', directory);
    const process = new ServiceProcess(names, { ...this.environment, INTERLOCK_DATA_DIR: dataDir });
    this.processes.push(process);
    return process;
  }
}
