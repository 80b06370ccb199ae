import type { HostSpec, Runtime, StateCodec } from '@interlock/actors';
import type { Broker } from '@interlock/broker';
import type { Tool } from '@interlock/tools';
import type { StoreHere } from './large/simulated.store.js';
import type { ModelHere } from './model.js';
import type { Published } from './published.js';
import type { Surveyed } from './stops-here.js';

/** A service's host spec without what the process adds. */
export type SimulatedSpec = Omit<HostSpec<unknown>, 'host' | 'limits'> & {
  readonly cache?: { readonly topic: string; readonly codec: StateCodec<unknown> };
};

/** What a process gives its service. */
export interface Surroundings {
  readonly broker: Broker;
  readonly runtime: Runtime;
  readonly artifacts: Published;
  readonly tools: readonly Tool[];
  /** What a planner here asks. */
  readonly model: ModelHere;
  /** Models may act in agent steps. */
  readonly talks: boolean;
  /** What is known here of kill switches. */
  readonly stops: Surveyed;
  /** Where large values are kept; absent: no document has any. */
  readonly store: StoreHere | undefined;
  readonly clockSkewMs: number;
  readonly partitions: number;
  /** Of one run. */
  readonly salt: () => string;
}

export const simulatedServices = ['orchestrator', 'policy', 'tool-executor', 'approval'] as const;
/** The orchestrator’s schedules are hosts of their own; only some simulations have them, and only some a planner. */
export type SimulatedService = (typeof simulatedServices)[number] | 'schedules' | 'planner';

/** The services under test, as their applications wire them. The simulator brings everything around them. */
export type Product = Readonly<Record<SimulatedService, (surroundings: Surroundings) => SimulatedSpec>>;
