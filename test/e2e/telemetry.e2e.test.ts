import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import {
  type OrderSystemProcess,
  startOrderSystem,
} from '../../examples/refund-desk/order-system.process.ts';
import { refundRequests, workflow } from '../../examples/refund-desk/requests.ts';
import { eventually } from './eventually.ts';
import { OtlpCollector, type ReceivedSpan } from './otlp.collector.ts';
import { newPlace } from './place.ts';
import { countedIn, logMetricsIn, scrapeAtTheEnd, sorted } from './scrape.ts';
import { readStoredLog } from './stored.log.ts';
import { type SystemProcess, startSystem } from './system.process.ts';
import { tokenOf } from './tokens.ts';

const callersTrace = '4bf92f3577b34da6a3ce929d0e0e4736';
const callersSpan = '00f067aa0ba902b7';

let place: Awaited<ReturnType<typeof newPlace>>;
let orders: OrderSystemProcess;
let collector: OtlpCollector;
beforeEach(async () => {
  place = await newPlace('telemetry');
  orders = await startOrderSystem(join(place.directory, 'orders'), {});
  collector = await OtlpCollector.start();
});
afterEach(async () => {
  await orders.stop();
  await collector.stop();
  await place.remove();
});

const dataDir = () => join(place.directory, 'data');
const start = (environment: Record<string, string> = {}) =>
  startSystem({
    dataDir: dataDir(),
    environment: {
      INTERLOCK_MODULES: 'examples/refund-desk/module.ts',
      INTERLOCK_DEMO: '0',
      REFUND_DESK_URL: orders.url,
      OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
      ...environment,
    },
  });

/** One request of the table for each way a run may end. */
const oneOfEach = () => [
  ...new Map(refundRequests().map((request) => [request.scenario, request] as const)).values(),
];
const requestOf = (scenario: string) => refundRequests().find((one) => one.scenario === scenario)!;

async function approve({ client }: SystemProcess, runId: string, sub: string, role: string): Promise<void> {
  const { body } = await client.get<{ items: { approvalId: string; runId: string; callHash: string }[] }>(
    '/v1/approvals',
  );
  const mine = body.items.find((one) => one.runId === runId);
  const authorization = `Bearer ${await tokenOf(client.keys, { sub, roles: [role] })}`;
  const vote = { vote: 'approve', callHash: mine?.callHash, reason: 'as the order says' };
  const path = `/v1/approvals/${mine?.approvalId}/votes`;
  expect((await client.post(path, vote, { authorization })).status).toBe(202);
}

const emitted = (runId: string) =>
  eventually(`the run of ${runId} to be emitted`, () =>
    collector.ofRun(runId).some(({ name }) => name === `invoke_workflow ${workflow}`),
  );

/** Spans whose parent the collector does not know; the caller's own is his. */
const orphans = (spans: readonly ReceivedSpan[]): ReceivedSpan[] =>
  spans.filter(({ parentSpanId }) => {
    if (parentSpanId === undefined || parentSpanId === callersSpan) return false;
    return !spans.some(({ spanId }) => spanId === parentSpanId);
  });

test('a refund that two people approve is one connected trace, from the caller’s request to its outcome, with spans of every service', async () => {
  const system = await start();
  const { input } = requestOf('large, arrived broken');
  const headers = { traceparent: `00-${callersTrace}-${callersSpan}-01` };
  const { body } = await system.client.post<{ runId: string }>('/v1/runs', { workflow, input }, headers);
  const { runId } = body;
  expect((await system.client.settled(runId)).status).toBe('waiting');
  await approve(system, runId, 'fred', 'finance');
  await approve(system, runId, 'lena', 'finance');
  await eventually('the run to end', async () => (await system.client.run(runId)).status === 'completed');
  await emitted(runId);
  await system.stop();

  const spans = collector.ofRun(runId);
  expect(new Set(spans.map(({ traceId }) => traceId))).toEqual(new Set([callersTrace]));
  expect(orphans(spans)).toEqual([]);
  expect(new Set(spans.map(({ spanId }) => spanId)).size).toBe(spans.length);
  const services = new Set(spans.map(({ service }) => service));
  expect([...services].sort()).toEqual(['approval', 'gateway', 'orchestrator', 'policy', 'tool-executor']);

  const named = (name: string) => spans.filter((span) => span.name === name);
  const [request] = named('POST /v1/runs');
  expect(request).toMatchObject({ service: 'gateway', parentSpanId: callersSpan, kind: 2 });
  const [run] = named(`invoke_workflow ${workflow}`);
  expect(run).toMatchObject({ parentSpanId: request?.spanId, error: undefined });
  expect(run?.attributes).toMatchObject({
    'interlock.run.status': 'completed',
    'interlock.run.success': true,
  });
  // Requested once before people were asked, once with their grant.
  expect(named('call refunds.create').map(({ attributes }) => attributes['interlock.call.outcome'])).toEqual([
    'approval_required',
    'succeeded',
  ]);
  const [approval] = named('approval refunds.create');
  expect(approval?.events).toEqual(['approval.voted', 'approval.voted']);
  expect(approval?.attributes).toMatchObject({
    'interlock.approval.kind': 'dual',
    'interlock.approval.outcome': 'granted',
  });
  const [work] = named('execute_tool refunds.create');
  expect(work?.attributes).toMatchObject({
    'gen_ai.operation.name': 'execute_tool',
    'gen_ai.tool.name': 'refunds.create',
  });
  for (const span of spans) {
    expect(span.end).toBeGreaterThanOrEqual(span.start);
    expect(JSON.stringify(span), 'no personal data leaves with a span').not.toMatch(
      /customers\.example|fred|lena/,
    );
  }

  // The caller's trace stays with every event of the run, for whoever reads the log.
  const log = await readStoredLog(dataDir());
  const tagged = (log.get('run.events') ?? []).flat().filter(({ key }) => key === runId);
  expect(tagged.length).toBeGreaterThan(10);
  for (const { headers: stored } of tagged)
    expect(Buffer.from(stored.m ?? []).toString()).toContain(`"tp":"00-${callersTrace}`);
});

