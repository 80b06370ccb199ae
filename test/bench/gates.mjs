// The gates and aims of the speed table in the quality document; a figure without one is reported all the same.
const MS = 'ms';

/** `[what, unit, gate, aim, value of a row]`; `least`: more is better. */
const governedStepRules = {
  embedded: {
    p50: { read: [4, 2], write: [5, 2.5] },
    stepsPerSecond: { 64: [900, 1_800], 256: [1_100, 2_500] },
    cpu: [1.5, 0.8],
    memoryMb: 350,
  },
  kafka: {
    p50: { read: [8, 5], write: [12, 8] },
    stepsPerSecond: { 64: [700, 1_200], 256: [900, 2_000] },
    cpu: [2.2, 1],
    memoryMb: 1_000,
  },
};
/** Bytes a step: in the run's own log, and in all files. */
const RUN_KB = [4.6, 2.5];
const KEPT_KB = [24, 8];
/** Milliseconds, p50 and p99, with one wake at a time. */
const wakeRules = { embedded: [8, 20], kafka: [12, 30] };
const crashRules = { embedded: { worker: 4 }, kafka: { worker: 10, server: 15, broker: 15 } };
const longRunRules = { embedded: 300, kafka: 1_000 };

/** Everything of one broker's results that has a gate: `{ workload, figure, value, unit, gate, aim, met }`. */
export function gatesOf(
  broker,
  { 'governed-step': governedStep = { rows: [] }, wake = [], crash = [], 'long-run': longRun, loop = [] },
) {
  return [
    ...governedStep.rows.flatMap((row) => governedStepGates(governedStepRules[broker], row)),
    ...(governedStep.kept?.fileBytes ? [keptGate(governedStep.kept)] : []),
    ...wake.flatMap((row) => wakeGates(broker, row)),
    ...crash.flatMap((row) => crashGates(broker, row)),
    ...(longRun ? longRunGates(broker, longRun) : []),
    ...loop.map(({ workflow, lastOverFirst }) =>
      figureOf(
        'loop',
        `${workflow}: last hundred over second`,
        'times',
        lastOverFirst,
        1.25,
        undefined,
        lastOverFirst <= 1.25,
      ),
    ),
  ];
}

function governedStepGates(rules, row) {
  const { kind, inFlight } = row;
  const found = [];
  const name = (figure) => `${figure}, ${kind} steps, ${inFlight} in flight`;
  const atMost = (figure, unit, value, [gate, aim]) =>
    found.push(figureOf('governed-step', name(figure), unit, value, gate, aim, value <= gate));
  if (inFlight === 1) atMost('step p50', MS, row.stepMsP50, rules.p50[kind]);
  const least = kind === 'write' ? rules.stepsPerSecond[inFlight] : undefined;
  if (least)
    found.push(
      figureOf(
        'governed-step',
        name('throughput'),
        'steps/s',
        row.stepsPerSecond,
        ...least,
        row.stepsPerSecond >= least[0],
      ),
    );
  if (inFlight === 256) atMost('CPU per 1,000 steps, broker included', 's', row.cpuSPer1000, rules.cpu);
  if (inFlight === 64) atMost('memory, our processes', 'MB', row.memoryMb, [rules.memoryMb]);
  if (inFlight === 64 && kind === 'write')
    atMost('bytes per step in run.events', 'KB', row.runBytesPerStep / 1_000, RUN_KB);
  return found;
}

function keptGate({ fileBytes }) {
  const value = fileBytes / 1_000;
  return figureOf(
    'governed-step',
    'bytes kept per step, all files',
    'KB',
    value,
    ...KEPT_KB,
    value <= KEPT_KB[0],
  );
}

function wakeGates(broker, { kind, votes, wakeMsP50, wakeMsP99 }) {
  if (votes !== 'one by one') return [];
  const [p50, p99] = wakeRules[broker];
  return [
    figureOf('wake', `p50, ${kind}`, MS, wakeMsP50, p50, undefined, wakeMsP50 <= p50),
    figureOf('wake', `p99, ${kind}`, MS, wakeMsP99, p99, undefined, wakeMsP99 <= p99),
  ];
}

function crashGates(broker, row) {
  const gate = crashRules[broker][row.kill];
  const name = (figure) => `${figure}, kill -9 of the ${row.kill}`;
  return [
    figureOf('crash', name('lost runs'), '', row.lost, 0, undefined, row.lost === 0),
    figureOf('crash', name('duplicated lines'), '', row.duplicated, 0, undefined, row.duplicated === 0),
    figureOf(
      'crash',
      name('all done after the kill'),
      's',
      row.allDoneAfterKillS,
      gate,
      undefined,
      row.allDoneAfterKillS <= gate,
    ),
  ];
}

function longRunGates(broker, row) {
  const gate = longRunRules[broker];
  return [
    figureOf(
      'long-run',
      'last hundred over first',
      'times',
      row.lastOverFirst,
      1.1,
      undefined,
      row.lastOverFirst <= 1.1,
    ),
    figureOf(
      'long-run',
      `rebuild of ${row.steps} steps, beyond an empty start`,
      MS,
      row.rebuildMs,
      gate,
      undefined,
      row.rebuildMs <= gate,
    ),
  ];
}

const figureOf = (workload, figure, unit, value, gate, aim, met) => ({
  workload,
  figure,
  unit,
  value,
  gate,
  aim,
  met,
});
