// biome-ignore-all lint/suspicious/noTemplateCurlyInString: workflows hold expressions
import { describe, expect, test } from 'vitest';
import {
  after,
  before,
  callRequestOf,
  cancel,
  deny,
  failed,
  pause,
  performWrite,
  type RunStory,
  refused,
  run,
  succeeded,
  unknown,
  wrote,
} from '../../test/run-story.js';
import { read, undoable, verifiable, workflow, write } from '../../test/workflows.js';
import { describeRun } from '../index.js';

/** Two writes that can be undone, and a read that fails the run. */
const twoWrites = (options: Parameters<typeof run>[1] = {}): RunStory => {
  const steps = [
    undoable('book'),
    undoable('pay', { needs: ['book'] }),
    read('send', { needs: ['book', 'pay'] }),
  ];
  return run(steps, options);
};

const fails = (story: RunStory, step: string): RunStory =>
  story.when(before(story, step)).when(failed(story, step, { class: 'domain', code: 'no' }));

const undone = (story: RunStory, step: string): RunStory =>
  story.when(before(story, step)).when(succeeded(story, step)).when(after(story, step));

const writtenTwice = () => performWrite(performWrite(twoWrites(), 'book'), 'pay');

describe('a run that fails after its writes', () => {
  test('undoes them last first, one governed call at a time, and ends rolled back', () => {
    const story = writtenTwice();
    const [book, pay] = [callRequestOf(story, 'book'), callRequestOf(story, 'pay')];
    fails(story, 'send').thenEvents(
      { type: 'call.recorded' },
      { type: 'step.failed', data: { step: 'send' } },
      {
        type: 'rollback.started',
        data: {
          because: 'failed',
          writes: [
            { step: 'pay', tool: 'pay.get', callHash: pay.callHash },
            { step: 'book', callHash: book.callHash },
          ],
        },
      },
      {
        type: 'call.requested',
        data: {
          step: 'pay',
          purpose: 'compensate',
          tool: 'pay.undo',
          effect: 'write',
          arguments: { of: 'pay' },
        },
      },
    );
    expect(describeRun(story.state!)).toMatchObject({
      status: 'rolling_back',
      failure: { code: 'no', step: 'send' },
      waitingFor: [{ kind: 'call', step: 'pay', detail: expect.stringContaining('pay.undo undoes pay.get') }],
    });
    const { callHash: by } = callRequestOf(story, 'pay');
    story.when(before(story, 'pay')).thenTypes('verdict.recorded');
    story.when(succeeded(story, 'pay')).thenTypes('call.recorded', 'run.checkpointed');
    story
      .when(after(story, 'pay'))
      .thenEvents(
        { type: 'verdict.recorded' },
        { type: 'step.compensated', data: { step: 'pay', callHash: pay.callHash, by } },
        { type: 'call.requested', data: { step: 'book', purpose: 'compensate' } },
      );
    undone(story, 'book').thenEvents(
      { type: 'verdict.recorded' },
      { type: 'step.compensated', data: { step: 'book' } },
      {
        type: 'run.rolled_back',
        data: { because: 'failed', failure: { code: 'no' }, undone: [{ step: 'pay' }, { step: 'book' }] },
      },
    );
    expect(describeRun(story.state!)).toMatchObject({ status: 'rolled_back', failure: { code: 'no' } });
  });

  test('because what a write gave was not allowed undoes that write too', () => {
    const story = performWrite(twoWrites(), 'book');
    story
      .when(before(story, 'pay'))
      .when(wrote(story, 'pay'))
      .when(after(story, 'pay', deny));
    story.thenTypes('verdict.recorded', 'step.failed', 'step.skipped', 'rollback.started', 'call.requested');
    expect(callRequestOf(story, 'pay').purpose).toBe('compensate');
  });

  test('takes back what is in flight first, and undoes it if it came through all the same', () => {
    const story = run([undoable('book'), undoable('pay'), read('send')]);
    performWrite(story, 'book');
    story.when(before(story, 'pay'));
    fails(story, 'send').thenTypes('call.recorded', 'step.failed', 'call.revoked');
    story.when(wrote(story, 'pay')).thenTypes('call.recorded', 'run.checkpointed');
    story.when(after(story, 'pay'));
    story.thenTypes('verdict.recorded', 'step.completed', 'rollback.started', 'call.requested');
    expect(callRequestOf(story, 'pay').purpose).toBe('compensate');
  });

  test('has nothing to undo when the call in flight was taken back in time', () => {
    const story = run([undoable('pay'), read('send')]);
    story.when(before(story, 'pay'));
    fails(story, 'send');
    story.when(refused(story, 'pay')).thenTypes('call.recorded', 'run.failed');
  });

  test.each([
    ['happened', { found: true, output: {} }, ['pay', 'book']],
    ['did not', { found: false }, ['book']],
  ])('waits for the answer of a write in doubt that %s', (_, answer, order) => {
    const recovery = verifiable('pay').recovery!;
    const story = run([undoable('book'), undoable('pay', { recovery }), read('send')]);
    performWrite(story, 'book');
    story.when(before(story, 'pay')).when(unknown(story, 'pay'));
    const pay = callRequestOf(story, 'pay');
    fails(story, 'send').thenTypes('call.recorded', 'step.failed');
    expect(describeRun(story.state!).waitingFor).toMatchObject([{ kind: 'recovery', step: 'pay' }]);
    story.whenDue().thenEvents({
      type: 'call.requested',
      data: { purpose: 'verify', verifies: { tool: 'pay.get', toolHash: 'hash of pay.get' } },
    });
    story.when(before(story, 'pay')).when(
      // What the executor says of the write that it found.
      answer.found ? found(story) : succeeded(story, 'pay', answer),
    );
    if (answer.found) {
      expect(story.last('call.doubt_resolved').data).toMatchObject({ compensation: { tool: 'pay.undo' } });
      story.when(after(story, 'pay'));
    }
    const { writes } = story.last('rollback.started').data as {
      writes: { step: string; callHash: string }[];
    };
    expect(writes.map(({ step }) => step)).toEqual(order);
    expect(writes.some(({ callHash }) => callHash === pay.callHash)).toBe(answer.found);
  });

  test('counts what undoes it apart: no budget and no deadline stops it', () => {
    const limits = { toolCalls: 3, costUsd: 0.03, durationMs: 5_000 };
    const steps = [undoable('book'), undoable('pay', { needs: ['book'] }), read('send', { needs: ['pay'] })];
    const story = run(workflow(steps, { budget: limits }));
    fails(performWrite(performWrite(story, 'book'), 'pay'), 'send');
    expect(callRequestOf(story, 'pay')).toMatchObject({ purpose: 'compensate', reserved: { toolCalls: 0 } });
    story.after(10_000).when({ kind: 'due' });
    story.when(before(story, 'pay')).when(failed(story, 'pay'));
    story.thenTypes('call.recorded', 'step.retry_scheduled');
    story.whenDue().thenEvents({ type: 'call.requested', data: { purpose: 'compensate', attempt: 2 } });
    undone(undone(story, 'pay'), 'book').thenTypes('verdict.recorded', 'step.compensated', 'run.rolled_back');
    expect(describeRun(story.state!).usage).toMatchObject({ toolCalls: 6, costUsd: 0.06 });
  });

  test('stays as it is behind a completed pivot', () => {
    const story = run([undoable('pay', { pivot: true }), read('send', { needs: ['pay'] })]);
    performWrite(story, 'pay');
    story.when(before(story, 'send')).when(cancel(story, true));
    story.thenEvents({ type: 'command.refused', data: { code: 'rollback.pivot' } });
    story
      .when(failed(story, 'send', { class: 'domain', code: 'no' }))
      .thenEvents(
        { type: 'call.recorded' },
        { type: 'step.failed' },
        { type: 'run.escalated', data: { failure: { code: 'no' }, standing: [{ step: 'pay' }] } },
      );
  });

  test('goes back behind a pivot that failed', () => {
    const story = run([undoable('book'), read('send', { needs: ['book'], pivot: true })]);
    fails(performWrite(story, 'book'), 'send');
    story.thenTypes('call.recorded', 'step.failed', 'rollback.started', 'call.requested');
  });

  test('undoes the rest around a write that nothing undoes, and is escalated with what stands', () => {
    const story = run([
      undoable('book'),
      write('mail', { needs: ['book'] }),
      undoable('pay', { needs: ['mail'] }),
      read('send', { needs: ['pay'] }),
    ]);
    performWrite(story, 'book');
    story.when(before(story, 'mail')).when(succeeded(story, 'mail')).when(after(story, 'mail'));
    fails(performWrite(story, 'pay'), 'send');
    undone(story, 'pay').thenEvents(
      { type: 'verdict.recorded' },
      { type: 'step.compensated', data: { step: 'pay' } },
      { type: 'step.compensation_failed', data: { step: 'mail', failure: { code: 'compensation.none' } } },
      { type: 'call.requested', data: { step: 'book', purpose: 'compensate' } },
    );
    undone(story, 'book');
    expect(story.last('run.escalated').data).toMatchObject({
      failure: { class: 'domain', code: 'compensation_failed' },
      step: 'send',
      standing: [{ step: 'mail', tool: 'mail.get' }],
    });
  });

  test('leaves a write standing whose executor could not say what undoes it', () => {
    const story = run([undoable('pay'), read('send', { needs: ['pay'] })]);
    story.when(before(story, 'pay')).when(succeeded(story, 'pay')).when(after(story, 'pay'));
    fails(story, 'send');
    expect(story.last('step.compensation_failed').data).toMatchObject({
      failure: { code: 'compensation.unknown' },
    });
  });

  test('leaves a write standing that answered what its contract does not allow', () => {
    const story = run([undoable('pay')]);
    story.when(before(story, 'pay')).when(failed(story, 'pay', { class: 'invalid_output', code: 'shape' }));
    story.thenTypes(
      'call.recorded',
      'step.failed',
      'rollback.started',
      'step.compensation_failed',
      'run.escalated',
    );
  });
});

