import { callHashOf, hashedCallOf, type PolicyEvent } from '@interlock/contracts';
import { isConfirmed } from './confirmed.js';
import { type Arming, groupBy, isLater, type Reading } from './reading.js';
import type { Invariant, Violation } from './view.js';

/**
 * I4: nothing is performed without an allow verdict, in policy's own topic, for every check the arming needs; its own
 * before-check speaks about this arming and about the arguments it holds. A verdict that asks for people allows what the approval
 * service, in its own topic, confirms of this arming with the votes that the verdict asks for.
 */
export const onlyAllowed: Invariant = (reading) => {
  return [...performedByExecutor(reading), ...seenByTarget(reading)];
};

function performedByExecutor(reading: Reading): Violation[] {
  const { tools, armings } = reading;
  const violations: Violation[] = [];
  for (const event of tools) {
    if (event.type === 'tool.refused' || event.type === 'tool.outcome_late') continue;
    const { armId } = event.data;
    const arming = armings.get(armId);
    const problem = arming === undefined ? 'was never armed' : notAllowed(reading, arming, event.landedAt);
    if (problem === undefined) continue;
    violations.push({
      invariant: 'I4',
      run: event.meta.run,
      message: `${event.type} of ${armId}: ${problem}`,
    });
  }
  return violations;
}

function seenByTarget(reading: Reading): Violation[] {
  const { view, armings } = reading;
  const byHash = groupBy([...armings.values()], ({ data }) => data.callHash);
  const violations: Violation[] = [];
  for (const { key, tool, at, kind } of view.requests ?? []) {
    const mine = byHash.get(key) ?? [];
    const problems = mine.map((arming) => notAllowed(reading, arming, view.landedAt && at));
    if (problems.some((problem) => problem === undefined)) continue;
    const message = `${kind} of ${tool} at ${at} (${key.slice(0, 12)}): ${problems.at(-1) ?? 'was never armed'}`;
    violations.push({ invariant: 'I4', run: mine[0]?.meta.run, message });
  }
  return violations;
}

function notAllowed(reading: Reading, arming: Arming, at: number | undefined): string | undefined {
  const { data, meta } = arming;
  if (isLater(arming.landedAt, at)) return 'performed before it was armed';
  if (!data.needs.includes(meta.id)) return 'does not wait for its own check';
  const seen = callHashOf(hashedCallOf(meta.run as string, data));
  if (seen !== data.callHash) return 'its hash is not that of its arguments';
  for (const id of data.needs) {
    const said = (reading.verdictsByCheck.get(id) ?? []).filter(
      (one) => one.data.mode === 'enforce' && !isLater(one.landedAt, at),
    );
    const allows = said.some(
      ({ data: verdict }) =>
        verdict.verdict === 'allow' &&
        (isFree(verdict, data) || isConfirmed(reading, arming, verdict.approval, at)) &&
        (id !== meta.id || (verdict.armId === meta.id && verdict.callHash === data.callHash)),
    );
    if (!allows) return `no allow for ${id}`;
  }
  return undefined;
}

/** Neither does policy ask for people, nor does the arming say that people granted it. */
const isFree = ({ approval }: PolicyEvent['data'], { approvalId }: Arming['data']): boolean =>
  approval === undefined && approvalId === undefined;
