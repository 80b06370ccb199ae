// W1: runs of ten governed steps, as many in flight as told.
import { drive, inProcess } from './driver.mjs';
import { deviceFlushes, threadCpu, usageOf, usageOfAll } from './processes.mjs';
import { startSystem } from './systems.mjs';

const STEPS = 10;
const SAMPLE_MS = 500;

/** One row a kind of step and load. */
export async function w1(broker, dir, options, progress) {
  const system = await startSystem(broker, dir);
  const rows = [];
  try {
    for (const kind of options.steps) {
      for (const inFlight of options.inFlight) {
        progress(`W1 ${broker}: ${kind} steps, ${inFlight} in flight, ${options.seconds} s`);
        rows.push(await measured(system, kind, inFlight, options));
      }
    }
    await system.stop();
    await addLogBytes(system, rows);
  } finally {
    await system.close();
  }
  return rows;
}

async function measured(system, kind, inFlight, { seconds, warmUp }) {
  const task = {
    type: 'load',
    url: system.url,
    workflow: `bench-${kind}`,
    inFlight,
    warmUpMs: warmUp * 1_000,
    measureMs: seconds * 1_000,
  };
  const watch = new Watch(system);
  const driven = await drive(task, { measuring: () => watch.begin(), measured: () => watch.end() });
  if (driven.wrong > 0) throw new Error(`${driven.wrong} runs of ${task.workflow} did not complete`);
  const { cpuS, brokerCpuS, writtenBytes, flushes, rssBytes, brokerRssBytes, threads, from, to } =
    watch.result();
  const steps = driven.runs * STEPS;
  const per1000 = (value) => (1_000 * value) / steps;
  return {
    kind,
    inFlight,
    stepsPerSecond: steps / seconds,
    stepMsP50: driven.runMsP50 / STEPS,
    stepMsP99: driven.runMsP99 / STEPS,
    runMsP50: driven.runMsP50,
    runMsP99: driven.runMsP99,
    cpuSPer1000: per1000(cpuS + brokerCpuS),
    cpuSPer1000WithoutBroker: per1000(cpuS),
    driverCpuSPer1000: per1000(driven.driverCpuS),
    cpuByThread: Object.fromEntries(Object.entries(threads).map(([name, value]) => [name, per1000(value)])),
    memoryMb: rssBytes / 2 ** 20,
    brokerMemoryMb: brokerRssBytes / 2 ** 20,
    deviceBytesPerStep: writtenBytes / steps,
    deviceFlushesPerStep: flushes / steps,
    steps,
    runsBySecond: driven.bySecond,
    window: { from, to },
  };
}

/** What the system has used between the two ends of a measurement. */
class Watch {
  #before;
  #after;
  #rssBytes = 0;
  #brokerRssBytes = 0;
  #timer;

  constructor(system) {
    this.system = system;
  }

  begin() {
    this.#before = this.#look();
    this.#timer = setInterval(() => this.#sample(), SAMPLE_MS);
  }

  end() {
    clearInterval(this.#timer);
    this.#sample();
    this.#after = this.#look();
  }

  result() {
    const [a, b] = [this.#before, this.#after];
    const difference = (of) => of(b) - of(a);
    return {
      from: a.at,
      to: b.at,
      cpuS: difference(({ own }) => own.cpuS),
      brokerCpuS: difference(({ broker }) => broker.cpuS),
      writtenBytes: difference(({ own, broker }) => own.writtenBytes + broker.writtenBytes),
      flushes: difference(({ flushes }) => flushes),
      threads: subtracted(b.threads, a.threads),
      rssBytes: this.#rssBytes,
      brokerRssBytes: this.#brokerRssBytes,
    };
  }

  #look() {
    const pids = this.system.children.map(({ pid }) => pid);
    const threads = {};
    for (const { name, pid } of this.system.children) {
      if (this.system.children.length > 1) threads[name] = usageOf(pid)?.cpuS ?? 0;
      else Object.assign(threads, threadCpu(pid));
    }
    const broker = usageOfAll(this.system.brokerPids());
    return { at: Date.now(), own: usageOfAll(pids), broker, flushes: deviceFlushes(), threads };
  }

  #sample() {
    const pids = this.system.children.map(({ pid }) => pid);
    this.#rssBytes = Math.max(this.#rssBytes, usageOfAll(pids).rssBytes);
    this.#brokerRssBytes = Math.max(this.#brokerRssBytes, usageOfAll(this.system.brokerPids()).rssBytes);
  }
}

const subtracted = (after, before) =>
  Object.fromEntries(Object.entries(after).map(([name, value]) => [name, value - (before[name] ?? 0)]));

/** Bytes of records of `run.events`, `policy.events` and `tool.events`; commands apart, because clients write them. */
async function addLogBytes(system, rows) {
  const windows = rows.map(({ window }) => window);
  const sums = await inProcess('./log-bytes.process.mjs', { log: system.brokerTask, windows });
  rows.forEach((row, at) => {
    const topics = sums[at];
    const fenced = ['run.events', 'policy.events', 'tool.events'];
    const sum = (field) => fenced.reduce((total, topic) => total + topics[topic][field], 0);
    row.logBytesPerStep = sum('bytes') / row.steps;
    row.recordsPerStep = sum('records') / row.steps;
    row.logTopics = topics;
  });
}
