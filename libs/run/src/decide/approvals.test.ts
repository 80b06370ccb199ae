// biome-ignore-all lint/suspicious/noTemplateCurlyInString: workflows hold expressions
import { describe, expect, test } from 'vitest';
import {
  denied,
  dual,
  escalated,
  expired,
  fay,
  fin,
  granted,
  lea,
  opened,
  reminded,
  requestOf,
  single,
  voted,
  voteRefused,
  withdrawn,
} from '../../test/approval-story.js';
import {
  after,
  armOf,
  before,
  cancel,
  deny,
  failed,
  late,
  perform,
  type RunStory,
  refused,
  retry,
  run,
  succeeded,
  T0,
  unknown,
} from '../../test/run-story.js';
import { read, verifiable, workflow, write } from '../../test/workflows.js';
import { describeRun, foldRun, stateHash } from '../index.js';

/** A run whose payment waits for people. */
const waiting = (
  steps: Parameters<typeof run>[0] = [write('pay')],
  approval = single as object,
): RunStory => {
  const story = run(steps);
  return story.when(before(story, 'pay', { approval } as never));
};

const shown = (story: RunStory) => {
  const { status, waitingFor } = describeRun(story.state!);
  return { status, kinds: waitingFor?.map(({ kind }) => kind) };
};

describe('a verdict that requires people', () => {
  test('ends the arming and asks for exactly that call in the same append', () => {
    const story = run([write('pay')]);
    const { armId, callHash, toolHash } = armOf(story, 'pay');
    const args = { from: 'pay' };
    story
      .when(before(story, 'pay', { approval: single }))
      .thenEvents(
        { type: 'verdict.recorded', data: { approval: single } },
        {
          type: 'approval.requested',
          data: {
            approvalId: 'run-1.4',
            step: 'pay',
            subject: { kind: 'call', armId, tool: 'pay.get', toolHash, arguments: args, generation: 1 },
            callHash,
            requirement: single,
            why: ['policy-1'],
            requester: 'ada',
          },
        },
      )
      .thenSee((state) => expect(state.openArms).toEqual([]));
  });

  test('leaves the run running until the request was opened, and waiting for those people then', () => {
    const story = waiting([write('pay')], dual);
    expect(shown(story)).toEqual({ status: 'running', kinds: ['call'] });
    story.after(10).when(opened(story, 'pay')).thenTypes('approval.opened');
    const detail = 'dual approval by finance: run-1.4';
    expect(describeRun(story.state!)).toMatchObject({
      status: 'waiting',
      waitingFor: [{ kind: 'approval', step: 'pay', since: T0 + 10, until: T0 + 10 + 86_400_000, detail }],
    });
  });

  test('leaves other branches going on', () => {
    const story = waiting([write('pay'), read('order')]);
    story.when(opened(story, 'pay'));
    expect(shown(story).status).toBe('running');
    perform(story, 'order').thenTypes('verdict.recorded', 'step.completed');
    expect(shown(story).status).toBe('waiting');
  });
});

describe('a grant', () => {
  test('arms the same call again under its approval, and the requirement it meets leaves that open', () => {
    const story = waiting();
    const { armId, callHash } = armOf(story, 'pay');
    story.when(opened(story, 'pay')).when(granted(story, 'pay'));
    story.thenEvents(
      { type: 'approval.granted' },
      { type: 'run.checkpointed' },
      { type: 'call.armed', data: { callHash, approvalId: 'run-1.4', attempt: 2, recovery: false } },
    );
    expect(armOf(story, 'pay').armId).not.toBe(armId);
    story.when(before(story, 'pay', { approval: single })).thenTypes('verdict.recorded');
    story.when(succeeded(story, 'pay')).thenTypes('call.recorded', 'check.requested', 'run.checkpointed');
    story.when(after(story, 'pay')).thenTypes('verdict.recorded', 'step.completed', 'run.completed');
  });

  test('is named by every later arming of that call: retries and repetitions in doubt', () => {
    const story = waiting();
    story.when(granted(story, 'pay')).when(before(story, 'pay', { approval: single }));
    story.when(failed(story, 'pay')).whenDue();
    expect(armOf(story, 'pay')).toMatchObject({ attempt: 3, approvalId: 'run-1.4' });
    story
      .when(before(story, 'pay', { approval: single }))
      .when(unknown(story, 'pay'))
      .whenDue();
    expect(armOf(story, 'pay')).toMatchObject({ attempt: 4, approvalId: 'run-1.4', recovery: true });
  });

  test('that comes before the opening counts; the opening then says nothing new', () => {
    const story = waiting();
    const opening = opened(story, 'pay');
    story.when(granted(story, 'pay')).thenTypes('approval.granted', 'run.checkpointed', 'call.armed');
    story.when(opening).thenNothing();
  });

  test('is not enough once policy demands more: people are asked anew', () => {
    const story = waiting();
    story.when(granted(story, 'pay'));
    story
      .when(before(story, 'pay', { approval: dual }))
      .thenEvents(
        { type: 'verdict.recorded' },
        { type: 'approval.requested', data: { approvalId: 'run-1.9', requirement: dual } },
      );
    story.when(granted(story, 'pay', [fin, fay]));
    expect(armOf(story, 'pay')).toMatchObject({ attempt: 3, approvalId: 'run-1.9' });
    story.when(before(story, 'pay', { approval: dual })).thenTypes('verdict.recorded');
  });

  test.each([
    ['for another call', [lea], { callHash: 'another' }],
    ['by too few people', [], {}],
    ['by the requester', [{ sub: 'ada', roles: ['lead'] }], {}],
    ['without the role', [{ sub: 'eve', roles: ['clerk'] }], {}],
  ])('%s arms nothing and fails the step as our own defect', (_name, people, extra) => {
    const story = waiting();
    story
      .when(granted(story, 'pay', people, extra))
      .thenEvents(
        { type: 'approval.granted' },
        { type: 'step.failed', data: { failure: { class: 'internal', code: 'approval.void' } } },
        { type: 'run.escalated' },
      );
  });
});

