// biome-ignore-all lint/suspicious/noTemplateCurlyInString: workflows hold expressions
import type { CompiledStep } from '@interlock/language';
import { describe, expect, test } from 'vitest';
import {
  after,
  before,
  callRequestOf,
  cancel,
  failed,
  pause,
  perform,
  performWrite,
  type RunScenario,
  refused,
  resolve,
  resume,
  retry,
  run,
  skip,
  succeeded,
  T0,
  unknown,
} from '../../../test/run-scenario.js';
import { askable, decide, forEach, read, undoable, wait, workflow, write } from '../../../test/workflows.js';
import { describeRun, type RunActorOptions } from '../../index.js';

const outcomes = (scenario: RunScenario) =>
  scenario.events
    .filter(({ type }) => type === 'scope.closed')
    .map(({ data }) => (data as { outcome: { kind: string } }).outcome.kind);

const lastOutput = (scenario: RunScenario) => scenario.state?.end?.output;

const price = read('price', { with: { of: '${item}' } });

describe('a forEach step', () => {
  test('runs its body for each item, some at a time, and gives a list in its order', () => {
    const lines = forEach('lines', ['a', 'b', 'c'], [price], {
      concurrency: 2,
      output: '${steps.price.output.of}',
    });
    const scenario = run([lines]).thenTypes(
      'run.started',
      'scope.started',
      'scope.opened',
      'scope.opened',
      'call.requested',
      'call.requested',
    );
    expect(callRequestOf(scenario, 'lines[1]/price').arguments).toEqual({ of: 'b' });
    perform(scenario, 'lines[1]/price', { of: 'B' });
    perform(scenario, 'lines[2]/price', { of: 'C' });
    perform(scenario, 'lines[0]/price', { of: 'A' });
    scenario.thenSee((state) => expect(state.end?.output).toEqual({ lines: ['A', 'B', 'C'] }));
  });

  test('with an empty list completes at once', () => {
    run([forEach('lines', [], [price])]).thenEvents(
      { type: 'run.started' },
      { type: 'scope.started', data: { step: 'lines', items: 0 } },
      { type: 'step.completed', data: { step: 'lines', via: 'body' } },
      { type: 'run.completed', data: { output: { lines: [] } } },
    );
  });

  test('goes over what a step before it gave, and a step behind it reads its output', () => {
    const scenario = run([
      read('order'),
      forEach('lines', '${steps.order.output.lines}', [price], { needs: ['order'], output: '${item + "!"}' }),
      decide('all', { rules: [], otherwise: '${steps.lines.output}' }, { needs: ['lines'] }),
    ]);
    perform(scenario, 'order', { lines: ['x', 'y'] });
    for (const item of [0, 1]) perform(scenario, `lines[${item}]/price`);
    expect(lastOutput(scenario)).toMatchObject({ all: ['x!', 'y!'] });
  });

  test('over something else than a list fails before anything is called', () => {
    run([forEach('lines', '${input.amount}', [price])]).thenEvents(
      { type: 'run.started' },
      {
        type: 'step.failed',
        data: { step: 'lines', failure: { class: 'invalid_input', code: 'expression' } },
      },
      { type: 'run.failed' },
    );
  });

  test('fails with the first item that fails, once what the others have under way is answered', () => {
    const scenario = run([forEach('lines', ['a', 'b'], [price])]);
    scenario.when(before(scenario, 'lines[0]/price')).when(before(scenario, 'lines[1]/price'));
    scenario.when(failed(scenario, 'lines[0]/price', { class: 'domain', code: 'gone' }));
    scenario.thenEvents(
      { type: 'call.recorded' },
      { type: 'step.failed', data: { step: 'lines[0]/price' } },
      { type: 'scope.closed', data: { step: 'lines', item: 0, outcome: { kind: 'failed' } } },
      { type: 'scope.stopping', data: { step: 'lines', failure: { class: 'domain', code: 'gone' } } },
      { type: 'call.revoked', data: { step: 'lines[1]/price' } },
    );
    scenario
      .when(refused(scenario, 'lines[1]/price', 'revoked'))
      .thenEvents(
        { type: 'call.recorded' },
        { type: 'scope.closed', data: { step: 'lines', item: 1, outcome: { kind: 'stopped' } } },
        { type: 'step.failed', data: { step: 'lines', failure: { code: 'gone' } } },
        { type: 'run.failed', data: { step: 'lines' } },
      );
  });

  test('goes on behind as many failures as the document allows, and gives them in their places', () => {
    const scenario = run([
      forEach('lines', ['a', 'b', 'c'], [price], { failAfter: { share: 0.5 }, output: '${item}' }),
    ]);
    for (const item of [0, 1, 2]) scenario.when(before(scenario, `lines[${item}]/price`));
    scenario.when(failed(scenario, 'lines[1]/price', { class: 'domain', code: 'gone' }));
    for (const item of [0, 2])
      scenario
        .when(succeeded(scenario, `lines[${item}]/price`))
        .when(after(scenario, `lines[${item}]/price`));
    expect(lastOutput(scenario)).toMatchObject({ lines: ['a', { failure: { code: 'gone' } }, 'c'] });
  });

  test('may have its failure caught by a value', () => {
    const scenario = run([
      forEach('lines', ['a'], [price], { onFailure: { do: 'value', value: [] } }),
      decide('all', { rules: [], otherwise: '${size(steps.lines.output)}' }, { needs: ['lines'] }),
    ]);
    scenario.when(before(scenario, 'lines[0]/price'));
    scenario.when(failed(scenario, 'lines[0]/price', { class: 'domain', code: 'gone' }));
    expect(lastOutput(scenario)).toMatchObject({ lines: [], all: 0 });
  });

  test('that is taken up again leaves out the items that are done', () => {
    const scenario = run([
      forEach('lines', ['a', 'b', 'c'], [price], {
        concurrency: 1,
        output: '${item}',
        onFailure: { do: 'escalate' },
      }),
    ]);
    perform(scenario, 'lines[0]/price');
    scenario.when(before(scenario, 'lines[1]/price'));
    scenario.when(failed(scenario, 'lines[1]/price', { class: 'domain', code: 'gone' }));
    scenario
      .when(retry(scenario, 'lines'))
      .thenEvents(
        { type: 'step.resumed', data: { step: 'lines', generation: 2 } },
        { type: 'scope.started' },
        { type: 'scope.opened', data: { item: 1 } },
        { type: 'call.requested', data: { step: 'lines[1]/price', generation: 2 } },
      );
    perform(scenario, 'lines[1]/price');
    perform(scenario, 'lines[2]/price');
    expect(lastOutput(scenario)).toEqual({ lines: ['a', 'b', 'c'] });
  });

  test('is not retried where what an item wrote before it failed stands, and would be written again', () => {
    const scenario = run([
      forEach('lines', ['a', 'b'], [write('reserve'), read('price', { needs: ['reserve'] })], {
        concurrency: 1,
        onFailure: { do: 'escalate' },
      }),
    ]);
    const fail = (item: number) => {
      performWrite(scenario, `lines[${item}]/reserve`);
      scenario.when(before(scenario, `lines[${item}]/price`));
      return scenario.when(failed(scenario, `lines[${item}]/price`, { class: 'domain', code: 'gone' }));
    };
    fail(0);
    scenario.when(retry(scenario, 'lines')).thenEvents({
      type: 'command.refused',
      data: {
        code: 'step.happened',
        message: 'what lines[0]/reserve wrote stands, and would be written again: skip the step',
      },
    });
    scenario.when(skip(scenario, 'lines')).thenTypes('step.skipped', 'run.completed');
  });

  test('is retried where only items that are done have written', () => {
    const scenario = run([
      forEach('lines', ['a', 'b'], [write('reserve')], { concurrency: 1, onFailure: { do: 'escalate' } }),
    ]);
    performWrite(scenario, 'lines[0]/reserve');
    scenario.when(before(scenario, 'lines[1]/reserve'));
    scenario.when(failed(scenario, 'lines[1]/reserve', { class: 'domain', code: 'gone' }));
    scenario
      .when(retry(scenario, 'lines'))
      .thenEvents(
        { type: 'step.resumed' },
        { type: 'scope.started' },
        { type: 'scope.opened', data: { item: 1 } },
        { type: 'call.requested', data: { step: 'lines[1]/reserve', generation: 2 } },
      );
  });

  test('that is taken up again begins its steps in a generation that none of them ever had', () => {
    const escalates = { onFailure: { do: 'escalate' } } as const;
    const scenario = run([forEach('lines', ['a'], [price, read('tax', { ...escalates })], escalates)]);
    const fail = (step: string) => {
      scenario.when(before(scenario, step));
      scenario.when(failed(scenario, step, { class: 'domain', code: 'gone' }));
    };
    fail('lines[0]/tax');
    scenario.when(retry(scenario, 'lines[0]/tax'));
    expect(callRequestOf(scenario, 'lines[0]/tax').generation).toBe(2);
    const { callHash } = callRequestOf(scenario, 'lines[0]/tax');
    perform(scenario, 'lines[0]/tax');
    fail('lines[0]/price');
    scenario.when(retry(scenario, 'lines'));
    expect(callRequestOf(scenario, 'lines[0]/tax').generation).toBe(3);
    expect(callRequestOf(scenario, 'lines[0]/tax').callHash).not.toBe(callHash);
  });

  test('stops when its own time is up', () => {
    const scenario = run([
      forEach('lines', ['a', 'b'], [wait('pause', { forMs: 60_000 })], { timeout: { totalMs: 1_000 } }),
    ]);
    scenario.thenDue(T0 + 1_000).whenDue();
    expect(outcomes(scenario)).toEqual(['stopped', 'stopped']);
    scenario.thenSee((state) => expect(state.end?.failure).toMatchObject({ class: 'timeout' }));
  });

  test('opens no items while its run is paused, and the next ones when it is resumed', () => {
    const scenario = run([forEach('lines', ['a', 'b'], [price], { concurrency: 1 })]);
    scenario.when(pause(scenario));
    perform(scenario, 'lines[0]/price').thenTypes('verdict.recorded', 'step.completed', 'scope.closed');
    scenario.when(resume(scenario)).thenTypes('run.resumed', 'scope.opened', 'call.requested');
  });

  test('leaves nothing in the state of an item that is over but what it gave', () => {
    const items = [...Array(200).keys()];
    const lines = forEach('lines', items, [price], { concurrency: 1, output: '${item}' });
    const scenario = run(workflow([lines], { budget: { steps: 1_000, toolCalls: 1_000 } }));
    const sizes = items.map((item) => {
      perform(scenario, `lines[${item}]/price`, { text: 'x'.repeat(1_000) });
      return JSON.stringify(scenario.state).length;
    });
    expect(sizes[190]! - sizes[10]!).toBeLessThan(180 * 40);
  });

  test('says in its run what it waits for', () => {
    const scenario = run([forEach('lines', ['a', 'b'], [price], { concurrency: 1 })]);
    scenario.thenSee((state) =>
      expect(describeRun(state).waitingFor).toMatchObject([
        { kind: 'call', step: 'lines[0]/price' },
        { kind: 'body', step: 'lines', detail: '0 of 2 items are done, 1 are under way' },
      ]),
    );
  });
});

