// biome-ignore-all lint/suspicious/noTemplateCurlyInString: documents hold expressions
import { compileWorkflow } from './compile.js';
import { catalogue } from './refund.fixture.js';

export const head = `workflow: w
version: 1
purpose: p
input: { type: object, properties: { orderId: { type: string }, amount: { type: number } } }
`;

/** `line:column path: message` of every problem, without the position where the text gives none. */
export const problemsOf = (source: unknown): string[] => {
  const result = compileWorkflow(source, catalogue);
  if (result.ok) return ['compiles'];
  return result.problems.map(
    ({ path, message, line, column }) =>
      `${line === undefined ? '' : `${line}:${column} `}${path === '' ? '' : `${path}: `}${message}`,
  );
};

export const steps = (text: string): string => `${head}steps:\n${text}`;
export const order = '  order: { tool: orders.get, with: { orderId: "${input.orderId}" } }\n';
