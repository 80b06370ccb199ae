// biome-ignore-all lint/suspicious/noTemplateCurlyInString: workflows hold expressions
import type { Decision } from '@interlock/actors';
import type { CompiledStep, CompiledWorkflow } from '@interlock/language';
import { describe, expect, test } from 'vitest';
import { granted, opened, single } from '../../test/approval-story.js';
import {
  after,
  before,
  blank,
  cancel,
  deny,
  failed,
  type RunStory,
  refused,
  started,
  succeeded,
} from '../../test/run-story.js';
import { read, workflow, write } from '../../test/workflows.js';

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
function take(story: RunStory, input?: Parameters<RunStory['when']>[0]): RunStory {
  if (input !== undefined) accepted(story.when(input).decision);
  while (story.due !== undefined && story.due <= story.now) accepted(story.whenDue().decision);
  return story;
}

const startOf = (compiled: CompiledWorkflow): RunStory => take(blank(compiled), started(compiled));
const startMany = (steps: readonly CompiledStep[]) => startOf(workflow(steps, { budget }));
const count = ({ events }: RunStory, type: string): number =>
  events.filter((event) => event.type === type).length;

describe(`a run of ${MANY} calls at once`, () => {
  test('is cancelled over several decisions', () => {
    const story = take(startMany(many()), undefined);
    take(story, cancel(story));
    expect(count(story, 'call.revoked')).toBe(MANY);
    for (const id of ids) take(story, refused(story, id));
    expect(story.state!.end).toMatchObject({ status: 'cancelled' });
  });

  test('fails over several decisions', () => {
    const story = startMany(many());
    take(story, before(story, 's0', deny));
    for (const id of ids.slice(1)) take(story, refused(story, id));
    expect(story.state!.end).toMatchObject({ status: 'failed' });
  });

  test('times out over several decisions', () => {
    const story = startMany(many({ timeout: { attemptMs: 1_000, totalMs: 5_000 } }));
    take(story.after(5_000));
    expect(count(story, 'call.revoked')).toBe(MANY);
  });

  test('retries over several decisions', () => {
    const retry = { transient: { attempts: 3, backoffMs: 1 } };
    const story = startMany(many({ retry }));
    for (const id of ids) {
      take(story, before(story, id));
      story.when(failed(story, id));
    }
    take(story.after(60_000));
    expect(count(story, 'call.requested')).toBe(2 * MANY);
  });

  test('falls back over several decisions, and goes on with what its one fallback gave', () => {
    const steps = many({ onFailure: { do: 'fallback', step: 'other' } });
    const story = startMany([...steps, read('other', { fallbackOnly: true })]);
    for (const id of ids) take(story, before(story, id, deny));
    take(story, before(story, 'other'));
    take(story, succeeded(story, 'other', { ok: true }));
    take(story, after(story, 'other'));
    expect(count(story, 'step.completed')).toBe(MANY + 1);
    expect(story.state!.end).toMatchObject({ status: 'completed', output: { s249: { ok: true } } });
  });

  test('makes no call that people grant after its step has fallen back', () => {
    const timeout = { attemptMs: 1_000, totalMs: 5_000 };
    const steps = many({ timeout, onFailure: { do: 'fallback', step: 'other' } });
    const story = startMany([...steps, read('other', { fallbackOnly: true })]);
    for (const id of ids) {
      take(story, before(story, id, { approval: single }));
      take(story, opened(story, id));
    }
    // The decisions that take back all that people were asked are still to come.
    story.after(5_000).whenDue();
    const fallen = ids
      .filter((_, place) => story.state!.openApprovals.some((open) => open === place))
      .find((id) => {
        const event = story.events.findLast(({ data }) => (data as { step?: string }).step === id);
        return event?.type === 'step.fell_back';
      })!;
    story.when(granted(story, fallen));
    const requestedCall = story.decision.events.filter(({ type }) => type === 'call.requested');
    expect(requestedCall.map(({ data }) => (data as { step: string }).step)).not.toContain(fallen);
    accepted(story.decision);
  });
});

const text = (bytes: number) => ({ text: 'x'.repeat(bytes) });
const QUARTER = 256 * 1024 - 50;

describe('what is large', () => {
  test('does not travel into several calls in one decision', () => {
    const whole = { needs: ['read'], with: { all: '${steps.read.output}' } };
    const story = startMany([read('read'), ...['a', 'b', 'c'].map((id) => write(id, whole))]);
    take(story, before(story, 'read'));
    take(story, succeeded(story, 'read', text(QUARTER - 100)));
    take(story, after(story, 'read'));
    expect(count(story, 'call.requested')).toBe(4);
  });

  test('fails a step whose arguments nobody could judge', () => {
    const both = { needs: ['a', 'b'], with: { a: '${steps.a.output}', b: '${steps.b.output}' } };
    const story = startMany([read('a'), read('b'), write('c', both)]);
    for (const id of ['a', 'b']) {
      take(story, before(story, id));
      take(story, succeeded(story, id, text(200_000)));
      take(story, after(story, id));
    }
    expect(story.state!.end).toMatchObject({
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
    const story = startOf(compiled);
    take(story, before(story, 'a'));
    take(story, succeeded(story, 'a'));
    take(story, after(story, 'a'));
    expect(story.state!.end).toMatchObject({ status });
  });

  test('refuses a start whose workflow and input do not fit into its first event', () => {
    const compiled = workflow([read('a')], { purpose: 'x'.repeat(300_000) });
    const story = take(blank(compiled), started(compiled, { input: text(300_000) }));
    expect(story.state!.end).toMatchObject({ status: 'failed', failure: { code: 'run.too_large' } });
  });
});
