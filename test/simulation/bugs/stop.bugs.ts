import type { PlantedBug } from '@interlock/simulation';

/** Rules of kill switches taken back. Only simulations with stops can notice. */
export const stopBugs: readonly PlantedBug[] = [
  {
    name: 'stops-ignored',
    wrong: 'the executor starts calls whatever is stopped',
    by: ['stop'],
    stops: (service, stops) =>
      service === 'tool-executor' ? { ...stops, standing: () => ({ kind: 'free' }) } : stops,
  },
  {
    name: 'never-lifted',
    wrong: 'a run does not hear that a stop was lifted',
    by: ['I10'],
    stops: (service, stops) => (service === 'orchestrator' ? { ...stops, isLifted: () => false } : stops),
  },
];
