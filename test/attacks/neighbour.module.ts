import type { ModuleFactory } from '@interlock/tools';

const workflow = `
workflow: neighbour
version: 1
purpose: Let a tool ask an address.
input:
  type: object
  required: [url, body]
  properties: { url: { type: string }, body: { type: string } }
  additionalProperties: false
steps:
  ask:
    tool: neighbour.post
    with: { url: "\${input.url}", body: "\${input.body}" }
output: { status: "\${steps.ask.output.status}" }
`;

/** A tool that posts JSON wherever it is told to, as many do. */
const neighbour: ModuleFactory = ({ defineTool, z }) => ({
  tools: [
    defineTool({
      name: 'neighbour.post',
      version: 1,
      description: 'Posts JSON to an address.',
      input: z.object({ url: z.string(), body: z.string() }),
      output: z.object({ status: z.int() }),
      effect: 'read',
      risk: 'low',
      audience: 'internal',
      timeout: '10s',
      async run({ url, body }, { signal }) {
        const headers = { 'content-type': 'application/json' };
        const { status } = await fetch(url, { method: 'POST', headers, body, signal });
        return { status };
      },
    }),
  ],
  workflows: [workflow],
  policies: [
    {
      id: 'calls',
      text: 'permit (principal, action == Action::"tool.call", resource == Tool::"neighbour.post");',
    },
    {
      id: 'results',
      text: 'permit (principal, action == Action::"tool.result", resource == Tool::"neighbour.post");',
    },
  ],
});

export default neighbour;