describe('a write in the body of a forEach step', () => {
  const book = undoable('book', { with: { seat: '${item}' } });

  test('is undone after its item has ended, in the reverse order of all writes', () => {
    const scenario = run([
      forEach('seats', ['a', 'b'], [book], { concurrency: 1 }),
      read('pay', { needs: ['seats'] }),
    ]);
    performWrite(scenario, 'seats[0]/book');
    performWrite(scenario, 'seats[1]/book');
    scenario.when(before(scenario, 'pay')).when(failed(scenario, 'pay', { class: 'domain', code: 'broke' }));
    const undone = () =>
      scenario.events
        .filter(({ type }) => type === 'call.requested')
        .map(({ data }) => data as { purpose: string; step: string })
        .filter(({ purpose }) => purpose === 'compensate')
        .map(({ step }) => step);
    expect(undone()).toEqual(['seats[1]/book']);
    perform(scenario, 'seats[1]/book');
    expect(undone()).toEqual(['seats[1]/book', 'seats[0]/book']);
    perform(scenario, 'seats[0]/book');
    scenario.thenSee((state) => expect(state.end?.status).toBe('rolled_back'));
  });

  test('that is in doubt holds its item open until a person has decided', () => {
    const scenario = run([
      forEach('seats', ['a'], [askable('book')], { onFailure: { do: 'value', value: [] } }),
    ]);
    scenario.when(before(scenario, 'seats[0]/book')).when(unknown(scenario, 'seats[0]/book')).whenDue();
    scenario.thenSee((state) =>
      expect(describeRun(state).waitingFor).toContainEqual(
        expect.objectContaining({ kind: 'operator', step: 'seats[0]/book' }),
      ),
    );
    scenario.when(skip(scenario, 'seats[0]/book'));
    scenario.thenSee((state) => expect(state.end?.status).toBe('completed'));
  });

  test('of a run that is cancelled is answered before the run ends', () => {
    const scenario = run([forEach('seats', ['a', 'b'], [write('book')])]);
    scenario.when(before(scenario, 'seats[0]/book')).when(cancel(scenario));
    scenario.when(refused(scenario, 'seats[0]/book', 'revoked'));
    scenario.thenSee((state) => expect(state.end).toBeNull());
    scenario.when(refused(scenario, 'seats[1]/book', 'revoked'));
    scenario.thenSee((state) => expect(state.end?.status).toBe('cancelled'));
  });
});

