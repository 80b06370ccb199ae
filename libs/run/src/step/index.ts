import type { CompiledStep } from '@interlock/language';
import { startAgent } from '../agent/start.js';
import type { Emitter } from '../emitter.js';
import type { StepIndex } from '../indices.js';
import { startApproval } from './approval/start.js';
import { startDecide } from './decide/start.js';
import { startTool } from './tool/start.js';
import { startWait } from './wait/start.js';

/** What starting a step of each kind does. A new kind is one file and one line here. */
export const starters: Readonly<Record<CompiledStep['kind'], (emitter: Emitter, place: StepIndex) => void>> =
  {
    tool: startTool,
    decide: startDecide,
    wait: startWait,
    approval: startApproval,
    agent: startAgent,
  };