describe('a no', () => {
  test.each([
    ['a denial', denied, { class: 'denied', code: 'approval.denied', message: 'denied by lea: too much' }],
    ['an expiry that denies', expired, { class: 'denied', code: 'approval.expired' }],
    [
      'an expiry that falls back',
      (story: RunStory, step: string) => expired(story, step, 'fallback'),
      { class: 'timeout', code: 'approval.expired' },
    ],
    ['a withdrawal nobody asked for', withdrawn, { class: 'internal', code: 'approval.withdrawn' }],
  ])('%s fails the step', (_name, answer, failure) => {
    const story = waiting();
    story.when(opened(story, 'pay')).when(answer(story, 'pay'));
    expect(story.decision.events[1]).toMatchObject({ type: 'step.failed', data: { failure } });
    expect(story.state!.end).not.toBeNull();
  });

  test('takes the way the step declares for a failure', () => {
    const onFailure = { do: 'fallback', step: 'letter' } as const;
    const steps = [write('pay', { onFailure }), read('letter', { fallbackOnly: true })];
    const story = waiting(steps);
    story
      .when(expired(story, 'pay', 'fallback'))
      .thenTypes('approval.expired', 'step.fell_back', 'call.armed');
    perform(story, 'letter').thenTypes(
      'verdict.recorded',
      'step.completed',
      'step.completed',
      'run.completed',
    );
  });

  test('of a step that escalates parks it, and its retry asks anew for a call of its own', () => {
    const story = waiting([write('pay', { onFailure: { do: 'escalate' } })]);
    const first = requestOf(story, 'pay');
    story.when(denied(story, 'pay')).thenTypes('approval.denied', 'step.parked');
    story.when(retry(story, 'pay')).when(before(story, 'pay', { approval: single }));
    expect(requestOf(story, 'pay').callHash).not.toBe(first.callHash);
    story.when(granted(story, 'pay'));
    expect(armOf(story, 'pay').approvalId).toBe(requestOf(story, 'pay').approvalId);
  });
});

test('an answer that broke its contract grants nothing: the run has to be looked at', () => {
  const story = waiting([write('pay'), write('refund')]);
  const meta = { id: 'x', epoch: 0, index: 0, time: 0, run: 'run-1' };
  const poison = { kind: 'poison', topic: 'approval.events', problem: 'votes: required', meta } as const;
  story.when({ ...poison, type: 'approval.voted/1' }).thenNothing();
  story
    .when({ ...poison, type: 'approval.granted/1' })
    .thenEvents(
      { type: 'step.failed', data: { step: 'pay', failure: { class: 'internal', code: 'approval.poison' } } },
      { type: 'call.disarmed', data: { step: 'refund' } },
      { type: 'approval.unneeded', data: { because: 'failed' } },
    );
  story.when(refused(story, 'refund')).thenTypes('call.recorded', 'run.escalated');
});

