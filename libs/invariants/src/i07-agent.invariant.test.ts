import { expect, test } from 'vitest';
import {
  type AgentSaid,
  agentReading,
  begun,
  recorded,
  requested,
  requestedCall,
  started,
} from './agent.scenario.js';
import { withinAgentBudget } from './i07-agent.invariant.js';

const problems = (...run: AgentSaid[]): string =>
  withinAgentBudget(agentReading({ run: [begun, started(), ...run], policy: [] }))
    .map(({ message }) => message)
    .join('\n');

const plan = (planId: string, reserved: object, charged: object, round = 1): AgentSaid[] => [
  requested({ reserved, round }),
  recorded({ planId, charged, round }),
];
const reserve = (tokens: number, costUsd = 0.01) => ({ tokens, costUsd });
const elsewhere = (said: AgentSaid): AgentSaid => [said[0], { ...said[1], step: 'other' }];
const refused = (requestId: string): AgentSaid => [
  'call.recorded',
  { requestId, outcome: { kind: 'refused' } },
];
const inTurn = (planId: string, reserved: object, round: number): AgentSaid[] =>
  plan(planId, reserved, reserved, round).map(([type, data]) => [
    type,
    { ...data, step: 'lines[1]/resolve' },
  ]);
const {
  steps: [resolve],
  ...whole
} = begun[1].compiled as { steps: object[] };
const migrated: AgentSaid = [
  'run.migrated',
  { compiled: { ...whole, steps: [{ ...resolve, id: 'decide' }] }, map: { resolve: 'decide' } },
];
const decided = ([type, data]: AgentSaid): AgentSaid => [type, { ...data, step: 'decide' }];
const opened: AgentSaid = ['scope.opened', { step: 'lines', item: 1 }];
const against: AgentSaid = [
  'verdict.recorded',
  { checkId: 'run/5', point: 'before', verdict: 'allow', approval: {} },
];

test.each<[string, AgentSaid[]]>([
  [
    'what is reserved and given back',
    [...plan('run/3', reserve(150), reserve(50)), requested({ reserved: reserve(100) })],
  ],
  ['calls beside a plan', [...plan('run/3', reserve(100), reserve(50)), requestedCall(), requestedCall()]],
  [
    'a call that is requested again once people have granted it',
    [...plan('run/3', reserve(9), reserve(9)), requestedCall(), against, requestedCall(), requestedCall()],
  ],
  [
    'a call in place of one that was not made',
    [
      ...plan('run/3', reserve(9), reserve(9)),
      requestedCall(),
      requestedCall(),
      refused('run/5'),
      requestedCall(),
    ],
  ],
  [
    'a turn that begins anew, whose agent has its budget once more',
    [...inTurn('run/3', reserve(90), 1), opened, ...inTurn('run/6', reserve(90), 1)],
  ],
])('healthy: %s', (_, run) => {
  expect(problems(...run)).toBe('');
});

test.each<[string, RegExp, AgentSaid[]]>([
  ['more tokens reserved than the step has', /151 tokens of 150/, [requested({ reserved: reserve(151) })]],
  [
    'more than is left',
    /151 tokens of 150/,
    [...plan('run/3', reserve(100), reserve(51)), requested({ reserved: reserve(100) })],
  ],
  ['more charged than reserved', /160 tokens of 150/, plan('run/3', reserve(100), reserve(160))],
  [
    'two reservations at a time',
    /200 tokens of 150/,
    [requested({ reserved: reserve(100) }), requested({ reserved: reserve(100) })],
  ],
  [
    'more than the run has, in two steps',
    /210 tokens of the run's 200/,
    [requested({ reserved: reserve(110) }), elsewhere(requested({ reserved: reserve(100) }))],
  ],
  ['more money', /210000 millionths/, [requested({ reserved: reserve(1, 0.21) })]],
  [
    'money for calls on top',
    /millionths of a dollar of 0.2/,
    [requested({ reserved: reserve(1, 0.2) }), requestedCall()],
  ],
  ['more calls', /3 calls of 2/, [requestedCall(), requestedCall(), requestedCall()]],
  [
    'more rounds',
    /3 rounds of 2/,
    [1, 2, 3].flatMap((round) => plan(`run/${2 * round + 1}`, reserve(1), reserve(1), round)),
  ],
  [
    'more than is left, of a step that a person has begun anew',
    /160 tokens of 150/,
    [...plan('run/3', reserve(90), reserve(90)), started(), requested({ reserved: reserve(70) })],
  ],
  [
    'more than the run has, in a turn that begins anew',
    /210 tokens of the run's 200/,
    [...inTurn('run/3', reserve(110), 1), opened, ...inTurn('run/6', reserve(100), 1)],
  ],
  [
    'more than is left, of a step that another version calls otherwise',
    /160 tokens of 150/,
    [...plan('run/3', reserve(90), reserve(90)), migrated, decided(requested({ reserved: reserve(70) }))],
  ],
])('found: %s', (_, message, run) => {
  expect(problems(...run)).toMatch(message);
});
