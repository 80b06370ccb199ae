import { pathToFileURL } from 'node:url';
import { errorText } from '@interlock/contracts';
import { loadModules, ModuleError } from '../load-modules.js';
import { setUpChild } from './child.setup.js';
import type { DescribeAnswer, DescribeRequest } from './describe.messages.js';

/** Says what a module brings, and nothing else. Runs as a child of whoever wants to know. */
const child = await setUpChild((message) => {
  describe(message as DescribeRequest).then(
    (answer) => child.say(answer),
    (error) => child.say({ kind: 'failed', problem: problemOf(error) } satisfies DescribeAnswer),
  );
});
child.say({ kind: 'ready' } satisfies DescribeAnswer);

async function describe({ env: given }: DescribeRequest): Promise<DescribeAnswer> {
  const { env = [] } = await import(pathToFileURL(child.module).href);
  if (JSON.stringify(env) !== JSON.stringify(given)) return { kind: 'declares', env };
  const { tools, ...rest } = await loadModules([child.module]);
  return { kind: 'brings', contents: { ...rest, tools: tools.map(({ manifest }) => manifest) } };
}

function problemOf(error: unknown): string {
  if (error instanceof ModuleError) return error.problem;
  return `it does not load: ${errorText(error)}`;
}