describe('what people do', () => {
  test('is recorded once, in any order, and nothing more once it is settled', () => {
    const story = waiting();
    const inputs = [
      opened(story, 'pay'),
      voted(story, 'pay', 'vote-1'),
      reminded(story, 'pay'),
      escalated(story, 'pay'),
      voteRefused(story, 'pay', 'vote-2'),
    ];
    for (const input of inputs) {
      expect(story.when(input).decision.events).toHaveLength(1);
      story.when(input).thenNothing();
    }
    story.when(denied(story, 'pay'));
    const late = [
      granted(story, 'pay'),
      denied(story, 'pay'),
      expired(story, 'pay'),
      withdrawn(story, 'pay'),
    ];
    for (const input of [...late, ...inputs]) story.when(input).thenNothing();
  });

  test('after it is settled a vote that was refused is still recorded', () => {
    const story = waiting([write('pay'), read('order')]);
    story
      .when(granted(story, 'pay'))
      .when(voteRefused(story, 'pay', 'vote-9'))
      .thenTypes('approval.vote_refused');
    story.when(voted(story, 'pay', 'vote-10')).thenNothing();
  });

  test('about an approval this run never asked for changes nothing', () => {
    const story = waiting();
    const other = waiting([read('other'), write('pay')]);
    story.when(granted(other, 'pay')).thenNothing();
  });

  test('shows the next group once it was escalated', () => {
    const approval = { ...dual, escalateTo: ['finance-director'] };
    const story = waiting([write('pay')], approval);
    story.when(opened(story, 'pay')).when(escalated(story, 'pay'));
    expect(describeRun(story.state!).waitingFor![0]!.detail).toContain('finance or finance-director');
  });

  test('folds to the state that the checkpoint of the grant names', () => {
    const story = waiting();
    story
      .when(opened(story, 'pay'))
      .when(voted(story, 'pay', 'v'))
      .when(granted(story, 'pay'));
    const { seq, stateHash: hash } = story.last('run.checkpointed').data as {
      seq: number;
      stateHash: string;
    };
    const events = JSON.parse(JSON.stringify(story.events.slice(0, seq)));
    expect(stateHash(foldRun(story.key, events)!)).toBe(hash);
  });
});

describe('a request is taken back', () => {
  test('by a cancel, and a grant that crosses it arms nothing', () => {
    const story = waiting([write('pay'), read('order')]);
    const grant = granted(story, 'pay');
    story
      .when(cancel(story))
      .thenEvents(
        { type: 'run.cancelling' },
        { type: 'call.disarmed' },
        { type: 'approval.unneeded', data: { approvalId: 'run-1.5', step: 'pay', because: 'cancelled' } },
      );
    story.when(grant).thenTypes('approval.granted');
    story.when(refused(story, 'order')).thenTypes('call.recorded', 'run.cancelled');
    story.when(opened(story, 'pay')).thenNothing();
  });

  test('by a failure elsewhere', () => {
    const story = waiting([write('pay'), read('order')]);
    story
      .when(before(story, 'order', deny))
      .thenEvents(
        { type: 'verdict.recorded' },
        { type: 'step.failed', data: { step: 'order' } },
        { type: 'approval.unneeded', data: { step: 'pay', because: 'failed' } },
        { type: 'run.failed' },
      );
  });

  test('by the step’s total timeout, and by the end of the run’s time', () => {
    const totalMs = 5_000;
    const story = waiting([write('pay', { timeout: { attemptMs: 1_000, totalMs } })]);
    story.when(opened(story, 'pay')).thenDue(T0 + totalMs);
    story
      .whenDue()
      .thenEvents(
        { type: 'step.failed', data: { failure: { class: 'timeout', code: 'step.timeout' } } },
        { type: 'approval.unneeded', data: { because: 'timeout' } },
        { type: 'run.failed' },
      );
    const short = waiting(workflow([write('pay')], { budget: { durationMs: 2_000 } }));
    short.whenDue().thenTypes('step.failed', 'approval.unneeded', 'run.budget_warned', 'run.failed');
  });

  test('and a grant that crosses it leaves a step that went on as it is', () => {
    const timeout = { attemptMs: 1_000, totalMs: 5_000 };
    const story = waiting([write('pay', { timeout, onFailure: { do: 'escalate' } })]);
    const grant = granted(story, 'pay');
    story.whenDue().thenTypes('step.parked', 'approval.unneeded');
    story
      .when(grant)
      .thenTypes('approval.granted')
      .thenDue(T0 + 3_600_000);
    expect(shown(story).kinds).toEqual(['operator']);
  });

  test('when the check of the output it was made from takes something out: the call is made anew', () => {
    const story = run([
      read('order'),
      write('pay', { needs: ['order'], with: { to: '${steps.order.output.email}' } }),
    ]);
    story.when(before(story, 'order')).when(succeeded(story, 'order', { email: 'a@b' }));
    story
      .when(before(story, 'pay', { approval: single }))
      .thenTypes('verdict.recorded', 'approval.requested');
    const grant = granted(story, 'pay');
    story
      .when(after(story, 'order', { redact: ['email'] }))
      .thenEvents(
        { type: 'verdict.recorded' },
        { type: 'step.completed', data: { step: 'order' } },
        { type: 'call.armed', data: { arguments: { to: '[redacted]' } } },
        { type: 'approval.unneeded', data: { because: 'changed' } },
      );
    expect(armOf(story, 'pay').approvalId).toBeUndefined();
    story.when(grant).thenTypes('approval.granted');
  });

  test('and a grant before that check waits for it', () => {
    const story = run([read('order'), write('pay', { needs: ['order'] })]);
    story.when(before(story, 'order')).when(succeeded(story, 'order'));
    story.when(before(story, 'pay', { approval: single }));
    story.when(granted(story, 'pay')).thenTypes('approval.granted', 'run.checkpointed');
    story.when(after(story, 'order')).thenTypes('verdict.recorded', 'step.completed').whenDue();
    story.thenEvents({ type: 'call.armed', data: { step: 'pay', approvalId: 'run-1.8' } });
  });
});

