import { startAgent } from '../agent/start.js';
import type { Emitter } from '../emitter.js';
import type { StepIndex } from '../indices.js';
import { startApproval } from './approval/start.js';
import { startDecide } from './decide/start.js';
import { startTool } from './tool/start.js';
import { startWait } from './wait/start.js';

/** Starts a step. A new kind is one folder and one line here. */
export function startKind(emitter: Emitter, place: StepIndex): undefined {
  const step = emitter.definition(place);
  switch (step.kind) {
    case 'tool':
      return startTool(emitter, place, step);
    case 'decide':
      return startDecide(emitter, place, step);
    case 'wait':
      return startWait(emitter, place, step);
    case 'approval':
      return startApproval(emitter, place, step);
    case 'agent':
      return startAgent(emitter, place, step);
  }
}
