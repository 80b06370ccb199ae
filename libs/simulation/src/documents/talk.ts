// biome-ignore-all lint/suspicious/noTemplateCurlyInString: documents hold expressions
// biome-ignore-all lint/suspicious/noThenProperty: the word of the document format
import { oneOf } from '../chosen.js';

/** What agents give: a text that carries whatever it was made of, and a choice that others go by. */
const said = {
  type: 'object',
  required: ['v', 'choice'],
  additionalProperties: false,
  properties: { v: { type: 'string', maxLength: 400 }, choice: { enum: ['a', 'b'] } },
};

/** Stands in for what an agent gives. */
export const unsaid = { v: 'nothing', choice: 'b' };

const amount = { amount: '${input.amount}' };
const tools = ['desk.look', 'desk.rate', 'pay.keyed', 'pay.checked', 'pay.manual'] as const;
const levels = ['assisted', 'assisted', 'shadow', 'baseline'] as const;

/** A step that a model acts in, with its rules, and now and then somebody whom it may ask. */
export function agentStep(random: () => number, item: string | undefined): Record<string, unknown> {
  const listed = tools.filter(() => random() < 0.5);
  const autonomy = random() < 0.3 ? oneOf(random, levels) : undefined;
  const mayAct = autonomy === undefined || autonomy === 'assisted';
  return {
    agent: {
      goal: 'Decide about ${input.id}.',
      tools: listed,
      output: said,
      budget: { tokens: 30_000, costUsd: 0.5, steps: 3, toolCalls: 2 },
      minConfidence: 0.2,
      approvers: ['lead'],
      baseline: { decide: { table: 'moods@1', with: amount } },
      ...(item === undefined || random() < 0.5 ? {} : { facts: { of: `\${${item}.id}` } }),
      ...(autonomy === undefined ? {} : { autonomy }),
      ...(random() < 0.6 && mayAct
        ? { ask: { to: 'ada', channel: 'signal', within: oneOf(random, ['2s', '6s']), max: 1 } }
        : {}),
    },
  };
}

/** A step in which people fill something in. */
export const formStep = (random: () => number): Record<string, unknown> => ({
  form: {
    question: 'What of ${input.id}?',
    ...(random() < 0.5 ? { details: amount } : {}),
    schema: {
      type: 'object',
      required: ['amount'],
      additionalProperties: false,
      properties: { amount: { type: 'integer', minimum: 0 } },
    },
    roles: oneOf(random, [['lead'], ['lead', 'director']]),
    expires: oneOf(random, ['3s', '8s']),
  },
});

/** When a step should be done, and what follows when it is not. */
export function levelOfStep(random: () => number, hasOnFailure: boolean): Record<string, unknown> {
  const within = oneOf(random, ['500ms', '2s', '6s']);
  const ways = ['notify', 'escalate', 'fail', ...(hasOnFailure ? ['fallback'] : [])];
  return { sla: random() < 0.3 ? within : { within, onBreach: oneOf(random, ways) } };
}

/** The same of a whole run, and who is to look at what waits for an operator. */
export const levelsOfRun = (random: () => number): Record<string, unknown> => ({
  ...(random() < 0.4
    ? {
        sla: {
          complete: oneOf(random, ['5s', '15s']),
          onBreach: oneOf(random, ['notify', 'escalate', 'fail']),
        },
      }
    : {}),
  ...(random() < 0.4
    ? { escalation: { to: 'operator', after: oneOf(random, ['2s', '6s']), then: ['director'] } }
    : {}),
});

/** Something that a step reads of an agent that has surely ended. */
export function reading(random: () => number, agent: string, isTool: boolean): Record<string, unknown> {
  const output = `steps.${agent}.output`;
  if (isTool && random() < 0.5) return { with: { id: `\${${output}.v}`, amount: 30 } };
  return { when: `${output} != null && ${output}.choice == "${oneOf(random, ['a', 'b'])}"` };
}
