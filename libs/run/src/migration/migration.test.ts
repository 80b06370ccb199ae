// biome-ignore-all lint/suspicious/noTemplateCurlyInString: workflows hold expressions
import type { CompiledStep } from '@interlock/language';
import { describe, expect, test } from 'vitest';
import { granted, opened, requestOf, single } from '../../test/approval-scenario.js';
import {
  before,
  callRequestOf,
  cancel,
  failed,
  migrate,
  pause,
  perform,
  performWrite,
  type RunScenario,
  resume,
  resumeFrom,
  retry,
  run,
  T0,
  unknown,
} from '../../test/run-scenario.js';
import {
  ask,
  askable,
  decide,
  forEach,
  form,
  read,
  repeat,
  switchOn,
  undoable,
  wait,
  workflow,
  write,
} from '../../test/workflows.js';
import { decodeState, describeRun, encodeState, foldRun, stateHash } from '../index.js';

type Extra = Parameters<typeof workflow>[1];

/** A run of version 1, whose host knows version 2. */
function between(
  one: readonly CompiledStep[],
  two: readonly CompiledStep[],
  { first = {}, second = {} }: { first?: Extra; second?: Extra } = {},
): RunScenario {
  const target = workflow(two, { ...second, version: 2 });
  return run(workflow(one, first), {
    published: (name, version) => (name === 'test' && version === 2 ? target : undefined),
    tool: (hash) => ({ costUsd: 0.01, ...outputs[hash] }),
  });
}

/** What tools give that say so. */
const outputs: Readonly<Record<string, object>> = {
  'gives a number': { output: { type: 'object', properties: { of: { type: 'number' } } } },
  'gives a text': { output: { type: 'object', properties: { of: { type: 'string' } } } },
};

const refusal = (scenario: RunScenario) =>
  scenario.decision.events.find(({ type }) => type === 'command.refused')?.data as
    | { code: string; message: string }
    | undefined;
const types = (scenario: RunScenario) => scenario.decision.events.map(({ type }) => type);
const shown = (scenario: RunScenario) => describeRun(scenario.state!);
const no = { class: 'domain', code: 'no' } as const;

/** Folded from its log, and from its cache, it is the same. */
function thenFoldsTheSame(scenario: RunScenario): void {
  const hash = stateHash(scenario.state!);
  expect(stateHash(decodeState(encodeState(scenario.state!))!)).toBe(hash);
  if (scenario.state!.end === null) expect(stateHash(foldRun(scenario.key, scenario.events)!)).toBe(hash);
}

test('whoever chose the version has shaped what it is still to say, and may not vote on it', () => {
  const scenario = between(
    [read('look'), write('pay', { needs: ['look'] })],
    [read('look'), write('pay', { needs: ['look'], with: { to: 'mallory' } })],
  );
  const chosen = migrate(scenario, 2);
  if (chosen.kind !== 'message') throw new Error('it is sent by a person');
  const by = { sub: 'ops', roles: ['operator'] };
  const data = { ...(chosen.message.data as object), by };
  scenario.when({ ...chosen, message: { ...chosen.message, data } });
  thenFoldsTheSame(scenario);
  perform(scenario, 'look').when(before(scenario, 'pay', { approval: single }));
  expect(requestOf(scenario, 'pay').shapedBy).toEqual(['ada', 'ops']);
});