describe('bodies inside of bodies', () => {
  test('have names of their own, and see the items around them', () => {
    const inner = forEach('cells', '${row.cells}', [read('price', { with: { of: '${row.name + cell}' } })], {
      as: 'cell',
      output: '${steps.price.output.of}',
    });
    const rows = [
      { name: 'r', cells: ['1', '2'] },
      { name: 's', cells: ['3'] },
    ];
    const scenario = run([forEach('rows', rows, [inner], { as: 'row', output: '${steps.cells.output}' })]);
    expect(callRequestOf(scenario, 'rows[1]/cells[0]/price').arguments).toEqual({ of: 's3' });
    for (const path of ['rows[0]/cells[1]', 'rows[0]/cells[0]', 'rows[1]/cells[0]'])
      perform(scenario, `${path}/price`, { of: path });
    expect(lastOutput(scenario)).toEqual({
      rows: [['rows[0]/cells[0]', 'rows[0]/cells[1]'], ['rows[1]/cells[0]']],
    });
  });

  test('end with what is around them', () => {
    const inner = forEach('cells', ['1', '2'], [price], { concurrency: 1 });
    const scenario = run([
      forEach('rows', ['r', 's'], [inner, read('other')], { as: 'row', failAfter: { items: 1 } }),
    ]);
    scenario.when(before(scenario, 'rows[0]/other')).when(before(scenario, 'rows[0]/cells[0]/price'));
    scenario.when(failed(scenario, 'rows[0]/other', { class: 'domain', code: 'gone' }));
    scenario.when(refused(scenario, 'rows[0]/cells[0]/price', 'revoked'));
    expect(outcomes(scenario)).toEqual(['stopped', 'failed']);
    perform(scenario, 'rows[1]/other');
    perform(scenario, 'rows[1]/cells[0]/price');
    perform(scenario, 'rows[1]/cells[1]/price');
    scenario.thenSee((state) => expect(state.end?.status).toBe('completed'));
  });
});

