import { approvalSpec } from '@interlock/app-approval';
import { orchestratorSpec } from '@interlock/app-orchestrator';
import { policySpec } from '@interlock/app-policy';
import { toolExecutorSpec, toolSetOf } from '@interlock/app-tool-executor';
import type { Product, SimulatedSpec } from '@interlock/simulation';

const silent = { info: () => {}, warn: () => {} };

/** The services as their own modules wire them; only what surrounds them is simulated. */
export const product: Product = {
  orchestrator: ({ artifacts, clockSkewMs }) =>
    orchestratorSpec(artifacts as never, { clockSkewMs } as never) as SimulatedSpec,
  policy: ({ artifacts }) => policySpec(artifacts) as unknown as SimulatedSpec,
  'tool-executor': ({ tools, broker, runtime, clockSkewMs }) =>
    toolExecutorSpec(toolSetOf(tools), broker, runtime, { clockSkewMs }, silent) as SimulatedSpec,
  approval: () => approvalSpec() as unknown as SimulatedSpec,
};