describe('what has not begun follows the other version', () => {
  test('steps that are new start when what they need is done, and steps that are gone do not', () => {
    const scenario = between(
      [read('look'), read('send', { needs: ['look'] }), read('end', { needs: ['send'] })],
      [read('first'), read('look'), read('check', { needs: ['look'] }), read('end', { needs: ['check'] })],
    );
    scenario.when(migrate(scenario, 2));
    scenario.thenEvents(
      {
        type: 'run.migrated',
        data: {
          from: { version: 1 },
          workflow: { name: 'test', version: 2 },
          by: { sub: 'ada' },
          reason: 'a reason',
          added: ['first', 'check'],
          removed: ['send'],
          undoneAsBefore: [],
        },
      },
      { type: 'call.requested', data: { step: 'first' } },
    );
    thenFoldsTheSame(scenario);
    perform(scenario, 'look');
    expect(callRequestOf(scenario, 'check').attempt).toBe(1);
    for (const step of ['first', 'check', 'end']) perform(scenario, step);
    expect(shown(scenario)).toMatchObject({
      status: 'completed',
      workflow: { version: 2 },
      migrated: [{ from: 1, to: 2, by: 'ada', reason: 'a reason' }],
      output: { first: {}, look: {}, check: {}, end: {} },
    });
  });

  test('budgets, times, service levels, search fields and output are those of the version from there on', () => {
    const scenario = between(
      [read('look'), wait('rest', { forMs: 5_000 }, { needs: ['look'] })],
      [
        read('look'),
        wait('rest', { forMs: 5_000 }, { needs: ['look'] }),
        read('end', { needs: ['rest'], sla: { withinMs: 100 } }),
      ],
      {
        second: {
          budget: { durationMs: 60_000, toolCalls: 7 },
          output: { seen: '${steps.look.output.of}' },
          sla: { completeMs: 30_000, onBreach: 'notify' },
          search: { seen: { value: 'steps.look.output.of', type: 'string' } },
        },
      },
    );
    perform(scenario, 'look').when(migrate(scenario, 2)).thenTypes('run.migrated');
    expect(scenario.state?.origin.deadline).toBe(T0 + 60_000);
    expect(shown(scenario)).toMatchObject({ search: { seen: 'look' }, sla: { due: T0 + 30_000 } });
    scenario.whenDue();
    scenario.thenDue(scenario.now + 100);
    perform(scenario, 'end');
    expect(shown(scenario)).toMatchObject({ status: 'completed', output: { seen: 'look' } });
  });

  test('a run whose every step is done there completes', () => {
    const scenario = between(
      [read('look'), ask('agree', {}, { needs: ['look'] }), read('end', { needs: ['agree'] })],
      [read('look')],
    );
    scenario.when(migrate(scenario, 2)).thenTypes('run.migrated');
    perform(scenario, 'look');
    expect(shown(scenario).status).toBe('completed');
  });
});

