import { spanIdOf, traceIdOf } from '@interlock/contracts';
import { ProjectionRows } from '@interlock/projection';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { runHistories } from '../../test/run.histories.js';
import type { TracedEvent } from './open.trace.js';
import { runTraces } from './run.traces.js';
import type { FinishedSpan } from './span.js';

const endTypes = ['run.completed', 'run.failed', 'run.cancelled', 'run.rolled_back', 'run.escalated'];

/** A run written by hand: each event a second after the one before. */
function history(...events: readonly (readonly [type: string, data: object])[]): TracedEvent[] {
  return events.map(
    ([type, data], at) =>
      ({
        type,
        data,
        id: `run/${at + 1}`,
        run: 'run',
        time: at * 1_000,
        partition: 0,
        offset: at,
      }) as unknown as TracedEvent,
  );
}

const started = [
  'run.started',
  { workflow: { name: 'w', version: 1 }, rootRunId: 'run', commandId: 'run/start' },
] as const;
const completed = ['run.completed', { output: {}, success: true }] as const;
const requestedCall = (more: object = {}) =>
  [
    'call.requested',
    { step: 's', tool: 't', purpose: 'step', needs: ['run/2'], callHash: 'h', ...more },
  ] as const;
const verdict = (more: object) =>
  [
    'verdict.recorded',
    { checkId: 'run/2', requestId: 'run/2', point: 'before', verdict: 'allow', policies: ['p'], ...more },
  ] as const;

function spansOf(events: readonly TracedEvent[]): FinishedSpan[] {
  const spans: FinishedSpan[] = [];
  const open = new ProjectionRows(runTraces('kafka'), (span) => spans.push(span));
  for (const event of events) open.apply(event);
  return spans;
}

const named = (spans: readonly FinishedSpan[], name: string): FinishedSpan => {
  const found = spans.filter((span) => span.name === name);
  expect(found, name).toHaveLength(1);
  return found[0]!;
};

test('a call is emitted with its way to the tool and the tool’s work apart, by one clock', () => {
  const recorded = [
    'call.recorded',
    { requestId: 'run/2', step: 's', callHash: 'h', outcome: { kind: 'succeeded' }, tookMs: 400 },
  ] as const;
  const spans = spansOf(
    history(
      started,
      requestedCall(),
      verdict({}),
      recorded,
      ['step.completed', { step: 's', via: 'call' }],
      completed,
    ),
  );
  const call = named(spans, 'call t');
  expect(call).toMatchObject({
    service: 'orchestrator',
    start: 1_000,
    end: 3_000,
    spanId: spanIdOf('call', 'run/2'),
  });
  expect(named(spans, 'queue t')).toMatchObject({
    kind: 'producer',
    start: 1_000,
    end: 2_600,
    parent: { spanId: call.spanId },
  });
  expect(named(spans, 'execute_tool t')).toMatchObject({
    service: 'tool-executor',
    start: 2_600,
    end: 3_000,
  });
  expect(named(spans, 'check before t')).toMatchObject({ service: 'policy', start: 1_000, end: 2_000 });
  expect(new Set(spans.map(({ traceId }) => traceId))).toEqual(new Set([traceIdOf('run')]));
});

test('a denied call ends with its verdict, and everything that needed the verdict with it', () => {
  const next = [
    'call.requested',
    { step: 'b', tool: 'u', purpose: 'step', needs: ['run/2', 'run/3'], callHash: 'i' },
  ] as const;
  const spans = spansOf(history(started, requestedCall(), next, verdict({ verdict: 'deny' })));
  expect(named(spans, 'call t')).toMatchObject({ end: 3_000, error: 'denied' });
  expect(named(spans, 'call u')).toMatchObject({ end: 3_000, error: 'denied' });
});

test('a call for which people must be asked ends with its verdict, without an error', () => {
  const spans = spansOf(
    history(started, requestedCall(), verdict({ approval: { kind: 'single', approvers: [] } })),
  );
  const call = named(spans, 'call t');
  expect(call.attributes['interlock.call.outcome']).toBe('approval_required');
  expect(call.error).toBeUndefined();
});

test('a call that is requested with a grant goes on when the verdict asks for people', () => {
  const spans = spansOf(
    history(
      started,
      requestedCall({ approvalId: 'run.1' }),
      verdict({ approval: { kind: 'single', approvers: [] } }),
    ),
  );
  expect(spans.map(({ name }) => name)).toEqual(['check before t']);
});

test('the caller’s trace is gone on with; one he does not want kept is not emitted', () => {
  const traceparent = (flags: string) => `00-${'a'.repeat(32)}-${'b'.repeat(16)}-${flags}`;
  const withTrace = (flags: string) => {
    const [first, ...rest] = history(started, completed);
    return [{ ...first!, traceparent: traceparent(flags) }, ...rest];
  };
  const [run] = spansOf(withTrace('01'));
  expect(run).toMatchObject({
    traceId: 'a'.repeat(32),
    parent: { spanId: spanIdOf('request', 'run/start') },
  });
  expect(spansOf(withTrace('00'))).toEqual([]);
});

test('what is open when a run ends, ends with it and says so', () => {
  const failure = { class: 'timeout', code: 'c', message: 'of Mary Poppins' };
  const spans = spansOf(history(started, requestedCall(), ['run.failed', { failure }]));
  expect(named(spans, 'call t').attributes['interlock.call.outcome']).toBe('unanswered');
  expect(named(spans, 'step s').attributes['interlock.unfinished']).toBe(true);
  expect(named(spans, 'invoke_workflow w')).toMatchObject({ error: 'timeout' });
  expect(JSON.stringify(spans)).not.toContain('Poppins');
});

test('whatever runs do: emitted again, the spans are the same; each hangs in its own trace beneath a span of it; none lasts less than nothing', () => {
  fc.assert(
    fc.property(runHistories, (logged) => {
      const events = logged.map((event, offset) => ({ ...event, partition: 0, offset }) as TracedEvent);
      const spans = spansOf(events);
      expect(spansOf(events)).toEqual(spans);
      const ended = new Set(events.filter(({ type }) => endTypes.includes(type)).map(({ run }) => run));
      for (const run of ended) {
        const mine = spans.filter(({ traceId }) => traceId === traceIdOf(run));
        const ids = new Set(mine.map(({ spanId }) => spanId));
        const root = mine.filter(({ name }) => name.startsWith('invoke_workflow'));
        expect(root).toHaveLength(1);
        for (const span of mine) {
          expect(span.end).toBeGreaterThanOrEqual(span.start);
          if (span !== root[0]) expect(ids.has(span.parent?.spanId ?? ''), span.name).toBe(true);
        }
      }
    }),
    { numRuns: 150 },
  );
});
