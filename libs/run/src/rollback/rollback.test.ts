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
  type RunScenario,
  refused,
  run,
  succeeded,
  unknown,
  wrote,
} from '../../test/run-scenario.js';
import { read, undoable, verifiable, workflow, write } from '../../test/workflows.js';
import { describeRun } from '../index.js';

/** Two writes that can be undone, and a read that fails the run. */
const twoWrites = (options: Parameters<typeof run>[1] = {}): RunScenario => {
  const steps = [
    undoable('book'),
    undoable('pay', { needs: ['book'] }),
    read('send', { needs: ['book', 'pay'] }),
  ];
  return run(steps, options);
};

const fails = (scenario: RunScenario, step: string): RunScenario =>
  scenario.when(before(scenario, step)).when(failed(scenario, step, { class: 'domain', code: 'no' }));

const undone = (scenario: RunScenario, step: string): RunScenario =>
  scenario.when(before(scenario, step)).when(succeeded(scenario, step)).when(after(scenario, step));

const writtenTwice = () => performWrite(performWrite(twoWrites(), 'book'), 'pay');

describe('a run that fails after its writes', () => {
  test('undoes them last first, one governed call at a time, and ends rolled back', () => {
    const scenario = writtenTwice();
    const [book, pay] = [callRequestOf(scenario, 'book'), callRequestOf(scenario, 'pay')];
    fails(scenario, 'send').thenEvents(
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
    expect(describeRun(scenario.state!)).toMatchObject({
      status: 'rolling_back',
      failure: { code: 'no', step: 'send' },
      waitingFor: [{ kind: 'call', step: 'pay', detail: expect.stringContaining('pay.undo undoes pay.get') }],
    });
    const { callHash: by } = callRequestOf(scenario, 'pay');
    scenario.when(before(scenario, 'pay')).thenTypes('verdict.recorded');
    scenario.when(succeeded(scenario, 'pay')).thenTypes('call.recorded', 'run.checkpointed');
    scenario
      .when(after(scenario, 'pay'))
      .thenEvents(
        { type: 'verdict.recorded' },
        { type: 'step.compensated', data: { step: 'pay', callHash: pay.callHash, by } },
        { type: 'call.requested', data: { step: 'book', purpose: 'compensate' } },
      );
    undone(scenario, 'book').thenEvents(
      { type: 'verdict.recorded' },
      { type: 'step.compensated', data: { step: 'book' } },
      {
        type: 'run.rolled_back',
        data: { because: 'failed', failure: { code: 'no' }, undone: [{ step: 'pay' }, { step: 'book' }] },
      },
    );
    expect(describeRun(scenario.state!)).toMatchObject({ status: 'rolled_back', failure: { code: 'no' } });
  });

  test('because what a write gave was not allowed undoes that write too', () => {
    const scenario = performWrite(twoWrites(), 'book');
    scenario
      .when(before(scenario, 'pay'))
      .when(wrote(scenario, 'pay'))
      .when(after(scenario, 'pay', deny));
    scenario.thenTypes(
      'verdict.recorded',
      'step.failed',
      'step.skipped',
      'rollback.started',
      'call.requested',
    );
    expect(callRequestOf(scenario, 'pay').purpose).toBe('compensate');
  });

  test('takes back what is in flight first, and undoes it if it came through all the same', () => {
    const scenario = run([undoable('book'), undoable('pay'), read('send')]);
    performWrite(scenario, 'book');
    scenario.when(before(scenario, 'pay'));
    fails(scenario, 'send').thenTypes('call.recorded', 'step.failed', 'call.revoked');
    scenario.when(wrote(scenario, 'pay')).thenTypes('call.recorded', 'run.checkpointed');
    scenario.when(after(scenario, 'pay'));
    scenario.thenTypes('verdict.recorded', 'step.completed', 'rollback.started', 'call.requested');
    expect(callRequestOf(scenario, 'pay').purpose).toBe('compensate');
  });

  test('has nothing to undo when the call in flight was taken back in time', () => {
    const scenario = run([undoable('pay'), read('send')]);
    scenario.when(before(scenario, 'pay'));
    fails(scenario, 'send');
    scenario.when(refused(scenario, 'pay')).thenTypes('call.recorded', 'run.failed');
  });

  test.each([
    ['happened', { found: true, output: {} }, ['pay', 'book']],
    ['did not', { found: false }, ['book']],
  ])('waits for the answer of a write in doubt that %s', (_, answer, order) => {
    const recovery = verifiable('pay').recovery!;
    const scenario = run([undoable('book'), undoable('pay', { recovery }), read('send')]);
    performWrite(scenario, 'book');
    scenario.when(before(scenario, 'pay')).when(unknown(scenario, 'pay'));
    const pay = callRequestOf(scenario, 'pay');
    fails(scenario, 'send').thenTypes('call.recorded', 'step.failed');
    expect(describeRun(scenario.state!).waitingFor).toMatchObject([{ kind: 'recovery', step: 'pay' }]);
    scenario.whenDue().thenEvents({
      type: 'call.requested',
      data: { purpose: 'verify', verifies: { tool: 'pay.get', toolHash: 'hash of pay.get' } },
    });
    scenario.when(before(scenario, 'pay')).when(
      // What the executor says of the write that it found.
      answer.found ? found(scenario) : succeeded(scenario, 'pay', answer),
    );
    if (answer.found) {
      expect(scenario.last('call.doubt_resolved').data).toMatchObject({ compensation: { tool: 'pay.undo' } });
      scenario.when(after(scenario, 'pay'));
    }
    const { writes } = scenario.last('rollback.started').data as {
      writes: { step: string; callHash: string }[];
    };
    expect(writes.map(({ step }) => step)).toEqual(order);
    expect(writes.some(({ callHash }) => callHash === pay.callHash)).toBe(answer.found);
  });

  test('counts what undoes it apart: no budget and no deadline stops it', () => {
    const limits = { toolCalls: 3, costUsd: 0.03, durationMs: 5_000 };
    const steps = [undoable('book'), undoable('pay', { needs: ['book'] }), read('send', { needs: ['pay'] })];
    const scenario = run(workflow(steps, { budget: limits }));
    fails(performWrite(performWrite(scenario, 'book'), 'pay'), 'send');
    expect(callRequestOf(scenario, 'pay')).toMatchObject({
      purpose: 'compensate',
      reserved: { toolCalls: 0 },
    });
    scenario.after(10_000).when({ kind: 'due' });
    scenario.when(before(scenario, 'pay')).when(failed(scenario, 'pay'));
    scenario.thenTypes('call.recorded', 'step.retry_scheduled');
    scenario.whenDue().thenEvents({ type: 'call.requested', data: { purpose: 'compensate', attempt: 2 } });
    undone(undone(scenario, 'pay'), 'book').thenTypes(
      'verdict.recorded',
      'step.compensated',
      'run.rolled_back',
    );
    expect(describeRun(scenario.state!).usage).toMatchObject({ toolCalls: 6, costUsd: 0.06 });
  });

  test('stays as it is behind a completed pivot', () => {
    const scenario = run([undoable('pay', { pivot: true }), read('send', { needs: ['pay'] })]);
    performWrite(scenario, 'pay');
    scenario.when(before(scenario, 'send')).when(cancel(scenario, true));
    scenario.thenEvents({ type: 'command.refused', data: { code: 'rollback.pivot' } });
    scenario
      .when(failed(scenario, 'send', { class: 'domain', code: 'no' }))
      .thenEvents(
        { type: 'call.recorded' },
        { type: 'step.failed' },
        { type: 'run.escalated', data: { failure: { code: 'no' }, standing: [{ step: 'pay' }] } },
      );
  });

  test('goes back behind a pivot that failed', () => {
    const scenario = run([undoable('book'), read('send', { needs: ['book'], pivot: true })]);
    fails(performWrite(scenario, 'book'), 'send');
    scenario.thenTypes('call.recorded', 'step.failed', 'rollback.started', 'call.requested');
  });

  test('undoes the rest around a write that nothing undoes, and is escalated with what stands', () => {
    const scenario = run([
      undoable('book'),
      write('mail', { needs: ['book'] }),
      undoable('pay', { needs: ['mail'] }),
      read('send', { needs: ['pay'] }),
    ]);
    performWrite(scenario, 'book');
    scenario.when(before(scenario, 'mail')).when(succeeded(scenario, 'mail')).when(after(scenario, 'mail'));
    fails(performWrite(scenario, 'pay'), 'send');
    undone(scenario, 'pay').thenEvents(
      { type: 'verdict.recorded' },
      { type: 'step.compensated', data: { step: 'pay' } },
      { type: 'step.compensation_failed', data: { step: 'mail', failure: { code: 'compensation.none' } } },
      { type: 'call.requested', data: { step: 'book', purpose: 'compensate' } },
    );
    undone(scenario, 'book');
    expect(scenario.last('run.escalated').data).toMatchObject({
      failure: { class: 'domain', code: 'compensation_failed' },
      step: 'send',
      standing: [{ step: 'mail', tool: 'mail.get' }],
    });
  });

  test('leaves a write standing whose executor could not say what undoes it', () => {
    const scenario = run([undoable('pay'), read('send', { needs: ['pay'] })]);
    scenario.when(before(scenario, 'pay')).when(succeeded(scenario, 'pay')).when(after(scenario, 'pay'));
    fails(scenario, 'send');
    expect(scenario.last('step.compensation_failed').data).toMatchObject({
      failure: { code: 'compensation.unknown' },
    });
  });

  test('leaves a write standing that answered what its contract does not allow', () => {
    const scenario = run([undoable('pay')]);
    scenario
      .when(before(scenario, 'pay'))
      .when(failed(scenario, 'pay', { class: 'invalid_output', code: 'shape' }));
    scenario.thenTypes(
      'call.recorded',
      'step.failed',
      'rollback.started',
      'step.compensation_failed',
      'run.escalated',
    );
  });
});

/** The verify tool found the write, and its executor says what undoes that. */
const found = (scenario: RunScenario) => {
  const input = wrote(scenario, 'pay');
  if (input.kind !== 'message') throw new Error('no message');
  const data = { ...(input.message.data as object), output: { found: true, output: { of: 'pay' } } };
  return { ...input, message: { ...input.message, data } };
};

describe('a cancel with rollback', () => {
  test('waits for the write in flight and undoes it', () => {
    const scenario = performWrite(twoWrites(), 'book');
    scenario.when(before(scenario, 'pay')).when(cancel(scenario, true));
    scenario.thenEvents({ type: 'run.cancelling', data: { rollback: true } }, { type: 'call.revoked' });
    scenario.when(wrote(scenario, 'pay')).when(after(scenario, 'pay'));
    scenario.thenEvents(
      { type: 'verdict.recorded' },
      { type: 'step.completed' },
      {
        type: 'rollback.started',
        data: { because: 'cancelled', writes: [{ step: 'pay' }, { step: 'book' }] },
      },
      { type: 'call.requested' },
    );
    undone(undone(scenario, 'pay'), 'book');
    expect(scenario.last('run.rolled_back').data).toMatchObject({
      because: 'cancelled',
      failure: { class: 'cancelled', message: 'a reason' },
    });
  });

  test('is refused while what the run did is being undone, as are a pause and another cancel', () => {
    const scenario = fails(writtenTwice(), 'send');
    const refusal = { data: { code: 'run.ending', message: expect.stringContaining('undone') } };
    scenario.when(cancel(scenario, true));
    expect(scenario.last('command.refused')).toMatchObject(refusal);
    scenario.when(cancel(scenario)).thenTypes('command.refused');
    scenario.when(pause(scenario)).thenTypes('command.refused');
  });

  test('is refused while the run is failing', () => {
    const scenario = run([undoable('pay'), read('send')]);
    scenario.when(before(scenario, 'pay'));
    fails(scenario, 'send');
    scenario
      .when(cancel(scenario, true))
      .thenEvents({ type: 'command.refused', data: { code: 'run.ending' } });
  });

  test('without it leaves everything as it is', () => {
    const scenario = writtenTwice();
    scenario.when(cancel(scenario)).when(refused(scenario, 'send'));
    expect(scenario.last('run.escalated').data).toMatchObject({
      failure: { code: 'run.cancelled' },
      standing: [{ step: 'book' }, { step: 'pay' }],
    });
  });
});

describe('a run whose output fails after all its steps', () => {
  const output = { half: '${10 / (input.amount - 5)}' };

  test('undoes what it did, for it has failed', () => {
    const scenario = run(workflow([undoable('book'), undoable('pay', { needs: ['book'] })], { output }));
    performWrite(scenario, 'book');
    performWrite(scenario, 'pay').thenEvents(
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
    expect(describeRun(scenario.state!)).toMatchObject({
      status: 'rolling_back',
      failure: { code: 'run.output' },
    });
    undone(scenario, 'pay');
    undone(scenario, 'book');
    expect(describeRun(scenario.state!)).toMatchObject({
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
  const scenario = run(workflow([...steps, last], { budget: { toolCalls: 1_000, steps: 1_000 } }));
  for (const id of ids) performWrite(scenario, id);
  fails(scenario, 'last');
  while (scenario.state!.end === null) scenario.whenDue();
  const stand = scenario.events.filter(({ type }) => type === 'step.compensation_failed');
  expect(stand.map(({ data }) => (data as { step: string }).step)).toEqual(ids.toReversed());
  expect(scenario.state!.end).toMatchObject({
    status: 'escalated',
    failure: { code: 'compensation_failed' },
  });
});
