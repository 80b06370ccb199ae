import { CallRecorded, LateOutcomeRecorded, RunCheckpointed, type RunEvent } from '@interlock/contracts';
import type { DecisionDraft } from '../decision.draft.js';
import type { CallIndex } from '../indices.js';
import { influenced, influenceMark } from '../influence.js';
import { STATE_VERSION } from '../state.js';
import { stateHash } from '../state-hash.js';
import { principalOf } from './request.js';

type Recorded = Extract<RunEvent, { type: 'call.recorded' }>['data'];
type RecordedLate = Extract<RunEvent, { type: 'call.late_recorded' }>['data'];

/**
 * Records an outcome. Where `asks`, the same event asks policy whether the output may travel on.
 * @param made the call whose request it answers: its tool has given the output
 * @returns the id of the event, which is that of the check
 */
export function recordOutcome(
  draft: DecisionDraft,
  made: CallIndex,
  recorded: Omit<Recorded, 'check' | 'step'>,
  asks: boolean,
): string {
  const event = CallRecorded({ ...recorded, step: draft.called(made).step });
  return draft.emit(asks ? CallRecorded({ ...event.data, check: checkOn(draft, made, event) }) : event);
}

/** The same of an outcome that comes after its attempt had been closed as unknown. */
export function recordLate(
  draft: DecisionDraft,
  made: CallIndex,
  recorded: Omit<RecordedLate, 'check' | 'step'>,
  asks: boolean,
): string {
  const event = LateOutcomeRecorded({ ...recorded, step: draft.called(made).step });
  return draft.emit(
    asks ? LateOutcomeRecorded({ ...event.data, check: checkOn(draft, made, event) }) : event,
  );
}

/** @param event what it asks about, which may itself say what a model has led to */
function checkOn(draft: DecisionDraft, made: CallIndex, event: RunEvent): NonNullable<Recorded['check']> {
  const { step, tool, toolHash } = draft.called(made);
  const next = influenced(draft.state, event, draft.nextId);
  return { tool, toolHash, ...influenceMark(next, step), principal: principalOf(draft.state) };
}

/** A call has happened: what needs it may start before it is checked, and a write leaves a checkpoint of record. */
export function performed(draft: DecisionDraft, call: CallIndex): undefined {
  if (draft.call(call).at.phase === 'happened' && draft.owner(call).leadsOn) draft.fresh.push(call);
  if (draft.called(call).effect === 'write') checkpoint(draft);
}

/** The checkpoint of record after a high-impact action. */
export function checkpoint(draft: DecisionDraft): undefined {
  const { state } = draft;
  draft.emit(RunCheckpointed({ seq: state.seq, stateVersion: STATE_VERSION, stateHash: stateHash(state) }));
}
