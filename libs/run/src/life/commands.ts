import {
  CommandRefused,
  DoubtResolved,
  type Failure,
  mayActIn,
  RunCancelling,
  type RunCommand,
  SignalReceived,
  StepResumed,
  StepSkipped,
} from '@interlock/contracts';
import { onReply } from '../agent/conversation.js';
import { repeatAfterDoubt } from '../call/recovery.js';
import type { DecisionDraft } from '../decision.draft.js';
import { erase } from '../erasure/decide.js';
import { migrate } from '../migration/decide.js';
import { passedPivot } from '../rollback/decide.js';
import { type Addressed, findAddressed, parkedAt } from '../scope/called.js';
import { completeStep } from '../step/complete.js';
import { kindAt, kindNamed } from '../step/index.js';
import { resolveStep } from '../step/resolve.js';
import { findStep, nextGeneration } from '../step/steps.js';
import { pause, resume } from './pause.js';
import { close, reopen } from './reopen.js';
import { writesMadeAgain } from './reopen.plan.js';
import type { RunEnd } from './state.js';

type DataOf<Type extends RunCommand['type']> = Extract<RunCommand, { type: Type }>['data'];

const SIGNALS_KEPT_MAX = 100;

/** Applies a command to an open run, or says in its log why not. A repeat changes nothing. */
export function onCommand(draft: DecisionDraft, command: RunCommand): undefined {
  const { commandId } = command.data;
  if (draft.state.commands.includes(commandId)) return;
  const refusal = mayActIn(command.data.by, draft.state.origin.by.tenant) ? apply(draft, command) : stranger;
  if (refusal === undefined) return;
  const [code, message] = refusal;
  draft.emit(CommandRefused({ commandId, command: command.type, code, message }));
}

/** After its end a run can be taken up again, or closed. Whatever else is told to it changes nothing, and whoever reads it sees that. */
export function onCommandAfterEnd(draft: DecisionDraft, command: RunCommand, end: RunEnd): undefined {
  const refusal = mayActIn(command.data.by, draft.state.origin.by.tenant)
    ? applyAfterEnd(draft, command, end)
    : stranger;
  if (refusal === undefined) return;
  const [code, message] = refusal;
  const { commandId } = command.data;
  draft.emit(CommandRefused({ commandId, command: command.type, code, message }));
}

function applyAfterEnd(draft: DecisionDraft, command: RunCommand, { status }: RunEnd): Refusal | undefined {
  if (command.type === 'run.close') return close(draft, command.data);
  if (command.type === 'run.erase') return erase(draft, command.data);
  if (command.type === 'run.resume' && command.data.from !== undefined)
    return reopen(draft, command.data.from, command.data);
  return ['run.ended', `the run had ended: it is ${status}`];
}

/** Why a command is not applied. */
export type Refusal = readonly [code: string, message: string];

/** The gateway answers that there is no such run; a sender who writes past it gets the same answer. */
const stranger: Refusal = ['run.other_tenant', 'whoever gave it belongs to another tenant than the run'];

function apply(draft: DecisionDraft, command: RunCommand): Refusal | undefined {
  switch (command.type) {
    case 'run.start':
      if (command.data.requestHash === draft.state.origin.requestHash) return undefined;
      return ['run.conflict', 'this run was started with another request'];
    case 'run.cancel':
      return cancel(draft, command.data);
    case 'run.pause':
      return pause(draft, command.data);
    case 'run.resume':
      return command.data.from === undefined
        ? resume(draft, command.data)
        : reopen(draft, command.data.from, command.data);
    case 'run.close':
      return close(draft, command.data);
    case 'run.signal':
      return signal(draft, command.data);
    case 'run.retry':
      return retry(draft, command.data);
    case 'run.skip':
      return skip(draft, command.data);
    case 'run.resolve':
      return resolve(draft, command.data);
    case 'run.answer':
      return answer(draft, command.data);
    case 'run.reply':
      return onReply(draft, command.data);
    case 'run.migrate':
      return migrate(draft, command.data);
    case 'run.erase':
      return erase(draft, command.data);
  }
}

function cancel(
  draft: DecisionDraft,
  { commandId, by, reason, rollback }: DataOf<'run.cancel'>,
): Refusal | undefined {
  if (draft.isEnding) return ending(draft);
  const pivot = rollback ? passedPivot(draft) : undefined;
  if (pivot !== undefined) {
    return [
      'rollback.pivot',
      `step ${pivot} has completed, and there is no way back: cancel without rollback`,
    ];
  }
  draft.emit(RunCancelling({ commandId, by, reason, rollback }));
  return undefined;
}

const ending = ({ state }: DecisionDraft): Refusal => [
  'run.ending',
  state.rollback === null ? 'the run is ending already' : 'what the run did is being undone already',
];

