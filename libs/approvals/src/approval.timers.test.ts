import { specification } from '@interlock/testing';
import { describe, expect, test } from 'vitest';
import { ada, ben, cleo, dual, HOUR, ID, RUN, requested, single, voted } from '../test/approval.fixture.js';
import { approvalActor } from './approval.actor.js';

const scenario = () => specification(approvalActor, { key: RUN, startsAt: 1_000 }).given();
const escalation = {
  ...single,
  remindAfterMs: 10,
  escalateAfterMs: 20,
  expiresAfterMs: 30,
  escalateTo: ['director'],
};

describe('the escalation', () => {
  test('reminds, lets the next group vote too, and then takes the default, each at its instant and once', () => {
    scenario()
      .when(requested(escalation))
      .thenEvents({ type: 'approval.opened', data: { remindAt: 1_010, escalateAt: 1_020, expiresAt: 1_030 } })
      .thenDue(1_010)
      .whenDue()
      .thenEvents({ type: 'approval.reminded', data: { approvalId: ID } })
      .thenDue(1_020)
      .whenDue()
      .thenEvents({ type: 'approval.escalated', data: { approvalId: ID, to: ['director'] } })
      .thenDue(1_030)
      .whenDue()
      .thenEvents({ type: 'approval.expired', data: { approvalId: ID, onExpiry: 'deny' } })
      .thenDue(undefined)
      .when(voted(ada, 'approve', { issuedAt: 1_031 }))
      .thenEvents({ type: 'approval.vote_refused', data: { code: 'settled' } });
  });

  test('is 24 hours long, with a reminder at half and an escalation at three quarters, where nothing else is said', () => {
    scenario()
      .when(requested({ ...single, escalateTo: ['director'] }))
      .thenEvents({
        type: 'approval.opened',
        data: { remindAt: 1_000 + 12 * HOUR, escalateAt: 1_000 + 18 * HOUR, expiresAt: 1_000 + 24 * HOUR },
      });
  });

  test('has no escalation without a next group, and nothing that would come after its end', () => {
    scenario()
      .when(requested({ ...single, escalateAfterMs: 10, remindAfterMs: 50, expiresAfterMs: 30 }))
      .thenDue(1_030)
      .whenDue()
      .thenTypes('approval.expired');
  });

  test('ends in the fallback where that is the default', () => {
    scenario()
      .when(requested({ ...single, onExpiry: 'fallback' }))
      .whenDue()
      .whenDue()
      .thenEvents({ type: 'approval.expired', data: { onExpiry: 'fallback' } });
  });

  test('does nothing early, and only the last thing after a long outage', () => {
    scenario().when(requested(escalation)).after(9).when({ kind: 'due' }).thenNothing();
    scenario().when(requested(escalation)).after(HOUR).when({ kind: 'due' }).thenTypes('approval.expired');
  });

  test('goes on after a change of host: recovery itself does nothing', () => {
    scenario()
      .when(requested(escalation))
      .after(HOUR)
      .when({ kind: 'recovered' })
      .thenNothing()
      .thenDue(1_010);
  });

  test('stops where people have answered', () => {
    scenario().when(requested(escalation), voted(ada, 'approve')).thenDue(undefined);
    scenario().when(requested(escalation), voted(ada, 'deny')).thenDue(undefined);
  });
});

describe('after the escalation', () => {
  test('the next group may vote, and could not before', () => {
    scenario()
      .when(requested(escalation), voted(cleo, 'approve'))
      .thenEvents({ type: 'approval.vote_refused', data: { code: 'wrong_role' } })
      .whenDue()
      .whenDue()
      .when(voted(cleo, 'approve', { issuedAt: 1_021 }))
      .thenTypes('approval.voted', 'approval.granted');
  });

  test('the first group still may, and one of each are two people', () => {
    scenario()
      .when(requested({ ...escalation, kind: 'dual' }))
      .whenDue()
      .whenDue()
      .when(voted(cleo, 'approve', { issuedAt: 1_021 }), voted(ada, 'approve', { issuedAt: 1_022 }))
      .thenTypes('approval.voted', 'approval.granted');
  });
});

describe('a vote and a timer', () => {
  test('a vote cast in time counts although the service reads it when the request should have expired', () => {
    scenario()
      .when(requested(escalation))
      .after(HOUR)
      .when(voted(ada, 'approve', { issuedAt: 1_009 }))
      .thenTypes('approval.voted', 'approval.granted')
      .thenDue(undefined);
  });

  test('a vote cast after the expiry fell due does not, although the expiry had not been written', () => {
    scenario()
      .when(requested(escalation))
      .after(HOUR)
      .when(voted(ada, 'approve', { issuedAt: 1_030 }))
      .thenEvents({ type: 'approval.expired' }, { type: 'approval.vote_refused', data: { code: 'settled' } });
  });

  test('a vote of the next group counts once the escalation fell due, although that had not been written', () => {
    scenario()
      .when(requested(escalation))
      .after(25)
      .when(voted(cleo, 'approve', { issuedAt: 1_020 }))
      .thenTypes('approval.reminded', 'approval.escalated', 'approval.voted', 'approval.granted');
  });

  test('a gateway whose clock is ahead makes nothing fall due early', () => {
    scenario()
      .when(requested(escalation))
      .when(voted(cleo, 'approve', { issuedAt: 9_000 }))
      .thenEvents({ type: 'approval.vote_refused', data: { code: 'wrong_role' } });
  });

  test('one vote of two in time is not enough', () => {
    scenario()
      .when(requested({ ...dual, expiresAfterMs: 30 }), voted(ada, 'approve'))
      .whenDue()
      .whenDue()
      .thenTypes('approval.expired')
      .when(voted(ben, 'approve', { issuedAt: 1_031 }))
      .thenTypes('approval.vote_refused')
      .thenSee(({ approvals }) => expect(approvals[ID]?.status).toBe('expired'));
  });
});
