import {
  CancelRun,
  type Identity,
  PauseRun,
  ResumeRun,
  RetryStep,
  type RunCommand,
  runCommands,
  SignalRun,
  SkipStep,
} from '@interlock/contracts';
import type { Path } from '@interlock/language';
import type { CaseCommand, CaseOfRun, CaseSignal } from '../case/case.schema.js';
import type { CoreBus } from '../cores/core.bus.js';
import type { CaseProblem } from './case.problem.js';
import { LogReader } from './log.reader.js';
import { msOf } from './outcomes.js';
import { isStep } from './step.pattern.js';

/** Who gives signals and commands, unless the case names somebody. */
const operator: Identity = { sub: 'operator', roles: ['operator'] };

interface Sent {
  readonly given: CaseSignal | CaseCommand;
  readonly path: Path;
  readonly commandId: string;
  /** `parked`: it waits for a step that a person decides on. */
  state: 'parked' | 'planned' | 'sent';
  refusal?: { readonly code: string; readonly message: string };
}

/** Who signals a run and gives it commands: retry and skip once their step waits for a person, all others at their time. */
export class Operators {
  readonly #sent: readonly Sent[];
  readonly #run;

  constructor(
    private readonly bus: CoreBus,
    { signals = [], commands = [] }: Pick<CaseOfRun, 'signals' | 'commands'>,
    at: Path,
  ) {
    const lists = [
      ...signals.map((given, index) => ({ given, path: [...at, 'signals', index] })),
      ...commands.map((given, index) => ({ given, path: [...at, 'commands', index] })),
    ];
    this.#sent = lists.map(({ given, path }, index) => ({
      given,
      path,
      commandId: `command-${index}`,
      state: stepOf(given) === undefined ? 'planned' : 'parked',
    }));
    this.#run = new LogReader(bus, 'run.events');
    for (const sent of this.#sent) if (sent.state === 'planned') this.#plan(sent);
  }

  hear(): void {
    for (const { type, data } of this.#run.next()) {
      if (type === 'step.parked') this.#parked(data.step);
      if (type !== 'command.refused') continue;
      const sent = this.#sent.find(({ commandId }) => commandId === data.commandId);
      if (sent !== undefined) sent.refusal = { code: data.code, message: data.message };
    }
  }

  /** Commands that were never given, and those that were refused or taken against what the case says. */
  problems(): CaseProblem[] {
    return this.#sent.flatMap(({ given, path, state, refusal }): CaseProblem[] => {
      if (state !== 'sent') {
        const why = state === 'parked' ? `${stepOf(given)} never waited for a person` : 'its time never came';
        return [{ path, message: `it was not given: ${why}` }];
      }
      if (refusal?.code === given.refused) return [];
      const message = refusal === undefined ? 'it was taken' : `it was refused: ${refusal.message}`;
      return [{ path, message, expected: given.refused ?? null, got: refusal?.code ?? null }];
    });
  }

  #parked(step: string): void {
    const sent = this.#sent.find(
      ({ given, state }) => state === 'parked' && isStep(stepOf(given) ?? '', step),
    );
    if (sent === undefined) return;
    sent.state = 'planned';
    this.#plan(sent);
  }

  #plan(sent: Sent): void {
    this.bus.after(msOf(sent.given.after), () => {
      sent.state = 'sent';
      this.bus.say(runCommands.name, this.#commandOf(sent));
    });
  }

  #commandOf({ given, commandId }: Sent): RunCommand {
    const { runId, now: issuedAt } = this.bus;
    const reason = ('reason' in given ? given.reason : undefined) ?? 'as the case says';
    const envelope = { commandId, runId, by: given.by ?? operator, issuedAt, reason };
    if ('name' in given) return SignalRun({ ...envelope, name: given.name, data: given.data ?? null });
    if ('cancel' in given) return CancelRun({ ...envelope, rollback: given.cancel === 'with-rollback' });
    if ('pause' in given) return PauseRun(envelope);
    if ('resume' in given) return ResumeRun(envelope);
    if ('retry' in given) return RetryStep({ ...envelope, step: given.retry });
    return SkipStep({ ...envelope, step: given.skip });
  }
}

const stepOf = (given: CaseSignal | CaseCommand): string | undefined => {
  if ('retry' in given) return given.retry;
  return 'skip' in given ? given.skip : undefined;
};
