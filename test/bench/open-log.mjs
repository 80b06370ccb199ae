/** Opens the log that a system has written. The embedded one only once that system has stopped. */
export async function openLog({ broker, directory, brokers }) {
  if (broker === 'embedded') {
    const { openEmbeddedBroker } = await import('@interlock/broker/embedded');
    return openEmbeddedBroker({ directory });
  }
  const { openKafkaBroker } = await import('@interlock/broker/kafka');
  return openKafkaBroker({ brokers, clientId: 'interlock-bench' });
}
