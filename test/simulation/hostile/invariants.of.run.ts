import type { PolicyEvent, RunEvent } from '@interlock/contracts';
import {
  checkRunAlone,
  type ExportedEvent,
  influenceIsMarked,
  type Logged,
  onlyProposed,
  type Reading,
} from '@interlock/invariants';
import type { HostileRun } from './hostile.run.ts';

/** What does not hold of the log of a run, and of what policy said beside it. */
export function brokenInvariants({ bus }: HostileRun): string[] {
  const events = bus.log('run.events') as unknown as (Logged<RunEvent> & ExportedEvent)[];
  const said = bus.log('policy.events') as unknown as Logged<PolicyEvent>[];
  const verdicts = said.filter(({ type }) => type === 'policy.decided');
  const verdictsByCheck = Map.groupBy(verdicts, ({ data }) => data.checkId);
  const reading = { runs: new Map([[bus.runId, events]]), verdictsByCheck } as unknown as Reading;
  const violations = [
    ...checkRunAlone(bus.runId, events),
    ...onlyProposed(reading),
    ...influenceIsMarked(reading),
  ];
  return violations.map(({ invariant, message }) => `${invariant}: ${message}`);
}
