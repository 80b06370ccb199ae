// Sends the load from a process of its own, so that its CPU is counted apart. Told what to do by one message; answers over the same channel.
import { readFileSync } from 'node:fs';
import { Agent } from 'node:http';
import { quantile } from './quantiles.mjs';
import { bearer, post } from './requests.mjs';

process.on('message', (task) => {
  const work = { load, runs }[task.type];
  work(task).then(
    (result) => process.send({ type: 'done', result }, () => process.exit(0)),
    (error) => process.send({ type: 'failed', error: String(error?.stack ?? error) }, () => process.exit(1)),
  );
});

/** Keeps `inFlight` runs going for `warmUpMs + measureMs` and reports on those that ended in the second part. */
async function load({ url, operator, workflow, inFlight, warmUpMs, measureMs }) {
  const agent = new Agent({ keepAlive: true, maxSockets: inFlight });
  const from = performance.now() + warmUpMs;
  const until = from + measureMs;
  const headers = bearer(operator);
  const latencies = [];
  /** Runs ended in each second: a stall shows here and nowhere else. */
  const bySecond = Array.from({ length: Math.ceil(measureMs / 1_000) }, () => 0);
  let wrong = 0;
  let cpu;
  setTimeout(() => {
    cpu = process.cpuUsage();
    process.send({ type: 'measuring' });
  }, warmUpMs);
  const worker = async () => {
    while (performance.now() < until) {
      const startedAt = performance.now();
      const run = await post(agent, `${url}/v1/runs?wait=30s`, { workflow, input: {} }, headers);
      const endedAt = performance.now();
      if (run.status !== 'completed') wrong += 1;
      if (endedAt < from || endedAt >= until) continue;
      latencies.push(endedAt - startedAt);
      bySecond[Math.floor((endedAt - from) / 1_000)] += 1;
    }
  };
  const ended = new Promise((resolve) => {
    setTimeout(() => {
      const { user, system } = process.cpuUsage(cpu);
      process.send({ type: 'measured' });
      resolve((user + system) / 1e6);
    }, warmUpMs + measureMs);
  });
  await Promise.all(Array.from({ length: inFlight }, worker));
  const driverCpuS = await ended;
  agent.destroy();
  const [p50, p99] = [0.5, 0.99].map((q) => quantile(latencies, q));
  return { runs: latencies.length, wrong, runMsP50: p50, runMsP99: p99, driverCpuS, bySecond };
}

/** Starts `count` runs at once and asks for each until it has ended, whatever happens to the server meanwhile. */
async function runs({ url, operator, workflow, prefix, count, lines, halfBytes, giveUpMs }) {
  const agent = new Agent({ keepAlive: true, maxSockets: count });
  const deadline = performance.now() + giveUpMs;
  const statuses = {};
  let failedRequests = 0;
  const watch = setInterval(() => {
    if (sizeOf(lines) < halfBytes) return;
    clearInterval(watch);
    process.send({ type: 'half' });
  }, 2);
  const one = async (n) => {
    const body = { workflow, input: {} };
    const headers = { ...bearer(operator), 'idempotency-key': `${prefix}-${n}` };
    for (;;) {
      const run = await post(agent, `${url}/v1/runs?wait=30s`, body, headers).catch(() => undefined);
      if (run?.endedAt !== undefined) return run.status;
      if (performance.now() > deadline) return run?.status ?? 'no answer';
      if (run === undefined) failedRequests += 1;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  };
  const all = Array.from({ length: count }, async (_, n) => {
    const status = await one(n);
    statuses[status] = (statuses[status] ?? 0) + 1;
  });
  await Promise.all(all);
  clearInterval(watch);
  agent.destroy();
  return { statuses, failedRequests };
}

function sizeOf(file) {
  try {
    return readFileSync(file).length;
  } catch {
    return 0;
  }
}