/** The verify tool found the write, and its executor says what undoes that. */
const found = (story: RunStory) => {
  const input = wrote(story, 'pay');
  if (input.kind !== 'message') throw new Error('no message');
  const data = { ...(input.message.data as object), output: { found: true, output: { of: 'pay' } } };
  return { ...input, message: { ...input.message, data } };
};

describe('a cancel with rollback', () => {
  test('waits for the write in flight and undoes it', () => {
    const story = performWrite(twoWrites(), 'book');
    story.when(before(story, 'pay')).when(cancel(story, true));
    story.thenEvents({ type: 'run.cancelling', data: { rollback: true } }, { type: 'call.revoked' });
    story.when(wrote(story, 'pay')).when(after(story, 'pay'));
    story.thenEvents(
      { type: 'verdict.recorded' },
      { type: 'step.completed' },
      {
        type: 'rollback.started',
        data: { because: 'cancelled', writes: [{ step: 'pay' }, { step: 'book' }] },
      },
      { type: 'call.requested' },
    );
    undone(undone(story, 'pay'), 'book');
    expect(story.last('run.rolled_back').data).toMatchObject({
      because: 'cancelled',
      failure: { class: 'cancelled', message: 'a reason' },
    });
  });

  test('is refused while what the run did is being undone, as are a pause and another cancel', () => {
    const story = fails(writtenTwice(), 'send');
    const refusal = { data: { code: 'run.ending', message: expect.stringContaining('undone') } };
    story.when(cancel(story, true));
    expect(story.last('command.refused')).toMatchObject(refusal);
    story.when(cancel(story)).thenTypes('command.refused');
    story.when(pause(story)).thenTypes('command.refused');
  });

  test('is refused while the run is failing', () => {
    const story = run([undoable('pay'), read('send')]);
    story.when(before(story, 'pay'));
    fails(story, 'send');
    story.when(cancel(story, true)).thenEvents({ type: 'command.refused', data: { code: 'run.ending' } });
  });

  test('without it leaves everything as it is', () => {
    const story = writtenTwice();
    story.when(cancel(story)).when(refused(story, 'send'));
    expect(story.last('run.escalated').data).toMatchObject({
      failure: { code: 'run.cancelled' },
      standing: [{ step: 'book' }, { step: 'pay' }],
    });
  });
});