describe('of bodies inside of bodies', () => {
  const items = [...Array(8).keys()];
  const cells = (id: string, steps = [wait('pause', { forMs: 1 })]) =>
    forEach(id, items, steps, { as: 'cell', concurrency: 1_000 });
  const rows = (...steps: CompiledStep[]) => forEach('rows', items, steps, { as: 'row', concurrency: 1_000 });

  test.each<[string, CompiledStep, Partial<RunActorOptions>, turns: number, steps: number]>([
    ['no more turns are open than may be', rows(cells('a')), { openTurnsMax: 20 }, 20, 28],
    ['none, but for one of each', rows(cells('a')), { openTurnsMax: 1 }, 2, 2],
    ['each has room for a turn', rows(cells('a'), cells('b'), cells('c')), { openTurnsMax: 20 }, 20, 30],
    [
      'no more steps stand in open turns than may',
      rows(
        cells('a', [wait('pause', { forMs: 1 }), wait('rest', { forMs: 1 })]),
        read('never', { when: 'false' }),
      ),
      { openStepsMax: 20 },
      10,
      20,
    ],
  ])('%s, and all come to their end', (_, outer, options, turns, steps) => {
    const scenario = run(workflow([outer], { budget: { steps: 10_000 } }), options);
    const open = { turns: 0, steps: 0 };
    while (scenario.state!.end === null) {
      scenario.whenDue();
      const { scopes } = scenario.state!;
      open.turns = Math.max(open.turns, scopes.length);
      open.steps = Math.max(
        open.steps,
        scopes.reduce((sum, { place }) => sum + place.size, 0),
      );
    }
    expect(scenario.state!.end.status).toBe('completed');
    expect(open.turns).toBeLessThanOrEqual(turns);
    expect(open.steps).toBeLessThanOrEqual(steps);
    // What may be open is used, up to the turn that would be one too many.
    expect(open.turns).toBeGreaterThan(turns / 2);
  });
});

