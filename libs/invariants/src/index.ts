export { checkInvariants, checkReading, invariants } from './check.js';
export { onlyProposed } from './i04-proposal.invariant.js';
export { influenceIsMarked } from './i16-influence.invariant.js';
export { checkRunAlone, type ExportedEvent } from './one-run.js';
export {
  type CallRequest,
  dataOf,
  type FencedPartition,
  type Logged,
  type Reading,
  read,
} from './reading.js';
export { RunTaint } from './taint.js';
export type { Invariant, LiveRun, SentCommand, TargetRequest, View, Violation } from './view.js';
