import { describe, expect, test } from 'vitest';
import { child, Family } from '../../test/family-scenario.js';
import {
  after,
  before,
  cancel,
  deny,
  failed,
  resumeFrom,
  retry,
  runId,
  skip,
  succeeded,
} from '../../test/run-scenario.js';
import { forEach, read, undoable, wait, workflow, write } from '../../test/workflows.js';

const look = workflow([read('look')], { name: 'look', output: { seen: '$' + '{steps.look.output.of}' } });
const nap = workflow([wait('long', { forMs: 60_000 })], { name: 'nap' });
const stay = workflow([undoable('stay')], { name: 'stay' });
const book = workflow([undoable('flight'), undoable('hotel', { needs: ['flight'] })], { name: 'book' });

/** A write, a child that writes, and a step that may fail. */
const trip = (last = read('check', { needs: ['book'] })) =>
  workflow([undoable('fee'), child('book', book, { needs: ['fee'] }), last]);

/** All of it has happened but for the last step. */
function booked(last?: Parameters<typeof trip>[0]): Family {
  const family = new Family(trip(last), [book]);
  family.perform(runId, 'fee', true);
  const id = family.childOf('book');
  return family.perform(id, 'flight', true).perform(id, 'hotel', true);
}

describe('a step that starts a workflow', () => {
  test('completes with the output of its child, and both name each other', () => {
    const root = workflow([child('ask', look), read('end', { needs: ['ask'] })]);
    const family = new Family(root, [look]);
    const id = family.childOf('ask');
    expect(family.shown(runId)).toMatchObject({
      children: [{ runId: id, step: 'ask' }],
      waitingFor: [{ kind: 'child', step: 'ask', runId: id }],
    });
    expect(family.shown(id)).toMatchObject({ rootRunId: runId, parent: { runId, step: 'ask' }, by: 'ada' });
    family.perform(id, 'look');
    expect(family.types(runId)).toEqual([
      'run.started',
      'child.requested',
      'child.started',
      'child.ended',
      'step.completed',
      'call.requested',
    ]);
    expect(family.parent.state?.steps).toBeDefined();
    family.perform(runId, 'end');
    expect(family.shown(runId)).toMatchObject({
      status: 'completed',
      output: { ask: { seen: 'look' } },
      usage: { steps: 3, toolCalls: 2, costUsd: 0.02 },
    });
  });

  test('starts one child, however often it is told to, and counts its end once', () => {
    const family = new Family(workflow([child('ask', look), read('end', { needs: ['ask'] })]), [look]);
    family.isRepeating = true;
    const id = family.childOf('ask');
    family.perform(id, 'look').recover().recover();
    expect(family.types(id).filter((type) => type === 'run.started')).toHaveLength(1);
    expect(family.types(runId).filter((type) => type === 'child.ended')).toHaveLength(1);
    expect(family.shown(runId).usage).toMatchObject({ steps: 3, toolCalls: 1 });
  });

  test.each([0, 1, 2])('goes on where letter %i was lost with its process', (lost) => {
    const family = new Family(
      workflow([wait('rest', { forMs: 1 }), child('ask', look, { needs: ['rest'] })]),
      [look],
    );
    family.isHolding = lost === 0;
    family.parent.now += 1;
    family.when(runId, { kind: 'due' });
    if (lost === 0) family.recover();
    const id = family.childOf('ask');
    family.isHolding = lost > 0;
    family.perform(id, 'look');
    if (lost === 2) for (const effect of family.held.splice(0)) family.bring(effect);
    family.recover();
    expect(family.shown(runId)).toMatchObject({ status: 'completed', output: { ask: { seen: 'look' } } });
  });

  test('fails with its child, and its onFailure decides', () => {
    const ask = child('ask', look, { onFailure: { do: 'value', value: { seen: 'nothing' } } });
    const family = new Family(workflow([ask]), [look]);
    const id = family.childOf('ask');
    family.when(id, before(family.run(id), 'look', deny));
    expect(family.shown(id).status).toBe('failed');
    expect(family.shown(runId)).toMatchObject({ status: 'completed', output: { ask: { seen: 'nothing' } } });
    expect(family.dataOf(runId, 'step.fell_back')).toMatchObject({
      failure: { class: 'denied', message: expect.stringContaining(`child ${id}: `) },
    });
  });

  test('is tried again with another child', () => {
    const family = new Family(workflow([child('ask', look, { onFailure: { do: 'escalate' } })]), [look]);
    const first = family.childOf('ask');
    family.when(first, before(family.run(first), 'look', deny));
    family.when(runId, retry(family.parent, 'ask'));
    const second = family.childOf('ask');
    expect(second).not.toBe(first);
    family.perform(second, 'look');
    expect(family.shown(runId).status).toBe('completed');
  });

  test.each([
    ['is not published', [], {}, 'workflow.unknown'],
    [
      'takes another input',
      [workflow([read('look')], { name: 'strict', inputSchema: { type: 'object', required: ['id'] } })],
      {},
      'schema.mismatch',
    ],
    ['is too large', [look], { big: 'x'.repeat(255 * 1024) }, undefined],
    ['is far too large', [look], { big: 'x'.repeat(300 * 1024) }, 'run.too_large'],
  ] as const)('hears of the end of a child whose workflow %s', (_name, others, input, code) => {
    const [of = look] = others;
    const family = new Family(workflow([child('ask', of, { with: input })]), others);
    // A decision that is full goes on at once.
    if (family.parent.state?.ready.length === 1) family.when(runId, { kind: 'due' });
    if (code === undefined) expect(family.run(family.childOf('ask')).state?.end).toBeNull();
    else expect(family.shown(runId)).toMatchObject({ status: 'failed', failure: { code, step: 'ask' } });
  });
});

