import type { Decision, TopicMessage } from '@interlock/actors';
import { type MessageOf, type RunCommand, RunFailed, RunStarted, type StartRun } from '@interlock/contracts';
import type { CompiledWorkflow } from '@interlock/language';
import type { Emitter } from '../emitter.js';
import { jsonBytes } from '../json-bytes.js';
import { advance } from './advance.js';
import { takeCommand } from './commands.js';

/** As JSON: both lie in the first event of the run. */
const STARTED_BYTES_MAX = 490 * 1024;

export const commandIn = ({ type, data }: TopicMessage): RunCommand => ({ type, data }) as RunCommand;

export const refuseInput = (code: string, message: string): Decision => ({
  events: [],
  quarantine: { code, message },
});

export function isExpired(emitter: Emitter, command: RunCommand): boolean {
  return emitter.now - command.data.issuedAt > emitter.settings.commandWindowMs;
}

export const expired = (command: RunCommand): Decision =>
  refuseInput('command.expired', `issued at ${command.data.issuedAt}, longer ago than commands are accepted`);

/**
 * Decides for a run that does not exist yet. A start waits for its workflow's artifact, and commands wait behind it.
 * @param messages held ones first
 */
export function startRun(
  emitter: Emitter,
  messages: readonly TopicMessage[],
  held: readonly TopicMessage[],
): Decision {
  const begin = messages.find(({ type }) => type === 'run.start');
  if (begin === undefined) {
    return messages.length === 0
      ? { events: [] }
      : refuseInput('run.unknown', `no run ${emitter.key} was ever started`);
  }
  const command = commandIn(begin) as MessageOf<typeof StartRun>;
  const { compiled } = emitter.settings.workflow(command.data.workflow.hash) ?? {};
  if (compiled === undefined) {
    if (emitter.now - begin.meta.time < emitter.settings.artifactWaitMs) return { events: [], hold: true };
    const message = `no workflow ${command.data.workflow.name} with hash ${command.data.workflow.hash} is published`;
    return refuseStart(emitter, command.data, held, 'workflow.unknown', message);
  }
  const bytes = jsonBytes(compiled) + jsonBytes(command.data.input);
  if (bytes > STARTED_BYTES_MAX) {
    const message = `the workflow and its input have ${bytes} bytes together; at most ${STARTED_BYTES_MAX}`;
    return refuseStart(emitter, command.data, held, 'run.too_large', message);
  }
  begun(emitter, command.data, compiled as CompiledWorkflow);
  for (const message of messages) if (message !== begin) takeCommand(emitter, commandIn(message));
  advance(emitter);
  return { events: emitter.events, release: held };
}

/** A start that was accepted at the edge is never lost: one that cannot run fails on record, with a workflow that has no steps. */
export function refuseStart(
  emitter: Emitter,
  data: MessageOf<typeof StartRun>['data'],
  held: readonly TopicMessage[],
  code: string,
  message: string,
): Decision {
  begun(emitter, data, withoutSteps(data.workflow));
  emitter.emit(RunFailed({ failure: { class: 'invalid_input', code, message } }));
  return { events: emitter.events, release: held };
}

export const withoutSteps = ({
  name,
  version,
  hash,
}: MessageOf<typeof StartRun>['data']['workflow']): CompiledWorkflow => ({
  name,
  version,
  hash,
  purpose: 'None: the run never began.',
  inputSchema: {},
  inputs: {},
  budget: { tokens: 0, costUsd: 0, steps: 0, toolCalls: 0, durationMs: 0 },
  steps: [],
});

function begun(
  emitter: Emitter,
  data: MessageOf<typeof StartRun>['data'],
  compiled: CompiledWorkflow,
): undefined {
  const { commandId, requestHash, salt, by, workflow, input } = data;
  const deadline = emitter.now + compiled.budget.durationMs;
  emitter.emit(
    RunStarted({
      commandId,
      rootRunId: emitter.key,
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
