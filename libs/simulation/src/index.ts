export { seededRandom } from './seeded-random.js';
export { ProcessUnderTest } from './simulated-process.js';
export { VirtualTime } from './virtual-time.js';
