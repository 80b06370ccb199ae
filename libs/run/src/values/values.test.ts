// biome-ignore-all lint/suspicious/noTemplateCurlyInString: workflows hold expressions
import type { Effect, Input } from '@interlock/actors';
import {
  byReference,
  callHashOf,
  hashedCallOf,
  type StoredValue,
  sha256,
  storedIn,
  type ValueAnswer,
  type ValueRequest,
} from '@interlock/contracts';
import { describe, expect, test } from 'vitest';
import { afterPlan, agent, assisted, beforePlan, propose } from '../../test/agent-scenario.js';
import {
  after,
  before,
  callRequestOf,
  failed,
  perform,
  type RunScenario,
  run,
  runId,
  succeeded,
} from '../../test/run-scenario.js';
import { decide, forEach, read, verifiable, workflow } from '../../test/workflows.js';
import { describeRun, type ValueSettings } from '../index.js';

const big = { rows: [{ id: 'a' }, { id: 'b' }], text: 'x'.repeat(2_000) };
const storedOf = (value: unknown): StoredValue => {
  const text = JSON.stringify(value);
  return { hash: sha256(text), size: Buffer.byteLength(text), type: 'application/json' };
};

/** Values over 1,000 bytes leave the log. */
function settings(
  atHand: Readonly<Record<string, unknown>> = {},
  limits: Partial<ValueSettings> = {},
): { values: ValueSettings } {
  const get = ({ hash }: StoredValue) => (hash in atHand ? { value: atHand[hash] } : undefined);
  const most = {
    inlineBytesMax: 1_000,
    valueBytesMax: 100_000,
    readBytesMax: 50_000,
    runBytesMax: 1_000_000,
  };
  return { values: { atHand: { get }, ...most, ...limits } };
}

const requestsIn = (scenario: RunScenario): ValueRequest[] =>
  (scenario.decision.start ?? [])
    .filter(({ kind }: Effect) => kind === 'value')
    .map(({ data }) => data as ValueRequest);

const answer = (said: Partial<ValueAnswer>): Input => ({
  kind: 'result',
  effectId: 'any',
  result: { kind: 'value', values: new Map(), ...said } satisfies ValueAnswer,
});
const loaded = (...values: unknown[]): Input =>
  answer({ values: new Map(values.map((value) => [storedOf(value).hash, value])) });
const kept = (value: unknown): Input =>
  answer({ values: new Map([[storedOf(value).hash, value]]), kept: storedOf(value) });
const lost = (value: unknown): Input =>
  answer({
    failed: { stored: storedOf(value), code: 'value.missing', message: 'the store holds no such value' },
  });

/** A tool has given the large value, and policy allows it. */
function fetched(scenario: RunScenario, value: unknown = big): RunScenario {
  return scenario
    .when(before(scenario, 'fetch'), succeeded(scenario, 'fetch', byReference(storedOf(value))))
    .when(after(scenario, 'fetch'));
}

const fetch = read('fetch');
const use = read('use', { needs: ['fetch'], with: { id: '${steps.fetch.output.rows[1].id}' } });

