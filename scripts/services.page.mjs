// What `npm run start:services` prints.
import { table } from './table.mjs';

export const usage = `npm run start:services runs each service in its own process, restarts any that
die, and writes one log per service. KAFKA_BROKERS names the Kafka they use.

  npm run start:services -- --only policy,approval  some of them
  npm run start:services -- --env DIR               settings of each service,
                                                    from DIR/<service>.env
  npm run start:services -- --logs                  logs to this terminal
  npm run start:services -- --json                  one JSON object a line
  npm run start:services -- --version               the version
  npm run start:services -- --help                  this page

docs/operations.md lists the settings and the ports.
`;

export const heading = (version, count, brokers) =>
  `Interlock ${version} is starting ${count === 1 ? 'one service' : `${count} services`} on the Kafka at ${brokers} ...\n`;

/**
 * One line a service: where it answers for its health, and whether it is ready.
 * @param {{ name: string, pid: number, url?: string, readiness: string }[]} services
 */
export function standing(services) {
  const rows = services.map(({ name, pid, url, readiness }) => [name, String(pid), url ?? '', readiness]);
  return `\n${table([['service', 'pid', 'health', 'readiness'], ...rows]).join('\n')}\n`;
}

export const allReady = (logs) => `
Every service is ready: /healthz, /readyz and /metrics answer there.
Logs go to ${logs}. Ctrl-C stops all of them.
`;

export const stillWaiting = '\nSome services are not ready yet; this table is printed again when all are.\n';
export const stopping =
  '\nStopping: calls in progress may finish first.\nPress Ctrl-C again to stop at once.\n';
export const stopped = 'Stopped.\n';