test('a step behind a pivot in a body is not undone', () => {
  const book = undoable('book');
  const scenario = run(
    workflow([
      forEach('seats', ['a'], [book, write('send', { needs: ['book'], pivot: true })]),
      read('pay', { needs: ['seats'] }),
    ]),
  );
  performWrite(scenario, 'seats[0]/book');
  performWrite(scenario, 'seats[0]/send');
  scenario.when(before(scenario, 'pay')).when(failed(scenario, 'pay', { class: 'domain', code: 'broke' }));
  scenario.thenSee((state) =>
    expect(state.end).toMatchObject({ status: 'escalated', failure: { code: 'broke' } }),
  );
});

test('five hundred writes of a loop, one of them in doubt, are undone in the reverse of the order in which they happened', () => {
  const items = [...Array(500).keys()];
  const { recovery } = askable('book');
  const book = undoable('book', { with: { seat: '${item}' }, recovery: recovery! });
  const seats = forEach('seats', items, [book], { concurrency: 20, output: '${item}' });
  const pay = read('pay', { needs: ['seats'] });
  const scenario = run(workflow([seats, pay], { budget: { toolCalls: 2_000, steps: 2_000, costUsd: 100 } }));
  const doubted = 'seats[123]/book';
  const happened: string[] = [];
  const open = () => scenario.state!.scopes.map(({ place }) => `${place.path}/book`);
  for (let paths = open(); paths.length > 0; paths = open()) {
    // What was begun last ends first, and the write in doubt last of all.
    const next = paths.findLast((path) => path !== doubted);
    if (next !== undefined) {
      performWrite(scenario, next);
      happened.push(next);
      continue;
    }
    scenario.when(before(scenario, doubted)).when(unknown(scenario, doubted));
    while (!scenario.events.some(({ type }) => type === 'step.parked')) scenario.whenDue();
    scenario.when(resolve(scenario, doubted, { happened: true, output: { of: doubted } }));
    happened.push(doubted);
  }
  expect(happened).toHaveLength(500);
  scenario.when(before(scenario, 'pay')).when(failed(scenario, 'pay', { class: 'domain', code: 'broke' }));
  const undone: string[] = [];
  for (let undoing = latest(scenario); scenario.state!.end === null; undoing = latest(scenario)) {
    if (undoing.purpose !== 'compensate' || undone.includes(undoing.step)) scenario.whenDue();
    else {
      perform(scenario, undoing.step);
      undone.push(undoing.step);
    }
  }
  // Nobody knows the call that undoes what a person said had happened.
  expect(undone).toEqual(happened.filter((step) => step !== doubted).toReversed());
  expect(scenario.state!.end).toMatchObject({
    status: 'escalated',
    failure: { code: 'compensation_failed' },
  });
});

const latest = (scenario: RunScenario) =>
  scenario.events.findLast(({ type }) => type === 'call.requested')!.data as {
    step: string;
    purpose: string;
  };
