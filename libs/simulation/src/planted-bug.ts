import type { HostObserver } from '@interlock/actors';
import type { Broker } from '@interlock/broker';
import type { Documents } from './documents/drawn.js';
import type { SimulatedService, SimulatedSpec } from './product.js';
import type { ProcessUnderTest } from './simulated-process.js';
import type { Surveyed } from './stops-here.js';

/** A rule of the protocol taken back, by wrapping what a process is made of or, where that cannot reach, its classes. */
export interface PlantedBug {
  readonly name: string;
  /** What is wrong with the system now. */
  readonly wrong: string;
  /** Invariants one of which has to notice it. Absent: whatever notices it will do. */
  readonly by?: readonly string[];
  /** Which documents are run to find it. Absent: those that are written down. */
  readonly documents?: Documents;
  spec?(service: SimulatedService, spec: SimulatedSpec): SimulatedSpec;
  broker?(service: SimulatedService, broker: Broker): Broker;
  observer?(service: SimulatedService, observer: HostObserver, under: ProcessUnderTest): HostObserver;
  /** What the processes of a service are told of kill switches. */
  stops?(service: SimulatedService, stops: Surveyed): Surveyed;
  /** Changes classes for the time of one simulation; answers with what puts them right again. */
  patch?(): () => void;
}
