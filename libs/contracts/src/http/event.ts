import { z } from 'zod';
import { instantText, type Shown } from './fields.js';

export const event = z
  .object({
    seq: z.int().min(1).describe('From 1 without a gap'),
    type: z
      .string()
      .describe(
        'What happened: `<what>.<happened>`. Of an agent step: `agent.started` (`level` and `why` say whether a model or rules act), then for each round `plan.requested` (what was known), `verdict.recorded` (may the model be asked), `plan.recorded` (what was proposed, with `confidence`, `reasoning`, `evidence` and `alternatives` with scores, and what it cost), `verdict.recorded` (may it be acted on), `call.requested` with `agent` for each call that is made, and `agent.observed` (what came of it: `succeeded`, `failed`, `denied`, `unlisted`, `repeated` or `skipped`). `agent.fell_back` says why rules act from there on; `step.completed` says in `via` whose output it is: `agent` or `baseline`',
      ),
    time: instantText,
    data: z.looseObject({}),
    id: z.string(),
    causeId: z.string().optional(),
    actor: z.string().describe('Who made it happen: the subject of a command, else the service'),
    hash: z.string(),
  })
  .meta({ id: 'Event' });
/** An event of a run as the interface shows it. */
export type RunEvent = Shown<z.output<typeof event>>;

export const eventPage = z.object({ items: z.array(event), next: z.string().optional() });
export type EventPage = Shown<z.output<typeof eventPage>>;

export const stateAt = z.object({
  runId: z.string(),
  seq: z.int(),
  stateVersion: z.int().optional(),
  state: z.unknown(),
  hash: z.string(),
});
/** The folded state of a run after one of its events. */
export type StateAt = Shown<z.output<typeof stateAt>>;
