import { partitionOf } from '@interlock/broker';
import {
  AnswerForm,
  CancelRun,
  CloseRun,
  EraseRun,
  type Identity,
  MigrateRun,
  PauseRun,
  ReplyToQuestion,
  ResolveStep,
  ResumeRun,
  RetryStep,
  runCommands,
  SignalRun,
  SkipStep,
} from '@interlock/contracts';
import type { Run, RunCommandBody } from '@interlock/contracts/http';
import { type ReadModel, unlessUnavailable } from '@interlock/read-model';
import type { Bearer, CommandAppender, CommandAuthority } from '@interlock/service';
import { commandIdOf } from './command.id.js';
import { refuseAnswered, refusePointless } from './command.validation.js';

/** How long an answer waits for the run's word on a command that is durable already. */
const SEEN_MS = 500;

/**
 * Makes what operators tell a run durable. The orchestrator decides; what is plainly pointless is refused here already, and so
 * is what the run refuses while the caller is still here.
 */
export class RunCommander {
  constructor(
    readonly appender: CommandAppender,
    readonly authority: CommandAuthority,
    readonly readModel: ReadModel,
    readonly partitions: number,
    readonly now: () => number,
    readonly seenMs = SEEN_MS,
  ) {}

  /**
   * @param run as this gateway has read it
   * @param key repeats under one key of one person are one command
   * @returns the command's id, once the run has answered or the time for that is up
   * @throws {Problem} conflict with what the run does, refused by the run, log not answering
   */
  async command(bearer: Bearer, run: Run, body: RunCommandBody, key: string | undefined): Promise<string> {
    const { runId, rootRunId } = run;
    const commandId = commandIdOf(bearer.by, runId, { chosen: body.commandId, key });
    const mayBeRepeat = key !== undefined || body.commandId !== undefined;
    if (mayBeRepeat && (await this.#isAnswered(runId, commandId, body))) return commandId;
    refusePointless(run, body, { by: bearer.by, ...triggerOf(bearer) });
    await this.#append(bearer, { runId, rootRunId }, commandId, body);
    await unlessUnavailable(this.#isAnswered(runId, commandId, body, AbortSignal.timeout(this.seenMs)));
    return commandId;
  }

  /**
   * For a run that cannot be read now, so that it can be stopped all the same: the run alone judges the command, also whether
   * there is such a run. Takes it for one without a parent, as every run is.
   * @returns the command's id, when it is durable
   */
  async commandUnseen(
    bearer: Bearer,
    runId: string,
    body: RunCommandBody,
    key: string | undefined,
  ): Promise<string> {
    const commandId = commandIdOf(bearer.by, runId, { chosen: body.commandId, key });
    await this.#append(bearer, { runId, rootRunId: runId }, commandId, body);
    return commandId;
  }

  async #append(
    bearer: Bearer,
    { runId, rootRunId }: Pick<Run, 'runId' | 'rootRunId'>,
    commandId: string,
    body: RunCommandBody,
  ): Promise<void> {
    const issuedAt = this.now();
    const { wire, data } = commandMessage(body, {
      commandId,
      runId,
      by: bearer.by,
      issuedAt,
      reason: 'reason' in body ? body.reason : '',
      ...triggerOf(bearer),
    });
    const meta = { id: commandId, run: runId, time: issuedAt };
    const command = { key: rootRunId, wire, meta, data };
    const record = await this.authority.recordOf(command, 'orchestrator', bearer);
    await this.appender.append(runCommands.name, partitionOf(rootRunId, this.partitions), record);
  }

  /** Whether the run has applied the command: by now, or until `signal` comes. */
  async #isAnswered(
    runId: string,
    commandId: string,
    body: RunCommandBody,
    signal = AbortSignal.abort(),
  ): Promise<boolean> {
    for (;;) {
      const { runSeq, answer } = await this.readModel.command(runId, commandId);
      if (answer !== undefined) refuseAnswered(answer, body);
      if (answer !== undefined || signal.aborted) return answer !== undefined;
      await this.readModel.grown(runId, runSeq, signal);
    }
  }
}

/** The event of another system that gives it. */
function triggerOf({ credential }: Bearer): { trigger?: string } {
  if ('webhook' in credential) return { trigger: credential.webhook.trigger };
  return 'topic' in credential ? { trigger: credential.topic.trigger } : {};
}

interface Envelope {
  readonly commandId: string;
  readonly runId: string;
  readonly by: Identity;
  readonly issuedAt: number;
  readonly reason: string;
  readonly trigger?: string;
}

/** The command as the run reads it. */
export function commandMessage(
  body: RunCommandBody,
  { trigger, ...envelope }: Envelope,
): { wire: string; data: object } {
  switch (body.type) {
    case 'cancel':
      return { wire: CancelRun.wire, data: { ...envelope, rollback: body.rollback } };
    case 'signal':
      return { wire: SignalRun.wire, data: { ...envelope, name: body.name, data: body.data ?? null } };
    case 'retry':
      return { wire: RetryStep.wire, data: { ...envelope, step: body.step } };
    case 'skip':
      return { wire: SkipStep.wire, data: { ...envelope, step: body.step } };
    case 'resolve': {
      const { step, happened, output } = body;
      return { wire: ResolveStep.wire, data: { ...envelope, step, happened, output } };
    }
    case 'answer':
      return { wire: AnswerForm.wire, data: { ...envelope, step: body.step, value: body.value } };
    case 'reply': {
      const { reason: _, ...given } = envelope;
      const { question, text } = body;
      return { wire: ReplyToQuestion.wire, data: { ...given, question, text, trigger } };
    }
    case 'pause':
      return { wire: PauseRun.wire, data: envelope };
    case 'resume':
      return { wire: ResumeRun.wire, data: { ...envelope, from: body.from } };
    case 'close':
      return { wire: CloseRun.wire, data: envelope };
    case 'erase':
      return { wire: EraseRun.wire, data: envelope };
    case 'migrate':
      return { wire: MigrateRun.wire, data: { ...envelope, version: body.version, map: body.map } };
  }
}
