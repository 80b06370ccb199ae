import { CheckRequested, RunCheckpointed } from '@interlock/contracts';
import type { CompiledToolStep } from '@interlock/language';
import { requestAt } from '../edit.js';
import type { Emitter } from '../emitter.js';
import type { RequestIndex, StepIndex } from '../indices.js';
import { influenceMark } from '../influence.js';
import { STATE_VERSION } from '../state.js';
import { stateHash } from '../state-hash.js';
import { principalOf } from './request.js';

/**
 * A step's call has happened: what it gave is checked, and a write leaves a checkpoint of record.
 * @param ordinal the request whose outcome this decision records: the call's, or the one that verified it
 */
export function performed(emitter: Emitter, place: StepIndex, ordinal: RequestIndex): undefined {
  const definition = emitter.definition(place) as CompiledToolStep;
  const { seq, hash: callHash, purpose } = requestAt(emitter.state, ordinal);
  const { tool, toolHash } = purpose === 'verify' ? verifier(definition) : definition;
  const requestId = `${emitter.key}/${seq}`;
  const principal = principalOf(emitter.state);
  const about = { requestId, step: definition.id, callHash, tool, toolHash, principal };
  emitter.emit(CheckRequested({ ...about, ...influenceMark(emitter.state, definition.id) }));
  const isFresh = emitter.step(place).call!.phase === 'over' && emitter.owner(place).leadsOn;
  if (isFresh) emitter.fresh.push(place);
  if (definition.effect === 'write') checkpoint(emitter);
}

export function verifier({ recovery, tool, toolHash }: CompiledToolStep) {
  return recovery?.by === 'verify'
    ? { tool: recovery.tool.name, toolHash: recovery.tool.toolHash }
    : { tool, toolHash };
}

/** The checkpoint of record after a high-impact action. */
export function checkpoint(emitter: Emitter): undefined {
  const { state } = emitter;
  emitter.emit(RunCheckpointed({ seq: state.seq, stateVersion: STATE_VERSION, stateHash: stateHash(state) }));
}