describe('a step that reads a value which is kept outside of the log', () => {
  test('asks for it, and starts with it once it is at hand', () => {
    const scenario = fetched(run([fetch, use], settings()));
    scenario.thenTypes('verdict.recorded', 'step.completed');
    expect(requestsIn(scenario)).toEqual([{ family: runId, load: [storedOf(big)] }]);
    scenario.when(loaded(big)).thenTypes('call.requested');
    expect(callRequestOf(scenario, 'use').arguments).toEqual({ id: 'b' });
    expect(requestsIn(scenario)).toEqual([]);
  });

  test('starts at once where this process has it', () => {
    const scenario = fetched(run([fetch, use], settings({ [storedOf(big).hash]: big })));
    expect(callRequestOf(scenario, 'use').arguments).toEqual({ id: 'b' });
  });

  test('is not due while the value is on its way, and is asked again after a change of host', () => {
    const scenario = fetched(run([fetch, use], settings()));
    const due = (isRunning: boolean) =>
      scenario.actor.due?.(scenario.state, { deferred: [], isRunning: () => isRunning });
    expect(due(true)).toBe(scenario.state?.origin.deadline);
    expect(due(false)).toBe(scenario.state?.time);
    scenario.when({ kind: 'due' }).thenNothing();
    expect(requestsIn(scenario)).toHaveLength(1);
  });

  test('fails by name where the store has lost it', () => {
    fetched(run([fetch, use], settings()))
      .when(lost(big))
      .thenEvents(
        { type: 'step.failed', data: { step: 'use', failure: { class: 'internal', code: 'value.missing' } } },
        { type: 'run.escalated' },
      );
  });

  test('fails by name where it reads more than a decision holds', () => {
    const limits = settings({ [storedOf(big).hash]: big }, { readBytesMax: 500 });
    const scenario = fetched(run([fetch, use], limits));
    expect(scenario.last('step.failed').data).toMatchObject({ failure: { code: 'value.too_much' } });
  });

  test('does not keep steps that read none of it', () => {
    const other = read('other', { needs: ['fetch'], with: { id: 'fixed' } });
    const scenario = fetched(run([fetch, use, other], settings()));
    expect(callRequestOf(scenario, 'other').arguments).toEqual({ id: 'fixed' });
    expect(requestsIn(scenario)).toHaveLength(1);
  });

  test('does not see what policy has redacted', () => {
    const scenario = run([fetch, use], settings());
    scenario
      .when(before(scenario, 'fetch'), succeeded(scenario, 'fetch', byReference(storedOf(big))))
      .when(after(scenario, 'fetch', { redact: ['rows.id'] }))
      .when(loaded(big));
    expect(callRequestOf(scenario, 'use').arguments).toEqual({ id: '[redacted]' });
    expect(storedIn((scenario.last('step.completed').data as { output: unknown }).output)).toEqual({
      ...storedOf(big),
      without: ['rows.id'],
    });
  });
});

describe('a call that is given more than the log holds', () => {
  const whole = read('use', { needs: ['fetch'], with: { document: '${steps.fetch.output}' } });
  const given = { document: big };
  /** The large value is at hand, and what is made of it has still to be kept. */
  const asked = () => fetched(run([fetch, whole], settings({ [storedOf(big).hash]: big })));

  test('has its arguments kept before they are named, and its hash covers theirs', () => {
    const scenario = asked();
    scenario.thenTypes('verdict.recorded', 'step.completed');
    expect(requestsIn(scenario)).toMatchObject([{ keep: { stored: storedOf(given), value: given } }]);
    scenario.when(kept(given)).thenTypes('call.requested');
    const { arguments: named, callHash, ...call } = callRequestOf(scenario, 'use');
    expect(named).toEqual(byReference(storedOf(given)));
    expect(callHash).toBe(callHashOf(hashedCallOf(runId, { ...call, arguments: named })));
    expect(scenario.state?.spent.keptBytes).toBe(storedOf(big).size + storedOf(given).size);
  });

  test('is made again with the very same, and nothing is kept a second time', () => {
    const scenario = asked().when(kept(given));
    const { callHash } = callRequestOf(scenario, 'use');
    scenario
      .when(before(scenario, 'use'))
      .when(failed(scenario, 'use', { class: 'transient', code: 'away' }))
      .whenDue();
    expect(callRequestOf(scenario, 'use')).toMatchObject({
      attempt: 2,
      callHash,
      arguments: byReference(storedOf(given)),
    });
    expect(requestsIn(scenario)).toEqual([]);
    expect(scenario.state?.spent.keptBytes).toBe(storedOf(big).size + storedOf(given).size);
  });

  test('is not made where the store does not keep them', () => {
    const failure = { stored: storedOf(given), code: 'value.unavailable', message: '503' } as const;
    const scenario = asked().when(answer({ values: new Map([[storedOf(big).hash, big]]), failed: failure }));
    expect(scenario.last('step.failed').data).toMatchObject({
      step: 'use',
      failure: { class: 'transient', code: 'value.unavailable' },
    });
  });

  test.each([
    ['without a store', undefined, /INTERLOCK_STORE_URL/],
    ['beyond what the store keeps', 300_000, /at most 300000, as INTERLOCK_VALUE_MB says/],
    ['of a tool that is verified', 10_000_000, /262144, as .* is asked about them in the log/],
  ] as const)('is refused %s, and the failure says how more is passed', (name, bytesMax, message) => {
    const text = 'x'.repeat(310_000);
    const limits = { valueBytesMax: bytesMax, readBytesMax: 10_000_000, runBytesMax: 10_000_000 };
    const make = name.endsWith('verified') ? verifiable : read;
    const step = make('use', { with: { document: text } });
    const scenario = run(
      [step],
      bytesMax === undefined ? {} : settings({}, limits as Partial<ValueSettings>),
    );
    // The decision that starts a run of so long a document is full.
    scenario.whenDue();
    expect(scenario.last('step.failed').data).toMatchObject({
      failure: { code: 'arguments.too_large', message: expect.stringMatching(message) },
    });
  });
});