describe('a run whose output fails after all its steps', () => {
  const output = { half: '${10 / (input.amount - 5)}' };

  test('undoes what it did, for it has failed', () => {
    const story = run(workflow([undoable('book'), undoable('pay', { needs: ['book'] })], { output }));
    performWrite(story, 'book');
    performWrite(story, 'pay').thenEvents(
      { type: 'verdict.recorded' },
      { type: 'step.completed', data: { step: 'pay' } },
      {
        type: 'rollback.started',
        data: {
          because: 'failed',
          failure: { class: 'invalid_output', code: 'run.output' },
          writes: [{ step: 'pay' }, { step: 'book' }],
        },
      },
      { type: 'call.requested', data: { step: 'pay', purpose: 'compensate' } },
    );
    expect(describeRun(story.state!)).toMatchObject({
      status: 'rolling_back',
      failure: { code: 'run.output' },
    });
    undone(story, 'pay');
    undone(story, 'book');
    expect(describeRun(story.state!)).toMatchObject({
      status: 'rolled_back',
      failure: { class: 'invalid_output', code: 'run.output' },
    });
  });

  test('is failed when it wrote nothing, and escalated when there is no way back', () => {
    const reading = run(workflow([read('look')], { output }));
    reading.when(before(reading, 'look')).when(succeeded(reading, 'look')).when(after(reading, 'look'));
    expect(reading.state!.end).toMatchObject({ status: 'failed' });
    const turned = run(workflow([undoable('pay', { pivot: true })], { output }));
    performWrite(turned, 'pay').thenEvents(
      { type: 'verdict.recorded' },
      { type: 'step.completed' },
      { type: 'run.escalated', data: { failure: { code: 'run.output' }, standing: [{ step: 'pay' }] } },
    );
  });
});

test('hundreds of writes have their turn, last first, over several decisions', () => {
  const ids = Array.from({ length: 350 }, (_, at) => `s${at}`);
  const steps = ids.map((id, at) => write(id, { needs: at === 0 ? [] : [`s${at - 1}`] }));
  const last = read('last', { needs: ['s349'] });
  const story = run(workflow([...steps, last], { budget: { toolCalls: 1_000, steps: 1_000 } }));
  for (const id of ids) performWrite(story, id);
  fails(story, 'last');
  while (story.state!.end === null) story.whenDue();
  const stand = story.events.filter(({ type }) => type === 'step.compensation_failed');
  expect(stand.map(({ data }) => (data as { step: string }).step)).toEqual(ids.toReversed());
  expect(story.state!.end).toMatchObject({ status: 'escalated', failure: { code: 'compensation_failed' } });
});
