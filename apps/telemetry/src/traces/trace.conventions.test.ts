import { spanIdOf, traceIdOf } from '@interlock/contracts';
import { ProjectionRows } from '@interlock/projection';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { runHistories } from '../../test/run.histories.js';
import type { TracedEvent } from './open.trace.js';
import { runTraces } from './run.traces.js';
import type { FinishedSpan } from './span.js';

/** Where each kind of span comes from: its name, and the events whose ids its own id follows from. */
const origins: readonly (readonly [
  name: RegExp,
  what: string,
  of: (event: TracedEvent) => string | undefined,
])[] = [
  [/^invoke_workflow /, 'run', ({ type, run }) => (type === 'run.started' ? run : undefined)],
  [/^call /, 'call', ({ type, id }) => (type === 'call.requested' ? id : undefined)],
  [/^queue /, 'queue', ({ type, id }) => (type === 'call.requested' ? id : undefined)],
  [/^execute_tool /, 'work', ({ type, id }) => (type === 'call.requested' ? id : undefined)],
  [
    /^check /,
    'check',
    ({ type, id }) =>
      /^(call\.requested|check\.requested|plan\.requested|plan\.recorded)$/.test(type) ? id : undefined,
  ],
  [/^plan /, 'plan', ({ type, id }) => (type === 'plan.requested' ? id : undefined)],
  [/^chat /, 'chat', ({ type, id }) => (type === 'plan.recorded' ? id : undefined)],
  [/^rollback$/, 'rollback', ({ type, id }) => (type === 'rollback.started' ? id : undefined)],
  [
    /^approval /,
    'approval',
    (event) => (event.type === 'approval.opened' ? event.data.approvalId : undefined),
  ],
];

const logged = (events: readonly unknown[]): TracedEvent[] =>
  events.map((event, offset) => ({ ...(event as object), partition: 3, offset }) as TracedEvent);

function spansOf(events: readonly TracedEvent[], broker: string): FinishedSpan[] {
  const spans: FinishedSpan[] = [];
  const open = new ProjectionRows(runTraces(broker), (span) => spans.push(span));
  for (const event of events) open.apply(event);
  return spans;
}

/** Checks every span of some histories; fails when there was none. */
const tracked = (
  check: (span: FinishedSpan, events: readonly TracedEvent[]) => void,
  broker = 'kafka',
): void => {
  let checked = 0;
  fc.assert(
    fc.property(runHistories, (histories) => {
      const events = logged(histories);
      for (const span of spansOf(events, broker)) {
        check(span, events);
        checked += 1;
      }
    }),
    { numRuns: 100 },
  );
  expect(checked).toBeGreaterThan(100);
};

test('the id of every span follows from the id of an event of its run, and its trace from the run', () => {
  tracked((span, all) => {
    const run = span.attributes['interlock.run.id'];
    const events = all.filter((event) => event.run === run);
    expect(span.traceId).toBe(traceIdOf(String(run)));
    const step = /^(?:step|invoke_agent) /.test(span.name) ? span.attributes['interlock.step'] : undefined;
    const possible =
      step === undefined
        ? origins
            .filter(([name]) => name.test(span.name))
            .flatMap(([, what, of]) =>
              events.flatMap((event) => of(event) ?? []).map((id) => spanIdOf(what, id)),
            )
        : events.map(({ id }) => spanIdOf(`step ${step}`, id));
    expect(possible, span.name).toContain(span.spanId);
  });
});

test('ids have the form W3C Trace Context gives them', () => {
  tracked(({ traceId, spanId, parent }) => {
    expect(traceId).toMatch(/^(?!0{32})[0-9a-f]{32}$/);
    for (const id of [spanId, parent?.spanId ?? spanId]) expect(id).toMatch(/^(?!0{16})[0-9a-f]{16}$/);
  });
});

/** The span's name beside its operation, by operation. */
const subjects: Readonly<Record<string, string>> = {
  invoke_workflow: 'gen_ai.agent.name',
  invoke_agent: 'gen_ai.agent.name',
  plan: 'gen_ai.agent.name',
  chat: 'gen_ai.request.model',
  execute_tool: 'gen_ai.tool.name',
};

test('runs, agents, plans, requests to models and tools are named and described as the GenAI conventions want it', () => {
  const seen = new Set<string>();
  tracked(({ name, kind, attributes }) => {
    const operation = attributes['gen_ai.operation.name'];
    if (typeof operation !== 'string') return;
    seen.add(operation);
    expect(kind).toBe(operation === 'chat' ? 'client' : 'internal');
    expect(name).toBe(`${operation} ${attributes[subjects[operation] ?? '']}`);
    if (operation === 'chat' || operation === 'plan') {
      expect(attributes['gen_ai.provider.name']).toMatch(/^(openai|local)$/);
      expect(attributes['gen_ai.request.model']).toMatch(/^(small|large)$/);
    }
    if (operation === 'execute_tool') {
      expect(attributes['gen_ai.tool.type']).toBe('function');
      expect(attributes['gen_ai.tool.call.id']).toBeTruthy();
    }
  });
  expect([...seen].sort()).toEqual(Object.keys(subjects).sort());
});

test('the way of a call through the broker is described as the messaging conventions want it, and leads to its record', () => {
  tracked(({ kind, name, attributes }, events) => {
    if (attributes['messaging.system'] === undefined) {
      expect(kind).not.toBe('producer');
      return;
    }
    expect(kind).toBe('producer');
    const requestedCall = events.find(({ id }) => id === attributes['messaging.message.id']);
    expect(requestedCall).toMatchObject({
      type: 'call.requested',
      offset: attributes['messaging.kafka.offset'],
    });
    expect(name).toBe(`queue ${requestedCall?.type === 'call.requested' && requestedCall.data.tool}`);
    expect(attributes).toMatchObject({
      'messaging.system': 'kafka',
      'messaging.operation.type': 'send',
      'messaging.operation.name': 'send',
      'messaging.destination.name': 'run.events',
      'messaging.destination.partition.id': '3',
    });
  });
});

test('on the embedded log a span names no offset of Kafka', () => {
  tracked(({ attributes }) => {
    if (attributes['messaging.system'] === undefined) return;
    expect(attributes['messaging.system']).toBe('interlock_embedded');
    expect(attributes['messaging.kafka.offset']).toBeUndefined();
  }, 'interlock_embedded');
});

test('every attribute is one of a convention or ours by its name', () => {
  const foreign =
    /^(gen_ai\.(operation\.name|agent\.name|provider\.name|request\.model|usage\.(in|out)put_tokens|tool\.(name|type|call\.id))|messaging\.)/;
  tracked(({ attributes }) => {
    for (const name of Object.keys(attributes))
      expect(name).toMatch(name.startsWith('interlock.') ? /./ : foreign);
  });
});
