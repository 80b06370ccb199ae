import { durationText, REPLY_CHARS_MAX } from '@interlock/contracts';
import { z } from 'zod';
import { answer, plan, verdict } from './answer.schema.js';
import { after, instant, name, person, step, tool, value } from './case.fields.js';
import { expectation } from './expect.schema.js';

/** Cases of a workflow as people write them. Unknown fields are refused everywhere. */

const refused = name.optional().describe('Code with which it is refused; absent: it is not');

const vote = z.strictObject({
  step: step.optional(),
  tool: tool.optional(),
  by: person,
  vote: z.enum(['approve', 'deny']),
  reason: z.string().max(2_000).optional(),
  after: after.describe('From the request to people; absent: at once'),
  refused,
});
export type CaseVote = z.output<typeof vote>;

const sent = { by: person.optional(), after: after.describe('From the start; absent: at once'), refused };
const signal = z.strictObject({ ...sent, name, data: z.unknown().optional() });
export type CaseSignal = z.output<typeof signal>;

const formAnswer = z.strictObject({
  step,
  by: person,
  value,
  reason: z.string().min(1).max(2_000).optional(),
  after: after.describe('From the opening of the form; absent: at once'),
  refused,
});
export type CaseFormAnswer = z.output<typeof formAnswer>;

const reply = z.strictObject({
  step,
  by: person,
  text: z.string().min(1).max(REPLY_CHARS_MAX),
  after: after.describe('From the question; absent: at once'),
  refused,
});
export type CaseReply = z.output<typeof reply>;

const reason = z.string().min(1).max(2_000).optional();
const command = z
  .union([
    z.strictObject({ ...sent, reason, cancel: z.enum(['with-rollback', 'without-rollback']) }),
    z.strictObject({ ...sent, reason, pause: z.literal(true) }),
    z.strictObject({
      ...sent,
      reason,
      resume: z.literal(true),
      from: step.optional().describe('Takes up again a run that has failed, from this step'),
    }),
    z.strictObject({ ...sent, reason, close: z.literal(true) }),
    z.strictObject({ ...sent, reason, retry: step }),
    z.strictObject({ ...sent, reason, skip: step }),
    z.strictObject({
      ...sent,
      reason,
      resolve: step,
      happened: z.boolean(),
      output: z.unknown().optional().describe('What the call gave, where it happened'),
    }),
  ])
  .describe('One of cancel, pause, resume, close, retry, skip, resolve');
export type CaseCommand = z.output<typeof command>;

const answers = z.array(answer).max(10_000);

export const caseOfRun = z
  .strictObject({
    name,
    input: value.describe('Of the run'),
    by: person.optional().describe('Who starts the run'),
    clock: instant.optional().describe('When the run starts; absent: 2026-01-01T00:00:00Z'),
    until: durationText.optional().describe('How long a run is watched that does not end'),
    tools: answers.optional().describe('What tools answer'),
    verdicts: z.array(verdict).max(10_000).optional().describe('In place of policy'),
    model: z
      .strictObject({
        level: z.enum(['shadow', 'assisted']),
        name: name.optional().describe('provider/name'),
      })
      .optional()
      .describe('A model plans in agent steps. Absent: their baseline acts'),
    plans: z.array(plan).max(10_000).optional().describe('What the model answers, with `model`'),
    votes: z.array(vote).max(10_000).optional().describe('What people answer, each once, in order'),
    forms: z
      .array(formAnswer)
      .max(10_000)
      .optional()
      .describe('What people answer form steps, each once, in order'),
    replies: z
      .array(reply)
      .max(10_000)
      .optional()
      .describe('What people answer the questions of models, each once, in order'),
    signals: z.array(signal).max(1_000).optional(),
    commands: z.array(command).max(1_000).optional().describe('What operators do'),
    expect: expectation,
  })
  .meta({ dependentRequired: { plans: ['model'] } });
export type CaseOfRun = z.output<typeof caseOfRun>;

export const caseFile = z.strictObject({
  $schema: z.string().optional().describe('For editors'),
  workflow: z
    .string()
    .min(1)
    .max(1_000)
    .describe(
      'A file beside this one, `./pay.workflow.yaml`; or what a module brings, by name: `pay`, `pay@2`',
    ),
  modules: z
    .array(z.string().min(1).max(1_000))
    .max(100)
    .optional()
    .describe('Files that bring what the workflow names: tools, tables, prompts, schemas'),
  policies: z
    .union([z.literal('modules'), z.array(z.string().min(1).max(1_000)).min(1).max(1_000)])
    .optional()
    .describe(
      '`modules`: those that the modules bring; or Cedar files. Absent: what `verdicts` says, and else everything is allowed',
    ),
  tools: answers.optional().describe('What tools answer in every case, behind what the case says'),
  cases: z.array(caseOfRun).min(1).max(1_000),
});
export type CaseFile = z.output<typeof caseFile>;
