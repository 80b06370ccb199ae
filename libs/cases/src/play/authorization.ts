import type { CallRequested, MessageOf, PolicyDecided } from '@interlock/contracts';

export type RequestedCall = MessageOf<typeof CallRequested>['data'];
export type Decided = MessageOf<typeof PolicyDecided>['data'];

/** A request for a call that nobody has performed or given up. */
export interface OpenRequest {
  readonly requestId: string;
  /** Of the case, or a child of it. */
  readonly run: string;
  /** Of its step, seen from the run of the case. */
  readonly path: string;
  readonly call: RequestedCall;
}

/**
 * What becomes of a request, as the executor decides it: nothing is performed before every check is allowed, a deny or a demand for people
 * ends the request without an answer, and one that names an approval waits for its confirmation.
 */
export function authorized(
  { requestId, call }: OpenRequest,
  verdicts: ReadonlyMap<string, Decided>,
  confirmed: ReadonlyMap<string, boolean>,
): 'wait' | 'forget' | 'perform' {
  const checks = [requestId, ...call.needs];
  const said = checks.flatMap((id) => verdicts.get(id) ?? []);
  const demandsPeople = ({ approval }: Decided) => approval !== undefined && call.approvalId === undefined;
  if (said.some((one) => one.verdict === 'deny' || demandsPeople(one))) return 'forget';
  const isConfirmed = call.approvalId === undefined || confirmed.get(requestId);
  if (isConfirmed === false) return verdicts.has(requestId) ? 'forget' : 'wait';
  const isRedacted = said.some(({ point, redact = [] }) => point === 'after' && redact.length > 0);
  return said.length === checks.length && isConfirmed === true && !isRedacted ? 'perform' : 'wait';
}

/** A write that a model led to at the level `assisted` is performed only under an approval, whatever a verdict requires. */
export function isUnapproved({ call }: OpenRequest): boolean {
  if (call.effect !== 'write' || call.purpose !== 'step' || call.approvalId !== undefined) return false;
  const levels = [...(call.influencedBy ?? []), ...(call.agent === undefined ? [] : [call.agent])];
  return levels.some(({ level }) => level === 'assisted');
}
