import { randomUUID } from 'node:crypto';
import { partitionOf } from '@interlock/broker';
import { CancelRun, type Identity, RetryStep, runCommands, SignalRun, SkipStep } from '@interlock/contracts';
import { plainRecord } from '@interlock/log';
import { Problem } from '../http/problem.js';
import { appendProblem } from '../log/append.problem.js';
import type { CommandAppender } from '../log/command.appender.js';
import { isTerminal, type RunView } from '../read-model/run.view.js';
import { commandIdOfKey } from './run.id.js';
import type { RunCommandBody } from './run.requests.js';

/** Makes what operators tell a run durable. The orchestrator decides; what is plainly pointless is refused here already. */
export class RunCommander {
  constructor(
    readonly appender: CommandAppender,
    readonly partitions: number,
    readonly now: () => number,
  ) {}

  /**
   * @param run as this gateway has read it
   * @returns the command's id
   * @throws {Problem} not in this release, run ended, step not parked, log not answering
   */
  async command(by: Identity, run: RunView, body: RunCommandBody, key: string | undefined): Promise<string> {
    refuseLater(body);
    refusePointless(run, body);
    const { runId, rootRunId } = run;
    const commandId = key === undefined ? `${runId}/${randomUUID()}` : commandIdOfKey(by, runId, key);
    const issuedAt = this.now();
    const { wire, data } = message(body, { commandId, runId, by, issuedAt, reason: body.reason });
    const record = plainRecord(rootRunId, wire, { id: commandId, run: runId, time: issuedAt }, data);
    try {
      await this.appender.append(runCommands.name, partitionOf(rootRunId, this.partitions), record);
    } catch (error) {
      throw appendProblem(error);
    }
    return commandId;
  }
}

interface Envelope {
  readonly commandId: string;
  readonly runId: string;
  readonly by: Identity;
  readonly issuedAt: number;
  readonly reason: string;
}

function message(body: RunCommandBody, envelope: Envelope): { wire: string; data: unknown } {
  switch (body.type) {
    case 'cancel':
      return { wire: CancelRun.wire, data: { ...envelope, rollback: body.rollback } };
    case 'signal':
      return { wire: SignalRun.wire, data: { ...envelope, name: body.name, data: body.data ?? null } };
    case 'retry':
      return { wire: RetryStep.wire, data: { ...envelope, step: body.step } };
    case 'skip':
      return { wire: SkipStep.wire, data: { ...envelope, step: body.step } };
    case 'pause':
    case 'resume':
      throw notYet(body.type);
  }
}

function refuseLater(body: RunCommandBody): void {
  if (body.type === 'pause' || body.type === 'resume') throw notYet(body.type);
  if (body.type === 'cancel' && body.rollback) {
    throw new Problem(
      'refused',
      'Rollback is not in this release: cancel without it, and the run names the writes that stand.',
      [{ path: 'rollback', message: 'not in this release' }],
    );
  }
}

const notYet = (type: string): Problem =>
  new Problem('refused', `${type} is not in this release.`, [
    { path: 'type', message: 'not in this release' },
  ]);

function refusePointless(run: RunView, body: RunCommandBody): void {
  if (isTerminal(run.status)) throw new Problem('conflict', `The run has ended: it is ${run.status}.`);
  if (body.type !== 'retry' && body.type !== 'skip') return;
  const isParked =
    run.waitingFor?.some(({ kind, step }) => kind === 'operator' && step === body.step) ?? false;
  if (!isParked) throw new Problem('conflict', `Step ${body.step} does not wait for an operator.`);
}
