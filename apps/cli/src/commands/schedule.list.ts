import type { Schedule, ScheduleList } from '@interlock/contracts/http';
import { z } from 'zod';
import { defineCliCommand, exitCodes } from '../command.js';
import { pageOptions, queryOf, tellMore } from '../list.options.js';
import { whole } from '../output.js';
import { SCHEDULES, showSchedule, whenText } from '../schedule.view.js';
import { distanceText } from '../time.text.js';

export const scheduleList = defineCliCommand({
  name: 'schedule list',
  summary: 'List the schedules with their next times.',
  arguments: [],
  options: z.object(pageOptions),
  example: 'schedule list',

  async run(options, _positional, { client, output, now }) {
    const { body } = await client.get<ScheduleList>(`${SCHEDULES}${queryOf(options)}`);
    const { items } = body;
    output.json(body);
    if (items.length === 0) output.line('There are no schedules.');
    else
      output.table(
        [whole('schedule'), 'workflow', 'when', 'status', 'next', 'last'],
        items.map((one) => [
          one.name,
          one.workflow,
          whenText(one),
          one.status,
          one.next[0] === undefined ? '' : distanceText(one.next[0], now()),
          one.last.at(-1)?.outcome ?? '',
        ]),
      );
    tellMore(body, output);
    return exitCodes.done;
  },
});

export const scheduleShow = defineCliCommand({
  name: 'schedule show',
  summary: 'Show a schedule: its next times, and what came of the last ones.',
  arguments: [['name', 'of the schedule']],
  options: z.object({
    tenant: z.string().optional().describe('Whose, for who reads those of every tenant'),
  }),
  example: 'schedule show nightly-report',

  async run(options, [name = ''], { client, output, now }) {
    const path = `${SCHEDULES}/${encodeURIComponent(name)}${queryOf(options)}`;
    const { body } = await client.get<Schedule>(path);
    output.json(body);
    showSchedule(body, output, now());
    return exitCodes.done;
  },
});
