import { type ApprovalEvent, callHashOf, hashedCallOf, hashOf } from '@interlock/contracts';
import type { Logged, Reading } from './reading.js';
import type { Invariant, Violation } from './view.js';

/**
 * I11, people: what the approval service says answers what a run asked, in the words in which it was asked; each approval is
 * opened once and settled once; each request that names an approval is answered once. Nothing asked stays without an answer.
 */
export const peopleAreAsked: Invariant = (reading) => [
  ...[...reading.people.said].flatMap(([approvalId, said]) => lifeOf(reading, approvalId, said)),
  ...confirmations(reading),
  ...(reading.view.ended ? unanswered(reading) : []),
];

const violation = (run: string | undefined, message: string): Violation => ({
  invariant: 'I11',
  ...(run === undefined ? {} : { run }),
  message,
});

const settling: ReadonlySet<string> = new Set([
  'approval.granted',
  'approval.denied',
  'approval.expired',
  'approval.withdrawn',
]);
/** What may be said at any time after a request. */
const atAnyTime: ReadonlySet<string> = new Set([
  'approval.vote_refused',
  'approval.confirmed',
  'approval.unconfirmed',
]);

function lifeOf(reading: Reading, approvalId: string, said: readonly Logged<ApprovalEvent>[]): Violation[] {
  let opened: Opened | undefined;
  let settled: string | undefined;
  return said.flatMap((event) => {
    const { type, data, meta } = event;
    const problems: (string | false)[] = [];
    if (type === 'approval.opened') {
      problems.push(opened !== undefined && 'opened twice', ...openedWrong(reading, data, meta));
      opened = data;
    } else if (!atAnyTime.has(type)) {
      problems.push(opened === undefined && type !== 'approval.withdrawn' && `${type} before it was opened`);
      problems.push(settled !== undefined && `${type} after ${settled}`);
    }
    if (type === 'approval.expired')
      problems.push(meta.time < (opened?.expiresAt ?? 0) && 'expired before its time');
    if (type === 'approval.escalated')
      problems.push(
        meta.time < (opened?.escalateAt ?? Number.POSITIVE_INFINITY) && 'escalated before its time',
      );
    if (settling.has(type)) settled = type;
    return problems
      .filter((problem) => problem !== false)
      .map((problem) => violation(meta.run, `${approvalId}: ${problem}`));
  });
}

type Opened = Extract<ApprovalEvent, { type: 'approval.opened' }>['data'];

function* openedWrong(
  { people }: Reading,
  opened: Opened,
  meta: Logged<ApprovalEvent>['meta'],
): Generator<string> {
  const asked = people.requested.get(opened.approvalId);
  if (asked === undefined || asked.meta.run !== meta.run) return yield 'opened, and nobody asked for it';
  const { step, callHash, requirement, requester, shapedBy } = asked.data;
  if (meta.ref !== asked.offset) yield `opened with reference ${meta.ref}, not ${asked.offset}`;
  if (opened.step !== step || opened.callHash !== callHash || opened.requester !== requester)
    yield 'opened for something else than was asked';
  if (hashOf(opened.requirement) !== hashOf(requirement))
    yield 'opened with another requirement than was asked';
  if (hashOf(opened.shapedBy) !== hashOf(shapedBy)) yield 'opened with other people who shaped it';
  if (requester !== people.starters.get(meta.run)?.sub)
    yield `asked for ${requester}, who did not start the run`;
  if (opened.expiresAt <= meta.time) yield 'opened after it had expired';
}

function confirmations({ people, callRequests }: Reading): Violation[] {
  const answered = new Set<string>();
  return [...people.said.values()].flat().flatMap((event) => {
    if (event.type !== 'approval.confirmed' && event.type !== 'approval.unconfirmed') return [];
    const { data, meta } = event;
    const callRequest = callRequests.get(data.requestId);
    const problems: string[] = [];
    if (answered.has(data.requestId)) problems.push('was answered twice');
    answered.add(data.requestId);
    if (
      callRequest === undefined ||
      callRequest.meta.run !== meta.run ||
      callRequest.data.approvalId !== data.approvalId
    )
      problems.push('answers no call request like it');
    else if (meta.ref !== callRequest.offset) problems.push(`was answered with reference ${meta.ref}`);
    else if (callHashOf(hashedCallOf(meta.run, callRequest.data)) !== data.callHash)
      problems.push('was answered for another call');
    return problems.map((problem) =>
      violation(meta.run, `${data.requestId} of ${data.approvalId} ${problem}`),
    );
  });
}

function unanswered({ people, callRequests }: Reading): Violation[] {
  const violations: Violation[] = [];
  for (const [approvalId, { meta }] of people.requested)
    if (!people.said.has(approvalId))
      violations.push(violation(meta.run, `${approvalId} was never answered`));
  const answered = new Set(
    [...people.said.values()].flat().flatMap(({ data }) => ('requestId' in data ? [data.requestId] : [])),
  );
  for (const [requestId, { data, meta }] of callRequests)
    if (data.approvalId !== undefined && !answered.has(requestId))
      violations.push(violation(meta.run, `${requestId} names ${data.approvalId} and was never answered`));
  return violations;
}
