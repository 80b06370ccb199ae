// biome-ignore-all lint/suspicious/noTemplateCurlyInString: workflows hold expressions
import type { Input } from '@interlock/actors';
import { describe, expect, test } from 'vitest';
import { granted, lea, opened, requestOf, single } from '../../test/approval-story.js';
import {
  before,
  cancel,
  failed,
  perform,
  performWrite,
  type RunStory,
  retry,
  run,
  signal,
  skip,
} from '../../test/run-story.js';
import { ask, read, undoable, wait, write } from '../../test/workflows.js';

/** The same command of somebody else. */
function by(sub: string, input: Input): Input {
  if (input.kind !== 'message') throw new Error('only messages are sent by people');
  const data = { ...(input.message.data as object), by: { sub, roles: ['operator'] } };
  return { ...input, message: { ...input.message, data } };
}
const go = wait('go', { signal: 'go', deadlineMs: 60_000 });
const fails = { class: 'domain', code: 'no', message: 'no' } as const;
const askedFor = (story: RunStory, step: string): readonly string[] =>
  requestOf(story.when(before(story, step, { approval: single })), step).shapedBy;

describe('may not vote on a call, beside who started the run:', () => {
  test('nobody, when nobody else has had a hand in it', () => {
    expect(askedFor(run([write('pay')]), 'pay')).toEqual(['ada']);
  });

  test('who sent the signal that it is made of', () => {
    const story = run([go, write('pay', { needs: ['go'], with: { to: '${steps.go.output.to}' } })]);
    story.when(by('sig', signal(story, 'go', { to: 'mallory' })));
    expect(askedFor(story, 'pay')).toEqual(['ada', 'sig']);
  });

  test('who sent it to a step far before it, through a step that only waits for the other', () => {
    const story = run([go, read('look', { needs: ['go'] }), write('pay', { needs: ['look'] })]);
    story.when(by('sig', signal(story, 'go')));
    expect(askedFor(perform(story, 'look'), 'pay')).toEqual(['ada', 'sig']);
  });

  test('not who sent a signal that no step of it took', () => {
    const story = run([go, write('pay')]);
    story.when(by('sig', signal(story, 'go')), by('other', signal(story, 'go')));
    expect(askedFor(story, 'pay')).toEqual(['ada']);
  });

  test('one name for one person', () => {
    const two = wait('two', { signal: 'two', deadlineMs: 60_000 });
    const story = run([go, two, write('pay', { needs: ['go', 'two'] })]);
    story.when(by('sig', signal(story, 'go')), by('S\u034fig ', signal(story, 'two')));
    expect(askedFor(story, 'pay')).toEqual(['ada', 'sig']);
  });

  test.each([
    ['retried', retry],
    ['skipped', skip],
  ])('who %s a step before it', (_what, command) => {
    const story = run([write('look', { onFailure: { do: 'escalate' } }), write('pay', { needs: ['look'] })]);
    story.when(before(story, 'look')).when(failed(story, 'look', fails));
    story.when(by('ops', command(story, 'look')));
    if (command === retry) performWrite(story, 'look');
    expect(askedFor(story, 'pay')).toEqual(['ada', 'ops']);
  });

  test('who retried the very step', () => {
    const story = run([write('pay', { onFailure: { do: 'escalate' } })]);
    story
      .when(before(story, 'pay'))
      .when(failed(story, 'pay', fails))
      .when(by('ops', retry(story, 'pay')));
    expect(askedFor(story, 'pay')).toEqual(['ada', 'ops']);
  });

  test('who answered a question that it follows from', () => {
    const story = run([ask('agree'), write('pay', { needs: ['agree'] })]);
    story.when(opened(story, 'agree'), granted(story, 'agree', [lea]));
    expect(askedFor(story, 'pay')).toEqual(['ada', 'lea']);
  });

  test('who cancelled the run, when it is its compensation', () => {
    const story = run([undoable('book'), go]);
    performWrite(story, 'book').when(by('ops', cancel(story, true)));
    expect(askedFor(story, 'book')).toEqual(['ada', 'ops']);
  });
});

test('a question is not answered by who sent what it shows, either', () => {
  const story = run([go, ask('agree', { question: 'Pay ${steps.go.output}?' }, { needs: ['go'] })]);
  story.when(by('sig', signal(story, 'go', 'mallory')));
  expect(requestOf(story, 'agree').shapedBy).toEqual(['ada', 'sig']);
});

test('a grant that rests on somebody who shaped the call is void, whatever the approval service says', () => {
  const story = run([go, write('pay', { needs: ['go'] })]);
  story.when(by('lea', signal(story, 'go')));
  askedFor(story, 'pay');
  story.when(opened(story, 'pay'), granted(story, 'pay', [lea]));
  story.thenEvents(
    { type: 'approval.granted' },
    { type: 'step.failed', data: { failure: { code: 'approval.void' } } },
    { type: 'run.escalated' },
  );
});

test('the request under a grant says whose votes do not count', () => {
  const story = run([go, write('pay', { needs: ['go'] })]);
  story.when(by('sig', signal(story, 'go')));
  askedFor(story, 'pay');
  story.when(opened(story, 'pay'), granted(story, 'pay', [lea]));
  expect(story.last('call.requested').data).toMatchObject({ shapedBy: ['ada', 'sig'] });
});
