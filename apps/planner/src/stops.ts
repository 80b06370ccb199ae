import type { CodedFailure, StopNote, Stoppable, Stops } from '@interlock/contracts';
import type { Asked, PlanRequest } from './deferred-plans.js';
import type { Authorization } from './plan.authorization.js';

/**
 *   P5  No model is asked for what a stop covers, or while it is unknown what is stopped. The first fails as `planner.stopped`, and its run asks
 *       again when the stop is lifted. The second waits: here until `notAfter` (P4), and once it is an effect until the deadline, then it
 *       fails as `planner.stops_unknown`.
 */
export function unlessStopped(authorization: Authorization, { request }: Asked, stops: Stops): Authorization {
  if (authorization.kind !== 'ask') return authorization;
  const standing = stops.standing(stoppableOf(request));
  switch (standing.kind) {
    case 'free':
      return authorization;
    case 'unknown':
      return { kind: 'wait' };
    case 'stopped':
      return { kind: 'fail', failure: stoppedFailure(standing.by), stop: standing.by };
  }
}

export const stoppableOf = ({ principal, level }: PlanRequest): Stoppable => {
  const { workflow, tenant } = principal;
  return { workflow, ...(tenant !== undefined && { tenant }), levels: [level], compensates: false };
};

export const stoppedFailure = ({ stopId, reason }: StopNote): CodedFailure => ({
  class: 'transient',
  code: 'planner.stopped',
  message: `stop ${stopId}: ${reason}`,
});