describe('the budget of a child', () => {
  const small = workflow([read('look')], {
    name: 'small',
    budget: { steps: 5, toolCalls: 4, costUsd: 1, tokens: 10 },
  });

  test('is reserved while it runs, and given back but for what it has used', () => {
    const family = new Family(workflow([child('a', small)], { budget: { steps: 20, toolCalls: 20 } }), [
      small,
    ]);
    expect(family.parent.state?.spent).toMatchObject({
      reservedSteps: 5,
      reservedCalls: 4,
      reservedMicroUsd: 1_000_000,
      reservedTokens: 10,
    });
    family.perform(family.childOf('a'), 'look');
    expect(family.parent.state?.spent).toMatchObject({
      reservedSteps: 0,
      reservedCalls: 0,
      reservedMicroUsd: 0,
      reservedTokens: 0,
      steps: 2,
      toolCalls: 1,
      microUsd: 10_000,
    });
  });

  test('is what its parent has left where that is less, and its deadline is that of its parent', () => {
    const root = workflow([child('a', small)], {
      budget: { steps: 4, toolCalls: 2, costUsd: 0.5, durationMs: 1_000 },
    });
    const family = new Family(root, [small]);
    const id = family.childOf('a');
    expect(family.dataOf(id, 'run.started')).toMatchObject({
      budget: { steps: 3, toolCalls: 2, costUsd: 0.5, tokens: 10 },
      deadline: family.parent.state?.origin.deadline,
    });
  });

  test('bounds it: it fails where its parent has nothing left for it', () => {
    const two = workflow([read('one'), read('two', { needs: ['one'] })], { name: 'two' });
    const family = new Family(workflow([child('a', two)], { budget: { steps: 2 } }), [two]);
    family.perform(family.childOf('a'), 'one');
    expect(family.shown(runId)).toMatchObject({ status: 'failed', failure: { code: 'budget.steps' } });
  });

  test('is waited for while another child holds it', () => {
    const root = workflow([child('a', small), child('b', small)], { budget: { steps: 9, toolCalls: 5 } });
    const family = new Family(root, [small]);
    expect(family.types(runId)).toEqual(['run.started', 'child.requested', 'child.awaited', 'child.started']);
    expect(family.shown(runId).waitingFor).toMatchObject([
      { kind: 'child', step: 'a' },
      { kind: 'child', step: 'b', detail: expect.stringContaining('budget') },
    ]);
    family.perform(family.childOf('a'), 'look');
    family.perform(family.childOf('b'), 'look');
    expect(family.shown(runId)).toMatchObject({ status: 'completed', usage: { steps: 4, toolCalls: 2 } });
  });
});

