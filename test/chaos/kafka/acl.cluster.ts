import { join } from 'node:path';
import { openKafkaBroker } from '@interlock/broker/kafka';
import { acls, serviceNames, topics } from '@interlock/contracts';
import kafkajs from 'kafkajs';
import { startKafka } from '../../../scripts/kafka.mjs';
import { eventually } from '../../e2e/eventually.ts';
import { newPlace } from '../../e2e/place.ts';

const { AclOperationTypes, AclPermissionTypes, AclResourceTypes, Kafka, ResourcePatternTypes, logLevel } =
  kafkajs;

const PARTITIONS = 4;
const operations = {
  Read: AclOperationTypes.READ,
  Write: AclOperationTypes.WRITE,
  Describe: AclOperationTypes.DESCRIBE,
  DescribeConfigs: AclOperationTypes.DESCRIBE_CONFIGS,
  Delete: AclOperationTypes.DELETE,
} as const;

/** A Kafka that knows every service as a user of its own and allows what `acls()` says, nothing else. */
export class AclCluster {
  readonly #clients: { disconnect(): Promise<void> }[] = [];

  private constructor(
    readonly place: Awaited<ReturnType<typeof newPlace>>,
    readonly kafka: Awaited<ReturnType<typeof startKafka>>,
    readonly passwords: Readonly<Record<string, string>>,
  ) {}

  /** Topics and ACLs are there, made by the administrator. */
  static async start(): Promise<AclCluster> {
    const place = await newPlace('acls');
    const users = ['admin', ...serviceNames, 'stranger'].map((name) => [name, `secret-of-${name}`]);
    const passwords = Object.fromEntries(users) as Record<string, string>;
    const kafka = await startKafka({
      dir: join(place.directory, 'kafka'),
      users: passwords,
      isBrief: true,
    });
    const cluster = new AclCluster(place, kafka, passwords);
    const admin = cluster.clientOf('admin').admin();
    const isLetIn = () =>
      admin.connect().then(
        () => true,
        () => false,
      );
    await eventually('the administrator to be let in', isLetIn, 30_000);
    cluster.#clients.push(admin);
    const broker = await openKafkaBroker(cluster.#settingsOf('admin'));
    await broker.createTopics(topics, PARTITIONS);
    await broker.close();
    await admin.createAcls({
      acl: acls().map(({ principal, resource, name, operation }) => ({
        resourceType: resource === 'topic' ? AclResourceTypes.TOPIC : AclResourceTypes.GROUP,
        resourceName: name,
        resourcePatternType: ResourcePatternTypes.LITERAL,
        principal: `User:${principal}`,
        host: '*',
        operation: operations[operation],
        permissionType: AclPermissionTypes.ALLOW,
      })),
    });
    return cluster;
  }

  /** A topic of somebody else; `readers` may read it, as docs/triggers.md says that a topic of a trigger is to be read. */
  async foreignTopic(name: string, readers: readonly string[]): Promise<void> {
    const admin = this.clientOf('admin').admin();
    await admin.connect();
    this.#clients.push(admin);
    await admin.createTopics({
      topics: [{ topic: name, numPartitions: 2, replicationFactor: 1 }],
      waitForLeaders: true,
    });
    const allowed = { host: '*', permissionType: AclPermissionTypes.ALLOW };
    const onTopic = { resourceType: AclResourceTypes.TOPIC, resourceName: name };
    const literal = { resourcePatternType: ResourcePatternTypes.LITERAL };
    const group = { resourceType: AclResourceTypes.GROUP, resourceName: 'interlock.trigger.' };
    await admin.createAcls({
      acl: [
        ...readers.flatMap((reader) =>
          [operations.Read, operations.Describe].map((operation) => ({
            ...onTopic,
            ...literal,
            ...allowed,
            principal: `User:${reader}`,
            operation,
          })),
        ),
        {
          ...group,
          ...allowed,
          resourcePatternType: ResourcePatternTypes.PREFIXED,
          principal: 'User:gateway',
          operation: operations.Read,
        },
      ],
    });
  }

  /** Writes one event, as the administrator of the cluster may. */
  async tells(topic: string, event: object): Promise<void> {
    const producer = this.clientOf('admin').producer({ idempotent: false });
    await producer.connect();
    this.#clients.push(producer);
    await producer.send({ topic, acks: -1, messages: [{ value: JSON.stringify(event) }] });
  }

  clientOf(user: string) {
    return new Kafka({ ...this.#settingsOf(user), retry: { retries: 0 }, logLevel: logLevel.NOTHING });
  }

  /** Tries one record; answers with `written`, `not authorized`, or what else went wrong. */
  async writer(user: string): Promise<(topic: string) => Promise<string>> {
    const producer = this.clientOf(user).producer({ idempotent: false, retry: { retries: 0 } });
    await producer.connect();
    this.#clients.push(producer);
    return async (topic) => {
      try {
        await producer.send({ topic, acks: -1, messages: [{ key: 'probe', value: '{}' }] });
        return 'written';
      } catch (error) {
        return /topic authorization failed|not authorized/i.test(String(error))
          ? 'not authorized'
          : String(error);
      }
    };
  }

  /** What a service is started with, so that it is the user of its name. */
  environmentOf(service: string): Record<string, string> {
    return {
      KAFKA_BROKERS: this.kafka.brokers,
      KAFKA_SASL_MECHANISM: 'plain',
      KAFKA_SASL_USERNAME: service,
      KAFKA_SASL_PASSWORD: this.passwords[service] ?? '',
    };
  }

  #settingsOf(user: string) {
    const sasl = { mechanism: 'plain', username: user, password: this.passwords[user] ?? '' } as const;
    return { clientId: user, brokers: [this.kafka.brokers], sasl };
  }

  async stop(): Promise<void> {
    await Promise.all(this.#clients.map((client) => client.disconnect()));
    await this.kafka.kill9();
    await this.place.remove();
  }
}
