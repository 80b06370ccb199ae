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
  const bytes = jsonBytes(compiled) + jsonBytes(input);
  if (bytes > STARTED_BYTES_MAX) {
    const message = `the workflow and its input have ${bytes} bytes together; at most ${STARTED_BYTES_MAX}`;
    return refuseStart(draft, start.data, deferred, 'run.too_large', message);
  }
  // Nothing but a workflow that the registry has compiled is published under such a hash.
  begun(draft, start.data, compiled as CompiledWorkflow);
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
  begun(draft, data, withoutSteps(data.workflow));
  draft.emit(RunFailed({ failure: { class: 'invalid_input', code, message } }));
  return { events: draft.events, release: deferred };
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

function begun(draft: DecisionDraft, data: Start['data'], compiled: CompiledWorkflow): undefined {
  const { commandId, requestHash, salt, by, workflow, input } = data;
  const deadline = draft.now + compiled.budget.durationMs;
  draft.emit(
    RunStarted({
      commandId,
      rootRunId: draft.key,
      requestHash,
      salt,
      by,
      workflow,
      compiled,
      input: input ?? null,
      deadline,
    }),
  );
}
