import type { CallIndex } from '../../indices.js';
import type { Work } from '../state.js';

interface ToolWork extends Work {
  readonly kind: 'tool';
  readonly call: CallIndex;
}

export const calling = (call: CallIndex): ToolWork => ({ kind: 'tool', call });

const isTool = (work: Work): work is ToolWork => work.kind === 'tool';

/** The call that a tool step makes. */
export const calledBy = (work: Work): CallIndex | undefined => (isTool(work) ? work.call : undefined);
