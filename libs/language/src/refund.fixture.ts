// biome-ignore-all lint/suspicious/noThenProperty: the word of the document format
// biome-ignore-all lint/suspicious/noTemplateCurlyInString: documents hold expressions
import type { CatalogueTool, LanguageCatalogue } from './catalogue.js';
import { compileTable } from './table.compile.js';
import type { DecisionTable } from './table.schema.js';

/** A small refund desk for the tests of this package. */

const object = (properties: Record<string, unknown>, required = Object.keys(properties)) => ({
  type: 'object',
  properties,
  required,
  additionalProperties: false,
});
const text = { type: 'string' };
const number = { type: 'number' };

const tools: CatalogueTool[] = [
  {
    name: 'orders.get',
    version: 2,
    hash: 'a'.repeat(64),
    effect: 'read',
    input: object({ orderId: text }),
    output: object({
      id: text,
      total: number,
      email: text,
      items: { type: 'array', items: object({ sku: text }) },
    }),
    timeoutMs: 5_000,
  },
  {
    name: 'refunds.find',
    version: 1,
    hash: 'b'.repeat(64),
    effect: 'read',
    input: object({ orderId: text }),
    output: { type: 'object' },
    timeoutMs: 3_000,
  },
  {
    name: 'refunds.create',
    version: 4,
    hash: 'c'.repeat(64),
    effect: 'write',
    input: object({ orderId: text, amount: { type: 'number', exclusiveMinimum: 0 }, note: text }, [
      'orderId',
      'amount',
    ]),
    output: object({ refundId: text }),
    timeoutMs: 10_000,
    recovery: { by: 'verify', tool: 'refunds.find', settleAfterMs: 30_000 },
  },
  {
    name: 'mail.send',
    version: 1,
    hash: 'd'.repeat(64),
    effect: 'write',
    input: object({ to: text, body: text }),
    output: { type: 'object' },
    timeoutMs: 10_000,
    recovery: { by: 'idempotency-key' },
  },
  {
    name: 'ledger.write',
    version: 1,
    hash: 'e'.repeat(64),
    effect: 'write',
    input: { type: 'object' },
    output: { type: 'object' },
    timeoutMs: 1_000,
  },
  booking('stock.reserve', 'stock.release'),
  { ...booking('stock.release'), version: 3, hash: 'f'.repeat(64) },
  booking('stock.unfinished', 'stock.return'),
  booking('stock.looking', 'orders.get'),
  booking('stock.careless', 'ledger.write'),
];

function booking(name: string, undoneBy?: string): CatalogueTool {
  return {
    name,
    version: 1,
    hash: '0'.repeat(64),
    effect: 'write',
    input: { type: 'object' },
    output: { type: 'object' },
    timeoutMs: 2_000,
    recovery: { by: 'verify', tool: 'refunds.find', settleAfterMs: 1_000 },
    compensate: undoneBy === undefined ? undefined : { tool: undoneBy },
  };
}

const compiled = compileTable({
  name: 'refund-rules',
  version: 2,
  rules: [
    { id: 'small', when: 'input.amount <= 50', then: { outcome: 'refund', amount: '${input.amount}' } },
    { id: 'old', when: 'input.days > 30', then: { outcome: 'declined' } },
  ],
  otherwise: { outcome: 'refund', amount: '${input.amount}' },
});
if (!compiled.ok) throw new Error(JSON.stringify(compiled.problems));
export const refundRules: DecisionTable = compiled.table;

export const catalogue: LanguageCatalogue = {
  tool: (reference) =>
    tools.find(({ name, version }) => reference === name || reference === `${name}@${version}`),
  table: (name, version) =>
    name === 'refund-rules' && (version === undefined || version === 2) ? refundRules : undefined,
};

export const refundRequest = `workflow: refund-request
version: 3
purpose: Resolve a customer's refund request.
input:
  type: object
  properties: { orderId: { type: string }, amount: { type: number }, days: { type: integer } }
  required: [orderId, amount]
  additionalProperties: false
output: { outcome: "\${steps.resolve.output.outcome}" }
success: output.outcome in ["refund", "declined"]
budget: { toolCalls: 15, duration: PT10M }
steps:
  notify:
    needs: [pay]
    when: steps.resolve.output.outcome == "refund"
    tool: mail.send
    with: { to: "\${steps.order.output.email}", body: "Refund \${steps.pay.output.refundId} of \${input.amount}" }
    onFailure: { fallback: notify-by-letter }
  order:
    tool: orders.get
    with: { orderId: "\${input.orderId}" }
    timeout: { attempt: 2s, total: PT1M }
    retry: { transient: { attempts: 3, backoff: 100ms } }
  resolve:
    needs: [order]
    decide:
      table: refund-rules@2
      with: { amount: "\${steps.order.output.total}", days: "\${input.days}" }
  settle:
    needs: [resolve]
    wait: { for: 10s }
  pay:
    needs: [settle]
    when: steps.resolve.output.outcome == "refund"
    tool: refunds.create
    with: { orderId: "\${input.orderId}", amount: "\${steps.resolve.output.amount}" }
    pivot: true
  notify-by-letter:
    tool: mail.send
    with: { to: letters, body: "\${steps.order.output.id}" }
`;
