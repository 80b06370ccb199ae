import { join } from 'node:path';
import { auditHeaders } from '@interlock/contracts';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type ModelServer, startModelServer } from '../models/model.server.ts';
import { calls, output } from '../models/reply.ts';
import { eventually } from './eventually.ts';
import { OtlpCollector, type ReceivedSpan } from './otlp.collector.ts';
import { newPlace } from './place.ts';
import { countedIn, logMetricsIn, scrapeAtTheEnd, sorted } from './scrape.ts';
import { readAuditStream, readStoredLog } from './stored.log.ts';
import { type SystemProcess, startSystem } from './system.process.ts';
import { tokenOf } from './tokens.ts';

const workflow = 'ask-desk';
const input = { id: 'ord-0003' };

let place: Awaited<ReturnType<typeof newPlace>>;
let collector: OtlpCollector;
let model: ModelServer;
beforeEach(async () => {
  place = await newPlace('agents');
  collector = await OtlpCollector.start();
  // Looks the order up; two of its three claims were told then.
  model = await startModelServer(
    ({ observed }) =>
      observed.length === 0
        ? calls([{ tool: 'orders.look', arguments: input }])
        : output({ outcome: 'refund', amount: 129.5, note: 'For ord-0003 and 77.' }),
    { key: 'test-key' },
  );
});
afterEach(async () => {
  await model.stop();
  await collector.stop();
  await place.remove();
});

const dataDir = () => join(place.directory, 'data');
const start = (autonomy: 'assisted' | 'shadow') =>
  startSystem({
    dataDir: dataDir(),
    environment: {
      INTERLOCK_MODULES: 'test/e2e/telemetry.agents.module.ts',
      INTERLOCK_DEMO: '0',
      INTERLOCK_AUTONOMY: autonomy,
      INTERLOCK_MODEL: 'local/desk',
      INTERLOCK_MODEL_URL: model.url,
      INTERLOCK_MODEL_KEY: 'test-key',
      INTERLOCK_MODEL_PRICES: '1,4',
      INTERLOCK_MODEL_TOKENS_MAX: '100000',
      OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
    },
  });

/** A person agrees to the call that the model proposed. */
async function approve({ client }: SystemProcess, runId: string): Promise<void> {
  const inbox = async () =>
    (await client.get<{ items: { approvalId: string; runId: string; callHash: string }[] }>('/v1/approvals'))
      .body.items;
  await eventually('people to be asked', async () => (await inbox()).some((one) => one.runId === runId));
  const { approvalId, callHash } = (await inbox()).find((one) => one.runId === runId)!;
  const authorization = `Bearer ${await tokenOf(client.keys, { sub: 'lena', roles: ['support'] })}`;
  const vote = { vote: 'approve', callHash, reason: 'as proposed' };
  expect((await client.post(`/v1/approvals/${approvalId}/votes`, vote, { authorization })).status).toBe(202);
}

async function traceOf(runId: string): Promise<readonly ReceivedSpan[]> {
  const isEmitted = () => collector.ofRun(runId).some(({ name }) => name === `invoke_workflow ${workflow}`);
  await eventually('the spans of the run to be emitted', isEmitted);
  return collector.ofRun(runId);
}

const named = (spans: readonly ReceivedSpan[], name: string) => spans.filter((span) => span.name === name);

/** What the stream shows of a run, as text. */
const streamed = async (): Promise<string[]> =>
  (await readAuditStream(dataDir())).map(
    ({ headers, value }) => `${Buffer.from(headers[auditHeaders.type] ?? [])} ${Buffer.from(value ?? [])}`,
  );

async function metricsOf(system: SystemProcess): Promise<ReadonlyMap<string, number>> {
  const metrics = logMetricsIn(await scrapeAtTheEnd(system.client.url));
  await system.stop();
  expect(sorted(metrics)).toEqual(sorted(countedIn(await readStoredLog(dataDir()))));
  return metrics;
}

/** The metric as it was exported last. */
const metric = (name: string) => collector.points.findLast((point) => point.name === name);

const sumOf = (metrics: ReadonlyMap<string, number>, pattern: RegExp): number =>
  [...metrics].filter(([line]) => pattern.test(line)).reduce((sum, [, value]) => sum + value, 0);