function signal(
  draft: DecisionDraft,
  { commandId, by, name, data, reason }: DataOf<'run.signal'>,
): Refusal | undefined {
  const { state, workflow } = draft;
  const isAwaited = workflow.definitions.some(
    (definition) => kindNamed(definition.kind).knowsSignal?.(definition, name) === true,
  );
  if (!isAwaited) return ['signal.unknown', `no step of this workflow waits for a signal ${name}`];
  if (state.signals.length >= SIGNALS_KEPT_MAX)
    return ['signal.too_many', 'too many signals wait to be taken'];
  draft.emit(SignalReceived({ commandId, by, name, data: data ?? null, reason }));
  const waiting = state.active.find((step) => kindAt(state, step).awaitsSignal?.(state, step, name) === true);
  if (waiting !== undefined && !draft.isEndingAt(waiting)) kindAt(state, waiting).onSignal?.(draft, waiting);
  return undefined;
}

/** A person says that a call in doubt did not happen, or has removed the cause of a step's failure. */
function retry(draft: DecisionDraft, data: DataOf<'run.retry'>): Refusal | undefined {
  const found = parked(draft, data);
  if ('refusal' in found) return found.refusal;
  const { step, commandId, by, reason } = data;
  const { call: at, step: parkedStep } = found.addressed;
  const call = at === undefined ? undefined : draft.call(at);
  if (at !== undefined && call?.doubt !== undefined) {
    draft.emit(StepResumed({ step, commandId, by, reason, generation: call.generation }));
    draft.emit(DoubtResolved({ step, callHash: call.hash, happened: false, by: 'person' }));
    repeatAfterDoubt(draft, at);
    return undefined;
  }
  if (at === undefined ? draft.isEndingAt(parkedStep) : draft.isStopped(at)) return ending(draft);
  if (at !== undefined && call?.at.phase === 'happened' && draft.called(at).effect === 'write')
    return ['step.happened', 'its write has happened: it can only be skipped'];
  const written = writesMadeAgain(draft.state, parkedStep)[0];
  if (written !== undefined)
    return ['step.happened', `what ${written} wrote stands, and would be written again: skip the step`];
  const generation = call === undefined ? nextGeneration(draft.step(parkedStep)) : call.generation + 1;
  draft.emit(StepResumed({ step, commandId, by, reason, generation }));
  return undefined;
}

function skip(draft: DecisionDraft, data: DataOf<'run.skip'>): Refusal | undefined {
  const found = parked(draft, data);
  if ('refusal' in found) return found.refusal;
  const { step, commandId, by, reason } = data;
  draft.emit(StepSkipped({ step, because: 'operator', reason, commandId, by }));
  const { call, step: skipped } = found.addressed;
  if (call === undefined) completeStep(draft, skipped);
  else draft.owner(call).skipped(draft, call, found.failure);
  return undefined;
}

/** A person says what became of the call, in the place of whoever could not. */
function resolve(draft: DecisionDraft, data: DataOf<'run.resolve'>): Refusal | undefined {
  const found = parked(draft, data);
  return 'refusal' in found ? found.refusal : resolveStep(draft, found.addressed.call, data);
}

function answer(draft: DecisionDraft, data: DataOf<'run.answer'>): Refusal | undefined {
  const step = findStep(draft.state, data.step);
  if (step === undefined) return ['step.unknown', `this workflow has no step ${data.step}`];
  if (draft.isEndingAt(step)) return ending(draft);
  const { onAnswer } = kindAt(draft.state, step);
  return onAnswer === undefined
    ? ['form.not_open', `step ${data.step} is no form`]
    : onAnswer(draft, step, data);
}

type Found = { readonly addressed: Addressed; readonly failure: Failure } | { readonly refusal: Refusal };

/** The parked step that the command is for; a command that was issued before it was parked is for something else. */
function parked(
  draft: DecisionDraft,
  { step, issuedAt }: DataOf<'run.retry' | 'run.skip' | 'run.resolve'>,
): Found {
  const found = findAddressed(draft.state, step);
  if (found === undefined) return { refusal: ['step.unknown', `this workflow has no step ${step}`] };
  const outlastsRun = found.call !== undefined && draft.owner(found.call).outlastsRun;
  if (draft.state.rollback !== null && !outlastsRun) return { refusal: ending(draft) };
  const at = parkedAt(draft.state, found);
  if (at === undefined) return { refusal: ['step.not_parked', `step ${step} waits for nobody's decision`] };
  if (issuedAt + draft.settings.clockSkewMs < at.since)
    return { refusal: ['step.parked_later', `step ${step} was parked after this command was given`] };
  return { addressed: found, failure: at.failure };
}
