import {
  callHashOf,
  hashedCallOf,
  type Influence,
  isQuorum,
  judgedRequestOf,
  type refusalCodes,
  type StopNote,
} from '@interlock/contracts';
import {
  type ApprovalAnswer,
  type CallRequest,
  type Confirmation,
  checksOf,
  type DeferredCalls,
  isAbout,
  needs,
  type Verdict,
} from './deferred-calls.js';
import type { PinnedTool, ToolSet } from './tool-set.js';

/**
 * What may become of a requested call. The invariants that this file guards:
 *
 *   J1  Nothing is performed before the policy service's own topic holds an allow for every check in `needs`.
 *   J2  The call's own before-check is needed too, whatever the request says, and it speaks about the arguments seen here.
 *   J3  A deny, or a requirement for people when the call names no approval, ends the request without an answer.
 *   J4  Nothing is performed at or after `notAfter`, nor with a tool other than the pinned one. Whether its own schema takes the input is asked
 *       where its code runs: a schema may hold code too.
 *   J5  A call made from an output that a verdict redacts waits for its revocation: its arguments hold what must not travel.
 *   J6  A call that names an approval is performed only with what the approval service's own topic says of this request: confirmed, for the
 *       hash seen here, the approval it names and the requester of its run, with votes that meet what every verdict requires.
 *   J7  What can only be a lie counts as unsafe: the approval service hashes the very request that is seen here, and a run has one requester.
 *       What an honest race explains does not: an approval that is granted no longer, or a bundle that demands more than it did when
 *       people voted, ends the request without an answer, as in J3.
 *   J8  A write that a model led to at the level `assisted` is performed only under an approval, whatever a verdict requires; and only
 *       where the run and policy, each by itself, found the same models behind it.
 *   J11 A call whose tool is not here in the version that its request pins waits for one: the module of an old workflow may have left. It is no
 *       unsafe attempt, and nothing else is performed in its place.
 */
export type Authorization =
  | { readonly kind: 'wait' }
  | { readonly kind: 'forget' }
  /** It would be performed, but its target is away, or nobody here has its tool. */
  | { readonly kind: 'hold'; readonly of: 'circuit' | 'tool'; readonly why: string }
  | { readonly kind: 'perform'; readonly tool: PinnedTool }
  | { readonly kind: 'refuse'; readonly refusal: Refusal };

export interface Refusal {
  readonly code: (typeof refusalCodes)[number];
  readonly message: string;
  /** Counts as a blocked unsafe attempt. */
  readonly unsafe: boolean;
  /** With the code `killed`. */
  readonly stop?: StopNote;
}

/** `mayExpire`: every input has been read up to now, so an answer that came in time has been seen. */
export function authorize(
  callRequest: CallRequest,
  { verdicts, approvals }: DeferredCalls,
  tools: ToolSet,
  now: number,
  mayExpire: boolean,
): Authorization {
  const { call } = callRequest;
  const mine = verdicts.filter((verdict) => needs(callRequest, verdict));
  const people = approvals.filter((answer) => isAbout(callRequest, answer));
  if (isOver(callRequest, mine, people)) return { kind: 'forget' };
  const checks = checksOf(callRequest);
  if (now >= call.notAfter) return mayExpire ? expired(checks.length, mine.length) : { kind: 'wait' };
  const missing =
    checks.some((id) => !mine.some(({ said }) => said.checkId === id)) ||
    (call.approvalId !== undefined && people.length === 0);
  return missing || mine.some(isRedacted) ? { kind: 'wait' } : judgeAllowed(callRequest, mine, people, tools);
}

/**
 * J3, and J7 for an approval that is not granted. Then policy answers the run, which comes after; until it has, the request may be
 * revoked, and somebody has to say that it was not performed.
 */
const isOver = (
  { call, requestId }: CallRequest,
  verdicts: readonly Verdict[],
  people: readonly ApprovalAnswer[],
): boolean =>
  verdicts.some(
    ({ said }) => said.verdict === 'deny' || (said.approval !== undefined && call.approvalId === undefined),
  ) ||
  (people.some(({ confirmation }) => confirmation === undefined) &&
    verdicts.some(({ said }) => said.checkId === requestId));

