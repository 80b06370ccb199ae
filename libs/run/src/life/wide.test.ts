// biome-ignore-all lint/suspicious/noTemplateCurlyInString: workflows hold expressions
import type { Decision } from '@interlock/actors';
import type { CompiledStep, CompiledWorkflow } from '@interlock/language';
import { describe, expect, test } from 'vitest';
import { granted, opened, single } from '../../test/approval-scenario.js';
import {
  after,
  before,
  blank,
  cancel,
  deny,
  failed,
  type RunScenario,
  refused,
  started,
  succeeded,
} from '../../test/run-scenario.js';
import { forEach, read, workflow, write } from '../../test/workflows.js';

/** What a host accepts of one decision. */
const EVENTS_MAX = 200;
const BYTES_MAX = 512 * 1024;

const MANY = 250;
const ids = Array.from({ length: MANY }, (_, at) => `s${at}`);
const many = (extra: Parameters<typeof write>[1] = {}) => ids.map((id) => write(id, extra));
const budget = { toolCalls: 1_000, steps: 1_000 };

function accepted({ events }: Pick<Decision, 'events'>): void {
  const bytes = events.reduce((sum, { data }) => sum + Buffer.byteLength(JSON.stringify(data)) + 700, 0);
  expect(events.length).toBeLessThanOrEqual(EVENTS_MAX);
  expect(bytes).toBeLessThanOrEqual(BYTES_MAX);
}

/** Takes one input and then everything that is due at once, as a host does. */
function take(scenario: RunScenario, input?: Parameters<RunScenario['when']>[0]): RunScenario {
  if (input !== undefined) accepted(scenario.when(input).decision);
  while (scenario.due !== undefined && scenario.due <= scenario.now) accepted(scenario.whenDue().decision);
  return scenario;
}

const startOf = (compiled: CompiledWorkflow): RunScenario => take(blank(compiled), started(compiled));
const startMany = (steps: readonly CompiledStep[]) => startOf(workflow(steps, { budget }));
const count = ({ events }: RunScenario, type: string): number =>
  events.filter((event) => event.type === type).length;

describe(`a run of ${MANY} calls at once`, () => {
  test('is cancelled over several decisions', () => {
    const scenario = take(startMany(many()), undefined);
    take(scenario, cancel(scenario));
    expect(count(scenario, 'call.revoked')).toBe(MANY);
    for (const id of ids) take(scenario, refused(scenario, id));
    expect(scenario.state!.end).toMatchObject({ status: 'cancelled' });
  });

  test('fails over several decisions', () => {
    const scenario = startMany(many());
    take(scenario, before(scenario, 's0', deny));
    for (const id of ids.slice(1)) take(scenario, refused(scenario, id));
    expect(scenario.state!.end).toMatchObject({ status: 'failed' });
  });

  test('times out over several decisions', () => {
    const scenario = startMany(many({ timeout: { attemptMs: 1_000, totalMs: 5_000 } }));
    take(scenario.after(5_000));
    expect(count(scenario, 'call.revoked')).toBe(MANY);
  });

  test('retries over several decisions', () => {
    const retry = { transient: { attempts: 3, backoffMs: 1 } };
    const scenario = startMany(many({ retry }));
    for (const id of ids) {
      take(scenario, before(scenario, id));
      scenario.when(failed(scenario, id));
    }
    take(scenario.after(60_000));
    expect(count(scenario, 'call.requested')).toBe(2 * MANY);
  });

  test('falls back over several decisions, and goes on with what its one fallback gave', () => {
    const steps = many({ onFailure: { do: 'fallback', step: 'other' } });
    const scenario = startMany([...steps, read('other', { fallbackOnly: true })]);
    for (const id of ids) take(scenario, before(scenario, id, deny));
    take(scenario, before(scenario, 'other'));
    take(scenario, succeeded(scenario, 'other', { ok: true }));
    take(scenario, after(scenario, 'other'));
    expect(count(scenario, 'step.completed')).toBe(MANY + 1);
    expect(scenario.state!.end).toMatchObject({ status: 'completed', output: { s249: { ok: true } } });
  });

  test('makes no call that people grant after its step has fallen back', () => {
    const timeout = { attemptMs: 1_000, totalMs: 5_000 };
    const steps = many({ timeout, onFailure: { do: 'fallback', step: 'other' } });
    const scenario = startMany([...steps, read('other', { fallbackOnly: true })]);
    for (const id of ids) {
      take(scenario, before(scenario, id, { approval: single }));
      take(scenario, opened(scenario, id));
    }
    // The decisions that take back all that people were asked are still to come.
    scenario.after(5_000).whenDue();
    const fallen = ids
      .filter((_, place) => scenario.state!.openApprovals.some((open) => open === place))
      .find((id) => {
        const event = scenario.events.findLast(({ data }) => (data as { step?: string }).step === id);
        return event?.type === 'step.fell_back';
      })!;
    scenario.when(granted(scenario, fallen));
    const requestedCall = scenario.decision.events.filter(({ type }) => type === 'call.requested');
    expect(requestedCall.map(({ data }) => (data as { step: string }).step)).not.toContain(fallen);
    accepted(scenario.decision);
  });
});

