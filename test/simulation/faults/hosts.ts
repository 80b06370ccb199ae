import { approvalSpec } from '@interlock/app-approval';
import { orchestratorSpec } from '@interlock/app-orchestrator';
import { plannerSpec } from '@interlock/app-planner';
import { policySpec } from '@interlock/app-policy';
import { controlSpec, registrySpec } from '@interlock/app-registry';
import { InProcessWorkplace, ProcessCircuits, toolExecutorSpec } from '@interlock/app-tool-executor';
import { openMetrics, readConfiguration } from '@interlock/service';
import type { SimulatedSpec } from '@interlock/simulation';
import { MODEL, publishing } from '../../../apps/planner/src/plan.scenario.ts';
import type { HostBench } from './host.bench.ts';

const artifacts = {
  ...publishing(),
  get: () => undefined,
  activePolicy: () => undefined,
  onRead: () => () => {},
} as never;
const configuration = readConfiguration({
  INTERLOCK_MODEL: MODEL,
  INTERLOCK_MODEL_URL: 'http://127.0.0.1:9/v1',
  INTERLOCK_MODEL_PRICES: '1,4',
});
const nothingStops = {
  standing: () => ({ kind: 'free' }) as const,
  isLifted: () => true,
  onChange: () => () => {},
  onLifted: () => () => {},
};

const noTopicsOfOthers = { readAt: async () => [] };

/** Every host of the product, as its own module wires it. */
export const hosts: Readonly<Record<string, (bench: HostBench) => SimulatedSpec>> = {
  orchestrator: () =>
    orchestratorSpec(artifacts, configuration, nothingStops, noTopicsOfOthers, {}) as SimulatedSpec,
  policy: () => policySpec(artifacts) as unknown as SimulatedSpec,
  'tool-executor': ({ broker, runtime }) => {
    const silent = { log: () => {}, warn: () => {} };
    const workplace = new InProcessWorkplace({
      tools: [],
      clock: runtime.clock,
      concurrencyMax: 8,
      ...silent,
    });
    return toolExecutorSpec(
      [],
      workplace,
      broker,
      runtime,
      { clockSkewMs: 0 },
      nothingStops,
      new ProcessCircuits({ ...runtime, failures: 3, probeMs: 500 }),
    ) as SimulatedSpec;
  },
  approval: () => approvalSpec() as unknown as SimulatedSpec,
  planner: ({ runtime }) =>
    plannerSpec(
      artifacts,
      runtime,
      configuration,
      { info: () => {}, warn: () => {} },
      nothingStops,
      openMetrics(),
    ) as unknown as SimulatedSpec,
  registry: () => registrySpec(configuration) as unknown as SimulatedSpec,
  control: () => controlSpec(configuration) as unknown as SimulatedSpec,
};
