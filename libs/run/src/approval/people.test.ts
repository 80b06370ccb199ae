// biome-ignore-all lint/suspicious/noTemplateCurlyInString: workflows hold expressions
import { describe, expect, test } from 'vitest';
import {
  denied,
  dual,
  escalated,
  expired,
  granted,
  opened,
  reminded,
  shown,
  single,
  voted,
  voteRefused,
  waiting,
  withdrawn,
} from '../../test/approval-scenario.js';
import {
  after,
  before,
  callRequestOf,
  cancel,
  deny,
  refused,
  run,
  succeeded,
  T0,
} from '../../test/run-scenario.js';
import { read, workflow, write } from '../../test/workflows.js';
import { describeRun, foldRun, stateHash } from '../index.js';

test('an answer that broke its contract grants nothing: the run has to be looked at', () => {
  const scenario = waiting([write('pay'), write('refund')]);
  const meta = { id: 'x', epoch: 0, index: 0, time: 0, run: 'run-1' };
  const poison = { kind: 'poison', topic: 'approval.events', problem: 'votes: required', meta } as const;
  scenario.when({ ...poison, type: 'approval.voted/1' }).thenNothing();
  scenario
    .when({ ...poison, type: 'approval.granted/1' })
    .thenEvents(
      { type: 'step.failed', data: { step: 'pay', failure: { class: 'internal', code: 'approval.poison' } } },
      { type: 'call.revoked', data: { step: 'refund' } },
      { type: 'approval.unneeded', data: { because: 'failed' } },
    );
  scenario.when(refused(scenario, 'refund')).thenTypes('call.recorded', 'run.escalated');
});

describe('what people do', () => {
  test('is recorded once, in any order, and nothing more once it is settled', () => {
    const scenario = waiting();
    const inputs = [
      opened(scenario, 'pay'),
      voted(scenario, 'pay', 'vote-1'),
      reminded(scenario, 'pay'),
      escalated(scenario, 'pay'),
      voteRefused(scenario, 'pay', 'vote-2'),
    ];
    for (const input of inputs) {
      expect(scenario.when(input).decision.events).toHaveLength(1);
      scenario.when(input).thenNothing();
    }
    scenario.when(denied(scenario, 'pay'));
    const late = [
      granted(scenario, 'pay'),
      denied(scenario, 'pay'),
      expired(scenario, 'pay'),
      withdrawn(scenario, 'pay'),
    ];
    for (const input of [...late, ...inputs]) scenario.when(input).thenNothing();
  });

  test('after it is settled a vote that was refused is still recorded', () => {
    const scenario = waiting([write('pay'), read('order')]);
    scenario
      .when(granted(scenario, 'pay'))
      .when(voteRefused(scenario, 'pay', 'vote-9'))
      .thenTypes('approval.vote_refused');
    scenario.when(voted(scenario, 'pay', 'vote-10')).thenNothing();
  });

  test('about an approval this run never asked for changes nothing', () => {
    const scenario = waiting();
    const other = waiting([read('other'), write('pay')]);
    scenario.when(granted(other, 'pay')).thenNothing();
  });

  test('shows the next group once it was escalated', () => {
    const approval = { ...dual, escalateTo: ['finance-director'] };
    const scenario = waiting([write('pay')], approval);
    scenario.when(opened(scenario, 'pay')).when(escalated(scenario, 'pay'));
    expect(describeRun(scenario.state!).waitingFor![0]!.detail).toContain('finance or finance-director');
  });

  test('folds to the state that the checkpoint of the grant names', () => {
    const scenario = waiting();
    scenario
      .when(opened(scenario, 'pay'))
      .when(voted(scenario, 'pay', 'v'))
      .when(granted(scenario, 'pay'));
    const { seq, stateHash: hash } = scenario.last('run.checkpointed').data as {
      seq: number;
      stateHash: string;
    };
    const events = JSON.parse(JSON.stringify(scenario.events.slice(0, seq)));
    expect(stateHash(foldRun(scenario.key, events)!)).toBe(hash);
  });
});

describe('a request is taken back', () => {
  test('by a cancel, and a grant that crosses it requests nothing', () => {
    const scenario = waiting([write('pay'), read('order')]);
    const grant = granted(scenario, 'pay');
    scenario
      .when(cancel(scenario))
      .thenEvents(
        { type: 'run.cancelling' },
        { type: 'call.revoked' },
        { type: 'approval.unneeded', data: { approvalId: 'run-1.5', step: 'pay', because: 'cancelled' } },
      );
    scenario.when(grant).thenTypes('approval.granted');
    scenario.when(refused(scenario, 'order')).thenTypes('call.recorded', 'run.cancelled');
    scenario.when(opened(scenario, 'pay')).thenNothing();
  });

  test('by a failure elsewhere', () => {
    const scenario = waiting([write('pay'), read('order')]);
    scenario
      .when(before(scenario, 'order', deny))
      .thenEvents(
        { type: 'verdict.recorded' },
        { type: 'step.failed', data: { step: 'order' } },
        { type: 'approval.unneeded', data: { step: 'pay', because: 'failed' } },
        { type: 'run.failed' },
      );
  });

  test('by the step’s total timeout, and by the end of the run’s time', () => {
    const totalMs = 5_000;
    const scenario = waiting([write('pay', { timeout: { attemptMs: 1_000, totalMs } })]);
    scenario.when(opened(scenario, 'pay')).thenDue(T0 + totalMs);
    scenario
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
    const scenario = waiting([write('pay', { timeout, onFailure: { do: 'escalate' } })]);
    const grant = granted(scenario, 'pay');
    scenario.whenDue().thenTypes('step.parked', 'approval.unneeded');
    scenario
      .when(grant)
      .thenTypes('approval.granted')
      .thenDue(T0 + 3_600_000);
    expect(shown(scenario).kinds).toEqual(['operator']);
  });

  test('when the check of the output it was made from takes something out: the call is made anew', () => {
    const scenario = run([
      read('order'),
      write('pay', { needs: ['order'], with: { to: '${steps.order.output.email}' } }),
    ]);
    scenario.when(before(scenario, 'order')).when(succeeded(scenario, 'order', { email: 'a@b' }));
    scenario
      .when(before(scenario, 'pay', { approval: single }))
      .thenTypes('verdict.recorded', 'approval.requested');
    const grant = granted(scenario, 'pay');
    scenario
      .when(after(scenario, 'order', { redact: ['email'] }))
      .thenEvents(
        { type: 'verdict.recorded' },
        { type: 'step.completed', data: { step: 'order' } },
        { type: 'call.requested', data: { arguments: { to: '[redacted]' } } },
        { type: 'approval.unneeded', data: { because: 'changed' } },
      );
    expect(callRequestOf(scenario, 'pay').approvalId).toBeUndefined();
    scenario.when(grant).thenTypes('approval.granted');
  });

  test('and a grant before that check waits for it', () => {
    const scenario = run([read('order'), write('pay', { needs: ['order'] })]);
    scenario.when(before(scenario, 'order')).when(succeeded(scenario, 'order'));
    scenario.when(before(scenario, 'pay', { approval: single }));
    scenario.when(granted(scenario, 'pay')).thenTypes('approval.granted', 'run.checkpointed');
    scenario.when(after(scenario, 'order')).thenTypes('verdict.recorded', 'step.completed').whenDue();
    scenario.thenEvents({ type: 'call.requested', data: { step: 'pay', approvalId: 'run-1.7' } });
  });
});
