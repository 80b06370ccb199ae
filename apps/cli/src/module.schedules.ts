import { hashOf, parseDelay } from '@interlock/contracts';
import type { Schedule, ScheduleBody } from '@interlock/contracts/http';
import { type Client, RefusedError } from './client.js';
import { SCHEDULES } from './schedule.view.js';
import { bearerIn, type TokenBearer } from './token.claims.js';

/** What becomes of a schedule that a module brings. `left`: its runs start in the name of somebody else, who has said what they do. */
export type ScheduleOutcome =
  | { readonly name: string; readonly outcome: 'created' | 'changed' | 'unchanged' }
  | { readonly name: string; readonly outcome: 'would_be_created' | 'would_be_changed' }
  | { readonly name: string; readonly outcome: 'left'; readonly by: string };

/** Makes the schedules what a module says of them; whether one is paused is left to people. @throws the first refusal */
export async function keepSchedules(
  client: Client,
  schedules: readonly ScheduleBody[],
): Promise<readonly ScheduleOutcome[]> {
  const done: ScheduleOutcome[] = [];
  for (const schedule of schedules) done.push(await keep(client, schedule));
  return done;
}

/** What `keepSchedules` would do. */
export async function plannedSchedules(
  client: Client,
  schedules: readonly ScheduleBody[],
): Promise<readonly ScheduleOutcome[]> {
  const planned: ScheduleOutcome[] = [];
  for (const schedule of schedules) planned.push(await planFor(client, schedule));
  return planned;
}

async function keep(client: Client, schedule: ScheduleBody): Promise<ScheduleOutcome> {
  const { name, paused: _paused, version = null, hours = null, ...rest } = schedule;
  const planned = await planFor(client, schedule);
  switch (planned.outcome) {
    case 'would_be_created':
      await client.post<Schedule>(SCHEDULES, schedule);
      return { name, outcome: 'created' };
    case 'would_be_changed':
      await client.patch<Schedule>(addressOf(name), { ...rest, version, hours });
      return { name, outcome: 'changed' };
    default:
      return planned;
  }
}

async function planFor(client: Client, schedule: ScheduleBody): Promise<ScheduleOutcome> {
  const { name } = schedule;
  const token = await client.credentials.token();
  const bearer = token === undefined ? undefined : bearerIn(token);
  const before = await found(client, name, bearer);
  if (before === undefined) return { name, outcome: 'would_be_created' };
  if (before.by !== bearer?.sub) return { name, outcome: 'left', by: before.by };
  const isSame = hashOf(saidBy(before)) === hashOf(saidBy(schedule));
  return { name, outcome: isSame ? 'unchanged' : 'would_be_changed' };
}

/** Of the bearer's own tenant: whoever may look into all of them may see another one's under this name. */
async function found(
  client: Client,
  name: string,
  bearer: TokenBearer | undefined,
): Promise<Schedule | undefined> {
  try {
    const { body } = await client.get<Schedule>(addressOf(name));
    return body.tenant === bearer?.tenant ? body : undefined;
  } catch (error) {
    if (error instanceof RefusedError && error.problem.status === 404) return undefined;
    throw error;
  }
}

const addressOf = (name: string): string => `${SCHEDULES}/${encodeURIComponent(name)}`;

/** What a schedule says, in one form: `15m` and `PT15M` are the same. */
function saidBy(schedule: Schedule | ScheduleBody): unknown {
  const { workflow, version, input, every, cron, timezone, hours, overlap, catchUp, jitter } = schedule;
  const lengths = [every, catchUp, jitter].map((text) => (text === undefined ? null : parseDelay(text)));
  return { workflow, version, input, cron, timezone, hours, overlap, lengths };
}
