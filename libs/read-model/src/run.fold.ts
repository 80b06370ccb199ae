import { instantText } from '@interlock/contracts';
import type { Run } from '@interlock/contracts/http';
import {
  type Run as DescribedRun,
  describeRun,
  evolve,
  type RunState,
  STATE_VERSION,
  stateHash,
} from '@interlock/run';
import type { RunFold } from './run.view.js';
import { textOfRun } from './search/run.text.js';

/** The run actor's own fold: what is shown of a run is what the orchestrator holds of it. */
export const runFold: RunFold<RunState> = {
  evolve: (state, event, runId) => evolve(state, event, runId, { keepFinished: true }),
  evolveHosted: evolve,
  describe: (state) => ({ ...viewOf(describeRun(state)), ...endingOf(state) }),
  words: ({ origin }, shown) => textOfRun(shown, origin.compiled.inputSchema),
  hasAnswered: ({ commands }, commandId) => commands.includes(commandId),
  hash: (state) => ({ stateVersion: STATE_VERSION, hash: stateHash(state) }),
};

function endingOf({ end, cancelling, failed }: RunState): Pick<Run, 'ending'> {
  if (end !== null || (cancelling === null && failed === null)) return {};
  return { ending: cancelling === null ? 'failed' : 'cancelled' };
}

const instant = (ms: number): string => instantText(ms);

const slaOf = (sla: DescribedRun['sla']): Pick<Run, 'sla'> =>
  sla === undefined ? {} : { sla: { ...sla, due: instant(sla.due) } };

const erasedView = ({ since, until, ...erased }: NonNullable<DescribedRun['erased']>): Run['erased'] => ({
  ...erased,
  since: instant(since),
  ...(until === undefined ? {} : { until: instant(until) }),
});

function viewOf({ startedAt, endedAt, waitingFor, sla, migrated, erased, ...run }: DescribedRun): Run {
  return {
    ...run,
    ...(waitingFor && {
      waitingFor: waitingFor.map(({ since, until, sla: level, ...wait }) => ({
        ...wait,
        ...slaOf(level),
        since: instant(since),
        ...(until === undefined ? {} : { until: instant(until) }),
      })),
    }),
    ...slaOf(sla),
    ...(erased && { erased: erasedView(erased) }),
    ...(migrated && { migrated: migrated.map(({ at, ...one }) => ({ ...one, at: instant(at) })) }),
    startedAt: instant(startedAt),
    ...(endedAt === undefined ? {} : { endedAt: instant(endedAt) }),
  };
}
