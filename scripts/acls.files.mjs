// The files of deploy/kafka/acls: what a cluster's administrator runs once, with the tools that come with Kafka.

const opening = (what) => `#!/bin/sh
# Generated from the topic table by \`npm run acls\`. ${what}
# Usage: BOOTSTRAP=host:9092 COMMAND_CONFIG=admin.properties sh $0
set -eu
: "\${BOOTSTRAP:?host:port of the cluster}" "\${COMMAND_CONFIG:?properties file of an administrator}"
`;

/** @returns {ReadonlyMap<string, string>} by file name */
export function aclFiles(acls, topics, topicSettings) {
  return new Map([
    ['acls.json', `${JSON.stringify(acls, null, 2)}\n`],
    ['acls.sh', aclScript(acls)],
    ['topics.sh', topicScript(topics, topicSettings)],
  ]);
}

function aclScript(acls) {
  const commands = Map.groupBy(acls, ({ principal, resource, operation }) =>
    JSON.stringify([principal, resource, operation]),
  );
  const lines = [...commands.values()].map((together) => {
    const { principal, resource, operation } = together[0];
    const names = [...new Set(together.map(({ name }) => name))];
    const resources = names.map((name) => `--${resource} ${name}`).join(' ');
    return `add --allow-principal User:${principal} --operation ${operation} ${resources}\n`;
  });
  const add = `add() { kafka-acls.sh --bootstrap-server "$BOOTSTRAP" --command-config "$COMMAND_CONFIG" --add "$@"; }\n`;
  return `${opening('Lets each service do what it has to and nothing else; the cluster has to deny what is not allowed.')}${add}\n${lines.join('')}`;
}

function topicScript(topics, topicSettings) {
  const create = `create() { kafka-topics.sh --bootstrap-server "$BOOTSTRAP" --command-config "$COMMAND_CONFIG" --create --if-not-exists --replication-factor "\${REPLICATION:-3}" "$@"; }\n`;
  const lines = topics.map(
    (topic) =>
      `create --topic ${topic.name} --partitions ${topic.scope === 'global' ? 1 : `"\${PARTITIONS:-4}"`} ${settingsOf(topicSettings(topic))}\n`,
  );
  return `${opening('Creates every topic, so that no service needs the right to.')}${create}\n${lines.join('')}`;
}

const settingsOf = (settings) =>
  [
    ...Object.entries(settings).map(([name, value]) => `${name}=${value}`),
    `min.insync.replicas=\${MIN_INSYNC:-2}`,
  ]
    .map((setting) => `--config "${setting}"`)
    .join(' ');
