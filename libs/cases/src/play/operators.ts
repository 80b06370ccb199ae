import {
  AnswerForm,
  CancelRun,
  CloseRun,
  type Identity,
  PauseRun,
  ReplyToQuestion,
  ResolveStep,
  ResumeRun,
  RetryStep,
  type RunCommand,
  runCommands,
  SignalRun,
  SkipStep,
} from '@interlock/contracts';
import type { Path } from '@interlock/language';
import type { CaseCommand, CaseFormAnswer, CaseOfRun, CaseReply, CaseSignal } from '../case/case.schema.js';
import type { CoreBus } from '../cores/core.bus.js';
import type { CaseProblem } from './case.problem.js';
import type { Family } from './family.js';
import { LogReader } from './log.reader.js';
import { msOf } from './outcomes.js';
import { isStep } from './step.pattern.js';

/** Who gives signals and commands, unless the case names somebody. */
const operator: Identity = { sub: 'operator', roles: ['operator'] };

type Given = CaseSignal | CaseCommand | CaseFormAnswer | CaseReply;

interface Sent {
  readonly given: Given;
  readonly path: Path;
  readonly commandId: string;
  /** `parked`: it waits for a step that a person decides on, or that asks one. */
  state: 'parked' | 'planned' | 'sent';
  /** The step that it is for, as its own run names it, and that run. */
  step?: string;
  run?: string;
  /** The question that it answers. */
  question?: string;
  refusal?: { readonly code: string; readonly message: string };
}

/** Who signals a run, answers its forms and the questions of its models, and gives it commands: what is for a step once that waits for a person, all others at their time. */
export class Operators {
  readonly #sent: readonly Sent[];
  readonly #run;
  /** The run that waits for a signal. */
  readonly #signalled = new Map<string, string>();

  constructor(
    private readonly bus: CoreBus,
    {
      signals = [],
      commands = [],
      forms = [],
      replies = [],
    }: Pick<CaseOfRun, 'signals' | 'commands' | 'forms' | 'replies'>,
    at: Path,
    private readonly family: Family,
  ) {
    const lists = [
      ...signals.map((given, index) => ({ given, path: [...at, 'signals', index] })),
      ...commands.map((given, index) => ({ given, path: [...at, 'commands', index] })),
      ...forms.map((given, index) => ({ given, path: [...at, 'forms', index] })),
      ...replies.map((given, index) => ({ given, path: [...at, 'replies', index] })),
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
    for (const { type, data, meta } of this.#run.next()) {
      const { run = this.bus.runId } = meta;
      if (type === 'step.parked') this.#asked(run, data.step, (given) => !isAnswer(given) && !isReply(given));
      if (type === 'form.opened') this.#asked(run, data.step, isAnswer);
      if (type === 'question.asked') this.#asked(run, data.step, isReply, meta.id);
      if (type === 'wait.started' && data.signal !== undefined) this.#signalled.set(data.signal, run);
      if (type !== 'command.refused') continue;
      const sent = this.#sent.find(({ commandId }) => commandId === data.commandId);
      if (sent === undefined) continue;
      sent.refusal = { code: data.code, message: data.message };
      // The form is still open: the next answer is for it.
      if ('value' in sent.given && sent.step !== undefined) this.#asked(run, sent.step, isAnswer);
      if (isReply(sent.given) && sent.step !== undefined) this.#asked(run, sent.step, isReply, sent.question);
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

  #asked(run: string, step: string, isMeant: (given: Given) => boolean, question?: string): void {
    const path = this.family.pathOf(run, step);
    const sent = this.#sent.find(
      ({ given, state }) => state === 'parked' && isMeant(given) && isStep(stepOf(given) ?? '', path),
    );
    if (sent === undefined) return;
    sent.state = 'planned';
    sent.step = step;
    sent.run = run;
    if (question !== undefined) sent.question = question;
    this.#plan(sent);
  }

  #plan(sent: Sent): void {
    this.bus.after(msOf(sent.given.after), () => {
      sent.state = 'sent';
      this.bus.say(runCommands.name, this.#commandOf(sent));
    });
  }

  #commandOf({ given, commandId, step = '', run, question = '' }: Sent): RunCommand {
    const { now: issuedAt } = this.bus;
    const signalled = 'name' in given ? this.#signalled.get(given.name) : undefined;
    const runId = run ?? signalled ?? this.bus.runId;
    const reason = ('reason' in given ? given.reason : undefined) ?? 'as the case says';
    const envelope = { commandId, runId, by: given.by ?? operator, issuedAt, reason };
    if ('text' in given) {
      const { reason: _, ...said } = envelope;
      return ReplyToQuestion({ ...said, question, text: given.text });
    }
    if ('value' in given) return AnswerForm({ ...envelope, step, value: given.value });
    if ('name' in given) return SignalRun({ ...envelope, name: given.name, data: given.data ?? null });
    if ('cancel' in given) return CancelRun({ ...envelope, rollback: given.cancel === 'with-rollback' });
    if ('pause' in given) return PauseRun(envelope);
    if ('resume' in given) {
      const { from } = given;
      return ResumeRun({ ...envelope, ...(from !== undefined && { from }) });
    }
    if ('close' in given) return CloseRun(envelope);
    if ('retry' in given) return RetryStep({ ...envelope, step });
    if ('resolve' in given) {
      const { happened, output } = given;
      return ResolveStep({ ...envelope, step, happened, ...(output !== undefined && { output }) });
    }
    return SkipStep({ ...envelope, step });
  }
}

const isAnswer = (given: Given): boolean => 'value' in given;
const isReply = (given: Given): boolean => 'text' in given;

const stepOf = (given: Given): string | undefined => {
  if ('value' in given || 'text' in given) return given.step;
  if ('retry' in given) return given.retry;
  if ('resolve' in given) return given.resolve;
  return 'skip' in given ? given.skip : undefined;
};
