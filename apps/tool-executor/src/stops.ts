import type { Stoppable, Stops } from '@interlock/contracts';
import type { Authorization } from './call.authorization.js';
import type { CallRequest } from './deferred-calls.js';

/** What a stop may say about a call, besides its tool. */
export const stoppableOf = ({ call }: CallRequest): Stoppable => {
  const { principal, agent, influencedBy = [], purpose } = call;
  const levels = [...(agent === undefined ? [] : [agent]), ...influencedBy].map(({ level }) => level);
  return {
    workflow: principal.workflow,
    ...(principal.tenant !== undefined && { tenant: principal.tenant }),
    levels: [...new Set(levels)],
    compensates: purpose === 'compensate',
  };
};

/**
 *   J9  Nothing is performed that a stop covers, or while it is unknown what is stopped. The first is refused as `killed`, and its run asks
 *       again when the stop is lifted; the second waits.
 */
export function unlessStopped(
  authorization: Authorization,
  callRequest: CallRequest,
  stops: Stops,
): Authorization {
  if (authorization.kind !== 'perform') return authorization;
  const standing = stops.standing({ tool: callRequest.call.tool, ...stoppableOf(callRequest) });
  switch (standing.kind) {
    case 'free':
      return authorization;
    case 'unknown':
      return { kind: 'wait' };
    case 'stopped': {
      const { by } = standing;
      const message = `stop ${by.stopId}: ${by.reason}`;
      return { kind: 'refuse', refusal: { code: 'killed', message, unsafe: false, stop: by } };
    }
  }
}
