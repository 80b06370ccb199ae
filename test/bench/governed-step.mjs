// governed-step: runs of ten governed steps, as many in flight as `--in-flight` says.
import { drive, inProcess } from './driver.mjs';
import { filesIn, keptPerStep } from './kept.mjs';
import { deviceFlushes, machineCpuS, threadCpu, usageOf, usageOfAll } from './processes.mjs';
import { startSystem } from './systems.mjs';

const STEPS = 10;
const SAMPLE_MS = 500;
const HEAT_S = 8;
const HEAT_IN_FLIGHT = 16;

/** `{ rows, kept }`: one row a kind of step and load, and what all of them have left on the disk. */
export async function governedStep(broker, dir, options, progress) {
  const system = await startSystem(broker, dir);
  const rows = [];
  try {
    for (const kind of options.steps) {
      progress(
        `governed-step ${broker}: ${kind} steps, first of all ${HEAT_S} s so that compilers have done their work`,
      );
      await drive(taskOf(system, kind, HEAT_IN_FLIGHT, 0, HEAT_S));
      for (const inFlight of options.inFlight) {
        progress(`governed-step ${broker}: ${kind} steps, ${inFlight} in flight, ${options.seconds} s`);
        rows.push(await measured(system, kind, inFlight, options));
      }
    }
    await system.stop();
    const topics = await addPerStep(system, rows);
    await system.close();
    const isOurs = broker === 'embedded' || process.env.KAFKA_BROKERS === undefined;
    return { rows, kept: keptPerStep(topics, isOurs ? filesIn(dir) : undefined) };
  } finally {
    await system.close();
  }
}

const taskOf = ({ url, operator }, kind, inFlight, warmUp, seconds) => ({
  type: 'load',
  url,
  operator,
  workflow: `bench-${kind}`,
  inFlight,
  warmUpMs: warmUp * 1_000,
  measureMs: seconds * 1_000,
});

async function measured(system, kind, inFlight, { seconds, warmUp }) {
  const task = taskOf(system, kind, inFlight, warmUp, seconds);
  const watch = new Watch(system);
  const driven = await drive(task, { measuring: () => watch.begin(), measured: () => watch.end() });
  if (driven.wrong > 0) throw new Error(`${driven.wrong} runs of ${task.workflow} did not complete`);
  const used = watch.result();
  return {
    kind,
    inFlight,
    runs: driven.runs,
    runsBySecond: driven.bySecond,
    stepMsP50: driven.runMsP50 / STEPS,
    stepMsP99: driven.runMsP99 / STEPS,
    runMsP50: driven.runMsP50,
    runMsP99: driven.runMsP99,
    memoryMb: used.rssBytes / 2 ** 20,
    brokerMemoryMb: used.brokerRssBytes / 2 ** 20,
    used,
    driverCpuS: driven.driverCpuS,
    othersCores: coresOf(used.machineCpuS - used.cpuS - used.brokerCpuS - driven.driverCpuS, used),
  };
}

/** Processes that are not ours may share the machine: below a tenth of a core it is quiet. */
const coresOf = (cpuS, { from, to }) => Math.max(0, (1_000 * cpuS) / (to - from));

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
      machineCpuS: difference(({ machine }) => machine),
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
    return {
      at: Date.now(),
      own: usageOfAll(pids),
      broker,
      machine: machineCpuS(),
      flushes: deviceFlushes(),
      threads,
    };
  }

  #sample() {
    const pids = this.system.children.map(({ pid }) => pid);
    this.#rssBytes = Math.max(this.#rssBytes, usageOfAll(pids).rssBytes);
    this.#brokerRssBytes = Math.max(this.#brokerRssBytes, usageOfAll(this.system.brokerPids()).rssBytes);
  }
}

const subtracted = (after, before) =>
  Object.fromEntries(Object.entries(after).map(([name, value]) => [name, value - (before[name] ?? 0)]));

/**
 * What a step costs, by the steps that the log says were completed in the window: runs that end together would count in lumps.
 * @returns what each topic holds in all
 */
async function addPerStep(system, rows) {
  const windows = rows.map(({ used }) => ({ from: used.from, to: used.to }));
  const sums = await inProcess('./log-bytes.process.mjs', { log: system.brokerTask, windows });
  for (const [at, row] of rows.entries()) Object.assign(row, perStep(row, sums.windows[at]));
  return sums.all;
}

function perStep({ used, driverCpuS }, topics) {
  const steps = topics['run.events'].types['step.completed/2'] ?? 0;
  const sum = (field) => Object.values(topics).reduce((total, topic) => total + topic[field], 0);
  const per1000 = (value) => (1_000 * value) / steps;
  return {
    steps,
    stepsPerSecond: (1_000 * steps) / (used.to - used.from),
    cpuSPer1000: per1000(used.cpuS + used.brokerCpuS),
    cpuSPer1000WithoutBroker: per1000(used.cpuS),
    driverCpuSPer1000: per1000(driverCpuS),
    cpuByThread: Object.fromEntries(
      Object.entries(used.threads).map(([name, value]) => [name, per1000(value)]),
    ),
    deviceBytesPerStep: used.writtenBytes / steps,
    deviceFlushesPerStep: used.flushes / steps,
    runBytesPerStep: topics['run.events'].bytes / steps,
    runRecordsPerStep: topics['run.events'].records / steps,
    logBytesPerStep: sum('bytes') / steps,
    recordsPerStep: sum('records') / steps,
    logTopics: topics,
  };
}