test('a run that could open thousands of turns opens as many as it may, and is cancelled over as many decisions as that takes', () => {
  const items = [...Array(30).keys()];
  const cells = ids.slice(0, 5).map((id) => forEach(id, items, [read(`${id}read`)], { concurrency: 1_000 }));
  const rows = forEach('rows', items, cells, { as: 'row', concurrency: 1_000 });
  const scenario = take(
    blank(workflow([rows], { budget }), { openTurnsMax: 200 }),
    started(workflow([rows], { budget })),
  );
  expect(scenario.state!.scopes.length).toBeLessThanOrEqual(200);
  const asked = scenario.events.filter(({ type }) => type === 'call.requested');
  expect(asked.length).toBeGreaterThan(100);
  take(scenario, cancel(scenario));
  expect(count(scenario, 'call.revoked')).toBe(asked.length);
  for (const { data } of asked) take(scenario, refused(scenario, (data as { step: string }).step));
  expect(scenario.state!.end).toMatchObject({ status: 'cancelled' });
});

const text = (bytes: number) => ({ text: 'x'.repeat(bytes) });
const QUARTER = 256 * 1024 - 50;

describe('what is large', () => {
  test('does not travel into several calls in one decision', () => {
    const whole = { needs: ['read'], with: { all: '${steps.read.output}' } };
    const scenario = startMany([read('read'), ...['a', 'b', 'c'].map((id) => write(id, whole))]);
    take(scenario, before(scenario, 'read'));
    take(scenario, succeeded(scenario, 'read', text(QUARTER - 100)));
    take(scenario, after(scenario, 'read'));
    expect(count(scenario, 'call.requested')).toBe(4);
  });

  test('fails a step whose arguments nobody could judge', () => {
    const both = { needs: ['a', 'b'], with: { a: '${steps.a.output}', b: '${steps.b.output}' } };
    const scenario = startMany([read('a'), read('b'), write('c', both)]);
    for (const id of ['a', 'b']) {
      take(scenario, before(scenario, id));
      take(scenario, succeeded(scenario, id, text(200_000)));
      take(scenario, after(scenario, id));
    }
    expect(scenario.state!.end).toMatchObject({
      status: 'failed',
      step: 'c',
      failure: { class: 'invalid_input', code: 'arguments.too_large' },
    });
  });

  test.each([
    ['fits into one event', 390_000, 'x', 'completed'],
    ['is too large in characters', 420_000, 'x', 'failed'],
    ['is too large in bytes', 200_000, 'ü€', 'failed'],
  ])('as the output of a run that %s', (_name, length, letters, status) => {
    const compiled = workflow([read('a')], { output: { all: letters.repeat(length / letters.length) } });
    const scenario = startOf(compiled);
    take(scenario, before(scenario, 'a'));
    take(scenario, succeeded(scenario, 'a'));
    take(scenario, after(scenario, 'a'));
    expect(scenario.state!.end).toMatchObject({ status });
  });

  test('refuses a start whose workflow and input do not fit into its first event', () => {
    const compiled = workflow([read('a')], { purpose: 'x'.repeat(300_000) });
    const scenario = take(blank(compiled), started(compiled, { input: text(300_000) }));
    expect(scenario.state!.end).toMatchObject({ status: 'failed', failure: { code: 'run.too_large' } });
  });
});
