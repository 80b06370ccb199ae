import {
  CommandRefused,
  DoubtResolved,
  mayActIn,
  RunCancelling,
  type RunCommand,
  SignalReceived,
  StepResumed,
  StepSkipped,
} from '@interlock/contracts';
import type { CompiledToolStep } from '@interlock/language';
import { repeatAfterDoubt } from '../call/recovery.js';
import { findPlace } from '../edit.js';
import type { Emitter } from '../emitter.js';
import type { StepIndex } from '../indices.js';
import { passedPivot } from '../rollback/decide.js';
import { takeSignal } from '../step/wait/start.js';
import { pause, resume } from './pause.js';

type DataOf<Type extends RunCommand['type']> = Extract<RunCommand, { type: Type }>['data'];

const SIGNALS_KEPT_MAX = 100;

/** Applies a command to an open run, or says in its log why not. A repeat changes nothing. */
export function takeCommand(emitter: Emitter, command: RunCommand): undefined {
  const { commandId } = command.data;
  if (emitter.state.commands.includes(commandId)) return;
  const refusal = mayActIn(command.data.by, emitter.state.origin.by.tenant)
    ? apply(emitter, command)
    : stranger;
  if (refusal === undefined) return;
  const [code, message] = refusal;
  emitter.emit(CommandRefused({ commandId, command: command.type, code, message }));
}

/** A command that came after the end: whoever gave it, and whoever reads the run, sees that it changed nothing. */
export function refuseLate(emitter: Emitter, { type, data }: RunCommand, status: string): undefined {
  const message = `the run had ended: it is ${status}`;
  emitter.emit(CommandRefused({ commandId: data.commandId, command: type, code: 'run.ended', message }));
}

/** Why a command is not applied. */
export type Refusal = readonly [code: string, message: string];

/** The gateway answers that there is no such run; whoever writes past it is told no more. */
const stranger: Refusal = ['run.other_tenant', 'whoever gave it belongs to another tenant than the run'];

function apply(emitter: Emitter, command: RunCommand): Refusal | undefined {
  switch (command.type) {
    case 'run.start':
      if (command.data.requestHash === emitter.state.origin.requestHash) return undefined;
      return ['run.conflict', 'this run was started with another request'];
    case 'run.cancel':
      return cancel(emitter, command.data);
    case 'run.pause':
      return pause(emitter, command.data);
    case 'run.resume':
      return resume(emitter, command.data);
    case 'run.signal':
      return signal(emitter, command.data);
    case 'run.retry':
      return retry(emitter, command.data);
    case 'run.skip':
      return skip(emitter, command.data);
  }
}

function cancel(
  emitter: Emitter,
  { commandId, by, reason, rollback }: DataOf<'run.cancel'>,
): Refusal | undefined {
  if (emitter.isEnding) return ending(emitter);
  const pivot = rollback ? passedPivot(emitter) : undefined;
  if (pivot !== undefined) {
    return [
      'rollback.pivot',
      `step ${pivot} has completed, and there is no way back: cancel without rollback`,
    ];
  }
  emitter.emit(RunCancelling({ commandId, by, reason, rollback }));
  return undefined;
}

const ending = ({ state }: Emitter): Refusal => [
  'run.ending',
  state.rollback === null ? 'the run is ending already' : 'what the run did is being undone already',
];

function signal(
  emitter: Emitter,
  { commandId, by, name, data, reason }: DataOf<'run.signal'>,
): Refusal | undefined {
  const { state, plan } = emitter;
  const isAwaited = plan.steps.some(
    (step) => step.kind === 'wait' && 'signal' in step.wait && step.wait.signal === name,
  );
  if (!isAwaited) return ['signal.unknown', `no step of this workflow waits for a signal ${name}`];
  if (state.signals.length >= SIGNALS_KEPT_MAX)
    return ['signal.too_many', 'too many signals wait to be taken'];
  emitter.emit(SignalReceived({ commandId, by, name, data: data ?? null, reason }));
  const waiting = state.active.filter((place) => emitter.step(place).wait?.signal === name);
  if (!emitter.isEnding && waiting[0] !== undefined) takeSignal(emitter, waiting[0]);
  return undefined;
}

/** A person says of a call in doubt that it did not happen, or has removed what a step failed for. */
function retry(emitter: Emitter, data: DataOf<'run.retry'>): Refusal | undefined {
  const place = parkedPlace(emitter, data);
  if (typeof place !== 'number') return place;
  const { step, commandId, by, reason } = data;
  const { call, generation } = emitter.step(place);
  if (call?.doubt !== undefined) {
    emitter.emit(StepResumed({ step, commandId, by, reason, generation }));
    emitter.emit(DoubtResolved({ step, callHash: call.hash, happened: false, by: 'person' }));
    repeatAfterDoubt(emitter, place);
    return undefined;
  }
  if (emitter.isEnding) return ending(emitter);
  const { effect } = emitter.definition(place) as Partial<CompiledToolStep>;
  if (call?.result === 'happened' && effect === 'write') {
    return ['step.happened', 'its write has happened: it can only be skipped'];
  }
  emitter.emit(StepResumed({ step, commandId, by, reason, generation: generation + 1 }));
  return undefined;
}

function skip(emitter: Emitter, data: DataOf<'run.skip'>): Refusal | undefined {
  const place = parkedPlace(emitter, data);
  if (typeof place !== 'number') return place;
  const { step, commandId, by, reason } = data;
  const { failure } = emitter.step(place);
  emitter.emit(StepSkipped({ step, because: 'operator', reason, commandId, by }));
  emitter.owner(place).skipped(emitter, place, failure!);
  return undefined;
}

/** The place of the parked step that the command answers for; one issued before the step parked answers something else. */
function parkedPlace(
  emitter: Emitter,
  { step, issuedAt }: DataOf<'run.retry' | 'run.skip'>,
): StepIndex | Refusal {
  const place = findPlace(emitter.state, step);
  if (place === undefined) return ['step.unknown', `this workflow has no step ${step}`];
  if (emitter.state.rollback !== null && !emitter.owner(place).outlastsRun) return ending(emitter);
  const { status, since } = emitter.step(place);
  if (status !== 'parked') return ['step.not_parked', `step ${step} waits for nobody's decision`];
  if (issuedAt + emitter.settings.clockSkewMs < since) {
    return ['step.parked_later', `step ${step} was parked after this command was given`];
  }
  return place;
}
