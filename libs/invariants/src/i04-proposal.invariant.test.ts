import { expect, test } from 'vitest';
import {
  type AgentScenario,
  agentReading,
  begun,
  begunAsking,
  call,
  healthy,
  mayAct,
  mayAsk,
  mayCall,
  proposal,
  recorded,
  requested,
  requestedCall,
  started,
} from './agent.scenario.js';
import { onlyProposed } from './i04-proposal.invariant.js';

const problems = (scenario: AgentScenario): string =>
  onlyProposed(agentReading(scenario))
    .map(({ message }) => message)
    .join('\n');

const withRun = (...run: AgentScenario['run']): AgentScenario => ({ ...healthy, run: [begun, ...run] });
const withPolicy = (...policy: AgentScenario['policy']): AgentScenario => ({ ...healthy, policy });
const reordered = { tool: 'pay', occurrence: 1, arguments: { amount: 7 } };

const read = (first: AgentScenario['run'][number]): AgentScenario => ({
  run: [first, started(), requested(), recorded(), requestedCall({ effect: 'read' })],
  policy: [mayAsk(), mayAct(), mayCall({ approval: undefined })],
});

test.each<[string, AgentScenario]>([
  ['a proposed call', healthy],
  ['nothing requested', withRun(started(), requested(), recorded())],
  [
    'what other fields order says',
    withRun(
      started(),
      requested(),
      recorded({ outcome: { kind: 'proposed', proposal: { ...proposal, calls: [reordered] } } }),
      requestedCall(),
    ),
  ],
  [
    'a verification of it',
    withRun(started(), requested(), recorded(), requestedCall({ purpose: 'verify' }, null)),
  ],
  ['a read that nobody is asked for', read(begun)],
  ['a denied one', withPolicy(mayAsk(), mayAct(), mayCall({ verdict: 'deny', approval: undefined }))],
])('healthy: %s', (_, scenario) => {
  expect(problems(scenario)).toBe('');
});

const other = (change: object) =>
  withRun(started(), requested(), recorded(), requestedCall({ ...call, ...change }));

test.each<[string, RegExp, AgentScenario]>([
  ['a read without people where the step asks for them', /without any person/, read(begunAsking)],
  ['other arguments', /not the call that was proposed/, other({ arguments: { amount: 8 } })],
  ['another occurrence', /not the call that was proposed/, other({ occurrence: 2 })],
  ['another tool of the list', /not on the list/, other({ tool: 'mail' })],
  ['a listed name with another hash', /not on the list/, other({ toolHash: 'x' })],
  [
    'another place in the proposal',
    /not the call/,
    withRun(started(), requested(), recorded(), requestedCall({}, { index: 1 })),
  ],
  [
    'more confidence than there was',
    /model or confidence/,
    withRun(started(), requested(), recorded(), requestedCall({}, { confidence: 1 })),
  ],
  [
    'another model',
    /model or confidence/,
    withRun(started(), requested(), recorded(), requestedCall({}, { model: 'x/y' })),
  ],
  [
    'a call that nobody proposed',
    /nobody proposed/,
    withRun(started(), requested(), recorded(), requestedCall({}, null)),
  ],
  [
    'a plan that was never asked for',
    /never asked for/,
    withRun(started(), requested(), recorded(), requestedCall({}, { planId: 'run/9' })),
  ],
  [
    'a plan of another step',
    /never asked for/,
    withRun(started(), requested({ step: 'x' }), recorded(), requestedCall()),
  ],
  [
    'a plan that came to nothing',
    /proposed nothing/,
    withRun(started(), requested(), recorded({ outcome: { kind: 'failed' } }), requestedCall()),
  ],
  [
    'a call before its proposal',
    /proposed nothing/,
    withRun(started(), requested(), requestedCall(), recorded()),
  ],
  [
    'a plan in shadow',
    /in shadow is carried out/,
    withRun(started(), requested({ purpose: 'shadow' }), recorded(), requestedCall()),
  ],
  ['a step in shadow', /level shadow/, withRun(started('shadow'), requested(), recorded(), requestedCall())],
  [
    'a step of rules',
    /level baseline/,
    withRun(started('baseline'), requested(), recorded(), requestedCall()),
  ],
  [
    'a request in shadow',
    /level assisted/,
    withRun(started(), requested(), recorded(), requestedCall({}, { level: 'shadow' })),
  ],
  [
    'a shadow that asks',
    /asks whether/,
    withRun(started('shadow'), requested(), recorded({ purpose: 'shadow' })),
  ],
  [
    'a compensation',
    /to compensate/,
    withRun(started(), requested(), recorded(), requestedCall({ purpose: 'compensate' })),
  ],
  ['a model nobody allowed to ask', /allowed to ask/, withPolicy(mayAct(), mayCall())],
  ['a model that was denied', /allowed to ask/, withPolicy(mayAsk({ verdict: 'deny' }), mayAct(), mayCall())],
  ['a proposal nobody allowed', /allowed to act/, withPolicy(mayAsk(), mayCall())],
  [
    'a proposal allowed in a shadow bundle',
    /allowed to act/,
    withPolicy(mayAsk(), mayAct({ mode: 'shadow' }), mayCall()),
  ],
  [
    'a proposal that people would have to allow',
    /allowed to act/,
    withPolicy(mayAsk(), mayAct({ approval: {} }), mayCall()),
  ],
  ['a proposal allowed too late', /allowed to act/, withPolicy(mayAsk(), [5, mayAct()[1]], mayCall())],
  [
    'a call without people',
    /without any person/,
    withPolicy(mayAsk(), mayAct(), mayCall({ approval: undefined })),
  ],
  [
    'a call for other people',
    /clerk may approve/,
    withPolicy(mayAsk(), mayAct(), mayCall({ approval: { kind: 'dual', approvers: ['lead', 'clerk'] } })),
  ],
])('found: %s', (_, message, scenario) => {
  expect(problems(scenario)).toMatch(message);
});
