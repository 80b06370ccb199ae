import { hash } from 'node:crypto';
import { type Identity, runIdOfKey } from '@interlock/contracts';

/** A schedule among all of them: names are of their tenant. */
export interface ScheduleId {
  readonly name: string;
  readonly tenant?: string | undefined;
}

/** Names hold no `@`, so no two schedules have the same one. It is also the key of its commands, and says its partition. */
export const scheduleKey = ({ name, tenant }: ScheduleId): string =>
  tenant === undefined ? `schedule/${name}` : `schedule/${name}@${tenant}`;

/** How long after its due time a start comes, ms: the same whoever works it out. */
export function jitterOf(id: ScheduleId, due: number, jitterMs: number): number {
  if (jitterMs === 0) return 0;
  return hash('sha256', `${scheduleKey(id)}/${due}`, 'buffer').readUIntBE(0, 6) % (jitterMs + 1);
}

/** What starts a run has: `runId` follows from `key` as it does for a person who gives one. */
export interface RunName {
  readonly runId: string;
  readonly key: string;
}

/**
 * The run of a due time: always the same one, so it cannot be started twice.
 * @param isPlaced whether a run of this id lies where it has to
 */
export function runOf(
  { name }: ScheduleId,
  due: number,
  by: Identity,
  isPlaced: (runId: string) => boolean,
): RunName {
  for (let tried = 0; ; tried++) {
    const key = `schedule/${name}/${due}${tried === 0 ? '' : `/${tried}`}`;
    const runId = runIdOfKey(by, key);
    if (isPlaced(runId)) return { runId, key };
  }
}
