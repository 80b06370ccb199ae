import type { Broker } from '@interlock/broker';
import { topics } from '@interlock/contracts';
import type { Configuration } from './configuration.js';
import type { Log } from './logger.js';
import { REPLICAS_MIN } from './production.js';

/** The broker the configuration names, with every topic there. Kafka's client is loaded only when it is used. */
export async function openBroker(configuration: Configuration, log: Log): Promise<Broker> {
  const broker =
    configuration.KAFKA_BROKERS === undefined
      ? await embedded(configuration)
      : await kafka(configuration, log);
  await broker.createTopics(topics, configuration.INTERLOCK_PARTITIONS);
  return broker;
}

async function embedded(configuration: Configuration): Promise<Broker> {
  const { openEmbeddedBroker } = await import('@interlock/broker/embedded');
  return openEmbeddedBroker({ directory: configuration.INTERLOCK_DATA_DIR });
}

async function kafka(configuration: Configuration, log: Log): Promise<Broker> {
  const { openKafkaBroker } = await import('@interlock/broker/kafka');
  const { KAFKA_BROKERS, KAFKA_SSL, KAFKA_SASL_MECHANISM, KAFKA_SASL_USERNAME, KAFKA_SASL_PASSWORD } =
    configuration;
  const sasl =
    KAFKA_SASL_MECHANISM === undefined
      ? undefined
      : {
          mechanism: KAFKA_SASL_MECHANISM,
          username: KAFKA_SASL_USERNAME ?? '',
          password: KAFKA_SASL_PASSWORD ?? '',
        };
  return openKafkaBroker({
    brokers: KAFKA_BROKERS ?? [],
    clientId: `interlock-${process.pid}`,
    ssl: KAFKA_SSL === 'true' ? true : undefined,
    sasl,
    replicationFactor: configuration.KAFKA_REPLICATION_FACTOR,
    replicasMin: replicasMin(configuration),
    logger: (level, message, fields) => log[level](fields, message),
  });
}

const replicasMin = ({ INTERLOCK_MODE, INTERLOCK_REPLICATION_UNDER_3 }: Configuration): number =>
  INTERLOCK_MODE === 'production' && INTERLOCK_REPLICATION_UNDER_3 !== 'yes' ? REPLICAS_MIN : 1;
