import { z } from 'zod';
import { STEP_ID } from '../step.path.js';
import { instantText, type Shown, wholeNumber } from './fields.js';
import { stepStatus } from './step.js';

const ID = STEP_ID.source.slice(1, -1);
const NAMES = new RegExp(`^${ID}=${ID}(?:,${ID}=${ID}){0,49}$`);

export const migrationQuery = z.strictObject({
  version: wholeNumber(1).describe('Of the same workflow'),
  map: z
    .string()
    .max(7_000)
    .regex(NAMES, 'must be like old=new,other=another, 50 at most')
    .optional()
    .describe('Steps that are called otherwise in that version: `old=new,other=another`'),
});

const obstacle = z.object({
  field: z.string().describe('Of the step, or of the workflow: `needs`, `toolHash`, `budget.toolCalls`'),
  reason: z.string(),
  fix: z.string().describe('What to do'),
});

export const migrationPlan = z
  .object({
    runId: z.string(),
    lastSeq: z.int().min(0).describe('Of the event up to which the run was read'),
    from: z.int().describe('Version of the workflow that the run has'),
    to: z.int(),
    safe: z.boolean().describe('Whether `migrate` would be taken now'),
    refusal: z
      .object({ code: z.string(), message: z.string() })
      .optional()
      .describe('Why the run is migrated to no version, or not to this one, whatever its steps are'),
    deadline: instantText.optional().describe('When its time would end'),
    obstacles: z.array(obstacle).describe('What of the run as a whole does not fit'),
    steps: z
      .array(
        z.object({
          step: z.string(),
          to: z.string().optional().describe('What it is called there, where that is something else'),
          status: stepStatus.optional().describe('Absent: the run has no such step'),
          as: z.enum(['kept', 'new', 'removed', 'refused']),
          obstacles: z.array(obstacle).describe('Why it is refused'),
        }),
      )
      .describe('Steps of the workflow itself: those of the run, then those that are new'),
  })
  .meta({ id: 'MigrationPlan' });
/** What would become of a run that went on as another version of its workflow says. */
export type MigrationPlanShown = Shown<z.output<typeof migrationPlan>>;
