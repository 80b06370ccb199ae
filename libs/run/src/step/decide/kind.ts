import type { StepKind } from '../kind.js';
import { startDecide } from './start.js';

/** Decides by a table, at once. */
export const decideKind: StepKind = {
  isInstant: true,
  expressions: (definition) => (definition.kind === 'decide' ? [definition.with, definition.table] : []),
  start: startDecide,
};
