import {
  AgentFellBack,
  AgentObserved,
  AgentStarted,
  agentEvents,
  type MessageDefinition,
  PlanRecorded,
  PlanRequested,
  PlanRetryScheduled,
} from '@interlock/contracts';
import { describe, expect, test } from 'vitest';
import { isShowable, shownParts } from './shown.data.js';

const NAME = 'Mary Poppins';
const SALT = 'a-salt-of-128-bits-0_0';
const failure = { class: 'domain', code: 'agent.loop', message: `about ${NAME}` };
const tools = [{ name: 'orders.get', version: 1, toolHash: 'a'.repeat(64) }];
const principal = { workflow: 'refund', version: 1, requester: 'ada', requesterRoles: ['operator'] };
const observation = {
  round: 1,
  index: 0,
  tool: NAME,
  arguments: { customer: NAME },
  occurrence: 1,
  result: 'failed',
  output: { customer: NAME },
  failure,
};
const proposal = {
  calls: [{ tool: NAME, arguments: { customer: NAME }, occurrence: 1 }],
  output: { to: NAME },
  confidence: 0.75,
  reasoning: NAME,
  alternatives: [{ description: NAME, score: 0.25 }],
  evidence: [NAME],
};
const asked = { step: 'desk', round: 1, model: 'openai/gpt-x', callHash: 'c' };

/** One of each event, with a name in every field that a person, a model or a tool may have filled. */
const samples: readonly (readonly [MessageDefinition, object])[] = [
  [
    AgentStarted,
    { step: 'desk', level: 'assisted', why: 'INTERLOCK_AUTONOMY is assisted', model: 'openai/gpt-x', tools },
  ],
  [
    PlanRequested,
    {
      ...asked,
      attempt: 1,
      purpose: 'act',
      level: 'assisted',
      promptHash: 'p',
      goal: `pay ${NAME}`,
      tools,
      salt: SALT,
      output: { properties: { to: { description: `such as ${NAME}` } } },
      known: { facts: { customer: NAME }, observed: [observation], proposed: proposal },
      reserved: { tokens: 9_000, costUsd: 0.1 },
      notAfter: 1,
      timeoutMs: 1,
      principal,
    },
  ],
  [
    PlanRecorded,
    {
      ...asked,
      planId: 'run/3',
      level: 'assisted',
      purpose: 'act',
      outcome: { kind: 'proposed', proposal },
      usage: { inputTokens: 900, outputTokens: 40 },
      charged: { tokens: 940, costUsd: 0.002 },
      raw: `{"to":"${NAME}"}`,
      tookMs: 700,
      asks: true,
      principal,
    },
  ],
  [AgentObserved, { step: 'desk', observation }],
  [AgentFellBack, { step: 'desk', failure }],
  [PlanRetryScheduled, { step: 'desk', failure, due: 1, model: 'openai/gpt-x' }],
];

function shown({ wire }: MessageDefinition, data: object): string {
  const part = { wire, data, part: 0, meta: { id: 'r/1', epoch: 0, index: 1, time: 0 } };
  const [event] = shownParts([part], () => undefined);
  return Buffer.from(event?.value ?? []).toString();
}

describe('of agents, other systems see', () => {
  test('every event there is', () => {
    expect(agentEvents.filter(({ wire }) => !isShowable(wire)).map(({ wire }) => wire)).toEqual([]);
    expect(samples.map(([{ wire }]) => wire).sort()).toEqual(agentEvents.map(({ wire }) => wire).sort());
  });

  test.each(samples.map(([definition, data]) => [definition.wire, definition, data] as const))(
    'of %s nothing that a person, a model or a tool has said',
    (_wire, definition, data) => {
      expect(definition.schema.safeParse(data).success).toBe(true);
      expect(shown(definition, data)).not.toContain('Poppins');
      expect(shown(definition, data)).not.toContain(SALT);
    },
  );

  test('which model was asked with which prompt and tools, how sure it was, how many calls it proposed and what it cost', () => {
    const request = JSON.parse(shown(PlanRequested, samples[1]![1]));
    expect(request).toMatchObject({
      model: 'openai/gpt-x',
      promptHash: 'p',
      tools,
      reserved: { tokens: 9_000 },
    });
    expect(request.goal).toEqual({ redacted: 'personal' });
    expect(request).not.toHaveProperty('output');
    const answer = JSON.parse(shown(PlanRecorded, samples[2]![1]));
    expect(answer).toMatchObject({
      usage: { inputTokens: 900, outputTokens: 40 },
      charged: { tokens: 940, costUsd: 0.002 },
      outcome: {
        kind: 'proposed',
        proposal: {
          calls: [{ tool: { redacted: 'personal' }, arguments: { redacted: 'personal' }, occurrence: 1 }],
          output: { redacted: 'personal' },
          confidence: 0.75,
          alternatives: [{ description: { redacted: 'personal' }, score: 0.25 }],
        },
      },
    });
  });

  test('what became of a proposed call, and why a model stopped acting', () => {
    expect(JSON.parse(shown(AgentObserved, samples[3]![1])).observation).toMatchObject({
      tool: { redacted: 'personal' },
      result: 'failed',
      failure: { class: 'domain', code: 'agent.loop', message: { redacted: 'personal' } },
    });
    expect(JSON.parse(shown(AgentFellBack, samples[4]![1])).failure.code).toBe('agent.loop');
  });
});
