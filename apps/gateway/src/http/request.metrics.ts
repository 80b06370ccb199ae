/** A sample of the Prometheus text form. */
export interface Sample {
  readonly name: string;
  readonly type: 'counter' | 'gauge';
  readonly help: string;
  readonly values: readonly { readonly labels?: Readonly<Record<string, string>>; readonly value: number }[];
}

interface Served {
  readonly labels: Readonly<Record<string, string>>;
  count: number;
  seconds: number;
}

/** Requests served, by method, route and status. */
export class RequestMetrics {
  readonly #served = new Map<string, Served>();

  count(method: string, route: string, status: number, tookMs: number): void {
    const key = `${method} ${route} ${status}`;
    let served = this.#served.get(key);
    if (served === undefined) {
      served = { labels: { method, route, status: String(status) }, count: 0, seconds: 0 };
      this.#served.set(key, served);
    }
    served.count++;
    served.seconds += tookMs / 1_000;
  }

  samples(): Sample[] {
    const all = [...this.#served.values()];
    return [
      {
        name: 'interlock_http_requests_total',
        type: 'counter',
        help: 'Requests answered',
        values: all.map(({ labels, count }) => ({ labels, value: count })),
      },
      {
        name: 'interlock_http_request_seconds_total',
        type: 'counter',
        help: 'Time until they were answered',
        values: all.map(({ labels, seconds }) => ({ labels, value: seconds })),
      },
    ];
  }
}

export const prometheusText = (samples: readonly Sample[]): string =>
  samples
    .filter(({ values }) => values.length > 0)
    .map(({ name, type, help, values }) => {
      const lines = values.map(({ labels, value }) => `${name}${labelText(labels)} ${value}`);
      return [`# HELP ${name} ${help}`, `# TYPE ${name} ${type}`, ...lines, ''].join('\n');
    })
    .join('');

function labelText(labels: Readonly<Record<string, string>> | undefined): string {
  if (labels === undefined) return '';
  const pairs = Object.entries(labels).map(([name, value]) => `${name}="${escaped(value)}"`);
  return `{${pairs.join(',')}}`;
}

const escaped = (text: string): string =>
  text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');

/** Of this process, under the names every Prometheus client uses. */
export function processSamples(): Sample[] {
  const { user, system } = process.cpuUsage();
  const gauge = (name: string, help: string, value: number): Sample => ({
    name,
    type: 'gauge',
    help,
    values: [{ value }],
  });
  return [
    {
      name: 'process_cpu_seconds_total',
      type: 'counter',
      help: 'CPU time of the process',
      values: [{ value: (user + system) / 1e6 }],
    },
    gauge('process_resident_memory_bytes', 'Memory of the process', process.memoryUsage.rss()),
    gauge('process_uptime_seconds', 'Time since the process started', process.uptime()),
  ];
}
