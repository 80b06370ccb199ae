import {
  ApprovalUnneeded,
  CallRequested,
  isQuorum,
  RunCompleted,
  RunEscalated,
  RunFailed,
} from '@interlock/contracts';
import { specification } from '@interlock/testing';
import { describe, expect, test } from 'vitest';
import {
  ada,
  asked,
  ben,
  CALL_HASH,
  dual,
  fromRun,
  ID,
  RUN,
  requested,
  requestedCall,
  single,
  voted,
} from '../test/approval.fixture.js';
import { approvalActor } from './approval.actor.js';
import { APPROVALS_MAX, APPROVALS_OPEN_MAX } from './approval.open.js';

const scenario = () => specification(approvalActor, { key: RUN }).given();
const unneeded = (approvalId = ID) =>
  fromRun(ApprovalUnneeded({ approvalId, step: 'pay', because: 'cancelled' }));
const completed = fromRun(RunCompleted({ output: null, success: true }));
const failure = { class: 'internal' as const, code: 'x', message: '' };

describe('a request', () => {
  test('is opened with what people need to see and the hash of the call they vote for', () => {
    scenario()
      .when(requested(dual))
      .thenEvents({
        type: 'approval.opened',
        data: {
          approvalId: ID,
          step: 'pay',
          callHash: CALL_HASH,
          action: { tool: 'refunds.create', arguments: { orderId: 'o-1', amount: 900 } },
          requirement: dual,
          why: ['large-refund'],
          requester: 'rosa',
        },
      })
      .thenSee((_, { decision }) => expect(decision.events[0]?.ref).toBe(0));
  });

  test('of a step is opened as the question it asks', () => {
    scenario()
      .when(asked('Shall we?'))
      .thenEvents({ type: 'approval.opened', data: { question: 'Shall we?', details: { amount: 900 } } });
  });

  test('that names another hash than its call or question has is put to nobody', () => {
    const withdrawn = { type: 'approval.withdrawn', data: { approvalId: ID } };
    scenario()
      .when(requested(single, { callHash: 'of a smaller refund' }))
      .thenEvents(withdrawn);
    scenario().when(asked('Shall we?', 'of another question')).thenEvents(withdrawn);
  });

  test('that is withdrawn at once leaves nothing behind', () => {
    const refused = scenario().when(requested(single, { callHash: 'other' }));
    expect(refused.state).toBeUndefined();
    refused.when(voted(ada, 'approve')).thenQuarantined('approval.unknown');
  });

  test('is opened once', () => {
    scenario().when(requested(single), voted(ada, 'approve'), requested(single)).thenNothing();
  });

  test('that nobody can read is withdrawn: its id follows from its place in the run', () => {
    const meta = { id: `${RUN}/4`, run: RUN, seq: 4, epoch: 0, index: 1, time: 0 };
    scenario()
      .when({ kind: 'poison', topic: 'run.events', type: 'approval.requested/1', meta, problem: 'no step' })
      .thenEvents({ type: 'approval.withdrawn', data: { approvalId: ID } });
  });

  test(`is refused while ${APPROVALS_OPEN_MAX} of the run wait, whose end still withdraws them all at once`, () => {
    const waiting = scenario();
    for (let n = 1; n <= APPROVALS_OPEN_MAX; n++) waiting.when(requested(single, { approvalId: `a-${n}` }));
    waiting
      .when(requested(single))
      .thenEvents({ type: 'approval.withdrawn', data: { approvalId: ID } })
      .when(completed);
    expect(waiting.decision.events).toHaveLength(APPROVALS_OPEN_MAX + 1);
    expect(waiting.state).toBeUndefined();
  });

  test(`is refused after ${APPROVALS_MAX} of the run`, () => {
    const asking = scenario();
    for (let n = 1; n <= APPROVALS_MAX; n++) {
      asking.when(requested(single, { approvalId: `a-${n}` }), unneeded(`a-${n}`));
    }
    asking.when(requested(single)).thenTypes('approval.withdrawn');
  });
});

