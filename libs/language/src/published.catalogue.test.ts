import { expect, test } from 'vitest';
import { compileWorkflow } from './compile.js';
import { type NamedArtifact, publishedCatalogue } from './published.catalogue.js';

const manifest = (name: string) => ({
  name,
  version: 1,
  description: '',
  input: { type: 'object', properties: {} },
  output: { type: 'object', properties: {} },
  effect: 'read',
  risk: 'low',
  audience: 'x',
  timeoutMs: 1_000,
});
const toolOf = (name: string): NamedArtifact => ({
  name,
  version: 1,
  hash: `hash of ${name}`,
  document: manifest(name),
});

/** What the only step of a document of `module` calls, where these tools are published; or why it calls none. */
function called(tool: string, published: readonly string[], module?: string): string {
  const tools = published.map(toolOf);
  const catalogue = publishedCatalogue(
    (kind, name) => (kind === 'tool' ? tools.find((one) => one.name === name) : undefined),
    { module, names: () => published },
  );
  const document = {
    workflow: 'order',
    version: 1,
    purpose: 'x',
    input: { type: 'object' },
    steps: { look: { tool } },
  };
  const compilation = compileWorkflow(document, catalogue, module);
  if (!compilation.ok)
    return compilation.problems.map(({ path, message }) => `${path}: ${message}`).join('; ');
  const [step] = compilation.workflow.steps;
  return step?.kind === 'tool' ? `${compilation.workflow.name} calls ${step.tool}` : 'nothing';
}

test.each([
  [
    'its own thing first',
    'desk.look',
    ['desk.look', 'bank/desk.look', 'shop/desk.look'],
    'shop',
    'shop/order calls shop/desk.look',
  ],
  [
    'else what bears the name itself',
    'desk.look',
    ['desk.look', 'bank/desk.look'],
    'shop',
    'shop/order calls desk.look',
  ],
  [
    'else the only thing of that name that a module brings',
    'desk.look',
    ['bank/desk.look'],
    'shop',
    'shop/order calls bank/desk.look',
  ],
  [
    'a whole name, whatever else there is',
    'bank/desk.look',
    ['shop/desk.look', 'bank/desk.look'],
    'shop',
    'shop/order calls bank/desk.look',
  ],
  [
    'a version of what it means',
    'desk.look@1',
    ['shop/desk.look'],
    'shop',
    'shop/order calls shop/desk.look',
  ],
  [
    'the same in a document of no module',
    'desk.look',
    ['bank/desk.look'],
    undefined,
    'order calls bank/desk.look',
  ],
  [
    'nothing where several modules bring it, and the refusal names them',
    'desk.look',
    ['shop/desk.look', 'bank/desk.look'],
    undefined,
    'steps.look.tool: "desk.look" may be bank/desk.look or shop/desk.look: write the one that is meant',
  ],
  [
    'nothing that is nowhere',
    'desk.look',
    ['shop/look'],
    undefined,
    'steps.look.tool: there is no tool "desk.look"',
  ],
] as const)('a name means %s', (_what, tool, published, module, expected) => {
  expect(called(tool, published, module)).toBe(expected);
});
