import { join } from 'node:path';
import { freePort } from '@interlock/testing';
import { AclCluster } from '../chaos/kafka/acl.cluster.ts';
import { allReady, type ServiceName, ServiceProcess, serviceNames } from '../chaos/kafka/service.process.ts';

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
    try {
      await services.bringUp(...serviceNames);
      return services;
    } catch (error) {
      await services.stop();
      throw error;
    }
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
    for (const name of names) this.#launch(name, {});
  }

  /** The same; resolves when every service that runs is ready. */
  async bringUp(...names: readonly ServiceName[]): Promise<void> {
    this.launch(...names);
    await allReady(() =>
      [...this.#processes.values()].filter((one) => names.some((name) => name === one.name) || one.isRunning),
    );
  }

  /** Ends a service gracefully and starts it with other settings; resolves when every service that runs is ready. */
  async restart(name: ServiceName, settings: Readonly<Record<string, string>>): Promise<void> {
    this.get(name).signal('SIGTERM');
    await this.get(name).ended;
    this.#launch(name, settings);
    await allReady(() => [...this.#processes.values()].filter(({ isRunning }) => isRunning));
  }

  async stop(): Promise<void> {
    await Promise.all([...this.#processes.values()].map((service) => service.kill()));
    await this.cluster.stop();
  }

  #launch(name: ServiceName, settings: Readonly<Record<string, string>>): void {
    const environment = {
      ...this.environment,
      ...this.cluster.environmentOf(name),
      INTERLOCK_DATA_DIR: join(this.cluster.place.directory, 'data', name),
      ...settings,
    };
    this.#processes.set(name, new ServiceProcess([name], environment));
  }
}
