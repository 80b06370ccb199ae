export { withProducers } from './delegated-broker.js';
export { addCoverage, type Coverage, coverageTable, sharesOf } from './documents/coverage.js';
export { type Documents, documentsOf } from './documents/drawn.js';
export type { PlantedBug } from './planted-bug.js';
export type { Product, SimulatedService, SimulatedSpec, Surroundings } from './product.js';
export { seededRandom } from './seeded-random.js';
export { type Simulated, type SimulationOptions, simulate } from './simulate.js';
export { ProcessUnderTest } from './simulated-process.js';
export { VirtualTime } from './virtual-time.js';
