// biome-ignore-all lint/suspicious/noThenProperty: the word of the document format
/** A shop in three tools, for cases: what is asked, what is paid, and what finds out whether it was. */
export default ({ defineTool, z }) => {
  const order = z.object({ id: z.string() });
  const paid = z.object({ ref: z.string() });
  const tool = (spec) =>
    defineTool({
      version: 1,
      description: 'Of a desk in cases.',
      risk: 'low',
      audience: 'internal',
      timeout: '5s',
      run: () => {
        throw new Error('cases never run the code of a tool');
      },
      ...spec,
    });
  const manual = { effect: 'write', recovery: { by: 'ask-human', settleAfter: '2s' } };
  return {
    tools: [
      tool({ name: 'desk.look', effect: 'read', input: order, output: z.object({ amount: z.int() }) }),
      tool({
        name: 'desk.pay',
        effect: 'write',
        recovery: { by: 'verify', tool: 'desk.find', settleAfter: '2s' },
        compensate: { tool: 'desk.undo', with: ({ output }) => ({ ref: output.ref }) },
        input: z.object({ id: z.string(), amount: z.int() }),
        output: paid,
      }),
      tool({ name: 'desk.undo', ...manual, input: paid, output: z.object({}) }),
      tool({
        name: 'desk.send',
        ...manual,
        input: z.object({ document: z.unknown() }),
        output: z.object({}),
      }),
      tool({
        name: 'desk.list',
        effect: 'read',
        input: order,
        output: z.object({ items: z.array(z.string()) }),
      }),
      tool({ name: 'desk.tell', ...manual, input: order, output: z.object({}) }),
      tool({
        name: 'desk.find',
        effect: 'read',
        input: z.object({ key: z.string(), input: z.unknown().optional() }),
        output: z.object({ found: z.boolean(), output: paid.optional() }),
      }),
    ],
    tables: [
      { id: 'sizes', rules: [{ id: 'none', when: 'false', then: { size: 1 } }], otherwise: { size: 0 } },
    ],
    policies: [
      { id: 'all', text: 'permit (principal, action, resource);' },
      {
        id: 'no-large',
        text: 'forbid (principal, action == Action::"tool.call", resource == Tool::"desk.pay") when { context.arguments.amount > 100 };',
      },
    ],
  };
};
