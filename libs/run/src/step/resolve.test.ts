// biome-ignore-all lint/suspicious/noTemplateCurlyInString: expressions
import { describe, expect, test } from 'vitest';
import {
  afterPlan,
  agent,
  assisted,
  beforePlan,
  callOf,
  pay,
  propose,
  requested,
} from '../../test/agent-scenario.js';
import {
  after,
  before,
  callRequestOf,
  deny,
  failed,
  perform,
  type RunScenario,
  resolve,
  run,
  unknown,
  wrote,
} from '../../test/run-scenario.js';
import { askable, read, undoable, workflow, write } from '../../test/workflows.js';
import { describeRun } from '../index.js';

const paid = {
  type: 'object',
  properties: { ref: { type: 'string' } },
  required: ['ref'],
  additionalProperties: false,
};
const options = { tool: () => ({ costUsd: 0.01, output: paid }) };

/** A write that nobody but a person can clear up, and what follows from its output. */
const doubted = (): RunScenario => {
  const steps = [askable('pay'), read('send', { needs: ['pay'], with: { ref: '${steps.pay.output.ref}' } })];
  const scenario = run(steps, options);
  scenario.when(before(scenario, 'pay')).when(unknown(scenario, 'pay')).whenDue();
  scenario.thenTypes('step.parked');
  return scenario;
};

const statusOf = ({ state }: RunScenario) => describeRun(state!).status;

describe('a person who says that a call in doubt has happened', () => {
  test('gives its output, which the next step uses as it is, and policy is asked nothing about it', () => {
    const scenario = doubted();
    const { callHash } = callRequestOf(scenario, 'pay');
    scenario.when(resolve(scenario, 'pay', { happened: true, output: { ref: 'r-1' } }));
    scenario.thenEvents(
      {
        type: 'step.resolved',
        data: { callHash, happened: true, output: { ref: 'r-1' }, by: { sub: 'ada' } },
      },
      { type: 'call.doubt_resolved', data: { happened: true, by: 'person' } },
      { type: 'run.checkpointed' },
      { type: 'step.completed', data: { step: 'pay', output: { ref: 'r-1' } } },
      { type: 'call.requested', data: { step: 'send', arguments: { ref: 'r-1' } } },
    );
    perform(scenario, 'send', { ref: 'x' });
    expect(statusOf(scenario)).toBe('completed');
  });

  test.each([
    ['nothing', {}],
    ['something else', { output: { ref: 7 } }],
    ['more', { output: { ref: 'r-1', sum: 5 } }],
  ])('is refused when they give %s for its output', (_what, said) => {
    const scenario = doubted();
    scenario
      .when(resolve(scenario, 'pay', { happened: true, ...said }))
      .thenEvents({ type: 'command.refused', data: { code: 'resolve.output' } });
    expect(statusOf(scenario)).toBe('waiting');
  });

  test('is refused while nobody here has read its tool', () => {
    const scenario = run([askable('pay')], { tool: () => undefined });
    scenario.when(before(scenario, 'pay')).when(unknown(scenario, 'pay')).whenDue();
    scenario
      .when(resolve(scenario, 'pay', { happened: true, output: {} }))
      .thenEvents({ type: 'command.refused', data: { code: 'resolve.unknown_tool' } });
  });

  test('of one whose outcome policy has denied takes its step on, and says nothing that a rollback does not know', () => {
    const escalating = { onFailure: { do: 'escalate' } } as const;
    const steps = [undoable('pay', escalating), read('end', { needs: ['pay'] })];
    const scenario = run(steps, { tool: () => ({ costUsd: 0.01 }) });
    scenario
      .when(before(scenario, 'pay'))
      .when(wrote(scenario, 'pay'))
      .when(after(scenario, 'pay', deny));
    scenario
      .when(resolve(scenario, 'pay', { happened: true, output: { ref: 'r-1' } }))
      .thenTypes('step.resolved', 'run.checkpointed', 'step.completed', 'call.requested');
    scenario.when(before(scenario, 'end', deny));
    expect(scenario.last('rollback.started').data).toMatchObject({ writes: [{ step: 'pay' }] });
    expect(scenario.last('rollback.started').data).toHaveProperty('writes.length', 1);
  });

  test('lets a rollback know of it', () => {
    const like = (id: string) => askable(id);
    const scenario = run([
      undoable('pay', { recovery: like('pay').recovery! }),
      read('send', { needs: ['pay'] }),
    ]);
    scenario.when(before(scenario, 'pay')).when(unknown(scenario, 'pay')).whenDue();
    scenario.when(resolve(scenario, 'pay', { happened: true, output: 1 }));
    scenario.when(before(scenario, 'send')).when(failed(scenario, 'send', { class: 'domain' }));
    expect(describeRun(scenario.state!)).toMatchObject({
      status: 'escalated',
      failure: { code: 'compensation_failed' },
    });
  });
});

test('a person who says that it did not happen has it made again', () => {
  const scenario = doubted();
  const { callHash } = callRequestOf(scenario, 'pay');
  scenario
    .when(resolve(scenario, 'pay', { happened: false }))
    .thenEvents(
      { type: 'step.resolved', data: { happened: false } },
      { type: 'call.doubt_resolved', data: { happened: false, by: 'person' } },
      { type: 'call.requested', data: { callHash, attempt: 2 } },
    );
});

describe('a step whose retries have not helped', () => {
  const exhausted = () => {
    const retry = { transient: { attempts: 1 } };
    const scenario = run(workflow([write('pay', { retry, onExhausted: 'park' })]), options);
    return scenario.when(before(scenario, 'pay')).when(failed(scenario, 'pay'));
  };

  test('is done when a person has done it by hand', () => {
    const scenario = exhausted();
    scenario.when(resolve(scenario, 'pay', { happened: true, output: { ref: 'by hand' } }));
    scenario.thenTypes('step.resolved', 'run.checkpointed', 'step.completed', 'run.completed');
    expect(describeRun(scenario.state!).output).toEqual({ pay: { ref: 'by hand' } });
  });

  test('is known not to have happened, so nobody can say that', () => {
    const scenario = exhausted();
    scenario
      .when(resolve(scenario, 'pay', { happened: false }))
      .thenEvents({ type: 'command.refused', data: { code: 'step.not_in_doubt' } });
  });
});

test('what a person says of a call that a model proposed is what the model sees', () => {
  const step = agent('resolve');
  const tools = step.agent.tools.map((tool) => ({ ...tool, recovery: askable('x').recovery! }));
  const scenario = run([agent('resolve', { tools })], { ...assisted, ...options });
  scenario.when(beforePlan(scenario)).when(propose(scenario, { calls: [callOf(pay)] }));
  scenario.when(afterPlan(scenario)).when(before(scenario, 'resolve')).when(unknown(scenario, 'resolve'));
  scenario.whenDue().when(resolve(scenario, 'resolve', { happened: true, output: { ref: 'r-9' } }));
  expect(JSON.stringify(requested(scenario))).toContain('r-9');
});

test('a step without a call has none that could have happened', () => {
  const scenario = run([
    read('order', { onFailure: { do: 'escalate' }, with: { a: '${steps.none.output}' } }),
  ]);
  scenario.thenTypes('run.started', 'step.parked');
  scenario
    .when(resolve(scenario, 'order', { happened: true }))
    .thenEvents({ type: 'command.refused', data: { code: 'step.no_call' } });
});