describe('a call in doubt', () => {
  const repeating = () => {
    const story = run([write('pay')]);
    story.when(before(story, 'pay')).when(unknown(story, 'pay')).whenDue();
    return story.when(before(story, 'pay', { approval: single }));
  };

  test('whose repetition requires people is repeated once they grant it, also in a run that is cancelled', () => {
    const story = repeating().thenTypes('verdict.recorded', 'approval.requested');
    story.when(opened(story, 'pay')).when(cancel(story)).thenTypes('run.cancelling');
    expect(shown(story).kinds).toEqual(['approval']);
    const { approvalId } = requestOf(story, 'pay');
    story.when(granted(story, 'pay'));
    story.thenEvents(
      { type: 'approval.granted' },
      { type: 'run.checkpointed' },
      { type: 'call.armed', data: { recovery: true, approvalId } },
    );
    story.when(before(story, 'pay', { approval: single })).when(succeeded(story, 'pay'));
    story.when(after(story, 'pay')).thenTypes('verdict.recorded', 'step.completed', 'run.escalated');
  });

  test('stays in doubt when they deny it: a person is asked what happened', () => {
    const story = repeating();
    story.when(denied(story, 'pay')).thenTypes('approval.denied', 'call.recovery_started');
    story.whenDue().thenEvents({ type: 'step.parked', data: { because: 'in_doubt' } });
    story.when(retry(story, 'pay')).thenTypes('step.resumed', 'call.doubt_resolved', 'call.armed');
    expect(armOf(story, 'pay').approvalId).toBeUndefined();
  });

  test('that turns out to have happened no longer needs them', () => {
    const story = run([write('pay')]);
    story.when(before(story, 'pay'));
    const { armId, callHash } = armOf(story, 'pay');
    story
      .when(unknown(story, 'pay'))
      .whenDue()
      .when(before(story, 'pay', { approval: single }));
    story
      .when(late(armId, callHash, { of: 'pay' }))
      .thenTypes(
        'call.late_recorded',
        'call.doubt_resolved',
        'check.requested',
        'run.checkpointed',
        'approval.unneeded',
      );
    story.when(after(story, 'pay')).thenTypes('verdict.recorded', 'step.completed', 'run.completed');
  });

  test('whose verification requires people is verified once they grant it', () => {
    const story = run([verifiable('pay')]);
    story.when(before(story, 'pay')).when(unknown(story, 'pay')).whenDue();
    const { callHash } = armOf(story, 'pay');
    story.when(before(story, 'pay', { approval: single }));
    story.thenEvents(
      { type: 'verdict.recorded' },
      { type: 'approval.requested', data: { callHash, subject: { kind: 'call', tool: 'pay.find' } } },
    );
    const { approvalId } = requestOf(story, 'pay');
    story.when(opened(story, 'pay'));
    expect(shown(story)).toEqual({ status: 'waiting', kinds: ['approval'] });
    story.when(granted(story, 'pay'));
    expect(armOf(story, 'pay')).toMatchObject({ purpose: 'verify', callHash, approvalId });
    story.when(before(story, 'pay', { approval: single }));
    story
      .when(succeeded(story, 'pay', { found: true, output: 1 }))
      .thenTypes('call.recorded', 'call.doubt_resolved', 'check.requested', 'run.checkpointed');
  });
});

test('a repetition that a verdict ends after the call was found to have happened completes the step', () => {
  const story = run([write('pay')]);
  story.when(before(story, 'pay'));
  const { armId, callHash } = armOf(story, 'pay');
  story.when(unknown(story, 'pay')).whenDue();
  const verdict = before(story, 'pay', deny);
  story.when(late(armId, callHash, 7)).when(after(story, 'pay'));
  story.when(verdict).thenTypes('verdict.recorded', 'step.completed', 'run.completed');
});
