import { type CodedFailure, judgedRequestOf, planHashOf, type StopNote } from '@interlock/contracts';
import { type Asked, type DeferredPlans, speaksOf, type Verdict } from './deferred-plans.js';

/**
 * What may become of a request to a model. The invariants that this file guards:
 *
 *   P1  No model is asked before the policy service's own topic holds an allow for exactly this request.
 *   P2  The allow speaks about the request that is seen here: planner and policy hash it themselves, and the run's hash is the same.
 *   P3  A deny ends the request without an answer, and so does a requirement for people: nobody approves what is asked of a model.
 *   P4  No model is asked at or after `notAfter`.
 */
export type Authorization =
  | { readonly kind: 'wait' }
  | { readonly kind: 'forget' }
  | { readonly kind: 'ask' }
  /** `stop`: what forbids it for now. */
  | { readonly kind: 'fail'; readonly failure: CodedFailure; readonly stop?: StopNote };

/** `mayExpire`: every input has been read up to now, so a verdict that came in time has been seen. */
export function authorize(
  asked: Asked,
  { verdicts }: DeferredPlans,
  now: number,
  mayExpire: boolean,
): Authorization {
  const { request, planId } = asked;
  const mine = verdicts.filter((verdict) => speaksOf(verdict, asked));
  if (mine.some(isDenial)) return { kind: 'forget' };
  if (now >= request.notAfter) return mayExpire ? expired(mine.length) : { kind: 'wait' };
  if (mine.length === 0) return { kind: 'wait' };
  const seen = planHashOf(request);
  const isOurs = mine.every(
    ({ said }) => said.point === 'before' && judgedRequestOf(said) === planId && said.callHash === seen,
  );
  return isOurs && seen === request.callHash ? { kind: 'ask' } : { kind: 'fail', failure: wrongHash };
}

const isDenial = ({ said }: Verdict): boolean => said.verdict === 'deny' || said.approval !== undefined;

const wrongHash: CodedFailure = {
  class: 'denied',
  code: 'planner.wrong_hash',
  message: 'the request that the run made, the one that policy allowed and the one seen here differ',
};

const expired = (verdicts: number): Authorization => ({
  kind: 'fail',
  failure: {
    class: 'timeout',
    code: verdicts === 0 ? 'planner.no_verdict' : 'planner.too_late',
    message: verdicts === 0 ? 'no verdict by its deadline' : 'allowed, but its deadline had passed',
  },
});