test('a condition waits for the value that it is about', () => {
  const step = read('use', {
    needs: ['fetch'],
    when: 'size(steps.fetch.output.rows) > 5',
    with: { id: 'x' },
  });
  const scenario = fetched(run([fetch, step], settings()));
  expect(requestsIn(scenario)).toHaveLength(1);
  scenario.when(loaded(big)).thenTypes('step.skipped');
  expect(requestsIn(scenario)).toHaveLength(1);
});

test('a forEach goes over a list that is kept outside of the log', () => {
  const lines = forEach(
    'lines',
    '${steps.fetch.output.rows}',
    [read('price', { with: { of: '${item.id}' } })],
    {
      needs: ['fetch'],
      output: '${steps.price.output.of}',
    },
  );
  const compiled = workflow([fetch, lines], { output: '${steps.lines.output}' });
  const scenario = fetched(run(compiled, settings()));
  expect(requestsIn(scenario)).toHaveLength(1);
  scenario
    .when(loaded(big))
    .thenTypes('scope.started', 'scope.opened', 'scope.opened', 'call.requested', 'call.requested');
  perform(scenario, 'lines[0]/price', { of: 'A' });
  perform(scenario, 'lines[1]/price', { of: 'B' });
  // Of each turn its item is one of the list.
  expect(requestsIn(scenario)).toHaveLength(2);
  scenario.when(loaded(big)).thenTypes('scope.closed', 'scope.closed', 'step.completed', 'run.completed');
  expect(scenario.state?.end?.output).toEqual(['A', 'B']);
});

describe('an output that a run works out', () => {
  const long = 'y'.repeat(3_000);
  const compiled = workflow([read('fetch')], { output: { all: long } });

  test('is durable before the event that names it', () => {
    const scenario = run(compiled, settings());
    perform(scenario, 'fetch', { of: 'x' });
    scenario.thenTypes('verdict.recorded', 'step.completed');
    const output = { all: long };
    expect(requestsIn(scenario)).toEqual([
      { family: runId, load: [], keep: { stored: storedOf(output), value: output } },
    ]);
    scenario.when(kept(output)).thenEvents({ type: 'run.completed' });
    expect(storedIn(scenario.state?.end?.output)).toEqual(storedOf(output));
    expect(describeRun(scenario.state!).outputRef).toEqual(storedOf(output));
  });

  test('is not kept a second time where it is what a step has given', () => {
    const passed = workflow([read('fetch')], { output: '${steps.fetch.output}' });
    const scenario = fetched(run(passed, settings({ [storedOf(big).hash]: big })));
    expect(requestsIn(scenario)).toEqual([]);
    expect(storedIn(scenario.state?.end?.output)).toEqual(storedOf(big));
  });

  test('stays in the log where there is no store, and is refused where it does not fit', () => {
    const both = { all: '${steps.fetch.output.of}', again: '${steps.fetch.output.of}' };
    const scenario = run(workflow([read('fetch')], { output: both }));
    perform(scenario, 'fetch', { of: 'z'.repeat(250_000) });
    expect(scenario.last('run.failed').data).toMatchObject({
      failure: { code: 'run.output_too_large', message: expect.stringContaining('INTERLOCK_STORE_URL') },
    });
  });

  test('of a turn and of a table is kept as well', () => {
    const lines = forEach('lines', ['a'], [read('price')], {
      output: { long, of: '${steps.price.output.of}' },
    });
    const scenario = run([lines], settings());
    perform(scenario, 'lines[0]/price', { of: 'A' });
    const output = { long, of: 'A' };
    expect(requestsIn(scenario)).toMatchObject([{ keep: { stored: storedOf(output) } }]);
    scenario.when(kept(output)).thenTypes('scope.closed', 'step.completed');
    // The list of all turns is made of it.
    expect(requestsIn(scenario)).toMatchObject([{ load: [storedOf(output)] }]);
  });
});

