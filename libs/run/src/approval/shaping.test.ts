// biome-ignore-all lint/suspicious/noTemplateCurlyInString: workflows hold expressions
import type { Input } from '@interlock/actors';
import { describe, expect, test } from 'vitest';
import { granted, lea, opened, requestOf, single } from '../../test/approval-scenario.js';
import {
  before,
  cancel,
  failed,
  perform,
  performWrite,
  type RunScenario,
  resumeFrom,
  retry,
  run,
  signal,
  skip,
} from '../../test/run-scenario.js';
import { ask, read, undoable, wait, write } from '../../test/workflows.js';

/** The same command of somebody else. */
function by(sub: string, input: Input): Input {
  if (input.kind !== 'message') throw new Error('only messages are sent by people');
  const data = { ...(input.message.data as object), by: { sub, roles: ['operator'] } };
  return { ...input, message: { ...input.message, data } };
}
const go = wait('go', { signal: 'go', deadlineMs: 60_000 });
const fails = { class: 'domain', code: 'no', message: 'no' } as const;
const askedFor = (scenario: RunScenario, step: string): readonly string[] =>
  requestOf(scenario.when(before(scenario, step, { approval: single })), step).shapedBy;

describe('may not vote on a call, beside who started the run:', () => {
  test('nobody, when nobody else has had a hand in it', () => {
    expect(askedFor(run([write('pay')]), 'pay')).toEqual(['ada']);
  });

  test('who sent the signal that it is made of', () => {
    const scenario = run([go, write('pay', { needs: ['go'], with: { to: '${steps.go.output.to}' } })]);
    scenario.when(by('sig', signal(scenario, 'go', { to: 'mallory' })));
    expect(askedFor(scenario, 'pay')).toEqual(['ada', 'sig']);
  });

  test('who sent it to a step far before it, through a step that only waits for the other', () => {
    const scenario = run([go, read('look', { needs: ['go'] }), write('pay', { needs: ['look'] })]);
    scenario.when(by('sig', signal(scenario, 'go')));
    expect(askedFor(perform(scenario, 'look'), 'pay')).toEqual(['ada', 'sig']);
  });

  test('not who sent a signal that no step of it took', () => {
    const scenario = run([go, write('pay')]);
    scenario.when(by('sig', signal(scenario, 'go')), by('other', signal(scenario, 'go')));
    expect(askedFor(scenario, 'pay')).toEqual(['ada']);
  });

  test('one name for one person', () => {
    const two = wait('two', { signal: 'two', deadlineMs: 60_000 });
    const scenario = run([go, two, write('pay', { needs: ['go', 'two'] })]);
    scenario.when(by('sig', signal(scenario, 'go')), by('S\u034fig ', signal(scenario, 'two')));
    expect(askedFor(scenario, 'pay')).toEqual(['ada', 'sig']);
  });

  test.each([
    ['retried', retry],
    ['skipped', skip],
  ])('who %s a step before it', (_what, command) => {
    const scenario = run([
      write('look', { onFailure: { do: 'escalate' } }),
      write('pay', { needs: ['look'] }),
    ]);
    scenario.when(before(scenario, 'look')).when(failed(scenario, 'look', fails));
    scenario.when(by('ops', command(scenario, 'look')));
    if (command === retry) performWrite(scenario, 'look');
    expect(askedFor(scenario, 'pay')).toEqual(['ada', 'ops']);
  });

  test('who retried the very step', () => {
    const scenario = run([write('pay', { onFailure: { do: 'escalate' } })]);
    scenario
      .when(before(scenario, 'pay'))
      .when(failed(scenario, 'pay', fails))
      .when(by('ops', retry(scenario, 'pay')));
    expect(askedFor(scenario, 'pay')).toEqual(['ada', 'ops']);
  });

  test('who took the run up again in which it is made', () => {
    const scenario = run([write('look'), write('pay', { needs: ['look'] })]);
    performWrite(scenario, 'look')
      .when(before(scenario, 'pay'))
      .when(failed(scenario, 'pay', fails));
    scenario.when(by('ops', resumeFrom(scenario, 'pay')));
    expect(askedFor(scenario, 'pay')).toEqual(['ada', 'ops']);
  });

  test('who answered a question that it follows from', () => {
    const scenario = run([ask('agree'), write('pay', { needs: ['agree'] })]);
    scenario.when(opened(scenario, 'agree'), granted(scenario, 'agree', [lea]));
    expect(askedFor(scenario, 'pay')).toEqual(['ada', 'lea']);
  });

  test('who cancelled the run, when it is its compensation', () => {
    const scenario = run([undoable('book'), go]);
    performWrite(scenario, 'book').when(by('ops', cancel(scenario, true)));
    expect(askedFor(scenario, 'book')).toEqual(['ada', 'ops']);
  });
});

test('a question is not answered by who sent what it shows, either', () => {
  const scenario = run([go, ask('agree', { question: 'Pay ${steps.go.output}?' }, { needs: ['go'] })]);
  scenario.when(by('sig', signal(scenario, 'go', 'mallory')));
  expect(requestOf(scenario, 'agree').shapedBy).toEqual(['ada', 'sig']);
});

test('a grant that rests on somebody who shaped the call is void, whatever the approval service says', () => {
  const scenario = run([go, write('pay', { needs: ['go'] })]);
  scenario.when(by('lea', signal(scenario, 'go')));
  askedFor(scenario, 'pay');
  scenario.when(opened(scenario, 'pay'), granted(scenario, 'pay', [lea]));
  scenario.thenEvents(
    { type: 'approval.granted' },
    { type: 'step.failed', data: { failure: { code: 'approval.void' } } },
    { type: 'run.escalated' },
  );
});

test('the request under a grant says whose votes do not count', () => {
  const scenario = run([go, write('pay', { needs: ['go'] })]);
  scenario.when(by('sig', signal(scenario, 'go')));
  askedFor(scenario, 'pay');
  scenario.when(opened(scenario, 'pay'), granted(scenario, 'pay', [lea]));
  expect(scenario.last('call.requested').data).toMatchObject({ shapedBy: ['ada', 'sig'] });
});