test('a run that is rolled back shows what was undone', async () => {
  const system = await start();
  const { runId } = await system.client.start(workflow, requestOf('small, mail cannot be delivered').input);
  expect((await system.client.settled(runId)).status).toBe('rolled_back');
  await emitted(runId);
  await system.stop();
  const spans = collector.ofRun(runId);
  expect(orphans(spans)).toEqual([]);
  const rollback = spans.find(({ name }) => name === 'rollback');
  expect(rollback?.events).toEqual(['step.compensated']);
  const undoing = spans.find(({ name }) => name === 'call refunds.cancel');
  expect(undoing?.parentSpanId).toBe(rollback?.spanId);
  expect(spans.find(({ name }) => name === 'call mail.send')?.error).toBe('domain');
});

test('a scrape equals a count over the log, also after a kill and a restart', async () => {
  const first = await start();
  for (const { input } of oneOfEach()) {
    const { runId } = await first.client.start(workflow, input);
    await first.client.settled(runId);
  }
  const before = await scrapeAtTheEnd(first.client.url);
  await first.stop('SIGKILL');
  expect(sorted(logMetricsIn(before))).toEqual(sorted(countedIn(await readStoredLog(dataDir()))));

  const second = await start();
  const request = refundRequests().findLast(({ scenario }) => scenario === 'somebody else’s order')!;
  const { runId } = await second.client.start(workflow, request.input);
  expect((await second.client.settled(runId)).status).toBe('failed');
  const after = await scrapeAtTheEnd(second.client.url);
  await second.stop('SIGKILL');
  const counted = countedIn(await readStoredLog(dataDir()));
  expect(sorted(logMetricsIn(after))).toEqual(sorted(counted));
  expect(
    [...counted].some(([line, value]) => line.startsWith('interlock_policy_denials_total') && value >= 2),
  ).toBe(true);
});

test('a collector that is down holds nothing up; when it is there again it gets every span once, across a kill of everything', async () => {
  collector.answering = 503;
  const first = await start();
  const runs: string[] = [];
  const small = refundRequests().filter(({ scenario }) => scenario === 'small, arrived broken');
  for (const { input } of small) {
    const { runId } = await first.client.start(workflow, input);
    runs.push(runId);
    expect((await first.client.settled(runId)).status).toBe('completed');
  }
  await eventually('the collector to be asked', () => collector.requests > 0);
  await first.stop('SIGKILL');
  expect(collector.spans).toEqual([]);

  collector.answering = 200;
  const second = await start();
  for (const runId of runs) await emitted(runId);
  await second.stop();
  const emittedFirst = collector.spans.length;
  expect(orphans(collector.spans)).toEqual([]);
  expect(new Set(collector.spans.map(({ spanId }) => spanId)).size).toBe(emittedFirst);

  // What was emitted and committed is not emitted again.
  const third = await start();
  const { runId } = await third.client.start(workflow, requestOf('paid back before').input);
  await third.client.settled(runId);
  await emitted(runId);
  await third.stop();
  const again = collector.spans.slice(emittedFirst).filter((span) => !collector.ofRun(runId).includes(span));
  expect(again).toEqual([]);
});
