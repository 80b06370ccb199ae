import type { Observation, Proposal } from '@interlock/contracts';
import type { RunEvent } from '@interlock/contracts/http';

const MODEL = 'openai/one';

/** Events of `run-7`, numbered in their order, a second apart. */
const numbered = (events: readonly (readonly [type: string, data: RunEvent['data']])[]): RunEvent[] =>
  events.map(([type, data], at) => ({
    seq: at + 1,
    type,
    time: new Date(1_795_338_900_000 + at * 1_000).toISOString(),
    data,
    id: `run-7/${at + 1}`,
    actor: 'orchestrator',
    hash: String(at + 1).padStart(64, '0'),
  }));

const proposal = (said: Partial<Proposal>): Proposal => ({
  calls: [],
  confidence: 0.9,
  reasoning: '',
  alternatives: [],
  evidence: [],
  ...said,
});

const requested = (round: number, purpose = 'act', attempt = 1) =>
  ['plan.requested', { step: 'resolve', round, attempt, purpose, model: MODEL }] as const;

const recorded = (round: number, outcome: object, more: object = {}) =>
  [
    'plan.recorded',
    {
      step: 'resolve',
      round,
      purpose: 'act',
      model: MODEL,
      outcome,
      charged: { tokens: 902, costUsd: 0.0021 },
      usage: { inputTokens: 812, outputTokens: 90 },
      tookMs: 412,
      asks: true,
      ...more,
    },
  ] as const;

const verdict = (checkId: string, more: object = {}) =>
  [
    'verdict.recorded',
    {
      checkId,
      step: 'resolve',
      point: 'before',
      verdict: 'allow',
      policies: ['models'],
      reason: 'because',
      ...more,
    },
  ] as const;

const observed = (index: number, tool: string, result: Observation['result'], more: Partial<Observation>) =>
  [
    'agent.observed',
    {
      step: 'resolve',
      observation: { round: 1, index, tool, arguments: { id: index }, occurrence: 1, result, ...more },
    },
  ] as const;

const started = (level: string) =>
  [
    'agent.started',
    { step: 'resolve', level, why: `INTERLOCK_AUTONOMY is ${level}`, model: MODEL, tools: [] },
  ] as const;

const requestedCall = [
  'call.requested',
  {
    step: 'resolve',
    tool: 'refunds.create',
    purpose: 'step',
    attempt: 1,
    agent: { planId: 'run-7/3', index: 0 },
  },
] as const;

/** Two calls proposed of which one is not the step's, people asked, and in a second round the output. */
export const assistedEvents = numbered([
  ['run.started', { compiled: { steps: [{ id: 'resolve' }] } }],
  started('assisted'),
  requested(1),
  verdict('run-7/3'),
  recorded(1, {
    kind: 'proposed',
    proposal: proposal({
      calls: [
        { tool: 'refunds.create', arguments: { id: 0 }, occurrence: 1 },
        { tool: 'bank.rob', arguments: { id: 1 }, occurrence: 1 },
      ],
      confidence: 0.6,
      reasoning: 'The order is paid.',
      alternatives: [{ description: 'ask the customer', score: 0.2 }],
      evidence: ['orders.get: paid'],
    }),
  }),
  verdict('run-7/5', { point: 'after' }),
  requestedCall,
  verdict('run-7/7', { approval: { kind: 'single', approvers: ['lead'] }, policies: ['agents.assisted'] }),
  observed(0, 'refunds.create', 'succeeded', { output: { refundId: 'r-1' } }),
  observed(1, 'bank.rob', 'unlisted', {}),
  requested(2),
  recorded(2, { kind: 'proposed', proposal: proposal({ output: { by: 'model' } }) }),
  ['step.completed', { step: 'resolve', via: 'agent', detail: `act ${MODEL}` }],
]);

/** The model does not answer, and the rules take over. */
export const fallenBackEvents = numbered([
  ['run.started', {}],
  started('assisted'),
  requested(1),
  recorded(
    1,
    { kind: 'failed', failure: { class: 'infrastructure', code: 'model.timeout', message: 'no answer' } },
    { usage: undefined },
  ),
  [
    'agent.fell_back',
    {
      step: 'resolve',
      failure: { class: 'budget', code: 'agent.budget', message: 'nothing left to ask with' },
    },
  ],
  ['step.completed', { step: 'resolve', via: 'baseline', detail: 'otherwise' }],
]);

export const shadowEvents = numbered([
  ['run.started', {}],
  started('shadow'),
  ['step.completed', { step: 'resolve', via: 'baseline', detail: 'otherwise' }],
  requested(1, 'shadow'),
  recorded(
    1,
    {
      kind: 'proposed',
      proposal: proposal({ calls: [{ tool: 'refunds.create', arguments: {}, occurrence: 2 }] }),
    },
    { purpose: 'shadow', agrees: false },
  ),
]);

/** A model asks twice, is answered once, and gives its output. */
export const askingEvents = numbered([
  ['run.started', {}],
  started('assisted'),
  requested(1),
  recorded(1, { kind: 'proposed', proposal: proposal({ question: 'Which size?' }) }),
  ['question.asked', { step: 'resolve', to: 'carla', text: 'Which size?' }],
  ['question.answered', { step: 'resolve', by: { sub: 'carla', roles: [] }, text: 'Size 42' }],
  requested(2),
  recorded(2, { kind: 'proposed', proposal: proposal({ question: 'Which colour?' }) }),
  ['question.asked', { step: 'resolve', to: 'carla', text: 'Which colour?' }],
  ['question.unanswered', { step: 'resolve' }],
]);
