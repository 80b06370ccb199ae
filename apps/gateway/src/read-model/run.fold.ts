import { describeRun, evolve, type RunState, STATE_VERSION, stateHash } from '@interlock/run';
import type { RunFold } from './run.view.js';

/** The run actor's own fold: what is shown of a run is what the orchestrator holds of it. */
export const runFold: RunFold<RunState> = {
  evolve: (state, event, runId) => evolve(state, event, runId, { keepFinished: true }),
  describe: describeRun,
  hash: (state) => ({ stateVersion: STATE_VERSION, hash: stateHash(state) }),
};
