import type { Schedule, ScheduleBody } from '@interlock/contracts/http';
import { type Client, RefusedError } from './client.js';
import { SCHEDULES } from './schedule.view.js';

export interface ScheduleOutcome {
  readonly name: string;
  readonly outcome: 'created' | 'changed' | 'would_be_kept';
}

/** Makes the schedules what a module says of them; whether one is paused is left to people. @throws the first refusal */
export async function keepSchedules(
  client: Client,
  schedules: readonly ScheduleBody[],
): Promise<readonly ScheduleOutcome[]> {
  const done: ScheduleOutcome[] = [];
  for (const schedule of schedules) done.push(await keep(client, schedule));
  return done;
}

async function keep(client: Client, schedule: ScheduleBody): Promise<ScheduleOutcome> {
  const { name, paused: _paused, version = null, hours = null, ...rest } = schedule;
  try {
    await client.post<Schedule>(SCHEDULES, schedule);
    return { name, outcome: 'created' };
  } catch (error) {
    if (!(error instanceof RefusedError) || error.problem.code !== 'schedule_exists') throw error;
  }
  await client.patch<Schedule>(`${SCHEDULES}/${encodeURIComponent(name)}`, { ...rest, version, hours });
  return { name, outcome: 'changed' };
}