describe('what is done keeps its place', () => {
  test('at another place among the steps, and under another name', () => {
    const scenario = between(
      [read('look'), ask('agree', {}, { needs: ['look'] })],
      [
        read('before'),
        ask('agree', {}, { needs: ['seen'] }),
        read('seen'),
        read('late', { needs: ['agree'] }),
      ],
    );
    perform(scenario, 'look').when(migrate(scenario, 2, { look: 'seen' }));
    expect(types(scenario)).toEqual(['run.migrated', 'call.requested']);
    thenFoldsTheSame(scenario);
    perform(scenario, 'before');
    scenario.when(opened(scenario, 'agree')).when(granted(scenario, 'agree'));
    perform(scenario, 'late');
    expect(shown(scenario)).toMatchObject({ status: 'completed', output: { seen: { of: 'look' } } });
  });

  test.each([
    ['is not there', [read('send')], 'id', 'it is completed, and is not there'],
    ['is of another kind', [decide('look', { rules: [], otherwise: 1 })], 'kind', 'there a decide step'],
    [
      'would come behind what is not done',
      [read('guard'), read('look', { needs: ['guard'] })],
      'needs',
      'there it needs guard, which is not done',
    ],
  ] as const)('a step that %s: refused', (_, two, field, why) => {
    const scenario = between(
      [read('look'), wait('rest', { forMs: 5 }, { needs: ['look'] })],
      [
        ...two,
        wait('rest', { forMs: 5 }, { needs: two.length === 1 && two[0].id === 'send' ? ['send'] : ['look'] }),
      ],
    );
    perform(scenario, 'look').when(migrate(scenario, 2)).thenTypes('command.refused');
    expect(refusal(scenario)).toMatchObject({
      code: 'migrate.unsafe',
      message: expect.stringContaining(`step look, ${field}: `),
    });
    expect(refusal(scenario)?.message).toContain(why);
  });

  test.each([
    ['gives a text', undefined],
    ['gives a number', 'what it gave is not what it gives there'],
  ])('what it gave has to be what its tool gives there: one that %s', (toolHash, why) => {
    const rest = wait('rest', { forMs: 5 }, { needs: ['look'] });
    const scenario = between([read('look'), rest], [read('look', { toolHash }), rest]);
    perform(scenario, 'look').when(migrate(scenario, 2));
    if (why === undefined) expect(types(scenario)).toEqual(['run.migrated']);
    else expect(refusal(scenario)?.message).toContain(why);
  });

  test('a step that was skipped and would always run there: refused', () => {
    const rest = wait('rest', { forMs: 5 });
    const scenario = between([read('look', { when: 'false' }), rest], [read('look'), rest]);
    scenario.when(migrate(scenario, 2));
    expect(refusal(scenario)?.message).toContain('step look, when: it was skipped, and there it always runs');
  });

  test('a body whose steps are others there: refused, for nobody can say what it gives', () => {
    const rest = wait('rest', { forMs: 5 }, { needs: ['lines'] });
    const scenario = between(
      [forEach('lines', [1], [read('price')]), rest],
      [forEach('lines', [1], [read('price', { with: { other: true } })]), rest],
    );
    perform(scenario, 'lines[0]/price').when(migrate(scenario, 2));
    expect(refusal(scenario)?.message).toContain('step lines, body: there its steps are others');
  });

  test('no other step takes the name of one that is called otherwise now', () => {
    const rest = wait('rest', { forMs: 5 });
    const scenario = between([write('pay'), rest], [write('paid'), write('pay'), rest]);
    performWrite(scenario, 'pay').when(migrate(scenario, 2, { pay: 'paid' }));
    expect(refusal(scenario)?.message).toContain('step pay, id: another step of the run was called so');
  });

  test.each([
    ['each takes the name of the other', { pay: 'tell', tell: 'pay' }],
    ['one takes the name that another leaves', { pay: 'tell', tell: 'told' }],
  ])('nor do two that have begun: %s', (_, map: Record<string, string>) => {
    const both = [write('pay'), write('tell')];
    const rest = wait('rest', { forMs: 5 });
    const scenario = between(
      [...both, rest],
      [...both.map((step) => ({ ...step, id: map[step.id] ?? step.id })), rest],
    );
    performWrite(performWrite(scenario, 'pay'), 'tell').when(migrate(scenario, 2, map));
    expect(refusal(scenario)?.message).toContain('step pay, id: another step of the run was called so');
  });

  test('but one that has not begun may leave its name to it', () => {
    const rest = (need: string) => wait('rest', { forMs: 5 }, { needs: [need] });
    const scenario = between(
      [write('pay'), rest('pay'), write('tell', { needs: ['rest'] })],
      [write('tell'), rest('tell'), write('told', { needs: ['rest'] })],
    );
    performWrite(scenario, 'pay').when(migrate(scenario, 2, { pay: 'tell', tell: 'told' }));
    expect(types(scenario)).toContain('run.migrated');
  });
});

