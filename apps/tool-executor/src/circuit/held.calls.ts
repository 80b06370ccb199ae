import type { Authorization } from '../call.authorization.js';
import type { CallRequest } from '../deferred-calls.js';
import type { Circuits } from './circuits.js';

/**
 *   J10  No call begins while its target is away, but for one in each interval that asks whether it is back. Until then the request waits here,
 *        where it can be revoked. One that was held until `notAfter` is told from one that nobody has allowed: its run asks again at once.
 */
export function unlessHeld(
  authorization: Authorization,
  { requestId, call }: CallRequest,
  circuits: Circuits,
  wasHeld: boolean,
): Authorization {
  const { tool, toolHash } = call;
  if (authorization.kind === 'perform') {
    const why = circuits.holds({ requestId, tool, toolHash });
    return why === undefined ? authorization : { kind: 'hold', why };
  }
  if (!wasHeld || authorization.kind !== 'refuse' || authorization.refusal.code !== 'expired')
    return authorization;
  const message = `the target of ${tool} was away for as long as the request was good`;
  return { kind: 'refuse', refusal: { code: 'circuit_open', message, unsafe: false } };
}
