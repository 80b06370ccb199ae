import { BrokerError } from '@interlock/broker';
import { errorCodeOf, fieldOf } from '@interlock/contracts';

/** Faults of a start that people have to mend: their messages say how. */
const refusals: ReadonlySet<string> = new Set([
  'broker.topic_mismatch',
  'broker.directory_in_use',
  'broker.data_corrupt',
  'broker.not_durable',
]);

/**
 * The sentence that ends a start which would end the same way again; undefined: it may go better the next time.
 * @param portSetting the setting that names the port of this process
 */
export function refusalOf(error: unknown, portSetting: string): string | undefined {
  if (error instanceof BrokerError && refusals.has(error.code)) return error.message;
  if (!(error instanceof Error && 'syscall' in error && error.syscall === 'listen')) return undefined;
  const address = fieldOf(error, 'address');
  const port = fieldOf(error, 'port');
  switch (errorCodeOf(error)) {
    case 'EADDRINUSE':
      return `${address}:${port} is already in use: stop the program listening there, or set ${portSetting} to another port`;
    case 'EACCES':
      return `this user may not listen on ${address}:${port}: set ${portSetting} to a port above 1023`;
    case 'EADDRNOTAVAIL':
      return `${address} is not an address of this machine: set INTERLOCK_HOST to one that is`;
    default:
      return undefined;
  }
}