describe('what is under way goes on as it was', () => {
  const rest = (of: CompiledStep) => [of, read('end', { needs: [of.id] })];

  test('a call that was asked for is answered, at its new place', () => {
    const scenario = between(rest(write('pay')), [read('first'), ...rest(write('pay'))]);
    const { callHash } = callRequestOf(scenario, 'pay');
    scenario.when(migrate(scenario, 2));
    thenFoldsTheSame(scenario);
    performWrite(scenario, 'pay');
    expect(callRequestOf(scenario, 'pay').callHash).toBe(callHash);
    perform(perform(scenario, 'end'), 'first');
    expect(shown(scenario)).toMatchObject({ status: 'completed', usage: { toolCalls: 3 } });
  });

  test('a call in doubt is cleared up', () => {
    const scenario = between(rest(write('pay')), [read('first'), ...rest(write('pay'))]);
    scenario.when(before(scenario, 'pay')).when(unknown(scenario, 'pay')).when(migrate(scenario, 2));
    expect(types(scenario)).toContain('run.migrated');
    scenario.whenDue();
    performWrite(scenario, 'pay');
    expect(scenario.state?.writes.size).toBe(1);
  });

  test.each([
    ['arguments', write('pay', { with: { other: 1 } }), 'with'],
    ['tool', write('pay', { toolHash: 'another' }), 'toolHash'],
    ['condition', write('pay', { when: 'true' }), 'when'],
  ])('a call whose %s would be another: refused, with what to do', (_, other, field) => {
    const scenario = between(rest(write('pay')), rest(other));
    scenario.when(migrate(scenario, 2)).thenTypes('command.refused');
    expect(refusal(scenario)?.message).toContain(
      `step pay, ${field}: it is running, and there its ${field} is another (leave it as it is, or wait until pay is done)`,
    );
  });

  test('under another name: refused, for its calls bear the name that it has', () => {
    const scenario = between(rest(write('pay')), rest(write('paid')));
    scenario.when(migrate(scenario, 2, { pay: 'paid' }));
    expect(refusal(scenario)?.message).toContain('step pay, id: it is under way under the name that it has');
  });

  test('an approval that is open is the same question', () => {
    const two = [read('first'), ...rest(ask('agree'))];
    const scenario = between(rest(ask('agree')), two);
    scenario.when(migrate(scenario, 2));
    perform(scenario, 'first').when(opened(scenario, 'agree')).when(granted(scenario, 'agree'));
    perform(scenario, 'end');
    expect(shown(scenario).status).toBe('completed');
    const changed = between(rest(ask('agree')), rest(ask('agree', { question: 'other?' })));
    changed.when(migrate(changed, 2));
    expect(refusal(changed)?.message).toContain('step agree, approval: it is waiting');
  });

  test('a form that is open is the same', () => {
    const scenario = between(rest(form('address')), rest(form('address', { roles: ['others'] })));
    scenario.when(migrate(scenario, 2));
    expect(refusal(scenario)?.message).toContain('step address, form: it is waiting');
  });

  test('turns that are open go on, whatever bodies and steps stand in front of theirs', () => {
    const inner = repeat('again', { until: 'true', max: 3 }, [read('price')]);
    const lines = forEach('lines', [1, 2], [write('reserve'), inner]);
    const scenario = between(
      [lines, read('end', { needs: ['lines'] })],
      [
        forEach('other', [1], [read('x')]),
        read('first'),
        lines,
        switchOn('route', [[undefined, [read('y')]]], { needs: ['lines'] }),
        read('end', { needs: ['lines'] }),
      ],
    );
    performWrite(scenario, 'lines[0]/reserve');
    scenario.when(migrate(scenario, 2));
    expect(types(scenario)[0]).toBe('run.migrated');
    thenFoldsTheSame(scenario);
    perform(scenario, 'lines[0]/again#1/price');
    perform(scenario, 'lines[1]/again#1/price');
    performWrite(scenario, 'lines[1]/reserve');
    for (const step of ['other[0]/x', 'first', 'route/y', 'end']) perform(scenario, step);
    expect(shown(scenario)).toMatchObject({ status: 'completed', usage: { toolCalls: 8 } });
  });
});

