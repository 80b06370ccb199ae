import { expect, test } from 'vitest';
import { lateIsSaid } from './i22-level.invariant.js';
import { readingOfRun, type Told } from './told.run.js';

const inside = { id: 'ask', kind: 'form', sla: { withinMs: 100 } };
const steps = [
  { id: 'pay', kind: 'tool', sla: { withinMs: 100, onBreach: 'fail' } },
  { id: 'lines', kind: 'forEach', body: { steps: [inside] } },
  { id: 'free', kind: 'tool' },
];
const startedWith = (sla?: object): Told => [
  1_000,
  'run.started',
  { compiled: { steps, ...(sla === undefined ? {} : { sla }) } },
];
const started = startedWith();
const ofRun = startedWith({ completeMs: 500, onBreach: 'escalate' });

const begun = (step = 'pay', at = 1_000): Told => [at, 'call.requested', { step }];
const late = (change: object = {}, at = 1_100): Told => [
  at,
  'sla.breached',
  { step: 'pay', due: 1_100, by: at - 1_100, action: 'fail', ...change },
];
const runLate = (change: object = {}, at = 1_500): Told => [
  at,
  'sla.breached',
  { due: 1_500, by: at - 1_500, action: 'escalate', ...change },
];
const inTurn = { step: 'lines[0]/ask', action: 'notify' };
const opened: Told = [1_200, 'scope.opened', { step: 'lines', item: 0 }];
const askedAnew: readonly Told[] = [opened, begun('lines[0]/ask', 1_200)];

const others = [
  { id: 'new', kind: 'tool', sla: { withinMs: 30 } },
  { ...steps[0], id: 'charge' },
];
const migrated: Told = [1_050, 'run.migrated', { compiled: { steps: others }, map: { pay: 'charge' } }];

const problems = (...told: readonly Told[]): string[] =>
  lateIsSaid(readingOfRun(...told)).map(({ message }) => message);

test.each<[string, Told[]]>([
  ['a step that is said to be late when it is', [started, begun(), late()]],
  ['a step that is said to be late a while after it was', [started, begun(), late({}, 1_130)]],
  [
    'a step that is tried again, and was due from its first try on',
    [started, begun(), begun('pay', 1_050), late()],
  ],
  [
    'a step that begins anew after it has failed, and has its time once more',
    [
      started,
      begun(),
      late(),
      [1_100, 'step.failed', { step: 'pay' }],
      begun('pay', 1_200),
      late({ due: 1_300, by: 0 }, 1_300),
    ],
  ],
  [
    'a step of a turn that begins anew',
    [
      started,
      begun('lines[0]/ask'),
      late(inTurn),
      ...askedAnew,
      late({ ...inTurn, due: 1_300, by: 0 }, 1_300),
    ],
  ],
  [
    'a step that goes by what the workflow wants of all',
    [startedWith({ onBreach: 'escalate' }), begun('lines[0]/ask'), late({ ...inTurn, action: 'escalate' })],
  ],
  ['a run that is late', [ofRun, runLate()]],
  [
    'a run that was taken up again, whose operator is told and no more',
    [
      ofRun,
      [1_100, 'run.failed', {}],
      [1_200, 'run.reopened', { from: 'pay' }],
      runLate({ action: 'notify' }),
    ],
  ],
  [
    'a step that begins in another version, with a level that only this one has',
    [
      started,
      migrated,
      begun('new', 1_200),
      late({ step: 'new', due: 1_230, by: 0, action: 'notify' }, 1_230),
    ],
  ],
  [
    'a step that is called otherwise in another version',
    [started, begun(), migrated, late({ step: 'charge' })],
  ],
])('healthy: %s', (_, told) => {
  expect(problems(...told)).toEqual([]);
});

test.each<[string, Told[], RegExp]>([
  [
    'a step before it is late',
    [started, begun(), late({ by: -1 }, 1_099)],
    /said to be late at 1099, and is due at 1100/,
  ],
  [
    'a step that is late by something else',
    [started, begun(), late({ by: 5 })],
    /late by 5, and is late by 0/,
  ],
  [
    'a step that is said to be late twice',
    [started, begun(), late(), late()],
    /pay is said to be late twice/,
  ],
  [
    'a step without a service level',
    [started, begun('free'), late({ step: 'free' })],
    /free is said to be late, and has no service level/,
  ],
  ['a step that has not begun', [started, late()], /has not begun/],
  [
    'a step that has ended',
    [started, begun(), [1_050, 'step.completed', { step: 'pay' }], late()],
    /has not begun/,
  ],
  ['a step of a turn that is over', [started, begun('lines[0]/ask'), opened, late(inTurn)], /has not begun/],
  [
    'a step that is due at another time',
    [started, begun(), late({ due: 1_090, by: 10 })],
    /due at another time than is said/,
  ],
  [
    'a step about which something else is done',
    [started, begun(), late({ action: 'notify' })],
    /notify follows instead of fail/,
  ],
  [
    'a run without a service level',
    [started, runLate()],
    /the run is said to be late, and has no service level/,
  ],
  ['a run that is said to be late twice', [ofRun, runLate(), runLate()], /the run is said to be late twice/],
  [
    'a run that is due at another time',
    [ofRun, runLate({ due: 1_400, by: 100 })],
    /the run is due at another time/,
  ],
  [
    'a run about which something else is done',
    [ofRun, runLate({ action: 'fail' })],
    /fail follows instead of escalate/,
  ],
  [
    'a step with a level that another version does not have',
    [started, begun('lines[0]/ask'), migrated, late(inTurn)],
    /has no service level/,
  ],
])('found: %s', (_, told, message) => {
  expect(problems(...told)).toContainEqual(expect.stringMatching(message));
});
