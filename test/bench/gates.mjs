// The gates and aims of the speed table in the quality document; a figure without one is reported all the same.
const MS = 'ms';

/** `[what, unit, gate, aim, value of a row]`; `least`: more is better. */
const w1Rules = {
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
const w2Rules = { embedded: [8, 20], kafka: [12, 30] };
const w3Rules = { embedded: { worker: 4 }, kafka: { worker: 10, server: 15, broker: 15 } };
const w4Rules = { embedded: 300, kafka: 1_000 };

/** Everything of one broker's results that has a gate: `{ workload, figure, value, unit, gate, aim, met }`. */
export function gatesOf(broker, { w1 = { rows: [] }, w2 = [], w3 = [], w4 }) {
  return [
    ...w1.rows.flatMap((row) => w1Gates(w1Rules[broker], row)),
    ...(w1.kept?.fileBytes ? [keptGate(w1.kept)] : []),
    ...w2.flatMap((row) => w2Gates(broker, row)),
    ...w3.flatMap((row) => w3Gates(broker, row)),
    ...(w4 ? w4Gates(broker, w4) : []),
  ];
}

function w1Gates(rules, row) {
  const { kind, inFlight } = row;
  const found = [];
  const name = (figure) => `${figure}, ${kind} steps, ${inFlight} in flight`;
  const atMost = (figure, unit, value, [gate, aim]) =>
    found.push(figureOf('W1', name(figure), unit, value, gate, aim, value <= gate));
  if (inFlight === 1) atMost('step p50', MS, row.stepMsP50, rules.p50[kind]);
  const least = kind === 'write' ? rules.stepsPerSecond[inFlight] : undefined;
  if (least)
    found.push(
      figureOf(
        'W1',
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
  return figureOf('W1', 'bytes kept per step, all files', 'KB', value, ...KEPT_KB, value <= KEPT_KB[0]);
}

function w2Gates(broker, { kind, votes, wakeMsP50, wakeMsP99 }) {
  if (votes !== 'one by one') return [];
  const [p50, p99] = w2Rules[broker];
  return [
    figureOf('W2', `wake p50, ${kind}`, MS, wakeMsP50, p50, undefined, wakeMsP50 <= p50),
    figureOf('W2', `wake p99, ${kind}`, MS, wakeMsP99, p99, undefined, wakeMsP99 <= p99),
  ];
}

function w3Gates(broker, row) {
  const gate = w3Rules[broker][row.kill];
  const name = (figure) => `${figure}, kill -9 of the ${row.kill}`;
  return [
    figureOf('W3', name('lost runs'), '', row.lost, 0, undefined, row.lost === 0),
    figureOf('W3', name('duplicated lines'), '', row.duplicated, 0, undefined, row.duplicated === 0),
    figureOf(
      'W3',
      name('all done after the kill'),
      's',
      row.allDoneAfterKillS,
      gate,
      undefined,
      row.allDoneAfterKillS <= gate,
    ),
  ];
}

function w4Gates(broker, row) {
  const gate = w4Rules[broker];
  return [
    figureOf(
      'W4',
      'last hundred over first',
      'times',
      row.lastOverFirst,
      1.1,
      undefined,
      row.lastOverFirst <= 1.1,
    ),
    figureOf(
      'W4',
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