describe('a step that waits for an operator', () => {
  const parking = { onFailure: { do: 'escalate' } } as const;
  const parked = (other: CompiledStep) => {
    const scenario = between([read('pay', parking)], [read('first'), other]);
    return scenario.when(before(scenario, 'pay')).when(failed(scenario, 'pay', no));
  };

  test('may be another one there: what is retried is made as the version says', () => {
    const scenario = parked(read('pay', { ...parking, with: { from: 'corrected' } }));
    scenario.when(migrate(scenario, 2)).thenTypes('run.migrated', 'call.requested');
    thenFoldsTheSame(scenario);
    scenario.when(retry(scenario, 'pay')).thenTypes('step.resumed', 'call.requested');
    expect(callRequestOf(scenario, 'pay')).toMatchObject({ arguments: { from: 'corrected' }, generation: 2 });
  });

  test('with another tool: refused, for a person may still say what its call did', () => {
    const scenario = parked(read('pay', { ...parking, toolHash: 'another' }));
    scenario.when(migrate(scenario, 2));
    expect(refusal(scenario)?.message).toContain('step pay, toolHash: it is parked');
  });

  test('whose write is in doubt is left as it is', () => {
    const scenario = between([askable('pay')], [askable('pay', { with: { from: 'corrected' } })]);
    scenario.when(before(scenario, 'pay')).when(unknown(scenario, 'pay')).whenDue();
    expect(shown(scenario).waitingFor).toMatchObject([{ kind: 'operator', step: 'pay' }]);
    scenario.when(migrate(scenario, 2));
    expect(refusal(scenario)?.message).toContain('step pay, with: it is parked');
  });
});

describe('writes', () => {
  const reserve = undoable('reserve');
  const rolled = (two: readonly CompiledStep[], map?: Readonly<Record<string, string>>) => {
    const scenario = between([reserve, wait('rest', { forMs: 5 }, { needs: ['reserve'] })], two);
    performWrite(scenario, 'reserve').when(migrate(scenario, 2, map));
    return scenario;
  };
  const behind = (need: string) => wait('rest', { forMs: 5 }, { needs: [need] });

  test('are undone as the version says under which they were made, and the log says so', () => {
    const scenario = rolled(
      [read('first'), write('reserve', { toolHash: reserve.toolHash }), behind('reserve')].map((step) =>
        step.id === 'rest' ? wait('rest', { forMs: 5 }, { needs: ['reserve'] }) : step,
      ),
    );
    scenario.thenEvents(
      { type: 'run.migrated', data: { undoneAsBefore: ['reserve'] } },
      { type: 'call.requested', data: { step: 'first' } },
    );
    perform(scenario, 'first').when(cancel(scenario, true));
    expect(callRequestOf(scenario, 'reserve')).toMatchObject({ purpose: 'compensate', tool: 'reserve.undo' });
    performWrite(scenario, 'reserve');
    expect(shown(scenario).status).toBe('rolled_back');
    thenFoldsTheSame(scenario);
  });

  test('of a step that is called otherwise now are undone under the name that they bear', () => {
    const renamed = between([reserve, ask('agree')], [{ ...reserve, id: 'booked' }, ask('agree')]);
    performWrite(renamed, 'reserve').when(migrate(renamed, 2, { reserve: 'booked' }));
    renamed.thenEvents({ type: 'run.migrated', data: { undoneAsBefore: ['reserve'] } });
    renamed.when(cancel(renamed, true));
    expect(callRequestOf(renamed, 'reserve')).toMatchObject({ purpose: 'compensate' });
    performWrite(renamed, 'reserve');
    expect(shown(renamed).status).toBe('rolled_back');
  });

  test('of turns that are over are undone in their order', () => {
    const lines = forEach('lines', [1, 2], [undoable('reserve')], { concurrency: 1 });
    const scenario = between(
      [lines, wait('rest', { forMs: 5 }, { needs: ['lines'] })],
      [
        read('first'),
        forEach('other', [1], [read('x')], { needs: ['first'] }),
        lines,
        wait('rest', { forMs: 5 }, { needs: ['lines'] }),
      ],
    );
    performWrite(performWrite(scenario, 'lines[0]/reserve'), 'lines[1]/reserve').when(migrate(scenario, 2));
    scenario.when(cancel(scenario, true)).when(before(scenario, 'first', { verdict: 'deny' }));
    for (const item of [1, 0]) performWrite(scenario, `lines[${item}]/reserve`);
    expect(shown(scenario).status).toBe('rolled_back');
  });
});

