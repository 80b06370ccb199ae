import { callHashOf, hashedCallOf, type PolicyEvent } from '@interlock/contracts';
import { isConfirmed } from './confirmed.js';
import { type CallRequest, groupBy, isLater, type Reading } from './reading.js';
import type { Invariant, Violation } from './view.js';

/**
 * I4: nothing is performed without an allow verdict, in policy's own topic, for every check the request needs; its own
 * before-check speaks about this request and about the arguments it holds. A verdict that asks for people allows what the approval
 * service, in its own topic, confirms of this request with the votes that the verdict asks for.
 */
export const onlyAllowed: Invariant = (reading) => {
  return [...performedByExecutor(reading), ...seenByTarget(reading)];
};

function performedByExecutor(reading: Reading): Violation[] {
  const { tools, callRequests } = reading;
  const violations: Violation[] = [];
  for (const event of tools) {
    if (event.type === 'tool.refused' || event.type === 'tool.outcome_late') continue;
    const { requestId } = event.data;
    const callRequest = callRequests.get(requestId);
    const problem =
      callRequest === undefined ? 'was never requested' : notAllowed(reading, callRequest, event.landedAt);
    if (problem === undefined) continue;
    violations.push({
      invariant: 'I4',
      run: event.meta.run,
      message: `${event.type} of ${requestId}: ${problem}`,
    });
  }
  return violations;
}

function seenByTarget(reading: Reading): Violation[] {
  const { view, callRequests } = reading;
  const byHash = groupBy([...callRequests.values()], ({ data }) => data.callHash);
  const violations: Violation[] = [];
  for (const { key, tool, at, kind } of view.requests ?? []) {
    const mine = byHash.get(key) ?? [];
    const problems = mine.map((callRequest) => notAllowed(reading, callRequest, view.landedAt && at));
    if (problems.some((problem) => problem === undefined)) continue;
    const message = `${kind} of ${tool} at ${at} (${key.slice(0, 12)}): ${problems.at(-1) ?? 'was never requested'}`;
    violations.push({ invariant: 'I4', run: mine[0]?.meta.run, message });
  }
  return violations;
}

function notAllowed(reading: Reading, callRequest: CallRequest, at: number | undefined): string | undefined {
  const { data, meta } = callRequest;
  if (isLater(callRequest.landedAt, at)) return 'performed before it was requested';
  const seen = callHashOf(hashedCallOf(meta.run, data));
  if (seen !== data.callHash) return 'its hash is not that of its arguments';
  for (const id of [...data.needs, meta.id]) {
    const said = (reading.verdictsByCheck.get(id) ?? []).filter(
      (one) => one.data.mode === 'enforce' && !isLater(one.landedAt, at),
    );
    const allows = said.some(
      ({ data: verdict }) =>
        verdict.verdict === 'allow' &&
        (isFree(verdict, data) || isConfirmed(reading, callRequest, verdict.approval, at)) &&
        (id !== meta.id || (verdict.point === 'before' && verdict.callHash === data.callHash)),
    );
    if (!allows) return `no allow for ${id}`;
  }
  return undefined;
}

/** Policy requires nobody's approval, and the request claims none. */
const isFree = ({ approval }: PolicyEvent['data'], { approvalId }: CallRequest['data']): boolean =>
  approval === undefined && approvalId === undefined;
