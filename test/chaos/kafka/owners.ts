import { eventually } from '../../e2e/eventually.ts';
import { acceptedOf, claimsOf, type StoredLog } from '../../e2e/stored.log.ts';
import type { LogRecorder } from './log.recorder.ts';
import type { ServiceProcess } from './service.process.ts';

export interface Owner {
  /** `service-PID` */
  readonly host: string;
  readonly epoch: number;
}

/** Who claimed each partition of a fenced topic last. */
export const ownersOf = (log: StoredLog, topic: string): ReadonlyMap<number, Owner> =>
  new Map(
    claimsOf(acceptedOf(log, topic)).map(({ partition, accepted, data }) => [
      partition,
      { host: String(data.host), epoch: accepted.offset },
    ]),
  );

/** The partitions of a topic that a process holds, as far as the log says. */
export const partitionsOf = (log: StoredLog, topic: string, { name, pid }: ServiceProcess): number[] =>
  [...ownersOf(log, topic)]
    .filter(([, { host }]) => host === `${name}-${pid}`)
    .map(([partition]) => partition);

/** Resolves when these processes share the partitions of a topic: none has over one more than another. */
export async function shared(
  recorder: LogRecorder,
  topic: string,
  ...processes: readonly ServiceProcess[]
): Promise<void> {
  const isShared = async () => {
    const log = await recorder.complete();
    const shares = processes.map((process) => partitionsOf(log, topic, process).length);
    return Math.min(...shares) > 0 && Math.max(...shares) - Math.min(...shares) <= 1;
  };
  await eventually(`the processes to share ${topic}`, isShared, 60_000, 200);
}

/** Resolves when a process has claimed all of these partitions of a topic. */
export async function claimed(
  { log }: LogRecorder,
  topic: string,
  partitions: readonly number[],
  by: ServiceProcess,
): Promise<void> {
  const isClaimed = () => {
    const claims = partitionsOf(log, topic, by);
    return partitions.every((partition) => claims.includes(partition));
  };
  await eventually(`${by.name}-${by.pid} to claim ${topic}/${partitions.join(', ')}`, isClaimed);
}
