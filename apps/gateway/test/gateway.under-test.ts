import 'reflect-metadata';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inputFrom, type Runtime } from '@interlock/actors';
import { ApprovalModule } from '@interlock/app-approval';
import { scheduleSpec } from '@interlock/app-orchestrator';
import { RegistryModule } from '@interlock/app-registry';
import {
  KeyFile,
  keysDirectoryOf,
  type Secrets,
  signDevelopmentToken,
  tokenKeyPath,
} from '@interlock/authority';
import type { Broker } from '@interlock/broker';
import { openEmbeddedBroker } from '@interlock/broker/embedded';
import {
  accessEvents,
  approvalEvents,
  catalogueOf,
  policyEvents,
  runCommands,
  runEvents,
  runOrders,
  toolEvents,
  topics,
} from '@interlock/contracts';
import { type RunState, runActor } from '@interlock/run';
import type { Schedules } from '@interlock/schedules';
import {
  ActorsModule,
  ARTIFACTS,
  type ArtifactView,
  BROKER,
  type Configuration,
  followTopics,
  openLog,
  RUNTIME,
  RuntimeModule,
  readConfiguration,
} from '@interlock/service';
import type { DynamicModule } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { askingDocument, shortDocument, waitingDocument } from '../../../libs/read-model/test/documents.js';
import { GatewayModule } from '../src/gateway.module.js';
import { useGatewayHttp } from '../src/gateway.service.js';
import { GatewayAdapter } from '../src/http/gateway.adapter.js';

class WorldModule {}

interface World {
  readonly orchestrator: boolean;
  readonly registry: boolean;
  readonly secrets: Secrets;
}

export interface Options {
  /** A data directory to continue; a new one when absent. */
  readonly directory?: string;
  /** Settings besides those of the tests. */
  readonly settings?: Readonly<Record<string, string>>;
  /** Of triggers, by their names. */
  readonly secrets?: Secrets;
  /** Without: commands stay unanswered, and runs stay accepted. */
  readonly orchestrator?: boolean;
  /** A second gateway over the log of this one, which ends after it. */
  readonly beside?: GatewayUnderTest;
  /** Whom requests are from that name nobody; olga, by the development key, when absent. */
  readonly bearer?: () => Promise<string>;
  /** Published at first; nothing can be where nobody is let in. */
  readonly documents?: readonly { workflow: string; version: number }[];
}

/** A token as `./interlock token` makes it, for the gateway with this data directory. */
export async function developmentToken(
  directory: string,
  sub: string,
  roles: readonly string[],
  tenant?: string,
) {
  const key = KeyFile.open(tokenKeyPath(keysDirectoryOf({ INTERLOCK_DATA_DIR: directory }))).current;
  const claims = { sub, roles, tenant, issuedAt: Date.now(), lifeS: 300 };
  return (await signDevelopmentToken(key, claims)).token;
}

/** A gateway on a real port, over a real embedded log, with the run actor working its runs and the approval service asking people. */
export class GatewayUnderTest {
  private constructor(
    readonly directory: string,
    readonly url: string,
    readonly broker: Broker,
    private readonly bearer: () => Promise<string>,
    private readonly stop: () => Promise<void>,
  ) {}

  static async start({
    directory,
    settings,
    secrets = {},
    beside,
    orchestrator = beside === undefined,
    bearer,
    documents = [waitingDocument, shortDocument, askingDocument],
  }: Options = {}): Promise<GatewayUnderTest> {
    const home = directory ?? (await mkdtemp(join(tmpdir(), 'interlock-gateway-')));
    const configuration = readConfiguration({
      INTERLOCK_DATA_DIR: home,
      INTERLOCK_MODULES: ',',
      INTERLOCK_PORT: '0',
      ...settings,
    });
    const broker = beside?.broker ?? (await openEmbeddedBroker({ directory: home }));
    const isFirst = beside === undefined;
    if (isFirst) await broker.createTopics(topics, 2);
    const log = openLog('gateway', 'silent');
    const root = worldOf(configuration, broker, log, { orchestrator, registry: isFirst, secrets });
    const app = await NestFactory.create<NestFastifyApplication>(root, new GatewayAdapter(), {
      logger: false,
    });
    useGatewayHttp(app, configuration, log);
    await followTopics(app, log);
    await app.listen(0, '127.0.0.1');
    const olga = () => developmentToken(home, 'olga', ['operator', 'admin']);
    const gateway = new GatewayUnderTest(home, await app.getUrl(), broker, bearer ?? olga, async () => {
      await app.close();
      if (isFirst) await broker.close();
    });
    await gateway.until(async () => (await gateway.request('GET', '/readyz')).status === 200);
    if (!isFirst) return gateway;
    for (const document of documents) await gateway.publish(document);
    return gateway;
  }