describe('a call request', () => {
  test('of exactly what people granted is confirmed, with their votes, every time it is requested', () => {
    const granted = scenario().when(requested(dual), voted(ada, 'approve'), voted(ben, 'approve'));
    for (const requestId of [`${RUN}/12`, `${RUN}/20`]) {
      granted.when(requestedCall(requestId)).thenEvents({
        type: 'approval.confirmed',
        data: { requestId, approvalId: ID, callHash: CALL_HASH, requester: 'rosa', grantId: `${ID}/granted` },
      });
      const { votes } = granted.last('approval.confirmed').data as { votes: Parameters<typeof isQuorum>[1] };
      expect(isQuorum(dual, votes, { callHash: CALL_HASH, shapedBy: ['rosa'] })).toBe(true);
    }
    expect(granted.decision.events[0]?.ref).toBe(0);
  });

  test.each([
    ['arguments', { arguments: { orderId: 'o-1', amount: 9_000 } }],
    ['tool', { toolHash: 'another' }],
    ['step', { step: 'pay-again' }],
    ['occurrence', { occurrence: 2 }],
    ['generation', { generation: 2 }],
  ])('of a call with another %s is not confirmed, whatever hash it claims', (_what, changed) => {
    scenario()
      .when(requested(single), voted(ada, 'approve'), requestedCall('a', changed))
      .thenEvents({
        type: 'approval.unconfirmed',
        data: { requestId: 'a', because: 'people approved another call' },
      });
  });

  test('that names what is still open, denied or unknown is not confirmed', () => {
    scenario()
      .when(requestedCall('a'))
      .thenEvents({ type: 'approval.unconfirmed', data: { because: 'the run has no such approval' } })
      .when(requested(dual), voted(ada, 'approve'), requestedCall('b'))
      .thenEvents({ type: 'approval.unconfirmed', data: { requestId: 'b', because: 'it is open' } })
      .when(voted(ben, 'deny'), requestedCall('c'))
      .thenEvents({ type: 'approval.unconfirmed', data: { requestId: 'c', because: 'it is denied' } });
  });

  test('that names no approval is nobody’s here, and is not even parsed', () => {
    const input = requestedCall('a', { approvalId: undefined });
    if (input.kind !== 'message') throw new Error('no message');
    expect(approvalActor.key(input.message)).toBeUndefined();
    const bytes = (data: unknown) => Buffer.from(JSON.stringify(data));
    expect(approvalActor.prefilter?.('call.requested', bytes(input.message.data))).toBe(false);
    const named = requestedCall('a');
    if (named.kind !== 'message') throw new Error('no message');
    expect(approvalActor.prefilter?.('call.requested', bytes(named.message.data))).toBe(true);
    expect(CallRequested.schema.safeParse(named.message.data).success).toBe(true);
  });
});

describe('a run that wants it no longer', () => {
  test('has its open request withdrawn; what is settled stays settled', () => {
    scenario()
      .when(requested(single), unneeded())
      .thenEvents({ type: 'approval.withdrawn', data: { approvalId: ID, because: 'cancelled' } })
      .thenDue(undefined)
      .when(voted(ada, 'approve'))
      .thenEvents({ type: 'approval.vote_refused', data: { code: 'settled' } });
    scenario()
      .when(requested(single), voted(ada, 'approve'), unneeded())
      .thenNothing()
      .when(requestedCall('a'))
      .thenTypes('approval.confirmed');
    scenario().when(unneeded()).thenNothing();
  });

  test.each([
    ['completes', completed],
    ['fails', fromRun(RunFailed({ failure }))],
    ['is escalated', fromRun(RunEscalated({ failure, standing: [] }))],
  ])('and %s leaves nothing open and nothing in memory', (_how, ended) => {
    const over = scenario()
      .when(
        requested(dual),
        requested(single, { approvalId: 'other' }),
        voted(ada, 'approve', { approvalId: 'other' }),
      )
      .when(ended)
      .thenEvents({ type: 'approval.withdrawn', data: { approvalId: ID } }, { type: 'approvals.closed' });
    expect(over.state).toBeUndefined();
    expect(over.due).toBeUndefined();
    over.when(requestedCall('a')).thenTypes('approval.unconfirmed').when(ended).thenNothing();
  });

  test('is forgotten too where everything was settled before, and costs nothing where nobody was asked', () => {
    const settled = scenario().when(requested(single), voted(ada, 'approve'), completed);
    settled.thenTypes('approvals.closed');
    expect(settled.state).toBeUndefined();
    scenario().when(completed).thenNothing();
  });
});
