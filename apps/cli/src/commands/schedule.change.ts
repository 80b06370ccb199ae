import type { Schedule } from '@interlock/contracts/http';
import { z } from 'zod';
import { defineCliCommand, exitCodes, UsageError } from '../command.js';
import { readJson } from '../json.argument.js';
import { SCHEDULES, showSchedule } from '../schedule.view.js';
import { parseReference } from '../workflow.reference.js';

const of = [['name', 'of the schedule']] as const;
const pathOf = (name: string): string => `${SCHEDULES}/${encodeURIComponent(name)}`;

export const scheduleAdd = defineCliCommand({
  name: 'schedule add',
  summary: 'Start runs of a workflow again and again.',
  arguments: [
    ['name', 'of the schedule: lower-case letters, digits, . _ -'],
    ['workflow', 'its name, or name@version; without one the newest when it is due'],
  ],
  example:
    'schedule add nightly-report report --input \'{"of":"yesterday"}\' --cron "0 9 * * MON-FRI" --timezone Europe/Berlin',
  options: z.object({
    input: z.string().describe('JSON, or the file that holds it'),
    every: z.string().optional().describe('An interval, like PT15M or 2h; this or --cron'),
    cron: z.string().optional().describe('Five fields, or six with seconds in front'),
    timezone: z.string().optional().describe('IANA name; UTC when absent'),
    hours: z
      .string()
      .optional()
      .describe('Business hours as JSON, or the file: {"days": ["MON"], "from": "09:00", "to": "17:00"}'),
    overlap: z
      .string()
      .optional()
      .describe('While a run of it goes on: skip (when absent), queue, cancel or allow'),
    catchup: z.string().optional().describe('How late a due time is still started; 1h when absent'),
    jitter: z.string().optional().describe('Starts come up to this much later'),
    paused: z.boolean().default(false).describe('Create it paused'),
  }),

  async run(options, [name = '', reference = ''], { client, output, now }) {
    const { input, hours, catchup: catchUp, every, cron, ...rest } = options;
    if ((every === undefined) === (cron === undefined))
      throw new UsageError('Give exactly one of --every and --cron.');
    const body = {
      name,
      ...parseReference(reference),
      input: await readJson('--input', input),
      every,
      cron,
      ...(hours !== undefined && { hours: await readJson('--hours', hours) }),
      catchUp,
      ...rest,
    };
    const { body: made } = await client.post<Schedule>(SCHEDULES, body);
    output.json(made);
    showSchedule(made, output, now());
    return exitCodes.done;
  },
});

const pausing = (name: string, summary: string, paused: boolean) =>
  defineCliCommand({
    name,
    summary,
    arguments: of,
    options: z.object({}),
    example: `${name} nightly-report`,

    async run(_options, [schedule = ''], { client, output, now }) {
      const { body } = await client.patch<Schedule>(pathOf(schedule), { paused });
      output.json(body);
      showSchedule(body, output, now());
      return exitCodes.done;
    },
  });

export const schedulePause = pausing(
  'schedule pause',
  'Pause a schedule: what comes meanwhile is not due; its runs go on.',
  true,
);
export const scheduleResume = pausing('schedule resume', 'Let a schedule go on from now.', false);

export const scheduleDelete = defineCliCommand({
  name: 'schedule delete',
  summary: 'Delete a schedule; what it has started goes on.',
  arguments: of,
  options: z.object({}),
  example: 'schedule delete nightly-report',

  async run(_options, [name = ''], { client, output }) {
    const { body } = await client.delete<Schedule>(pathOf(name));
    output.json(body);
    output.line(
      `Deleted: ${body.name}. ${body.runs.length === 0 ? 'None of its runs is open.' : 'Its run goes on.'}`,
    );
    return exitCodes.done;
  },
});
