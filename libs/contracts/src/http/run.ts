import { z } from 'zod';
import { storedValue } from '../stored.value.js';
import { asOf, instantText, nextCursor, type Shown } from './fields.js';

export const runStatuses = [
  'accepted',
  'refused',
  'running',
  'waiting',
  'paused',
  'rolling_back',
  'completed',
  'failed',
  'rolled_back',
  'escalated',
  'closed',
  'cancelled',
] as const;
export const runStatus = z.enum(runStatuses).meta({ id: 'RunStatus' });
export type RunStatus = z.output<typeof runStatus>;

const terminal: ReadonlySet<string> = new Set<RunStatus>([
  'refused',
  'completed',
  'failed',
  'rolled_back',
  'escalated',
  'closed',
  'cancelled',
]);

/** Whether the run has ended: no later status follows, unless it is taken up again. */
export const isTerminal = (status: string): boolean => terminal.has(status);

/** Whether nothing more happens before somebody outside acts, or at all. */
export const isSettled = (status: string): boolean => status === 'waiting' || isTerminal(status);

const serviceLevel = z
  .object({ due: instantText, breached: z.boolean().describe('Its `sla.breached` is in the log') })
  .optional();

export const wait = z.object({
  kind: z
    .string()
    .describe(
      'People: `approval` (somebody decides), `operator` (a step that only retry or skip moves). From outside: `form` (what a step asks people for), `conversation` (what a model asks whom it serves), `signal`, `wait` (a time), `plan` (a model is asked), `call` (a tool), `check` (policy), `stop` (a kill switch). By itself: `retry`, `recovery` (a call in doubt), `circuit` (its target is away, and one call at a time asks whether it is back), `unavailable` (no executor here has its tool in the version that is pinned), `fallback`, `child` (a run that the step started)',
    ),
  step: z.string(),
  since: instantText,
  until: instantText.optional(),
  detail: z.string(),
  approvalId: z.string().optional().describe('What people are asked, for the kind `approval`'),
  runId: z.string().optional().describe('The run that is waited for, for the kind `child`'),
  roles: z
    .array(z.string())
    .optional()
    .describe('Whose turn it is, for the kind `operator`, where the workflow says so'),
  sla: serviceLevel.describe('When the step should be done'),
  form: z
    .object({
      question: z.string(),
      details: z.unknown().optional(),
      roles: z.array(z.string()).describe('Any of which may answer'),
      schema: z.record(z.string(), z.unknown()).describe('JSON Schema of the answer'),
    })
    .optional()
    .describe('What is asked, for the kind `form`; of the first 20 of a run'),
  question: z
    .object({
      id: z.string(),
      to: z.string().describe('Whom it is for'),
      channel: z.enum(['signal', 'webhook']),
      trigger: z
        .string()
        .optional()
        .describe('Whose signed event may answer it too, for the channel `webhook`'),
      text: z.string(),
    })
    .optional()
    .describe('What a model asks, for the kind `conversation`'),
});

const usage = z.object({
  tokens: z.int().min(0).describe('Charged for what models were asked; the worst case where nobody knows'),
  costUsd: z.number().min(0),
  steps: z.int().min(0),
  toolCalls: z.int().min(0),
});

const refInstead = (of: 'input' | 'output') =>
  storedValue
    .optional()
    .describe(
      `Instead of \`${of}\`, where that is kept outside of the log: \`GET /v1/runs/{runId}/values/{hash}\` gives it`,
    );

export const run = z
  .object({
    runId: z.string(),
    rootRunId: z
      .string()
      .describe('The run above all that started it; its own id where nobody but a person did'),
    parent: z
      .object({ runId: z.string(), step: z.string() })
      .optional()
      .describe('The run that started it, and in which step'),
    children: z
      .array(z.object({ runId: z.string(), step: z.string() }))
      .optional()
      .describe(
        'Runs that its steps have started: open ones, and those of steps that it still knows; at most 100',
      ),
    workflow: z.object({ name: z.string(), version: z.int(), hash: z.string() }),
    by: z.string().describe('Who started it'),
    tenant: z.string().optional().describe('Of which tenant it is; absent: the default one'),
    status: runStatus,
    input: z.unknown().optional(),
    inputRef: refInstead('input'),
    output: z.unknown().optional(),
    outputRef: refInstead('output'),
    success: z.boolean().optional(),
    failure: z
      .object({ class: z.string(), code: z.string(), message: z.string(), step: z.string().optional() })
      .optional(),
    waitingFor: z.array(wait).optional(),
    paused: z.object({ by: z.string(), reason: z.string() }).optional().describe('Who paused it, and why'),
    ending: z
      .enum(['failed', 'cancelled'])
      .optional()
      .describe('It starts nothing new and has not ended yet: why it ends'),
    approvedBy: z
      .array(z.string())
      .optional()
      .describe('Who has voted to approve something in it, 50 at most; absent: nobody'),
    search: z
      .record(z.string(), z.union([z.string(), z.number(), z.boolean()]))
      .optional()
      .describe('What its workflow declares under `search`, as far as it is known; timestamps as texts'),
    sla: serviceLevel.describe('When the run should be complete'),
    startedAt: instantText,
    endedAt: instantText.optional(),
    resumable: z
      .literal(true)
      .optional()
      .describe('It has ended, and an operator may take it up again: `resume` with `from`'),
    closed: z
      .object({ by: z.string(), reason: z.string() })
      .optional()
      .describe('Who has looked at it, where somebody had to'),
    erased: z
      .object({
        by: z.string(),
        reason: z.string(),
        since: instantText.describe('From then on nobody reads them'),
        until: instantText
          .optional()
          .describe('When the store had none any more; absent: it still removes them'),
        values: z.int().min(0).optional().describe('How many there were'),
        bytes: z.int().min(0).optional(),
        root: z.string().optional().describe('The run above all, whose record says when it is done'),
      })
      .optional()
      .describe('The values that it kept outside of the log are erased, or are being erased'),
    migrated: z
      .array(
        z.object({
          from: z.int().describe('Version of the workflow'),
          to: z.int(),
          by: z.string(),
          reason: z.string(),
          at: instantText,
        }),
      )
      .optional()
      .describe('When it went on as another version of its workflow says, oldest first'),
    usage,
    lastSeq: z.int().min(0).describe('0 until the orchestrator has taken the run up'),
  })
  .meta({ id: 'Run' });
/** A run as the interface shows it. */
export type Run = Shown<z.output<typeof run>>;

export const runPage = z.object({ items: z.array(run), next: nextCursor.optional(), asOf });
export type RunPage = Shown<z.output<typeof runPage>>;
