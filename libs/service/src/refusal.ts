import { BrokerError } from '@interlock/broker';

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
  const { code, address, port } = error as NodeJS.ErrnoException & { address?: string; port?: number };
  switch (code) {
    case 'EADDRINUSE':
      return `${address}:${port} is in use: stop what listens there, or name another ${portSetting}`;
    case 'EACCES':
      return `${address}:${port} may not be listened on by this user: name an ${portSetting} above 1023`;
    case 'EADDRNOTAVAIL':
      return `${address} is no address of this machine: name another INTERLOCK_HOST`;
    default:
      return undefined;
  }
}
