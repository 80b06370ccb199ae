import type { Run as ShownRun } from '@interlock/contracts/http';
import { bearerOf, type Desk } from './identity.ts';
import { type RefundRequest, refundRequests, workflow } from './requests.ts';
import { type Waiting, waitingFor } from './waiting.ts';

/** A run of the example's workflow. */
type Run = ShownRun & { readonly output?: { readonly outcome?: string } };

interface Settled {
  readonly request: RefundRequest;
  readonly run: Run;
}

/** How many requests of a kind came to which end. */
export interface Outcome {
  readonly count: number;
  readonly scenario: string;
  readonly status: string;
  /** What came out, or the class of what failed; empty while the run waits. */
  readonly outcome: string;
}

export interface DemoResult {
  readonly settled: number;
  readonly tookMs: number;
  /** By scenario. */
  readonly outcomes: readonly Outcome[];
  /** A sentence for each request that did not end as its table says. */
  readonly unexpected: readonly string[];
  /** What waits for people, by who may approve it. */
  readonly waiting: readonly Waiting[];
  /** Runs worth looking at; absent when none ended so. */
  readonly runs: { readonly waiting?: string | undefined; readonly completed?: string | undefined };
}

const AT_ONCE = 16;

/**
 * Works the sixty requests through the HTTP interface. A second demo on the same data finds the same runs: the key is the request's id.
 * @param progress called after each request how many are done, of how many
 * @throws when the server refuses a request
 */
export async function runDemo(
  desk: Desk,
  progress: (done: number, all: number) => void,
): Promise<DemoResult> {
  const requests = refundRequests();
  const settled: Settled[] = [];
  const startedAt = Date.now();
  const left = requests.entries();
  let done = 0;
  await Promise.all(
    Array.from({ length: AT_ONCE }, async () => {
      for (const [at, request] of left) {
        settled[at] = { request, run: await settle(desk, request) };
        done += 1;
        progress(done, requests.length);
      }
    }),
  );
  const runOf = (status: Run['status']) => settled.find(({ run }) => run.status === status)?.run.runId;
  return {
    settled: settled.length,
    tookMs: Date.now() - startedAt,
    outcomes: outcomesOf(settled),
    unexpected: settled
      .filter((one) => !isAsExpected(one))
      .map(({ request, run }) => `${request.input.requestId} (${request.scenario}): ${describe(run)}`),
    waiting: await waitingFor(desk),
    runs: { waiting: runOf('waiting'), completed: runOf('completed') },
  };
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

function describe({ status, output, failure }: Run): string {
  const detail = output?.outcome ?? (failure && `${failure.class}: ${failure.message}`);
  return detail === undefined ? status : `${status} (${detail})`;
}

function outcomesOf(settled: readonly Settled[]): Outcome[] {
  const ends = settled.map(({ request: { scenario }, run }) => ({
    scenario,
    status: run.status,
    outcome: (run.failure === undefined ? run.output?.outcome : run.failure.class) ?? '',
  }));
  return [...Map.groupBy(ends, (one) => JSON.stringify(one)).values()]
    .flatMap(([first, ...rest]) => (first === undefined ? [] : [{ count: rest.length + 1, ...first }]))
    .sort((a, b) => a.scenario.localeCompare(b.scenario));
}
