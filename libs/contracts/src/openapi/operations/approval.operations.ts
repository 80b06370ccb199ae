import { approval, approvalPage, listApprovalsQuery, voteBody } from '../../http/approval.js';
import {
  aboutCall,
  aboutProposedCall,
  aboutQuestion,
  callHash,
  granted,
} from '../examples/approval.examples.js';
import { asOf } from '../examples/run.examples.js';
import { answer, json, type Operation, readRefusals, writeRefusals } from '../operation.js';

export const approvalOperations: readonly Operation[] = [
  {
    method: 'get',
    path: '/v1/approvals',
    operationId: 'listApprovals',
    summary: 'Approvals, newest first',
    description: 'An approval that a run’s `waitingFor` names is already in it.',
    query: listApprovalsQuery,
    queryExamples: { status: 'pending' },
    answers: {
      200: answer('A page', json(approvalPage, { example: { items: [aboutProposedCall], asOf } })),
    },
    refusals: [...readRefusals, 'not-allowed'],
  },
  {
    method: 'get',
    path: '/v1/approvals/{approvalId}',
    operationId: 'getApproval',
    summary: 'One approval',
    answers: {
      200: answer(
        'The approval',
        json(approval, { examples: { call: { value: aboutCall }, question: { value: aboutQuestion } } }),
      ),
    },
    refusals: [...readRefusals, 'not-allowed', 'unknown'],
  },
  {
    method: 'post',
    path: '/v1/approvals/{approvalId}/votes',
    operationId: 'castVote',
    summary: 'Approves or denies',
    description:
      '`callHash` is the hash of what the voter was shown: whoever shows a call or a question recomputes it from what it shows (`action.hashed`, or `hashed` of a question). Without it: 400; with another than the request’s: 409, and nobody votes for what they have not seen. Needs one of the approval’s `approvers`, and nobody of `shapedBy`: else 403. Settled already: 409. The same vote of the same person counts once. Answered after the vote is durable, with the approval as it is once the approval service has taken the vote up; 403 or 409 when it refuses it. That service decides: when it has not answered within half a second, the 202 shows the approval without the vote, and the vote may still be recorded as refused (`refusedVotes`, event `approval.vote_refused`), for example because somebody else’s vote settled it first on another gateway.',
    headers: ['Idempotency-Key', 'Interlock-Proof'],
    body: json(voteBody, {
      examples: {
        approve: { value: { vote: 'approve', callHash, reason: 'The photo shows it.' } },
        deny: { value: { vote: 'deny', callHash, reason: 'The order was never paid.' } },
      },
    }),
    answers: {
      202: answer(
        'Durable',
        json(approval, {
          examples: { 'one more is missing': { value: aboutCall }, granted: { value: granted } },
        }),
      ),
    },
    refusals: [...writeRefusals, 'unknown'],
  },
];
