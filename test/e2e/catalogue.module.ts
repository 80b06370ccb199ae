import { appendFileSync } from 'node:fs';
import type { ModuleFactory } from '@interlock/tools';
import { writtenLines } from './written.lines.ts';

/**
 * A catalogue that is too large for the log: it is fetched as one list, each product is priced, and the price list is published. CATALOGUE_FILE
 * names the file to which each write appends a line.
 */
const file = process.env.CATALOGUE_FILE ?? '';
export const env = ['CATALOGUE_FILE'];

export interface Priced {
  readonly sku: string;
  readonly key: string;
}

/** Prices that were set, in their order. */
export const pricedIn = (path: string): Priced[] => writtenLines(path);

const document = `
workflow: price-list
version: 1
purpose: Prices every product of a catalogue.
input:
  type: object
  required: [products, bytes]
  properties: { products: { type: integer }, bytes: { type: integer } }
  additionalProperties: false
budget: { steps: 3000, toolCalls: 3000, duration: PT10M }
output: { count: "\${steps.publish.output.count}", whole: "\${steps.publish.output}" }
success: output.count == input.products
steps:
  fetch:
    tool: catalogue.fetch
    with: { products: "\${input.products}", bytes: "\${input.bytes}" }
  prices:
    needs: [fetch]
    forEach: { in: "\${steps.fetch.output.products}", as: product, concurrency: 8 }
    steps:
      price:
        tool: catalogue.price
        with: { sku: "\${product.sku}", first: "\${steps.fetch.output.products[0].sku}" }
    output: "\${steps.price.output.sku}"
  publish:
    needs: [prices]
    when: size(steps.fetch.output.products) == size(steps.prices.output)
    tool: catalogue.publish
    with: { skus: "\${steps.prices.output}" }
`;

/** The same in a child, whose output is too large for the log of either. */
const parent = `
workflow: priced-elsewhere
version: 1
purpose: Has a catalogue priced by another run.
input:
  type: object
  required: [products, bytes]
  properties: { products: { type: integer }, bytes: { type: integer } }
  additionalProperties: false
budget: { steps: 4000, toolCalls: 4000, duration: PT10M }
output: { first: "\${steps.list.output.whole.pages[0]}", count: "\${steps.again.output.count}" }
steps:
  list:
    workflow: price-list@1
    with: { products: "\${input.products}", bytes: "\${input.bytes}" }
  again:
    needs: [list]
    tool: catalogue.publish
    with: { skus: ["\${steps.list.output.whole.pages[1]}"] }
`;

/** What was fetched is passed on whole, and somebody allows that. */
const passedOn = `
workflow: archived-whole
version: 1
purpose: Archives a catalogue as it is.
input:
  type: object
  required: [products, bytes]
  properties: { products: { type: integer }, bytes: { type: integer } }
  additionalProperties: false
output: { archived: "\${steps.archive.output.bytes}" }
steps:
  fetch:
    tool: catalogue.fetch
    with: { products: "\${input.products}", bytes: "\${input.bytes}" }
  archive:
    needs: [fetch]
    tool: catalogue.archive
    with: { document: "\${steps.fetch.output}" }
`;

/** The same by another run, which is given all of it. */
const handedOver = `
workflow: archived-elsewhere
version: 1
purpose: Has a catalogue counted by another run, which is given all of it.
input:
  type: object
  required: [products, bytes]
  properties: { products: { type: integer }, bytes: { type: integer } }
  additionalProperties: false
output: { count: "\${steps.count.output.count}" }
steps:
  fetch:
    tool: catalogue.fetch
    with: { products: "\${input.products}", bytes: "\${input.bytes}" }
  count:
    needs: [fetch]
    workflow: counted@1
    with: { catalogue: "\${steps.fetch.output}" }
`;
const counted = `
workflow: counted
version: 1
purpose: Counts a catalogue.
input:
  type: object
  required: [catalogue]
  properties: { catalogue: { type: object, required: [products] } }
output: { count: "\${size(input.catalogue.products)}", skus: "\${steps.publish.output.count}" }
steps:
  publish:
    tool: catalogue.publish
    with: { skus: ["\${input.catalogue.products[0].sku}"] }
`;

const catalogue: ModuleFactory = ({ defineTool, z }) => {
  const about = { version: 1, risk: 'low' as const, audience: 'internal', timeout: '20s' as const };
  return {
    tools: [
      defineTool({
        ...about,
        name: 'catalogue.fetch',
        description: 'Gives the products, each with a text of so many bytes.',
        effect: 'read',
        input: z.object({ products: z.int(), bytes: z.int() }),
        output: z.object({ products: z.array(z.object({ sku: z.string(), text: z.string() })) }),
        run: async ({ products, bytes }) => ({
          products: Array.from({ length: products }, (_, at) => ({
            sku: `sku-${at}`,
            text: 'lorem ipsum '.repeat(Math.ceil(bytes / 12)),
          })),
        }),
      }),
      defineTool({
        ...about,
        name: 'catalogue.price',
        description: 'Sets the price of a product.',
        effect: 'write',
        recovery: { by: 'idempotency-key' },
        input: z.object({ sku: z.string(), first: z.string() }),
        output: z.object({ sku: z.string() }),
        run: async ({ sku }, { idempotencyKey: key }) => {
          appendFileSync(file, `${JSON.stringify({ sku, key })}\n`);
          return { sku };
        },
      }),
      defineTool({
        ...about,
        name: 'catalogue.archive',
        description: 'Keeps a document as it is.',
        effect: 'write',
        recovery: { by: 'idempotency-key' },
        input: z.object({ document: z.unknown() }),
        output: z.object({ bytes: z.int() }),
        run: async ({ document }, { idempotencyKey: key }) => {
          appendFileSync(file, `${JSON.stringify({ sku: 'archive', key })}\n`);
          return { bytes: Buffer.byteLength(JSON.stringify(document)) };
        },
      }),
      defineTool({
        ...about,
        name: 'catalogue.publish',
        description: 'Gives the price list, with a page of text for each product.',
        effect: 'read',
        input: z.object({ skus: z.array(z.string()) }),
        output: z.object({ count: z.int(), pages: z.array(z.string()) }),
        run: async ({ skus }) => ({ count: skus.length, pages: skus.map((sku) => `${sku} `.repeat(200)) }),
      }),
    ],
    workflows: [document, parent, passedOn, counted, handedOver],
    policies: [
      { id: 'catalogue', text: 'permit (principal, action, resource);' },
      {
        id: 'archive',
        text: '@approval("single") @approvers("lead") permit (principal, action == Action::"tool.call", resource == Tool::"catalogue.archive");',
      },
    ],
  };
};

export default catalogue;
