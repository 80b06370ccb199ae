import { createServer } from 'node:net';
import { join } from 'node:path';
import { AclCluster } from '../chaos/kafka/acl.cluster.ts';
import { type ServiceName, ServiceProcess, serviceNames } from '../chaos/kafka/service.process.ts';
import { eventually } from '../e2e/eventually.ts';

const READY_MS = 120_000;

/** Every service as the Kafka user of its name, on a cluster that allows what the table of ACLs says. */
export class PrincipalServices {
  readonly #processes = new Map<ServiceName, ServiceProcess>();

  private constructor(
    readonly cluster: AclCluster,
    readonly url: string,
    readonly environment: Readonly<Record<string, string>>,
  ) {}

  static async start(environment: (directory: string) => Readonly<Record<string, string>>) {
    const cluster = await AclCluster.start();
    const { directory } = cluster.place;
    const port = String(await freePort());
    const services = new PrincipalServices(cluster, `http://127.0.0.1:${port}`, {
      INTERLOCK_PORT: port,
      INTERLOCK_DEMO: '0',
      INTERLOCK_KEYS_DIR: join(directory, 'keys'),
      ...environment(directory),
    });
    await services.bringUp(...serviceNames);
    return services;
  }

  get keys(): string {
    return join(this.cluster.place.directory, 'keys');
  }

  get(name: ServiceName): ServiceProcess {
    const found = this.#processes.get(name);
    if (found === undefined) throw new Error(`${name} was never started`);
    return found;
  }

  /** Starts processes of these services without waiting for anything. */
  launch(...names: readonly ServiceName[]): void {
    for (const name of names) {
      const environment = {
        ...this.environment,
        ...this.cluster.environmentOf(name),
        INTERLOCK_DATA_DIR: join(this.cluster.place.directory, 'data', name),
      };
      this.#processes.set(name, new ServiceProcess(name, environment));
    }
  }

  /** The same; resolves when every service that runs is ready. */
  async bringUp(...names: readonly ServiceName[]): Promise<void> {
    this.launch(...names);
    const running = [...this.#processes.values()].filter(({ isRunning }) => isRunning);
    const areReady = async () =>
      (await Promise.all(running.map((service) => service.isReady()))).every(Boolean);
    await eventually(`${names.join(', ')} to be ready`, areReady, READY_MS);
  }

  async stop(): Promise<void> {
    await Promise.all([...this.#processes.values()].map((service) => service.kill()));
    await this.cluster.stop();
  }
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer().once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });
}
