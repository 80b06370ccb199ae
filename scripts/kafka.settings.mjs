import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Writes what a broker in `home` is started with, and how it logs; answers with the path of the former.
 * With `users` (name to password, `admin` among them) clients have to authenticate and may do what an ACL allows, nothing else.
 */
export function writeConfig(home, ports, users) {
  const settings = {
    'process.roles': 'broker,controller',
    'node.id': 1,
    'controller.quorum.voters': `1@127.0.0.1:${ports.controller}`,
    'controller.listener.names': 'CONTROLLER',
    listeners: `PLAINTEXT://127.0.0.1:${ports.client},CONTROLLER://127.0.0.1:${ports.controller}`,
    'advertised.listeners': `PLAINTEXT://127.0.0.1:${ports.advertised}`,
    'listener.security.protocol.map': 'PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT',
    'log.dirs': join(home, 'data'),
    'auto.create.topics.enable': false,
    'delete.topic.enable': true,
    // After a kill the controller waits this long before it takes the same broker back.
    'broker.session.timeout.ms': 4_000,
    'broker.heartbeat.interval.ms': 1_000,
    'group.initial.rebalance.delay.ms': 0,
    'group.coordinator.append.linger.ms': 0,
    'default.replication.factor': 1,
    'min.insync.replicas': 1,
    'offsets.topic.replication.factor': 1,
    'offsets.topic.num.partitions': 4,
    // Readers hold cuts by their commits: a commit that expires would silently move a cut.
    'offsets.retention.minutes': 2_147_483_647,
    // A cut that is not in this checkpoint is forgotten by a crash; the default is a minute.
    'log.flush.start.offset.checkpoint.interval.ms': 1_000,
    'log.initial.task.delay.ms': 500,
    'transaction.state.log.replication.factor': 1,
    'transaction.state.log.min.isr': 1,
    'transaction.state.log.num.partitions': 1,
    'share.coordinator.state.topic.replication.factor': 1,
    'share.coordinator.state.topic.min.isr': 1,
    'log.cleaner.dedupe.buffer.size': 16_777_216,
    'num.io.threads': 4,
    'num.network.threads': 2,
    ...(users && authentication(ports, users)),
  };
  const path = join(home, 'server.properties');
  writeFileSync(
    path,
    Object.entries(settings)
      .map(([name, value]) => `${name}=${value}\n`)
      .join(''),
  );
  writeFileSync(join(home, 'log4j2.properties'), LOGGING);
  return path;
}

function authentication(ports, users) {
  const listed = Object.entries(users).map(([name, password]) => ` user_${name}="${password}"`);
  const own = ` username="admin" password="${users.admin}"`;
  return {
    listeners: `SASL_PLAINTEXT://127.0.0.1:${ports.client},CONTROLLER://127.0.0.1:${ports.controller}`,
    'advertised.listeners': `SASL_PLAINTEXT://127.0.0.1:${ports.advertised}`,
    'listener.security.protocol.map': 'SASL_PLAINTEXT:SASL_PLAINTEXT,CONTROLLER:PLAINTEXT',
    'inter.broker.listener.name': 'SASL_PLAINTEXT',
    'sasl.enabled.mechanisms': 'PLAIN',
    'sasl.mechanism.inter.broker.protocol': 'PLAIN',
    'listener.name.sasl_plaintext.plain.sasl.jaas.config': `org.apache.kafka.common.security.plain.PlainLoginModule required${own}${listed.join('')};`,
    'authorizer.class.name': 'org.apache.kafka.metadata.authorizer.StandardAuthorizer',
    // The controller's listener knows no users; only the server itself speaks there.
    'super.users': 'User:admin;User:ANONYMOUS',
    'allow.everyone.if.no.acl.found': false,
  };
}

const LOGGING = `appender.out.type=Console
appender.out.name=out
appender.out.layout.type=PatternLayout
appender.out.layout.pattern=[%d] %p %m (%c)%n
rootLogger.level=WARN
rootLogger.appenderRef.out.ref=out
logger.server.name=kafka.server.KafkaRaftServer
logger.server.level=INFO
`;
