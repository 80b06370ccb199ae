import { connect } from 'node:net';
import type { Finding } from './finding.js';

const TIMEOUT_MS = 3_000;

/** Whether a connection to each broker opens. Nothing to check on the embedded log. */
export async function brokersReachable(brokers: string | undefined): Promise<Finding[]> {
  const addresses = (brokers ?? '')
    .split(',')
    .map((one) => one.trim())
    .filter((one) => one !== '');
  return Promise.all(addresses.map(brokerFinding));
}

async function brokerFinding(address: string): Promise<Finding> {
  const check = 'Kafka';
  const advice = 'Start it (npm run kafka), or correct KAFKA_BROKERS: host:port, separated by commas.';
  const [, host, port] = /^\[?(.+?)\]?:(\d+)$/.exec(address) ?? [];
  if (host === undefined || Number(port) > 65_535)
    return { check, ok: false, detail: `${address} is no host:port`, advice };
  const problem = await connectionProblem(host, Number(port));
  if (problem === undefined) return { check, ok: true, detail: `${address} takes connections` };
  return { check, ok: false, detail: `${address}: ${problem}`, advice };
}

function connectionProblem(host: string, port: number): Promise<string | undefined> {
  return new Promise((resolve) => {
    const socket = connect({ host, port });
    const end = (problem: string | undefined) => {
      socket.destroy();
      resolve(problem);
    };
    socket.setTimeout(TIMEOUT_MS, () => end(`no connection within ${TIMEOUT_MS / 1_000} s`));
    socket.once('connect', () => end(undefined));
    socket.once('error', (error) => end(error.message));
  });
}
