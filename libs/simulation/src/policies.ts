const permit = (action: string, condition: string, annotations = '') =>
  `${annotations} permit(principal, action == Action::"${action}", resource) when { ${condition} };`;

const write = (from: number, to: number, annotations = '') =>
  permit(
    'tool.call',
    `context.effect == "write" && context.arguments.amount >= ${from} && context.arguments.amount < ${to}`,
    annotations,
  );

/** Reads are free, small writes allowed, larger ones need one person or two, the largest are denied; secrets do not come out. */
export const policies = (redacts: boolean, talks: boolean): readonly string[] => [
  permit('tool.call', 'context.effect == "read"'),
  write(0, 600),
  write(600, 800, '@approval("single") @approvers("lead") @expires("PT10S")'),
  write(
    800,
    900,
    '@approval("dual") @approvers("lead") @remind("PT2S") @escalate("director") @escalateAfter("PT4S") @expires("PT12S") @default("fallback")',
  ),
  permit('tool.result', 'true'),
  'forbid(principal, action == Action::"tool.result", resource) when { context has output && context.output has secret && context.output.secret };',
  ...(talks ? [permit('model.call', 'true'), permit('model.output', 'true')] : []),
  ...(redacts ? [permit('tool.result', 'context.tool == "desk.look"', '@redact("email")')] : []),
];
