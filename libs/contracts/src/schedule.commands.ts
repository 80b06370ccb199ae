import { z } from 'zod';
import { defineCommand, type MessageOf } from './define.js';
import { identity } from './run.commands.js';
import { scheduleName, scheduleSpec } from './schedule.spec.js';
import { instant } from './time.js';

/** What people tell the orchestrator about schedules, in `schedule.commands`. It answers in `schedule.events`. */

const envelope = {
  commandId: z.string().min(1).max(200).describe('Repeats are ignored'),
  by: identity,
  issuedAt: instant.describe('UTC instant, ms'),
  name: scheduleName,
};

export const CreateSchedule = defineCommand(
  'schedule.create',
  1,
  z.object({ ...envelope, spec: scheduleSpec }),
);

/** Says the whole schedule anew. */
export const ChangeSchedule = defineCommand(
  'schedule.change',
  1,
  z.object({
    ...envelope,
    spec: scheduleSpec,
    revision: z.int().min(1).describe('What it changes; refused when somebody else was faster'),
  }),
);

/** What it has started goes on. */
export const DeleteSchedule = defineCommand('schedule.delete', 1, z.object(envelope));

export const scheduleCommandMessages = [CreateSchedule, ChangeSchedule, DeleteSchedule] as const;
export type ScheduleCommand = MessageOf<(typeof scheduleCommandMessages)[number]>;
