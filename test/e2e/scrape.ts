import {
  type Counted,
  type CountedEvent,
  countMetrics,
  lineOf,
} from '../../apps/telemetry/test/counted.metrics.ts';
import { eventually } from './eventually.ts';
import { acceptedOf, claimsOf, type StoredLog } from './stored.log.ts';

/** Every line of a scrape. */
export async function scrape(url: string): Promise<Counted> {
  const response = await fetch(`${url}/metrics`);
  if (response.status !== 200) throw new Error(`/metrics was answered ${response.status}`);
  return new Map(
    (await response.text())
      .split('\n')
      .filter((line) => line !== '' && !line.startsWith('#'))
      .map((line) => {
        const at = line.lastIndexOf(' ');
        return [normal(line.slice(0, at)), Number(line.slice(at + 1))] as const;
      }),
  );
}

/** A scrape once the metrics are as of the end of every topic they are counted over. */
export async function scrapeAtTheEnd(url: string): Promise<Counted> {
  let lines = await scrape(url);
  await eventually('the metrics to be as of the end of the log', async () => {
    lines = await scrape(url);
    const lags = [...lines].filter(([line]) => /^interlock_projection_lag_records.*"metrics"/.test(line));
    return lags.length > 0 && lags.every(([, records]) => records === 0);
  });
  return lines;
}

const fencedTopics = [
  'run.events',
  'plan.events',
  'policy.events',
  'tool.events',
  'approval.events',
  'artifact.events',
];

/** Counted over a stored log, under the names they have in a scrape. */
export function countedIn(log: StoredLog): Counted {
  const events = acceptedOf(log, 'run.events')
    .filter(({ accepted }) => accepted.meta.run !== undefined)
    .map(({ type, data, meta }): CountedEvent => {
      return { type, data, id: meta.id, run: meta.run ?? '', time: meta.time };
    });
  const counted = new Map(countMetrics(events));
  for (const topic of fencedTopics) {
    const accepted = acceptedOf(log, topic);
    const claims = claimsOf(accepted).length;
    if (claims > 0) counted.set(lineOf('interlock_log_claims_total', { topic }), claims);
    const stored = (log.get(topic) ?? []).flat().length;
    if (stored > accepted.length)
      counted.set(lineOf('interlock_log_fenced_records_total', { topic }), stored - accepted.length);
  }
  return counted;
}

/** Of a scrape, the lines that are counted over the log. */
export const logMetricsIn = (lines: Counted): Counted =>
  new Map(
    [...lines].filter(
      ([line]) =>
        /^interlock_(runs|run|steps|rollbacks|call|calls|policy|unsafe|approvals?|tokens|log|agent|plans|plan|model|proposed|shadow|groundedness|sla|operator)_/.test(
          line,
        ) && !/_bucket\{/.test(line),
    ),
  );

export const sorted = (counted: Counted): [string, number][] =>
  [...counted].sort(([a], [b]) => (a < b ? -1 : 1));

/** The labels of a line, sorted. */
function normal(series: string): string {
  const [, name = series, labels = ''] = /^([^{]+)\{(.*)\}$/.exec(series) ?? [];
  return lineOf(
    name,
    Object.fromEntries([...labels.matchAll(/(\w+)="([^"]*)"/g)].map(([, key, value]) => [key, value])),
  );
}
