// biome-ignore-all lint/suspicious/noTemplateCurlyInString: documents hold expressions
import { expect, test } from 'vitest';
import { compileWorkflow } from './compile.js';
import { catalogue } from './refund.fixture.js';
import { problemsOf, steps } from './refusal.fixture.js';

const address = 'schema: { type: object, properties: { city: { type: string } }, required: [city] }';
const form = (said: string) => `  address:\n    form: { ${said} }\n`;
const asked = form(`question: "Where does \${input.orderId} go?", ${address}, roles: [desk]`);
const read = (place: string) => `  mail: { needs: [address], wait: { until: "\${${place}}" } }\n`;

test('a form compiles with its schema whole, and asks for a day where it says nothing', () => {
  const typed = steps(
    form('question: Where?, schema: { $ref: "#/types/Address" }, roles: [desk], details: { a: 1 }'),
  ).replace('steps:', 'types: { Address: { type: object, title: where } }\nsteps:');
  const result = compileWorkflow(typed, catalogue);
  expect(result.ok && result.workflow.steps[0]).toMatchObject({
    kind: 'form',
    form: {
      question: 'Where?',
      details: { a: 1 },
      roles: ['desk'],
      expiresAfterMs: 86_400_000,
      schema: { type: 'object', title: 'where' },
    },
  });
});

test('what it gives has the type of its schema', () => {
  expect(problemsOf(steps(asked + read('steps.address.output.city')))).toEqual(['compiles']);
  expect(problemsOf(steps(asked + read('steps.address.output.town')))).toEqual([
    expect.stringMatching(/steps\.address\.output\.town: .* has no field "town"/),
  ]);
});

test.each([
  [form(`question: Where?, ${address}`), /roles: is required/],
  [form('question: Where?, roles: [desk]'), /schema: is required/],
  [form('question: Where?, roles: [desk], schema: { type: nothing }'), /steps\.address\.form\.schema/],
  [form(`question: "\${input.amount}", ${address}, roles: [desk]`), /a question must be text/],
  [form(`question: "\${input.unknown}", ${address}, roles: [desk]`), /has no field "unknown"/],
  [
    form(`question: Where?, roles: [desk], schema: { description: "${'x'.repeat(20_000)}" }`),
    /people are shown at most 20000/,
  ],
  [`${asked}    timeout: { attempt: 1s }\n`, /only a tool step has attempts/],
])('is refused: %s', (text, problem) => {
  expect(problemsOf(steps(text))).toEqual([expect.stringMatching(problem)]);
});
