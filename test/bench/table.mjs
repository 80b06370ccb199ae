// Figures for people.
/** Columns as wide as their widest cell; the first is left-aligned, the others right. */
export function table(head, rows) {
  const cells = [
    head,
    ...rows.map((row) => row.map((cell) => (typeof cell === 'number' ? shown(cell) : String(cell ?? '')))),
  ];
  const widths = head.map((_, column) => Math.max(...cells.map((row) => row[column].length)));
  const line = (row) =>
    row
      .map((cell, column) => (column === 0 ? cell.padEnd(widths[column]) : cell.padStart(widths[column])))
      .join('  ');
  return [
    line(cells[0]),
    widths.map((width) => '-'.repeat(width)).join('  '),
    ...cells.slice(1).map(line),
  ].join('\n');
}

/** Three digits that matter. */
export function shown(value) {
  if (!Number.isFinite(value)) return '-';
  if (Math.abs(value) >= 100) return Math.round(value).toLocaleString('en');
  return String(Number(value.toPrecision(3)));
}

export function report(
  broker,
  { floors, 'governed-step': governedStep, wake, crash, 'long-run': longRun, loop, gates },
) {
  const parts = [
    `\n${broker}: floors, p50: fsync ${shown(floors.fsyncMs)} ms, append ${shown(floors.appendMs)} ms, append to consume ${shown(floors.appendToConsumeMs)} ms`,
  ];
  if (governedStep) parts.push(governedStepTable(governedStep.rows, floors), keptTable(governedStep.kept));
  if (wake) parts.push(wakeTable(wake, floors));
  if (crash) parts.push(crashTable(crash));
  if (longRun) parts.push(longRunLines(longRun));
  if (loop) parts.push(loopTable(loop));
  parts.push(gateTable(gates));
  return parts.join('\n\n');
}

function governedStepTable(rows, { fsyncMs, appendMs, appendToConsumeMs }) {
  const head = [
    'governed-step',
    'in flight',
    'steps/s',
    'step p50 ms',
    'step p99 ms',
    'x fsync',
    'x append',
    'x to consume',
    'run p50 ms',
    'run p99 ms',
    'CPU s/1,000',
    'no broker',
    'driver',
    'MB',
    'broker MB',
    'device B/step',
    'flushes/step',
    'run.events B/step',
    'records/step',
    'all topics B/step',
    'records/step',
    'cores of others',
  ];
  const lines = rows.map((row) => [
    row.kind,
    row.inFlight,
    row.stepsPerSecond,
    row.stepMsP50,
    row.stepMsP99,
    row.stepMsP50 / fsyncMs,
    row.stepMsP50 / appendMs,
    row.stepMsP50 / appendToConsumeMs,
    row.runMsP50,
    row.runMsP99,
    row.cpuSPer1000,
    row.cpuSPer1000WithoutBroker,
    row.driverCpuSPer1000,
    row.memoryMb,
    row.brokerMemoryMb,
    row.deviceBytesPerStep,
    row.deviceFlushesPerStep,
    row.runBytesPerStep,
    row.runRecordsPerStep,
    row.logBytesPerStep,
    row.recordsPerStep,
    row.othersCores,
  ]);
  return table(head, lines);
}

/** On the disk once the system has stopped. */
function keptTable({ steps, topics, records, topicBytes, files, fileBytes }) {
  const head = [`kept, over ${steps} steps`, 'records/step', 'B/step'];
  const rows = [
    ...topics,
    ['all topics', records, topicBytes],
    ...files.map(([name, bytes]) => [name, '', bytes]),
    ['all files', '', fileBytes ?? 'not measured: KAFKA_BROKERS is set'],
  ];
  return table(head, rows);
}

function wakeTable(rows, { fsyncMs, appendMs, appendToConsumeMs }) {
  const head = [
    'wake',
    'votes',
    'runs',
    'p50 ms',
    'p99 ms',
    'max ms',
    'x fsync',
    'x append',
    'x to consume',
    'answer p50 ms',
    'answer p99 ms',
    'load',
    'cores of others',
  ];
  const lines = rows.map((row) => [
    row.kind,
    row.votes,
    row.runs,
    row.wakeMsP50,
    row.wakeMsP99,
    row.wakeMsMax,
    row.wakeMsP50 / fsyncMs,
    row.wakeMsP50 / appendMs,
    row.wakeMsP50 / appendToConsumeMs,
    row.answerMsP50,
    row.answerMsP99,
    row.load,
    row.othersCores,
  ]);
  return [table(head, lines), ...rows.filter(({ votes }) => votes === 'one by one').map(hopTable)].join(
    '\n\n',
  );
}

/** When each record that a vote causes was decided on, and when the caller saw the last. */
function hopTable({ kind, hops, wakeMsP50, wakeMsP99 }) {
  const seen = { record: 'seen completed', p50Ms: wakeMsP50, p99Ms: wakeMsP99 };
  const rows = [...hops, seen];
  return table(
    [`after the vote was sent, ${kind}`, 'p50 ms', 'since the one before', 'p99 ms'],
    rows.map(({ record, p50Ms, p99Ms }, at) => [record, p50Ms, p50Ms - (rows[at - 1]?.p50Ms ?? 0), p99Ms]),
  );
}

function crashTable(rows) {
  const head = [
    'crash, kill -9 of',
    'runs',
    'lost',
    'lines',
    'duplicated',
    'all done after kill s',
    'in all s',
    'how they ended',
  ];
  return table(
    head,
    rows.map((row) => [
      row.victim,
      row.runs,
      row.lost,
      row.lines,
      row.duplicated,
      row.allDoneAfterKillS,
      row.totalS,
      JSON.stringify(row.statuses),
    ]),
  );
}

const loopTable = (rows) =>
  table(
    [
      'loop',
      'items',
      'status',
      'items/s',
      'second 100 ms/item',
      'middle',
      'last 100',
      'last/second',
      'largest event B',
      'MB',
    ],
    rows.map((row) => [
      row.workflow,
      row.items,
      row.status,
      row.itemsPerSecond,
      row.firstHundredMsPerItem,
      row.middleHundredMsPerItem,
      row.lastHundredMsPerItem,
      row.lastOverFirst,
      row.largestEventBytes,
      row.memoryMb,
    ]),
  );

const longRunLines = (row) =>
  table(
    [
      'long-run',
      'steps',
      'first 100 ms/step',
      'middle',
      'last 100',
      'last/first',
      'empty start to ready ms',
      'start to ready ms',
      'start to next event ms',
    ],
    [
      [
        'one run',
        row.steps,
        row.firstHundredMsPerStep,
        row.middleHundredMsPerStep,
        row.lastHundredMsPerStep,
        row.lastOverFirst,
        row.restartEmptyMs,
        row.restartToReadyMs,
        row.restartToNextEventMs,
      ],
    ],
  );

const gateTable = (gates) =>
  table(
    ['figure', 'measured', 'unit', 'gate', 'aim', ''],
    gates.map(({ workload, figure, value, unit, gate, aim, met }) => [
      `${workload} ${figure}`,
      value,
      unit,
      gate,
      aim ?? '',
      met ? 'met' : 'MISSED',
    ]),
  );
