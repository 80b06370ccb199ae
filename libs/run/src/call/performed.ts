import { CheckRequested, RunCheckpointed } from '@interlock/contracts';
import type { CompiledToolStep } from '@interlock/language';
import type { DecisionDraft } from '../decision.draft.js';
import { requestAt } from '../edit.js';
import type { RequestIndex, StepIndex } from '../indices.js';
import { influenceMark } from '../influence.js';
import { STATE_VERSION } from '../state.js';
import { stateHash } from '../state-hash.js';
import { principalOf } from './request.js';

/**
 * A step's call has happened: what it gave is checked, and a write leaves a checkpoint of record.
 * @param ordinal the request whose outcome this decision records: the call's, or the one that verified it
 */
export function performed(draft: DecisionDraft, place: StepIndex, ordinal: RequestIndex): undefined {
  const definition = draft.definition(place) as CompiledToolStep;
  const { seq, hash: callHash, purpose } = requestAt(draft.state, ordinal);
  const { tool, toolHash } = purpose === 'verify' ? verifier(definition) : definition;
  const requestId = `${draft.key}/${seq}`;
  const principal = principalOf(draft.state);
  const about = { requestId, step: definition.id, callHash, tool, toolHash, principal };
  draft.emit(CheckRequested({ ...about, ...influenceMark(draft.state, definition.id) }));
  const isFresh = draft.step(place).call!.phase === 'over' && draft.owner(place).leadsOn;
  if (isFresh) draft.fresh.push(place);
  if (definition.effect === 'write') checkpoint(draft);
}

export function verifier({ recovery, tool, toolHash }: CompiledToolStep) {
  return recovery?.by === 'verify'
    ? { tool: recovery.tool.name, toolHash: recovery.tool.toolHash }
    : { tool, toolHash };
}

/** The checkpoint of record after a high-impact action. */
export function checkpoint(draft: DecisionDraft): undefined {
  const { state } = draft;
  draft.emit(RunCheckpointed({ seq: state.seq, stateVersion: STATE_VERSION, stateHash: stateHash(state) }));
}