describe('a run that is cancelled', () => {
  test.each([true, false])('ends after its children, which undo what they did: %s', (rollback) => {
    const family = new Family(trip(), [book]);
    family.perform(runId, 'fee', true);
    const id = family.childOf('book');
    family.perform(id, 'flight', true);
    family.when(id, before(family.run(id), 'hotel'));
    family.when(runId, cancel(family.parent, rollback));
    expect(family.dataOf(id, 'run.cancelling')).toMatchObject({ rollback });
    expect(family.shown(runId)).toMatchObject({
      status: 'running',
      waitingFor: [{ kind: 'child', runId: id }],
    });
    family.when(id, failed(family.run(id), 'hotel', { class: 'domain' }));
    if (rollback) family.perform(id, 'flight', true);
    expect(family.shown(id).status).toBe(rollback ? 'rolled_back' : 'escalated');
    if (rollback) family.perform(runId, 'fee', true);
    expect(family.shown(runId).status).toBe(rollback ? 'rolled_back' : 'escalated');
    if (!rollback) expect(family.dataOf(runId, 'run.escalated')).toMatchObject({ children: [{ runId: id }] });
  });

  test('also ends a child that it is told of too late', () => {
    const family = new Family(
      workflow([wait('rest', { forMs: 1 }), child('nap', nap, { needs: ['rest'] })]),
      [nap],
    );
    family.isHolding = true;
    family.parent.now += 1;
    family.when(runId, { kind: 'due' }).when(runId, cancel(family.parent));
    family.recover();
    const id = family.childOf('nap');
    expect(family.shown(id).status).toBe('cancelled');
    expect(family.shown(runId).status).toBe('cancelled');
  });
});

describe('the rollback of a run', () => {
  test('undoes its children in their turn, last first, though they had completed', () => {
    const family = booked();
    const id = family.childOf('book');
    expect(family.shown(id).status).toBe('completed');
    family.when(runId, before(family.parent, 'check', deny));
    expect(family.dataOf(runId, 'rollback.started')).toMatchObject({
      writes: [{ step: 'fee' }],
      children: [{ step: 'book', runId: id }],
    });
    expect(family.shown(runId)).toMatchObject({
      status: 'rolling_back',
      waitingFor: [{ kind: 'child', runId: id }],
    });
    expect(family.shown(id)).toMatchObject({ status: 'rolling_back' });
    family.perform(id, 'hotel', true).perform(id, 'flight', true);
    expect(family.shown(id).status).toBe('rolled_back');
    expect(family.types(runId).at(-1)).toBe('call.requested');
    family.perform(runId, 'fee', true);
    expect(family.dataOf(runId, 'run.rolled_back')).toMatchObject({
      undone: [{ step: 'fee' }],
      children: [{ runId: id }],
    });
  });

  test('goes on where a child could not undo all of it, and a person has to look', () => {
    const family = booked();
    const id = family.childOf('book');
    family.when(runId, before(family.parent, 'check', deny));
    family.when(id, before(family.run(id), 'hotel', deny));
    expect(family.shown(id).waitingFor).toMatchObject([{ kind: 'operator', step: 'hotel' }]);
    family.when(id, skip(family.run(id), 'hotel'));
    family.perform(id, 'flight', true);
    expect(family.shown(id).status).toBe('escalated');
    family.perform(runId, 'fee', true);
    expect(family.dataOf(runId, 'run.escalated')).toMatchObject({ standing: [], children: [{ runId: id }] });
  });

  test('is asked for once more after a crash, and undoes nothing twice', () => {
    const family = booked();
    const id = family.childOf('book');
    family.isHolding = true;
    family.when(runId, before(family.parent, 'check', deny));
    family.recover();
    family.isRepeating = true;
    family.recover();
    expect(family.types(id).filter((type) => type === 'run.undoing')).toHaveLength(1);
    family.perform(id, 'hotel', true);
    family.isHolding = true;
    family.perform(id, 'flight', true);
    family.recover();
    expect(family.types(runId).filter((type) => type === 'child.undone')).toHaveLength(1);
    family.perform(runId, 'fee', true);
    expect(family.shown(runId).status).toBe('rolled_back');
  });

  test('asks nothing of a child that only looked', () => {
    const root = workflow([child('ask', look), write('pay', { needs: ['ask'] })]);
    const family = new Family(root, [look]);
    family.perform(family.childOf('ask'), 'look');
    family.when(runId, before(family.parent, 'pay', deny));
    expect(family.shown(runId).status).toBe('failed');
  });
});

