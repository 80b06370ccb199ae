import { startAgent } from '../agent/start.js';
import type { DecisionDraft } from '../decision.draft.js';
import type { StepIndex } from '../indices.js';
import { startApproval } from './approval/start.js';
import { startDecide } from './decide/start.js';
import { startTool } from './tool/start.js';
import { startWait } from './wait/start.js';

/** Starts a step. A new kind is one folder and one line here. */
export function startKind(draft: DecisionDraft, place: StepIndex): undefined {
  const step = draft.definition(place);
  switch (step.kind) {
    case 'tool':
      return startTool(draft, place, step);
    case 'decide':
      return startDecide(draft, place, step);
    case 'wait':
      return startWait(draft, place, step);
    case 'approval':
      return startApproval(draft, place, step);
    case 'agent':
      return startAgent(draft, place, step);
  }
}
