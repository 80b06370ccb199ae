import type { LogEntry } from 'kafkajs';

/** How loud a line of this driver is; the client's own levels are not used: it calls every lost connection an error. */
export type KafkaLogLevel = 'debug' | 'info' | 'error';

/**
 * What the client's own log lines mean for operators:
 *
 *   debug  a connection was lost or refused, or a server answered with an error: this driver tries again
 *   info   the client itself tries again, or says anything else
 *   error  the cluster refuses who we are: nobody recovers from that but people
 */
export function levelOf({ namespace, log }: Pick<LogEntry, 'namespace' | 'log'>): KafkaLogLevel {
  if (namespace.startsWith('SaslAuthenticator')) return 'error';
  if (namespace === 'Connection' || namespace === 'RequestQueue') return 'debug';
  return log.retryCount === 0 ? 'debug' : 'info';
}
