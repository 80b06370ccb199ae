import { isTerminal } from '@interlock/contracts/http';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { refundRequests, workflow } from '../../../examples/refund-desk/requests.ts';
import { eventually } from '../../e2e/eventually.ts';
import { OtlpCollector } from '../../e2e/otlp.collector.ts';
import { countedIn, logMetricsIn, scrapeAtTheEnd, sorted } from '../../e2e/scrape.ts';
import type { StoredLog } from '../../e2e/stored.log.ts';
import { KafkaSystem } from './kafka.system.ts';
import { serviceNames } from './service.process.ts';

const KILLS = 3;

let collector: OtlpCollector;
let system: KafkaSystem;
beforeEach(async () => {
  collector = await OtlpCollector.start();
  system = await KafkaSystem.start({
    environment: { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url, OTEL_METRIC_EXPORT_INTERVAL: '1000' },
  });
});
afterEach(async () => {
  await system.stop();
  await collector.stop();
});

/** Counted over `run.events`: the other topics are cut behind their readers, and a process that starts later counts what is left. */
const ofRunEvents = (lines: ReadonlyMap<string, number>) =>
  sorted(logMetricsIn(lines)).filter(([line]) => !/_log_.*topic="(?!run\.events)/.test(line));

const counted = (log: StoredLog) => ofRunEvents(countedIn(log));

test('on Kafka every telemetry process shows what a count over the topic shows, and traces are whole, while telemetry and orchestrator are killed', {
  timeout: 240_000,
}, async () => {
  const requests = refundRequests().filter((_, at) => at % 2 === 0);
  const perKill = Math.ceil(requests.length / KILLS);
  const runs: string[] = [];
  for (let kill = 0; kill < KILLS; kill++) {
    const underWay = system.recorder.hasSeen(
      'runs to be under way',
      5 * perKill,
      ({ topic }) => topic === 'run.events',
    );
    for (const { input } of requests.slice(kill * perKill, (kill + 1) * perKill))
      runs.push((await system.client.start(workflow, input)).runId);
    await underWay;
    await system.service('telemetry').kill();
    if (kill === 1) await system.service('orchestrator').kill();
    await system.ready();
  }
  const settled = await Promise.all(runs.map((runId) => system.client.settled(runId)));
  const standby = system.startAnother('telemetry');
  await eventually('another telemetry to serve', () => standby.url !== undefined);

  const log = await system.recorder.complete();
  for (const { url } of [system.service('telemetry'), standby]) {
    const lines = await scrapeAtTheEnd(url ?? '');
    expect(ofRunEvents(lines)).toEqual(counted(log));
  }

  const ended = settled.filter(({ status }) => isTerminal(status)).map(({ runId }) => runId);
  expect(ended.length).toBeGreaterThan(10);
  const isEmitted = (runId: string) =>
    collector.ofRun(runId).some(({ name }) => name === `invoke_workflow ${workflow}`);
  await eventually('every run that ended to be emitted', () => ended.every(isEmitted));
  const ids = new Set(collector.spans.map(({ spanId }) => spanId));
  for (const runId of ended) {
    const spans = collector.ofRun(runId);
    const lost = spans.filter(({ parentSpanId }) => parentSpanId !== undefined && !ids.has(parentSpanId));
    expect(lost).toEqual([]);
    expect(new Set(spans.map(({ service }) => service)).size).toBeGreaterThanOrEqual(4);
  }
  // Each process speaks for itself, and a folded span for the service that did the work.
  const speaking = (received: readonly { readonly resource: Readonly<Record<string, unknown>> }[]) =>
    new Set(received.map(({ resource }) => resource['service.name']));
  expect(speaking(collector.points)).toEqual(new Set(serviceNames));
  expect(speaking(collector.logs)).toEqual(new Set(serviceNames));
  // A kill between the collector's answer and the commit emits some spans again, under the same ids.
  const repeats = collector.spans.length - ids.size;
  console.log(
    `${collector.spans.length} spans of ${runs.length} runs, ${repeats} emitted again after ${KILLS} kills`,
  );
});
