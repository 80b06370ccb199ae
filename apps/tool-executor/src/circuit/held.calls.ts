import { CIRCUIT_OPEN, UNAVAILABLE } from '@interlock/contracts';
import type { Authorization } from '../call.authorization.js';
import type { CallRequest } from '../deferred-calls.js';
import type { ToolSet } from '../tool-set.js';
import type { Circuits } from './circuits.js';

/**
 *   J10  No call begins while its target is away, but for one in each interval that asks whether it is back. Until then the request waits here,
 *        where it can be revoked. One that was held until `notAfter`, also for want of its tool (J11), is told from one that nobody has allowed: its run
 *        asks again at once.
 */
export function unlessHeld(
  authorization: Authorization,
  { requestId, call }: CallRequest,
  circuits: Circuits,
  wasHeld: boolean,
  tools: ToolSet,
): Authorization {
  const { tool, toolHash } = call;
  if (authorization.kind === 'perform') {
    const why = circuits.holds({ requestId, tool, toolHash });
    return why === undefined ? authorization : { kind: 'hold', of: 'circuit', why };
  }
  if (!wasHeld || authorization.kind !== 'refuse' || authorization.refusal.code !== 'expired')
    return authorization;
  const isHere = tools.byHash(toolHash) !== undefined;
  const what = isHere ? `the target of ${tool} was away` : `no executor here had ${tool}`;
  const message = `${what} for as long as the request was good`;
  return { kind: 'refuse', refusal: { code: isHere ? CIRCUIT_OPEN : UNAVAILABLE, message, unsafe: false } };
}