test('an agent that looks up, is agreed to and answers is one connected trace with the planner in it; metrics and the audit stream say what it cost and proposed, and nothing it read', async () => {
  const system = await start('assisted');
  const { runId } = await system.client.start(workflow, input);
  await approve(system, runId);
  await eventually('the run to end', async () => (await system.client.run(runId)).status === 'completed');
  const spans = await traceOf(runId);
  const metrics = await metricsOf(system);

  const ids = new Set(spans.map(({ spanId }) => spanId));
  expect(spans.filter(({ parentSpanId }) => parentSpanId !== undefined && !ids.has(parentSpanId))).toEqual(
    [],
  );
  expect(new Set(spans.map(({ traceId }) => traceId)).size).toBe(1);
  expect([...new Set(spans.map(({ service }) => service))].sort()).toEqual([
    'approval',
    'gateway',
    'orchestrator',
    'planner',
    'policy',
    'tool-executor',
  ]);
  expect(named(spans, 'invoke_agent desk')[0]?.attributes).toMatchObject({
    'gen_ai.operation.name': 'invoke_agent',
    'interlock.agent.level': 'assisted',
    'interlock.step.via': 'agent',
  });
  expect(named(spans, 'plan desk')).toHaveLength(2);
  const chats = named(spans, 'chat desk');
  expect(chats).toHaveLength(2);
  for (const { attributes, kind } of chats) {
    expect(kind).toBe(3);
    expect(Number(attributes['gen_ai.usage.input_tokens'])).toBeGreaterThan(0);
    expect(attributes).toMatchObject({ 'gen_ai.provider.name': 'local', 'gen_ai.request.model': 'desk' });
  }
  expect(named(spans, 'plan desk').some(({ events }) => events.includes('gen_ai.evaluation.result'))).toBe(
    true,
  );
  expect(JSON.stringify(spans)).not.toContain('Poppins');

  const used = sumOf(metrics, /^interlock_tokens_total.*kind="(input|output)"/);
  const about = {
    'gen_ai.operation.name': 'chat',
    'gen_ai.provider.name': 'local',
    'gen_ai.request.model': 'desk',
  };
  const counted = ['input', 'output'].map((type) => metric(`gen_ai.client.inference.usage.${type}_tokens`));
  expect(counted.map((point) => point?.attributes)).toMatchObject([about, about]);
  expect(counted.reduce((sum, point) => sum + (point?.value ?? 0), 0)).toBe(used);
  expect(metric('gen_ai.client.operation.duration')).toMatchObject({
    unit: 's',
    count: 2,
    attributes: about,
  });
  expect(model.asked).toHaveLength(2);
  expect(used).toBeGreaterThan(100);
  expect(sumOf(metrics, /^interlock_tokens_total.*"assumed"/)).toBe(0);
  expect(sumOf(metrics, /^interlock_model_cost_usd_total/)).toBeGreaterThan(0);
  expect(sumOf(metrics, /^interlock_run_cost_usd_total/)).toBe(
    sumOf(metrics, /^interlock_model_cost_usd_total/),
  );
  expect(sumOf(metrics, /^interlock_proposed_calls_total.*"succeeded"/)).toBe(1);
  expect(sumOf(metrics, /^interlock_agent_outcomes_total.*source="agent"/)).toBe(1);
  // 129.5 and ord-0003 were told, 77 was not; refund was a choice.
  expect(sumOf(metrics, /^interlock_groundedness_ratio_sum/)).toBeCloseTo(2 / 3, 5);

  const stream = await streamed();
  expect(stream.filter((text) => text.includes('Poppins'))).toEqual([]);
  expect(stream.filter((text) => text.startsWith('interlock.plan.recorded.v1'))).toHaveLength(2);
});

test('a model in shadow changes nothing: the rules’ output stands, and that it would have said something else is counted', async () => {
  const system = await start('shadow');
  model.script = () => output({ outcome: 'refund', amount: 5, note: 'ord-0003' });
  const { runId } = await system.client.start(workflow, input);
  await eventually('the run to end', async () => (await system.client.run(runId)).status === 'completed');
  expect((await system.client.run(runId)).output).toEqual({
    outcome: 'decline',
    amount: 0,
    note: 'by the rules',
  });
  const spans = await traceOf(runId);
  const metrics = await metricsOf(system);
  expect(named(spans, 'plan desk')[0]?.attributes['interlock.plan.purpose']).toBe('shadow');
  expect(sumOf(metrics, /^interlock_shadow_plans_total.*agrees="false"/)).toBe(1);
  expect(sumOf(metrics, /^interlock_agent_outcomes_total.*source="baseline"/)).toBe(1);
  expect(sumOf(metrics, /^interlock_groundedness_ratio_sum.*purpose="shadow"/)).toBe(0.5);
});