  async request(method: string, path: string, init: RequestInit = {}): Promise<Response> {
    const headers = new Headers(init.headers);
    if (!headers.has('authorization')) headers.set('authorization', `Bearer ${await this.bearer()}`);
    return fetch(this.url + path, { method, ...init, headers });
  }

  /** Sends JSON and reads JSON. */
  async json(method: string, path: string, body?: unknown, headers: Record<string, string> = {}) {
    const init = body === undefined ? { headers } : jsonBody(body, headers);
    const response = await this.request(method, path, init);
    // biome-ignore lint/suspicious/noExplicitAny: answers of many shapes, looked at by tests
    return { status: response.status, headers: response.headers, body: (await response.json()) as any };
  }

  async publish(document: { workflow: string; version: number }): Promise<void> {
    const { workflow: name, version } = document;
    const { status, body } = await this.json('POST', '/v1/artifacts', {
      kind: 'workflow',
      name,
      version,
      document,
    });
    if (status !== 201) throw new Error(JSON.stringify(body));
  }

  /** What has been written down of requests, those of one caller in their order. */
  async accesses(): Promise<Record<string, unknown>[]> {
    const found: Record<string, unknown>[] = [];
    for (let partition = 0; partition < (await this.broker.partitions(accessEvents.name)); partition++) {
      for await (const batch of this.broker.read(accessEvents.name, partition, 0))
        for (const { value } of batch) found.push(JSON.parse(Buffer.from(value ?? '').toString()));
    }
    return found;
  }

  /** Asks again until it holds. */
  async until(holds: () => Promise<boolean>): Promise<void> {
    const deadline = performance.now() + 10_000;
    while (!(await holds())) {
      if (performance.now() > deadline) throw new Error('it never came to hold');
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  }

  /** Ends the process's part; the directory stays, to be continued. */
  close(): Promise<void> {
    return this.stop();
  }

  async remove(): Promise<void> {
    await this.stop();
    await rm(this.directory, { recursive: true, force: true });
  }
}

const jsonBody = (body: unknown, headers: Record<string, string>): RequestInit => ({
  headers: { 'content-type': 'application/json', ...headers },
  body: typeof body === 'string' ? body : JSON.stringify(body),
});

function worldOf(
  configuration: Configuration,
  broker: Broker,
  log: ReturnType<typeof openLog>,
  { orchestrator, registry, secrets }: World,
): DynamicModule {
  const runs = ActorsModule.host<RunState>({
    inject: [ARTIFACTS],
    spec: (artifacts: ArtifactView) => ({
      service: 'orchestrator',
      topic: runEvents.name,
      numbered: true,
      actor: runActor({ workflow: (hash) => artifacts.byHash(hash), clockSkewMs: 0 }),
      wakes: artifacts.onRead,
      events: catalogueOf(runEvents),
      inputs: [runCommands, runOrders, policyEvents, toolEvents, approvalEvents].map(inputFrom),
    }),
  });
  const schedules = ActorsModule.host<Schedules>({
    inject: [ARTIFACTS, BROKER, RUNTIME],
    spec: (artifacts: ArtifactView, shared: Broker, runtime: Runtime) =>
      scheduleSpec({
        artifacts,
        broker: shared,
        runtime,
        partitions: 2,
        salt: () => 'a-salt-of-128-bits-0_0',
      }),
  });
  const runtime = RuntimeModule.forRoot(configuration, log, { secrets, broker });
  return {
    module: WorldModule,
    imports: [
      runtime,
      GatewayModule,
      ...(registry ? [RegistryModule] : []),
      ...(orchestrator ? [runs, schedules, ApprovalModule] : []),
    ],
  };
}
