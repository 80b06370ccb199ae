import { COMMAND_WINDOW_MS } from '@interlock/contracts';
import { specification } from '@interlock/testing';
import { describe, expect, test } from 'vitest';
import {
  ada,
  ben,
  CALL_HASH,
  cleo,
  dora,
  dual,
  ID,
  RUN,
  requested,
  rosa,
  single,
  voted,
} from '../test/approval.fixture.js';
import { approvalActor } from './approval.actor.js';

const scenario = () => specification(approvalActor, { key: RUN }).given();
const refused = (code: string) => ({ type: 'approval.vote_refused', data: { approvalId: ID, code } });
const counts = { type: 'approval.voted', data: { approvalId: ID } };
const grants = { type: 'approval.granted', data: { approvalId: ID, callHash: CALL_HASH } };
const denies = (by: typeof ada) => ({
  type: 'approval.denied',
  data: { approvalId: ID, by, reason: `${by.sub} says so` },
});

describe('a request for one person', () => {
  test('is granted by one with the role, whose vote is in the grant as it was cast', () => {
    scenario()
      .when(requested(single))
      .after(5_000)
      .when(voted(ada, 'approve'))
      .thenEvents(counts, {
        type: 'approval.granted',
        data: {
          callHash: CALL_HASH,
          votes: [{ by: ada, vote: 'approve', at: 5_000, reason: 'ada says so' }],
        },
      });
  });

  test('is not granted by somebody without the role', () => {
    scenario().when(requested(single), voted(dora, 'approve')).thenEvents(refused('wrong_role'));
  });

  test('is not granted by the person who asked for it, who may not deny it either', () => {
    scenario()
      .when(requested(single), voted(rosa, 'approve'))
      .thenEvents(refused('own_request'))
      .when(voted(rosa, 'deny'))
      .thenEvents(refused('own_request'));
  });

  test('is ended by one denial, which somebody without the role cannot give', () => {
    scenario()
      .when(requested(single), voted(dora, 'deny'))
      .thenEvents(refused('wrong_role'))
      .when(voted(ada, 'deny'))
      .thenEvents(counts, denies(ada))
      .when(voted(ben, 'approve'))
      .thenEvents(refused('settled'));
  });
});

describe('a request for two people', () => {
  test('is granted by the second of two different people', () => {
    scenario()
      .when(requested(dual), voted(ada, 'approve'))
      .thenEvents(counts)
      .when(voted(ben, 'approve'))
      .thenEvents(counts, grants);
  });

  test('counts one person once, whatever commands and roles they come with', () => {
    scenario()
      .when(requested(dual), voted(ada, 'approve'), voted(ada, 'approve'))
      .thenEvents(refused('already_voted'))
      .when(voted({ sub: 'ada', roles: ['finance', 'director'] }, 'approve'))
      .thenEvents(refused('already_voted'))
      .thenSee(({ approvals }) =>
        expect(approvals[ID]).toMatchObject({ status: 'open', votes: { length: 1 } }),
      );
  });

  test('does not count the person who asked for it as the second', () => {
    scenario()
      .when(requested(dual), voted(ada, 'approve'), voted(rosa, 'approve'))
      .thenEvents(refused('own_request'));
  });

  test('is ended by a denial after an approval', () => {
    scenario()
      .when(requested(dual), voted(ada, 'approve'), voted(ben, 'deny'))
      .thenEvents(counts, denies(ben));
  });

  test('is ended by somebody who approved first and then thought better of it', () => {
    scenario()
      .when(requested(dual), voted(ada, 'approve'), voted(ada, 'deny'))
      .thenEvents(counts, denies(ada))
      .when(voted(ben, 'approve'))
      .thenEvents(refused('settled'));
  });
});

describe('a vote', () => {
  test('after the grant changes nothing, a denial included', () => {
    scenario()
      .when(requested(single), voted(ada, 'approve'), voted(ben, 'deny'))
      .thenEvents(refused('settled'));
  });

  test('that comes again with the same command is ignored, counted or refused', () => {
    scenario()
      .when(requested(dual), voted(ada, 'approve', { commandId: 'once' }))
      .thenEvents(counts)
      .when(voted(ada, 'approve', { commandId: 'once' }))
      .thenNothing()
      .when(voted(dora, 'approve', { commandId: 'twice' }))
      .thenEvents(refused('wrong_role'))
      .when(voted(dora, 'approve', { commandId: 'twice' }))
      .thenNothing();
  });

  test('that was refused does not count when its repeat comes after the escalation', () => {
    const escalating = {
      ...single,
      escalateTo: ['director'],
      remindAfterMs: 5,
      escalateAfterMs: 10,
      expiresAfterMs: 20,
    };
    scenario()
      .when(requested(escalating), voted(cleo, 'approve', { commandId: 'early' }))
      .thenEvents(refused('wrong_role'))
      .whenDue()
      .whenDue()
      .thenTypes('approval.escalated')
      .when(voted(cleo, 'approve', { commandId: 'early' }))
      .thenNothing();
  });

  test('older than the command window is refused', () => {
    const long = { ...single, expiresAfterMs: 2 * COMMAND_WINDOW_MS };
    scenario()
      .when(requested(long))
      .after(COMMAND_WINDOW_MS + 1)
      .when(voted(ada, 'approve', { issuedAt: 0 }))
      .thenEvents(refused('command_expired'))
      .when(voted(ada, 'approve', { issuedAt: 1 }))
      .thenTypes('approval.voted', 'approval.granted');
  });

  test('on something nobody asked for goes to quarantine, whatever it is called', () => {
    scenario()
      .when(voted(ada, 'approve'))
      .thenQuarantined('approval.unknown')
      .when(requested(single), voted(ada, 'approve', { approvalId: 'constructor' }))
      .thenQuarantined('approval.unknown');
  });
});