describe('what rules and models decide', () => {
  const output = { long: 'y'.repeat(3_000) };
  const completed = (via: string) => ({
    type: 'step.completed',
    data: { step: 'resolve', via, output: byReference(storedOf(output)) },
  });

  test('is kept where the rules of an agent give it', () => {
    const table = { name: 'rules', version: 1, hash: 'h', rules: [], otherwise: output };
    const scenario = run([agent('resolve', { baseline: { table } })], settings());
    scenario.thenTypes('run.started');
    expect(requestsIn(scenario)).toMatchObject([{ keep: { stored: storedOf(output) } }]);
    scenario.when(kept(output)).thenEvents({ type: 'agent.started' }, completed('baseline'));
  });

  test('is kept where a model proposes it', () => {
    const scenario = run([agent('resolve')], { ...assisted, ...settings() });
    scenario.when(beforePlan(scenario)).when(propose(scenario, { output }));
    scenario.when(afterPlan(scenario));
    expect(requestsIn(scenario)).toMatchObject([{ keep: { stored: storedOf(output) } }]);
    scenario.when(kept(output)).thenEvents(completed('agent'));
  });

  test.each(['agent', 'table'])('fails its step where the store does not keep it: %s', (by) => {
    const rules = { rules: [], otherwise: output };
    const table = { name: 'rules', version: 1, hash: 'h', ...rules };
    const step = by === 'table' ? decide('resolve', rules) : agent('resolve', { baseline: { table } });
    const failure = { stored: storedOf(output), code: 'value.unavailable', message: '503' } as const;
    const scenario = run([step], settings()).when(answer({ failed: failure }));
    expect(scenario.last('step.failed').data).toMatchObject({ failure: { code: 'value.unavailable' } });
  });
});

test('a value that stands in for a failed step follows once what it is made of is at hand', () => {
  const other = read('other', {
    needs: ['fetch'],
    onFailure: { do: 'value', value: { first: '${steps.fetch.output.rows[0].id}' } },
  });
  const scenario = fetched(run([fetch, other], settings()));
  scenario.when(loaded(big)).thenTypes('call.requested');
  scenario
    .when(before(scenario, 'other'))
    .when(failed(scenario, 'other', { class: 'domain', code: 'no' }))
    .thenTypes('call.recorded', 'step.fell_back');
  expect(requestsIn(scenario)).toEqual([{ family: runId, load: [storedOf(big)] }]);
  scenario.when(loaded(big)).thenEvents({
    type: 'step.completed',
    data: { step: 'other', output: { first: 'a' }, via: 'value' },
  });
});

test('a run that keeps more than it may fails with the next step', () => {
  const scenario = fetched(
    run([fetch, use], settings({ [storedOf(big).hash]: big }, { runBytesMax: 1_500 })),
  );
  expect(scenario.last('step.failed').data).toMatchObject({
    failure: { class: 'budget_exceeded', code: 'value.run_total' },
  });
});