test('a step whose time is up ends its child, and fails when that has ended', () => {
  const family = new Family(workflow([child('ask', stay, { timeout: { totalMs: 50 } })]), [stay]);
  const id = family.childOf('ask');
  family.when(id, before(family.run(id), 'stay'));
  family.parent.now += 50;
  family.when(runId, { kind: 'due' });
  expect(family.dataOf(runId, 'child.cancel_requested')).toMatchObject({ because: 'timeout' });
  expect(family.parent.due).toBe(
    family.parent.state?.origin.deadline === undefined ? undefined : family.parent.due,
  );
  family.when(id, failed(family.run(id), 'stay', { class: 'domain' }));
  expect(family.shown(runId)).toMatchObject({ status: 'failed', failure: { code: 'step.timeout' } });
});

test('a detached child is started and left alone', () => {
  const family = new Family(workflow([child('leave', stay, { detached: true })]), [stay]);
  const id = family.childOf('leave');
  expect(family.shown(runId)).toMatchObject({
    status: 'completed',
    output: { leave: { runId: id } },
    usage: { steps: 1 },
  });
  expect(family.dataOf(id, 'run.started')).not.toHaveProperty('budget');
  family.perform(id, 'stay', true);
  expect(family.shown(id).status).toBe('completed');
  expect(family.types(runId)).not.toContain('child.ended');
});

test('a run waits for the start of a detached child', () => {
  const family = new Family(
    workflow([wait('rest', { forMs: 1 }), child('leave', stay, { needs: ['rest'], detached: true })]),
    [stay],
  );
  family.isHolding = true;
  family.parent.now += 1;
  family.when(runId, { kind: 'due' });
  expect(family.shown(runId).status).toBe('running');
  family.recover();
  expect(family.shown(runId).status).toBe('completed');
  expect(family.run(family.childOf('leave')).state?.end).toBeNull();
});

test('a child of a child: ends, budgets and rollback go down and up', () => {
  const middle = workflow([child('below', book)], { name: 'middle' });
  const root = workflow([child('middle', middle), read('check', { needs: ['middle'] })]);
  const family = new Family(root, [middle, book]);
  const middleId = family.childOf('middle');
  const bookId = family.childOf('below', middleId);
  family.perform(bookId, 'flight', true).perform(bookId, 'hotel', true);
  expect(family.shown(runId).usage).toMatchObject({ steps: 5, toolCalls: 2 });
  family.when(runId, before(family.parent, 'check', deny));
  expect(family.shown(bookId).status).toBe('rolling_back');
  family.perform(bookId, 'hotel', true).perform(bookId, 'flight', true);
  for (const id of [bookId, middleId, runId]) expect(family.shown(id).status).toBe('rolled_back');
});

test('an after-check that is open holds the end of a child back', () => {
  const family = new Family(workflow([child('ask', look)]), [look]);
  const id = family.childOf('ask');
  family.when(id, before(family.run(id), 'look')).when(id, succeeded(family.run(id), 'look'));
  expect(family.shown(runId).status).toBe('running');
  family.when(id, after(family.run(id), 'look'));
  expect(family.shown(runId).status).toBe('completed');
});

describe('in a body', () => {
  const part = workflow([undoable('part')], {
    name: 'part',
    budget: { steps: 3, toolCalls: 5, costUsd: 0.1, tokens: 0 },
  });
  const lines = (failAfter = { items: 0 }) =>
    forEach('lines', ['a', 'b', 'c'], [child('make', part)], { concurrency: 2, failAfter });

  test('each turn starts a child of its own, at the path of its step', () => {
    const family = new Family(workflow([lines()]), [part]);
    const ids = ['lines[0]/make', 'lines[1]/make'].map((step) => family.childOf(step));
    expect(new Set(ids).size).toBe(2);
    for (const id of ids) family.perform(id, 'part', true);
    family.perform(family.childOf('lines[2]/make'), 'part', true);
    expect(family.shown(runId)).toMatchObject({ status: 'completed', usage: { steps: 7, toolCalls: 3 } });
  });

  test('children of turns that are over are undone, last first', () => {
    const root = workflow([lines(), read('check', { needs: ['lines'] })]);
    const family = new Family(root, [part]);
    const order = [1, 0, 2].map((at) => {
      const id = family.childOf(`lines[${at}]/make`);
      family.perform(id, 'part', true);
      return id;
    });
    family.when(runId, before(family.parent, 'check', deny));
    for (const id of order.toReversed()) {
      expect(family.shown(runId).waitingFor).toMatchObject([{ kind: 'child', runId: id }]);
      family.perform(id, 'part', true);
    }
    expect(family.shown(runId).status).toBe('rolled_back');
    expect(family.dataOf(runId, 'run.rolled_back')).toMatchObject({
      children: order.toReversed().map((id) => ({ runId: id })),
    });
  });

  test('a turn that fails beside an open child ends the step once that has ended', () => {
    const family = new Family(workflow([lines()]), [part]);
    const [first, second] = [0, 1].map((at) => family.childOf(`lines[${at}]/make`));
    if (first === undefined || second === undefined) throw new Error('two children run');
    family.when(second, before(family.run(second), 'part'));
    family.when(first, before(family.run(first), 'part', deny));
    expect(family.types(second)).toContain('run.cancelling');
    expect(family.shown(runId).status).toBe('running');
    family.when(second, failed(family.run(second), 'part', { class: 'domain' }));
    expect(family.shown(runId).status).toBe('failed');
  });
});