describe('a run is not migrated', () => {
  const steps = [read('look'), ask('agree', {}, { needs: ['look'] })];
  const refusedBy = (scenario: RunScenario) => refusal(scenario)?.code;

  test('to the version that it has, or to one that nobody knows', () => {
    const scenario = between(steps, steps);
    scenario.when(migrate(scenario, 1));
    expect(refusedBy(scenario)).toBe('migrate.same_version');
    scenario.when(migrate(scenario, 3));
    expect(refusedBy(scenario)).toBe('migrate.unknown_version');
  });

  test('that is ending, or has ended', () => {
    const scenario = between(steps, steps);
    scenario.when(cancel(scenario)).when(migrate(scenario, 2));
    expect(refusedBy(scenario)).toBe('run.ending');
    scenario.when(before(scenario, 'look', { verdict: 'deny' })).when(migrate(scenario, 2));
    expect(refusedBy(scenario)).toBe('run.ended');
  });

  test.each([
    [{ no: 'look' }, 'knows no step no'],
    [{ look: 'no' }, 'version 2 has no step no'],
    [{ look: 'agree' }, 'two steps would be agree'],
  ])('by a map that names %o', (map, why) => {
    const scenario = between(steps, steps);
    scenario.when(migrate(scenario, 2, map));
    expect(refusal(scenario)).toMatchObject({ code: 'migrate.map', message: expect.stringContaining(why) });
  });

  test.each([
    ['input', { inputSchema: { type: 'object', required: ['order'] } }, 'input: the input of the run'],
    [
      'tool calls',
      { budget: { toolCalls: 0 } },
      'budget.toolCalls: the run has used 1, and there it may use 0',
    ],
    ['time', { budget: { durationMs: 0 } }, 'budget.duration: its time would be over'],
  ])('whose %s does not fit', (_, second: Extra, why) => {
    const scenario = between(steps, steps, { second });
    scenario.when(migrate(scenario, 2));
    expect(refusal(scenario)?.message).toContain(why);
  });

  test('more than once by one command', () => {
    const scenario = between(steps, steps);
    const command = migrate(scenario, 2);
    scenario.when(command).thenTypes('run.migrated');
    scenario.when(command).thenTypes();
  });
});

test('a paused run is migrated, and goes on as the version says once it is resumed', () => {
  const scenario = between(
    [read('look'), read('end', { needs: ['look'] })],
    [read('look'), read('other', { needs: ['look'] })],
  );
  perform(scenario.when(pause(scenario)), 'look')
    .when(migrate(scenario, 2))
    .thenTypes('run.migrated');
  scenario.when(resume(scenario)).thenTypes('run.resumed', 'call.requested');
  expect(callRequestOf(scenario, 'other').attempt).toBe(1);
});

test('a run that has failed is taken up again in the version that it has by then', () => {
  const scenario = between(
    [read('look'), read('end', { needs: ['look'] })],
    [read('first'), read('look'), read('end', { needs: ['look'] })],
  );
  perform(scenario, 'look').when(migrate(scenario, 2));
  perform(scenario, 'first')
    .when(before(scenario, 'end'))
    .when(failed(scenario, 'end', no));
  scenario.when(resumeFrom(scenario, 'end'));
  expect(callRequestOf(scenario, 'end').generation).toBe(2);
  perform(scenario, 'end');
  expect(shown(scenario).status).toBe('completed');
});
