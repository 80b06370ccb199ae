import type { Writable } from 'node:stream';
import type { Run as ShownRun } from '@interlock/contracts/http';
import { bearerOf, type Desk, interlock } from './identity.ts';
import { type RefundRequest, refundRequests, workflow } from './requests.ts';
import { waitingFor } from './waiting.ts';

/** A run of the example's workflow. */
type Run = ShownRun & { readonly output?: { readonly outcome?: string } };

interface Settled {
  readonly request: RefundRequest;
  readonly run: Run;
}

const BAR = 40;
const AT_ONCE = 16;

/**
 * Works the sixty requests through the HTTP interface, with a progress bar, and prints what became of them and what to do next.
 * Answers whether every one ended as its table says. A second demo on the same data finds the same runs: the key is the request's id.
 */
export async function runDemo(desk: Desk, out: Writable & { isTTY?: boolean }): Promise<boolean> {
  const { url } = desk;
  const requests = refundRequests();
  const settled: Settled[] = [];
  const startedAt = Date.now();
  const waiting = [...requests];
  await Promise.all(
    Array.from({ length: AT_ONCE }, async () => {
      for (let request = waiting.shift(); request !== undefined; request = waiting.shift()) {
        settled.push({ request, run: await settle(desk, request) });
        if (out.isTTY) out.write(`\r${bar(settled.length, requests.length)}`);
      }
    }),
  );
  if (out.isTTY) out.write('\n');
  const seconds = ((Date.now() - startedAt) / 1000).toFixed(1);
  out.write(`${settled.length} refund requests settled in ${seconds} s\n\n${tableOf(settled)}\n`);
  const wrong = settled.filter((one) => !isAsExpected(one));
  for (const { request, run } of wrong) {
    out.write(`NOT AS EXPECTED ${request.input.requestId} (${request.scenario}): ${describe(run)}\n`);
  }
  out.write(
    wrong.length === 0
      ? 'Each ended as its table says.\n'
      : `${wrong.length} did not end as their table says.\n`,
  );
  out.write(await waitingFor(desk));
  out.write(nextSteps(url, settled));
  return wrong.length === 0;
}

async function settle(desk: Desk, request: RefundRequest): Promise<Run> {
  const started = await fetch(`${desk.url}/v1/runs?wait=30s`, {
    method: 'POST',
    headers: {
      authorization: await bearerOf(desk),
      'content-type': 'application/json',
      'idempotency-key': `refund-desk-demo-${request.input.requestId}`,
    },
    body: JSON.stringify({ workflow, input: request.input }),
  });
  const run = (await started.json()) as Run;
  if (!started.ok)
    throw new Error(`the request ${request.input.requestId} was refused: ${JSON.stringify(run)}`);
  return run;
}

function isAsExpected({ request: { expected }, run }: Settled): boolean {
  return (
    run.status === expected.status &&
    (expected.outcome === undefined || run.output?.outcome === expected.outcome) &&
    (expected.failure === undefined || run.failure?.class === expected.failure)
  );
}

const bar = (done: number, all: number): string => {
  const filled = Math.round((done / all) * BAR);
  return `[${'#'.repeat(filled)}${'.'.repeat(BAR - filled)}] ${done}/${all}`;
};

function describe({ status, output, failure }: Run): string {
  const detail = output?.outcome ?? (failure && `${failure.class}: ${failure.message}`);
  return detail === undefined ? status : `${status} (${detail})`;
}

/** How many requests of each kind ended how. */
function tableOf(settled: readonly Settled[]): string {
  const counts = new Map<string, number>();
  for (const { request, run } of settled) {
    const outcome = run.failure === undefined ? run.output?.outcome : run.failure.class;
    const line = `${request.scenario.padEnd(34)} ${run.status.padEnd(10)} ${outcome ?? ''}`;
    counts.set(line, (counts.get(line) ?? 0) + 1);
  }
  return [...counts]
    .map(([line, count]) => `${String(count).padStart(4)}  ${line.trimEnd()}\n`)
    .sort(byText)
    .join('');
}

const byText = (a: string, b: string): number => a.slice(6).localeCompare(b.slice(6));

function nextSteps(url: string, settled: readonly Settled[]): string {
  const example = settled.find(({ run }) => run.status === 'waiting') ?? settled[0];
  if (example === undefined) return '';
  const { runId, status } = example.run;
  const lines = [
    '',
    'What next:',
    `  ${interlock} run list --url ${url}`,
    `  ${interlock} run show ${runId} --url ${url}       # ${status === 'waiting' ? 'waits for people' : status}`,
    `  ${interlock} run events ${runId} --url ${url}     # everything that happened and who allowed it`,
    `  ${interlock} verify ${runId} --url ${url}         # proves that nothing of it was changed`,
    `  curl -N -H 'accept: text/event-stream' -H "authorization: Bearer $(${interlock} token --sub me)" ${url}/v1/runs/${runId}/events`,
    'Interlock keeps serving; Ctrl-C stops it. What was done is in its data directory and is there at the next start.',
    '',
  ];
  return lines.join('\n');
}