describe('a run with children that is taken up again', () => {
  const no = { class: 'domain', code: 'no' } as const;
  const fails = (family: Family, step: string, of = runId): Family =>
    family.when(of, before(family.run(of), step)).when(of, failed(family.run(of), step, no));

  test('keeps those that have ended, and starts others for steps that begin anew', () => {
    const root = workflow([child('ask', look), read('end', { needs: ['ask'] })]);
    const family = new Family(root, [look]);
    const first = family.childOf('ask');
    fails(family.perform(first, 'look'), 'end');
    family.when(runId, resumeFrom(family.parent, 'end'));
    expect(family.childOf('ask')).toBe(first);
    fails(family, 'end');
    family.when(runId, resumeFrom(family.parent, 'ask'));
    const second = family.childOf('ask');
    expect(second).not.toBe(first);
    family.perform(second, 'look').perform(runId, 'end');
    expect(family.shown(runId)).toMatchObject({ status: 'completed', usage: { toolCalls: 5 } });
  });

  test('asks again for what its child could not undo, and hears the same', () => {
    const keep = workflow([write('stand')], { name: 'keep' });
    const root = workflow([child('keep', keep), read('end', { needs: ['keep'] })]);
    const family = new Family(root, [keep]);
    const kept = family.childOf('keep');
    fails(family.perform(kept, 'stand', true), 'end');
    expect([family.shown(runId).status, family.shown(kept).status]).toEqual(['escalated', 'escalated']);
    family.when(kept, resumeFrom(family.run(kept), 'stand'));
    expect(family.shown(kept).status).toBe('escalated');
    family.when(runId, resumeFrom(family.parent, 'end'));
    fails(family, 'end');
    expect(family.types(runId).filter((type) => type === 'child.undo_requested')).toHaveLength(2);
    expect([family.shown(runId).status, family.shown(kept).status]).toEqual(['escalated', 'escalated']);
  });

  test('hears of a child that had never completed that what it did stands, and ends', () => {
    const half = workflow([write('stand'), read('no', { needs: ['stand'] })], { name: 'half' });
    const began = child('half', half, { onFailure: { do: 'value', value: {} } });
    const family = new Family(workflow([began, read('end', { needs: ['half'] })]), [half]);
    const left = family.childOf('half');
    fails(family.perform(left, 'stand', true), 'no', left);
    expect(family.shown(left).status).toBe('escalated');
    fails(family, 'end');
    expect(family.shown(runId).status).toBe('escalated');
    family.when(runId, resumeFrom(family.parent, 'end'));
    fails(family, 'end');
    expect(family.dataOf(runId, 'child.undone')).toMatchObject({ failure: { code: 'compensation_failed' } });
    expect(family.shown(runId).status).toBe('escalated');
  });

  test('a child is taken up again by nobody: the run above it goes on without it', () => {
    const family = new Family(workflow([child('ask', look, { onFailure: { do: 'value', value: {} } })]), [
      look,
    ]);
    const id = family.childOf('ask');
    fails(family, 'look', id);
    expect(family.shown(id).status).toBe('failed');
    family.when(id, resumeFrom(family.run(id), 'look'));
    expect(family.dataOf(id, 'command.refused')).toMatchObject({ code: 'resume.forgotten' });
  });
});
