import { readFileSync } from 'node:fs';
import type { Broker } from '@interlock/broker';
import {
  type Configuration,
  countRefusedEgress,
  type Log,
  openMetrics,
  openValues,
  ProjectionMetrics,
  Readiness,
  StoppedPartitions,
  sweepMetrics,
} from '@interlock/service';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { RequestMetrics } from '../../apps/gateway/src/http/request.metrics.js';
import { showReadModel } from '../../apps/gateway/src/read-model.metrics.js';
import { showSchedules } from '../../apps/gateway/src/schedules/schedule.metrics.js';
import { countEvents } from '../../apps/gateway/src/triggers/topic.metrics.js';
import { countAttempts } from '../../apps/notifier/src/delivery.metrics.js';
import { MetricsLifecycle } from '../../apps/telemetry/src/metrics/metrics.module.js';
import { runMetrics } from '../../apps/telemetry/src/metrics/run.metrics.js';
import { TracesLifecycle } from '../../apps/telemetry/src/traces/traces.module.js';
import { circuitObserver } from '../../apps/tool-executor/src/circuit/circuit.observer.js';
import type { ReadModelInputs } from '../../libs/read-model/src/read-model.inputs.js';
import type { ReadModel } from '../../libs/read-model/src/read-model.js';

interface Shown {
  readonly name: string;
  readonly type: string;
  readonly labelNames: readonly string[];
}

/** Every metric the processes register, with their real code. */
function everyMetric(): Shown[] {
  const metrics = openMetrics();
  const broker = {} as Broker;
  const log = { child: () => log } as unknown as Log;
  const projections = new ProjectionMetrics(broker, metrics);
  countRefusedEgress(metrics);
  countAttempts(metrics);
  countEvents(metrics);
  openValues({ INTERLOCK_STORE_URL: 'file:values' } as Configuration, metrics, {});
  sweepMetrics(metrics);
  showSchedules({ all: () => [] }, metrics);
  circuitObserver(log, metrics);
  const stopped = new StoppedPartitions(metrics);
  const readiness = new Readiness();
  new RequestMetrics(metrics);
  showReadModel({} as ReadModel, {} as ReadModelInputs, metrics, projections, stopped);
  new MetricsLifecycle(broker, metrics, projections, log, readiness, stopped);
  new TracesLifecycle(
    broker,
    {} as never,
    {} as Configuration,
    metrics,
    projections,
    log,
    readiness,
    stopped,
    { spans: undefined, shutdown: async () => {} },
  );
  return metrics.getMetricsAsArray() as unknown as Shown[];
}

const metrics = new Map(
  everyMetric().flatMap((metric) => {
    const suffixes = metric.type === 'histogram' ? ['_bucket', '_sum', '_count'] : [''];
    return suffixes.map((suffix) => [metric.name + suffix, metric] as const);
  }),
);

interface Rule {
  readonly alert?: string;
  readonly record?: string;
  readonly expr: string;
  readonly labels?: { readonly severity?: string };
  readonly annotations?: { readonly summary?: string; readonly runbook?: string };
}
interface Panel {
  readonly title: string;
  readonly targets?: readonly { readonly expr: string; readonly legendFormat: string }[];
}

const groups: { rules: Rule[] }[] = parse(
  readFileSync('deploy/prometheus/interlock.rules.yml', 'utf8'),
).groups;
const rules = groups.flatMap((group) => group.rules);
const dashboard: { panels: Panel[] } = JSON.parse(
  readFileSync('deploy/grafana/interlock.dashboard.json', 'utf8'),
);
const targets = dashboard.panels.flatMap(({ title, targets: all = [] }) =>
  all.map(({ expr, legendFormat }) => ({ where: `panel ${title}`, expr, legendFormat })),
);
const expressions = [
  ...rules.map(({ alert, record, expr }) => ({ where: `rule ${alert ?? record}`, expr })),
  ...targets,
];

const recorded = new Set(rules.flatMap(({ record }) => record ?? []));
/** Of Prometheus itself. */
const foreign = new Set(['up']);
const outside = ['instance', 'job', 'le'];

const namesIn = (expr: string): string[] =>
  [...expr.matchAll(/(?<![\w:"])(?:interlock|process)[\w:]*/g)]
    .map(([name]) => name)
    .filter((name) => !expr.includes(`job="${name}"`) || name.includes('_'));
const labelsIn = (expr: string): string[] => [
  ...[...expr.matchAll(/(?:by|without) \(([^)]*)\)/g)].flatMap(([, list = '']) => list.split(/,\s*/)),
  ...[...expr.matchAll(/(\w+)=~?"/g)].map(([, label = '']) => label),
];

describe('what dashboards and alerts name exists', () => {
  test.each(expressions)('$where', ({ expr }) => {
    const names = namesIn(expr).filter((name) => !recorded.has(name) && !foreign.has(name));
    expect(names.filter((name) => !metrics.has(name))).toEqual([]);
    const labels = new Set([
      ...outside,
      ...namesIn(expr).flatMap((name) => metrics.get(name)?.labelNames ?? []),
    ]);
    if (namesIn(expr).some((name) => recorded.has(name))) labels.add('workflow');
    expect(labelsIn(expr).filter((label) => !labels.has(label))).toEqual([]);
  });

  test.each(targets)('the legend of $where', ({ expr, legendFormat }) => {
    const kept = new Set(
      labelsIn(expr).concat(namesIn(expr).flatMap((name) => metrics.get(name)?.labelNames ?? [])),
    );
    const shown = [...legendFormat.matchAll(/\{\{(\w+)\}\}/g)].map(([, label = '']) => label);
    expect(shown.filter((label) => !kept.has(label) && !outside.includes(label))).toEqual([]);
  });
});

test('every metric over the log is on the dashboard', () => {
  const onDashboard = new Set(
    targets.flatMap(({ expr }) => namesIn(expr).map((name) => metrics.get(name)?.name)),
  );
  expect(runMetrics.map(({ name }) => name).filter((name) => !onDashboard.has(name))).toEqual([]);
});

test('every alert says how bad it is, what it means and where it says what to do', () => {
  const documents = new Map<string, Set<string>>();
  for (const { alert, labels, annotations } of rules.filter((rule) => rule.alert !== undefined)) {
    expect(['critical', 'warning', 'info'], alert).toContain(labels?.severity);
    expect(annotations?.summary, alert).toBeTruthy();
    const [path = '', anchor = ''] = (annotations?.runbook ?? '').split('#');
    if (!documents.has(path)) documents.set(path, anchorsOf(readFileSync(path, 'utf8')));
    expect([...(documents.get(path) ?? [])], `${alert}: ${path}`).toContain(anchor);
  }
});

test('the documentation lists every metric, and no other', () => {
  const text = readFileSync('docs/telemetry.md', 'utf8');
  const documented = new Set([...text.matchAll(/^\| `(interlock_\w+)`/gm)].map(([, name]) => name));
  const existing = new Set(
    [...metrics.values()].map(({ name }) => name).filter((name) => name.startsWith('interlock_')),
  );
  expect([...documented].sort()).toEqual([...existing].sort());
});

const anchorsOf = (markdown: string): Set<string> =>
  new Set(
    [...markdown.matchAll(/^#+ (.+)$/gm)].map(([, title = '']) =>
      title
        .toLowerCase()
        .replaceAll(/[^\w\s-]/g, '')
        .replaceAll(/\s/g, '-'),
    ),
  );