function judgeAllowed(
  callRequest: CallRequest,
  verdicts: readonly Verdict[],
  people: readonly ApprovalAnswer[],
  tools: ToolSet,
): Authorization {
  const { call, requestId } = callRequest;
  const before = verdicts.filter(({ said }) => said.checkId === requestId);
  if (before.some(({ said }) => said.point !== 'before' || judgedRequestOf(said) !== requestId)) {
    return unsafe('no_matching_check', 'the verdict under its id speaks about something else');
  }
  const seen = hashSeen(callRequest);
  if (seen !== call.callHash || before.some(({ said }) => said.callHash !== seen)) {
    return unsafe(
      'wrong_hash',
      `requested ${short(call.callHash)}, allowed ${short(before[0]?.said.callHash)}, seen ${short(seen)}`,
    );
  }
  const confirmations = people.flatMap(({ confirmation }) => confirmation ?? []);
  const lie = lieIn(confirmations, callRequest, seen);
  if (lie !== undefined) return lie;
  if (!verdicts.every(({ said }) => isMet(said.approval, confirmations, callRequest)))
    return { kind: 'forget' };
  const tool = tools.byHash(call.toolHash);
  if (tool !== undefined && (tool.manifest.name !== call.tool || tool.manifest.effect !== call.effect)) {
    return unsafe('unknown_tool', `${call.effect} ${call.tool} is not what ${short(call.toolHash)} is`);
  }
  return unapprovedModel(callRequest, before, confirmations) ?? performed(callRequest, tool);
}

/** J11 */
const performed = ({ call }: CallRequest, tool: PinnedTool | undefined): Authorization =>
  tool === undefined
    ? {
        kind: 'hold',
        of: 'tool',
        why: `an executor that has ${call.tool}@${call.toolVersion}: none here has it`,
      }
    : { kind: 'perform', tool };

/** J8 */
function unapprovedModel(
  { call }: CallRequest,
  before: readonly Verdict[],
  confirmations: readonly Confirmation[],
): Authorization | undefined {
  const runFound = modelsIn(call.influencedBy);
  const other = before.map(({ said }) => modelsIn(said.influencedBy)).find((found) => found !== runFound);
  if (other !== undefined)
    return unsafe(
      'influenced',
      `requested as influenced by ${runFound || 'no model'}, allowed as by ${other || 'none'}`,
    );
  const levels = [...(call.influencedBy ?? []), ...(call.agent === undefined ? [] : [call.agent])];
  const needsPeople =
    call.effect === 'write' && call.purpose === 'step' && levels.some(({ level }) => level === 'assisted');
  return needsPeople && confirmations.length === 0
    ? unsafe(
        'influenced',
        `a model led to this write${runFound && ` (${runFound})`}, and nobody has approved it`,
      )
    : undefined;
}

const modelsIn = (influence: readonly Influence[] = []): string =>
  influence.map(({ step, level }) => `${step} at ${level}`).join(', ');

/** J7 */
function lieIn(
  confirmations: readonly Confirmation[],
  { call }: CallRequest,
  seen: string,
): Authorization | undefined {
  const other = confirmations.find(({ callHash }) => callHash !== seen);
  if (other !== undefined)
    return unsafe('wrong_hash', `approved ${short(other.callHash)}, seen ${short(seen)}`);
  const { approvalId, principal } = call;
  const isOurs = confirmations.every(
    (confirmed) => confirmed.approvalId === approvalId && confirmed.requester === principal.requester,
  );
  return isOurs
    ? undefined
    : unsafe('no_matching_check', 'the confirmation is of another approval, or for another requester');
}

/** J6. The requester is the one that the request names; by J7 the confirmation names the same. */
function isMet(
  requirement: Verdict['said']['approval'],
  confirmations: readonly Confirmation[],
  callRequest: CallRequest,
): boolean {
  if (requirement === undefined) return true;
  const { principal, shapedBy = [] } = callRequest.call;
  const on = {
    callHash: hashSeen(callRequest),
    shapedBy: [principal.requester, ...shapedBy],
    tenant: principal.tenant,
  };
  return confirmations.length > 0 && confirmations.every(({ votes }) => isQuorum(requirement, votes, on));
}

/** J5 */
const isRedacted = ({ said }: Verdict): boolean => said.point === 'after' && (said.redact?.length ?? 0) > 0;

const hashSeen = ({ runId, call }: CallRequest): string => callHashOf(hashedCallOf(runId, call));

const unsafe = (code: Refusal['code'], message: string): Authorization => ({
  kind: 'refuse',
  refusal: { code, message, unsafe: true },
});

const expired = (needed: number, answered: number): Authorization => ({
  kind: 'refuse',
  refusal: {
    code: 'expired',
    message: `past notAfter with ${answered} of ${needed} checks answered`,
    unsafe: false,
  },
});

const short = (hash: string | undefined): string => hash?.slice(0, 12) ?? 'none';
