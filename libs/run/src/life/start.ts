import { type MessageOf, type RunCommand, RunFailed, RunStarted, type StartRun } from '@interlock/contracts';
import type { CompiledWorkflow } from '@interlock/language';
import type { DecisionDraft } from '../decision.draft.js';
import { jsonBytes } from '../json-bytes.js';
import type { Settings } from '../options.js';
import type { Received, RunDecision } from '../run.messages.js';
import { advance } from './advance.js';
import { onCommand } from './commands.js';

/** As JSON: both lie in the first event of the run. */
const STARTED_BYTES_MAX = 490 * 1024;

type Start = MessageOf<typeof StartRun>;

export const refuseInput = (code: string, message: string): RunDecision => ({
  events: [],
  quarantine: { code, message },
});

export function isExpired(draft: DecisionDraft, command: RunCommand): boolean {
  return draft.now - command.data.issuedAt > draft.settings.commandWindowMs;
}

export const expired = (command: RunCommand): RunDecision =>
  refuseInput('command.expired', `issued at ${command.data.issuedAt}, longer ago than commands are accepted`);

/** The command that starts the run, among those that wait for that. */
export function startIn(commands: readonly Received<RunCommand>[]): Received<Start> | undefined {
  for (const command of commands) if (command.type === 'run.start') return command;
  return undefined;
}

/**
 * When a start that waits is decided on, UTC ms: at once where its workflow has been read, else when the wait is over. Whoever
 * reads the artifacts wakes the host when one has come.
 */
export function startDueAt(start: Received<Start> | undefined, settings: Settings): number | undefined {
  if (start === undefined) return undefined;
  const { compiled } = settings.workflow(start.data.workflow.hash) ?? {};
  return compiled === undefined ? start.meta.time + settings.artifactWaitMs : start.meta.time;
}

/**
 * Decides for a run that does not exist yet. A start waits for its workflow's artifact, and commands wait behind it.
 * @param commands deferred ones first
 */
export function startRun(
  draft: DecisionDraft,
  commands: readonly Received<RunCommand>[],
  deferred: readonly Received<RunCommand>[],
): RunDecision {
  const start = startIn(commands);
  if (start === undefined) {
    return commands.length === 0
      ? { events: [] }
      : refuseInput('run.unknown', `no run ${draft.key} was ever started`);
  }
  const { workflow, input } = start.data;
  const { compiled } = draft.settings.workflow(workflow.hash) ?? {};
  if (compiled === undefined) {
    if (draft.now - start.meta.time < draft.settings.artifactWaitMs) return { events: [], defer: true };
    const message = `no workflow ${workflow.name} with hash ${workflow.hash} is published`;
    return refuseStart(draft, start.data, deferred, 'workflow.unknown', message);
  }
  const tooLarge = isTooLarge(compiled, input);
  if (tooLarge !== undefined) return refuseStart(draft, start.data, deferred, 'run.too_large', tooLarge);
  // Nothing but a workflow that the registry has compiled is published under such a hash.
  begin(draft, { ...start.data, rootRunId: draft.key }, compiled as CompiledWorkflow);
  for (const command of commands) if (command !== start) onCommand(draft, command);
  advance(draft);
  return { events: draft.events, release: deferred };
}

/** A start that the gateway accepted is never lost: one that cannot run is recorded as failed, with a workflow without steps. */
export function refuseStart(
  draft: DecisionDraft,
  data: Start['data'],
  deferred: readonly Received<RunCommand>[],
  code: string,
  message: string,
): RunDecision {
  refuse(draft, { ...data, rootRunId: draft.key }, code, message);
  return { events: draft.events, release: deferred };
}

export function refuse(draft: DecisionDraft, start: Begun, code: string, message: string): undefined {
  begin(draft, start, withoutSteps(start.workflow));
  draft.emit(RunFailed({ failure: { class: 'invalid_input', code, message } }));
}

export function isTooLarge(compiled: unknown, input: unknown): string | undefined {
  const bytes = jsonBytes(compiled) + jsonBytes(input);
  return bytes > STARTED_BYTES_MAX
    ? `the workflow and its input have ${bytes} bytes together; at most ${STARTED_BYTES_MAX}`
    : undefined;
}

export const withoutSteps = ({ name, version, hash }: Start['data']['workflow']): CompiledWorkflow => ({
  name,
  version,
  hash,
  purpose: 'None: the run never began.',
  inputSchema: {},
  inputs: {},
  budget: { tokens: 0, costUsd: 0, steps: 0, toolCalls: 0, durationMs: 0 },
  steps: [],
});

/** What the first event of a run says, but for its workflow; and its time, where the run above does not say it. */
type Begun = Omit<Parameters<typeof RunStarted>[0], 'compiled' | 'deadline'> & { readonly deadline?: number };

export function begin(draft: DecisionDraft, start: Begun, compiled: CompiledWorkflow): undefined {
  const { commandId, rootRunId, requestHash, salt, by, workflow, input } = start;
  const { parent, budget, inherited, shapedBy } = start;
  const own = draft.now + durationOf(compiled);
  const deadline = Math.min(own, start.deadline ?? own);
  draft.emit(
    RunStarted({
      commandId,
      rootRunId,
      requestHash,
      salt,
      by,
      workflow,
      compiled,
      input: input ?? null,
      deadline,
      ...withoutAbsent({ parent, budget, inherited, shapedBy }),
    }),
  );
}

/** How long a run of it may take. */
export const durationOf = (compiled: CompiledWorkflow): number =>
  Math.min(compiled.budget.durationMs, failsAfterMs(compiled));

/** A run that fails when it is late has no longer than that. */
const failsAfterMs = ({ sla }: CompiledWorkflow): number =>
  sla?.onBreach === 'fail' ? (sla.completeMs ?? Number.POSITIVE_INFINITY) : Number.POSITIVE_INFINITY;

const withoutAbsent = <T extends object>(fields: T): Partial<T> =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Partial<T>;
