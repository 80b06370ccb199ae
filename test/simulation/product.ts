import { approvalSpec } from '@interlock/app-approval';
import { orchestratorSpec, scheduleSpec } from '@interlock/app-orchestrator';
import { policySpec } from '@interlock/app-policy';
import { InProcessWorkplace, ProcessCircuits, toolExecutorSpec } from '@interlock/app-tool-executor';
import type { Product, SimulatedSpec } from '@interlock/simulation';

const silent = { log: () => {}, warn: () => {} };
const nothingStops = {
  standing: () => ({ kind: 'free' }) as const,
  isLifted: () => true,
  onChange: () => () => {},
  onLifted: () => () => {},
};

const noTopicsOfOthers = { readAt: async () => [] };

/** The services as their own modules wire them; only what surrounds them is simulated. */
export const product: Product = {
  orchestrator: ({ artifacts, clockSkewMs }) =>
    orchestratorSpec(
      artifacts as never,
      { clockSkewMs, INTERLOCK_RESUME_DAYS: 1 } as never,
      nothingStops,
      noTopicsOfOthers,
      {},
    ) as SimulatedSpec,
  policy: ({ artifacts }) => policySpec(artifacts) as unknown as SimulatedSpec,
  'tool-executor': ({ tools, broker, runtime, clockSkewMs }) => {
    const { clock } = runtime;
    const workplace = new InProcessWorkplace({ tools, clock, concurrencyMax: 512, ...silent });
    return toolExecutorSpec(
      tools,
      workplace,
      broker,
      runtime,
      { clockSkewMs },
      nothingStops,
      new ProcessCircuits({ ...runtime, failures: 3, probeMs: 500 }),
    ) as SimulatedSpec;
  },
  schedules: ({ artifacts, broker, runtime, partitions, salt }) =>
    scheduleSpec({ artifacts, broker, runtime, partitions, salt }) as unknown as SimulatedSpec,
  approval: () => approvalSpec() as unknown as SimulatedSpec,
};
