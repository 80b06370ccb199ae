import type { ListedSchedule, Schedule } from '@interlock/contracts/http';
import type { Output } from './output.js';
import { instantText } from './time.text.js';

export const SCHEDULES = '/v1/schedules';

export const whenText = ({ every, cron, timezone }: ListedSchedule): string =>
  cron === undefined ? `every ${every}` : `${cron}, ${timezone}`;

/** A schedule for people. */
export function showSchedule(schedule: Schedule, output: Output, now: number): void {
  const { name, tenant, workflow, version, status, because, by, overlap, hours, runs, queued, next, last } =
    schedule;
  const at = (iso: string) => instantText(iso, now);
  output.facts([
    ['schedule', name],
    ['tenant', tenant],
    ['workflow', version === undefined ? workflow : `${workflow}@${version}`],
    ['when', whenText(schedule)],
    ['hours', hours && `${hours.days.join(', ')} ${hours.from}-${hours.to}`],
    ['while a run goes on', overlap],
    ['status', because === undefined ? status : `${status}: ${because}`],
    ['starts in the name of', by],
    ['runs', runs.length === 0 ? undefined : runs.map(({ runId }) => runId).join(', ')],
    ['queued', queued.length === 0 ? undefined : String(queued.length)],
  ]);
  for (const due of next) output.line(`next  ${at(due)}`);
  for (const { due, outcome, runId } of last)
    output.line(`last  ${at(due)}  ${outcome} ${runId ?? ''}`.trimEnd());
}
